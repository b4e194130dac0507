//! What a person is asked at a terminal: values of this machine, roles that are taken away. Only `y` agrees, and `--yes`
//! answers neither.
#![cfg(unix)]

use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::Value;

use crate::support::{Test, dvpack};
use crate::target_guard::typed;
use crate::world::World;

/// Answers and whether they agree.
const ANSWERS: [(&str, bool); 4] = [("n", false), ("", false), ("ContosoWidgets", false), ("y", true)];

#[test]
fn a_value_of_this_machine_is_taken_only_by_a_yes() {
    const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Values, version: 1.0.0.0 }
components: { environmentVariables: [{ name: contoso_Env, type: string }] }
settings: { contoso_Env: { secret: { env: CONTOSO_KEY } } }
";
    let ran = Test::new().file("dvpack.yaml", MANIFEST).args("build . -o out").success();
    let folder = ran.folder.path();
    for (answer, agrees) in ANSWERS {
        let mut command = dvpack(folder);
        command.args("apply out/Values_1_0_0_0.dvpack --sandbox --yes".split(' '));
        command.env("CONTOSO_KEY", "env-value").env("DVPACK_TEST_PACE", "1000");
        let Some((code, seen)) = typed(command, folder, answer) else { return };
        assert!(seen.contains("The bundle takes environment variable `CONTOSO_KEY` of this machine"), "{seen}");
        assert!(seen.contains("Allow it? [y/N]") && !seen.contains("env-value"), "{seen}");
        assert_eq!(code, if agrees { 0 } else { 130 }, "`{answer}`: {seen}");
        assert_eq!(seen.contains("not applied; nothing was changed"), !agrees, "`{answer}`: {seen}");
        assert_eq!(seen.contains("applied and verified"), agrees, "`{answer}`: {seen}");
    }
}

#[test]
fn a_role_is_taken_away_only_by_a_yes() {
    let world = World::new(Options { scenarios: vec![Scenario::AdministratorAdded], ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply . --yes").0, 9);
    let manifest = std::fs::read_to_string(example.path().join("dvpack.yaml")).expect("a manifest");
    let asking = manifest.replace("  businessUnit: root\n", "  businessUnit: root\n  onlyDeclaredRoles: true\n");
    assert_ne!(asking, manifest);
    let example = example.file("dvpack.yaml", asking);
    let roles = || {
        let query = "systemusers?$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40\
            &$expand=systemuserroles_association($select=name)";
        let (_, answer) = world.send(Method::GET, query, &Value::Null);
        answer["value"][0]["systemuserroles_association"].as_array().map_or(0, Vec::len)
    };
    for (answer, agrees) in ANSWERS {
        let command = world.dvpack(example.path(), "apply . --yes");
        let Some((code, seen)) = typed(command, example.path(), answer) else { return };
        let question = "Take `System Administrator` away from the application user? [y/N]";
        assert!(seen.contains(question), "`{answer}`: {seen}");
        assert_eq!(code, if agrees { 0 } else { 130 }, "`{answer}`: {seen}");
        assert_eq!(seen.contains("not applied; nothing was changed"), !agrees, "`{answer}`: {seen}");
        assert_eq!(roles(), if agrees { 1 } else { 2 }, "`{answer}`");
    }
}
