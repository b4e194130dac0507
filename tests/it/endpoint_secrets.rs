//! Secrets of endpoints and steps, which a solution never carries: whatever else is wrong with the line, none is shown.

use crate::support::Test;

const HEAD: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.10 }
components:
";

#[test]
fn a_secret_beside_another_mistake_is_not_shown() {
    for (what, components) in [
        (
            "a wrong value beside it",
            "  serviceEndpoints:
    - { name: Hook, authValue: MARKERauth, sasKey: MARKERsas, contract: webhok, auth: httpHeader }
",
        ),
        (
            "broken YAML",
            "  serviceEndpoints:
    - { name: Hook, authValue: MARKERauth, sasKey: MARKERsas ]
",
        ),
        (
            "columns as Dataverse has them",
            "  serviceEndpoints:
    - { name: Hook, contract: webhok, auth: x, xml: { AuthValue: MARKERauth, SASKey: MARKERsas, SASToken: MARKERt } }
",
        ),
        (
            "keys in another case",
            "  serviceEndpoints:
    - { name: Hook, AuthValue: MARKERauth, SASKey: MARKERsas, SasToken: MARKERt, contract: webhok }
",
        ),
        (
            "a wrong stage",
            "  steps:
    - { message: Create, stage: postOperaton, secureConfiguration: MARKERstep, endpoint: Hook }
",
        ),
        (
            "a step's columns",
            "  steps:
    - { message: Create, stage: postOperaton, xml: { SecureConfig: MARKERstep, SecureConfiguration: MARKERtwo } }
",
        ),
        (
            "a key twice",
            "  serviceEndpoints:
    - { name: Hook, contract: webhook, contract: queue, authValue: MARKERauth, auth: httpHeader }
",
        ),
    ] {
        for (format, pipeline) in [("human", "X"), ("json", "X"), ("human", "GITHUB_ACTIONS"), ("human", "TF_BUILD")] {
            let test = Test::new().file("dvpack.yaml", format!("{HEAD}{components}")).env(pipeline, "true");
            let ran = test.args("check -vvv --format").arg(format).run();
            assert_eq!(ran.code, 3, "{what}, {format}: {}{}", ran.stdout, ran.stderr);
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!said.contains("MARKER"), "{what}, {format}, {pipeline}: {said}");
        }
    }
}
