//! What an import says in words only: each kind of text through the program, from wherever the service says it.

use dvpack::sandbox::{Options, Rule};
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

/// The text, the exit code, and parts of the meaning and of the advice.
const TEXTS: [(&str, i32, &str, &str); 16] = [
    (
        "Role import: FAILURE (0x8004140b)",
        1,
        "at a level that the privilege does not have here",
        "correct its level in the manifest",
    ),
    (
        "The language code 1036 is not a valid language for this organization (correlation ID: 1)",
        7,
        "does not have the solution's language 1036",
        "turns the language on",
    ),
    (
        "Install the following solutions before installing this one: \"msdyn_Core (1.0.0.87)\".",
        7,
        "msdyn_Core (1.0.0.87)",
        "install or update them first",
    ),
    (
        "The import solution must have a higher version than the existing solution it is upgrading.",
        7,
        "same as or higher than the bundle's",
        "raise `solution.version`",
    ),
    (
        "Solution manifest import: FAILURE: Holding solution ContosoWidgets_Upgrade already exists.",
        7,
        "an earlier upgrade was left half-way: ContosoWidgets_Upgrade is there",
        "delete `ContosoWidgets_Upgrade`",
    ),
    (
        "The imported solution and the existing solution must both be managed for upgrade.",
        7,
        "installed unmanaged here",
        "remove the unmanaged solution first",
    ),
    (
        "A managed solution cannot overwrite the Entity component new_order with Id=b925c093-77c6-474e-b7ac-dae44d569c53 which has an unmanaged base instance.",
        7,
        "Entity new_order b925c093-77c6-474e-b7ac-dae44d569c53 was made in this environment by hand",
        "delete it there if its data can go",
    ),
    (
        "Attribute contoso_day is a String, but a DateTime type was specified.",
        7,
        "column `contoso_day` exists here as String, and the solution has it as DateTime",
        "a column never changes its type",
    ),
    (
        "PluginType [Contoso.Sync] not found in PluginAssembly [Contoso, Version=0.1.0.0] which has a total of [3] plugin/workflow activity types.",
        7,
        "plug-in type `Contoso.Sync`",
        "keep the type in the assembly",
    ),
    (
        "User is not authorized to read secrets from '/subscriptions/3/vaults/V/secrets/S' resource.",
        7,
        "may not read the Key Vault secret",
        "Key Vault Secrets User",
    ),
    (
        "Make sure that Microsoft.PowerPlatform provider is registered in your Azure subscription.",
        7,
        "has no resource provider Microsoft.PowerPlatform",
        "az provider register",
    ),
    (
        "CanvasApp import: FAILURE: Code: CodeAppOperationNotAllowedInEnvironment Message: The environment",
        7,
        "does not allow code apps",
        "turns them on",
    ),
    (
        "The following managed solution cannot be imported: X. The publisher name cannot be changed from fabrikam to contoso.",
        1,
        "the installed solution is of publisher `fabrikam`, and the bundle's of `contoso`",
        "correct `publisher.name`",
    ),
    (
        "Publisher prefix contoso for this control test01.test01 does not match the prefix ya for the solution with Id 1",
        1,
        "code component `test01.test01` has the prefix `contoso`, and the solution `ya`",
        "publisher prefix",
    ),
    (
        "The managed property iscustomizable with value false is different than the current value true.",
        1,
        "locked the managed property iscustomizable",
        "leave the component out",
    ),
    (
        "The DELETE statement conflicted with the REFERENCE constraint \"solution_solutioncomponent\".",
        8,
        "database did not carry the operation out",
        "run again",
    ),
];

fn rule(value: Value) -> Rule {
    serde_json::from_value(value).expect("a rule")
}

fn answer(body: &Value) -> Value {
    json!({"kind": "answer", "status": 200, "body": body.to_string()})
}

/// The result of the job.
fn in_result(message: &str) -> Rule {
    let result = json!({"SolutionOperationResult": {"Type": "Import", "Status": "Failed", "ErrorMessages": [message]}});
    rule(json!({"path": "/RetrieveSolutionImportResult", "times": 0, "effect": answer(&result)}))
}

/// The check of the package.
fn in_check(message: &str) -> Rule {
    let staged = json!({"StageSolutionResults": {"StageSolutionStatus": "Failed", "MissingDependencies": [],
        "SolutionValidationResults": [{"SolutionValidationResultType": "Error", "Message": message}]}});
    rule(json!({"method": "POST", "path": "/StageSolution", "times": 0, "effect": answer(&staged)}))
}

/// The refusal to start.
fn at_start(path: &str, message: &str) -> Rule {
    let effect = json!({"kind": "answer", "status": 500, "code": "0x80048033", "message": message});
    rule(json!({"method": "POST", "path": path, "times": 0, "effect": effect}))
}

fn says(stderr: &str, (message, _, meaning, advice): (&str, i32, &str, &str)) {
    let own = message.split(". ").next().unwrap_or(message).trim_end_matches('.');
    for part in [meaning, advice, own] {
        assert!(stderr.contains(part), "{message}: not said: {part}: {stderr}");
    }
    let help = stderr.lines().filter(|line| line.starts_with(" help: ")).any(|line| line.contains(advice));
    assert!(help, "{message}: no help: {stderr}");
}

#[test]
fn each_text_is_explained_wherever_a_first_installation_meets_it() {
    let example = Test::new().copy("examples/contoso-widgets");
    for (index, text) in TEXTS.into_iter().enumerate() {
        // Each place for every third text; `refusals` has every place for others.
        let places = [in_result(text.0), in_check(text.0), at_start("/ImportSolutionAsync", text.0)];
        let fault = &places[index % places.len()];
        let world = World::new(Options::default());
        world.fault(fault);
        let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(code, text.1, "{}: {fault:?}: {stdout}{stderr}", text.0);
        says(&stderr, text);
    }
}

#[test]
fn each_text_is_explained_by_an_upgrade_and_by_doctor_and_in_reports() {
    let example = Test::new().copy("examples/contoso-widgets");
    let installed =
        || Options { installed: vec![("ContosoWidgets".to_owned(), "1.3.0.0".to_owned(), true)], ..Options::default() };
    for (index, text) in TEXTS.into_iter().enumerate() {
        let fault = if index % 2 == 0 { in_result(text.0) } else { at_start("/StageAndUpgradeAsync", text.0) };
        let world = World::new(installed());
        world.fault(&fault);
        let line = "apply . --yes --allow-delete --report r.json --report r.md --report r.xml";
        let (code, stdout, stderr) = world.run(example.path(), line);
        assert_eq!(code, text.1, "{}: {fault:?}: {stdout}{stderr}", text.0);
        says(&stderr, text);
        // Each form escapes quotes in its own way.
        let words = text.2.split(['`', '\'']).max_by_key(|part| part.len()).expect("a part");
        for file in ["r.json", "r.md", "r.xml"] {
            let report = std::fs::read_to_string(example.path().join(file)).expect("a report");
            assert!(report.contains(words), "{file}: {words}: {report}");
        }
        let world = World::new(installed());
        world.fault(&in_check(text.0));
        let (code, stdout, stderr) = world.run(example.path(), "doctor .");
        assert_eq!(code, 7, "{}: {stdout}{stderr}", text.0);
        assert!(stdout.contains(text.2) && stdout.contains(text.3), "{}: {stdout}", text.0);
    }
}

/// Several texts in one result: each is explained, the first one first.
#[test]
fn several_texts_are_all_explained() {
    let example = Test::new().copy("examples/contoso-widgets");
    let messages = [TEXTS[7].0, TEXTS[1].0, "an unknown text"];
    let result = json!({"SolutionOperationResult": {"Type": "Import", "Status": "Failed", "ErrorMessages": messages}});
    let world = World::new(Options::default());
    world.fault(&rule(json!({"path": "/RetrieveSolutionImportResult", "times": 0, "effect": answer(&result)})));
    let (code, _, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(code, 7, "{stderr}");
    let first = stderr.lines().find(|line| line.starts_with("error: ")).expect("an error");
    assert!(first.contains(TEXTS[7].2), "{stderr}");
    for part in [TEXTS[1].2, TEXTS[1].3, TEXTS[7].3, "an unknown text"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
}
