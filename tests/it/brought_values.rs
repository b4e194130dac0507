//! What an import does to the values of environment variables: the bundle's value stands in the end, once, and a version that
//! only waits gets none.

use dvpack::archive::{self, Entry};
use dvpack::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::merged_zip::definition;
use crate::support::Test;
use crate::world::World;

const GIVEN: &str = "https://given.example";
const SHIPPED: &str = "https://shipped.example";

/// A solution with one variable, and with a value of it.
fn zip(shipped: Option<&str>, required: u8) -> Vec<u8> {
    let manifest = "<ImportExportXml languagecode=\"1033\"><SolutionManifest><UniqueName>Merged</UniqueName><Version>1.0</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName><CustomizationPrefix>contoso</CustomizationPrefix></Publisher><RootComponents><RootComponent type=\"380\" schemaName=\"contoso_Api\" behavior=\"0\" /></RootComponents></SolutionManifest></ImportExportXml>";
    let (part, definition) =
        definition("contoso_Api", &format!("<isrequired>{required}</isrequired><type>100000000</type>"));
    let mut entries = vec![
        Entry::new("customizations.xml", "<ImportExportXml />"),
        Entry::new("solution.xml", manifest),
        Entry::new(part, definition),
        Entry::new("[Content_Types].xml", "<Types />"),
    ];
    if let Some(value) = shipped {
        let values =
            json!({"environmentvariablevalues": {"environmentvariablevalue": {"iscustomizable": "1", "value": value}}});
        let file = "environmentvariabledefinitions/contoso_Api/environmentvariablevalues.json";
        entries.push(Entry::new(file, values.to_string()));
    }
    archive::write(&entries).expect("written")
}

/// Adds a project in a folder.
fn with(test: Test, folder: &str, version: &str, shipped: Option<&str>, given: Option<&str>) -> Test {
    let settings = given.map(|given| format!("settings: {{ contoso_Api: \"{given}\" }}\n")).unwrap_or_default();
    let manifest = format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: Values, displayName: Values, version: {version}, languages: [1033] }}\n\
         components: {{ source: [it.zip] }}\n{settings}"
    );
    test.file(&format!("{folder}/dvpack.yaml"), manifest).file(&format!("{folder}/it.zip"), zip(shipped, 0))
}

fn world() -> World {
    World::new(Options { job_polls: 0, ..Options::default() })
}

fn run(world: &World, test: &Test, line: &str, code: i32) -> String {
    let (found, stdout, stderr) = world.run(test.path(), line);
    assert_eq!(found, code, "{line}: {stdout}{stderr}");
    stdout + &stderr
}

fn values(world: &World) -> Vec<String> {
    let (_, answer) = world.send(Method::GET, "environmentvariablevalues?$select=value", &Value::Null);
    let rows = answer["value"].as_array().expect("rows");
    rows.iter().map(|row| row["value"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_value_of_the_bundle_stands_after_an_import_that_brings_another_one() {
    const STEP: &str = "set environment variable `contoso_Api` to `https://given.example`";
    let test = || {
        let test = with(Test::new(), "old", "1.0.0.0", None, Some(GIVEN));
        let test = with(test, "bare", "1.0.0.0", None, None);
        with(test, "new", "1.1.0.0", Some(SHIPPED), Some(GIVEN))
    };
    // Nothing before; the right value before; a variable without a value; an upgrade that was staged.
    for before in [&[][..], &["apply old"], &["apply bare"], &["apply old", "apply new --mode stage"]] {
        let (world, test) = (world(), test());
        for line in before {
            run(&world, &test, line, 0);
        }
        let plan = run(&world, &test, "plan new", 10);
        assert!(plan.contains(STEP), "{before:?}: {plan}");
        run(&world, &test, "apply new", 0);
        assert_eq!(values(&world), [GIVEN], "{before:?}");
        run(&world, &test, "plan new", 0);
    }
}

#[test]
fn a_variable_without_a_value_that_an_import_gives_one_gets_no_second_row() {
    let test = with(Test::new(), "old", "1.0.0.0", None, None);
    let test = with(test, "new", "1.1.0.0", Some(SHIPPED), Some(GIVEN));
    let world = world();
    run(&world, &test, "apply old", 0);
    world.writes();
    run(&world, &test, "apply new", 0);
    let writes = world.writes();
    assert!(!writes.iter().any(|write| write == "POST environmentvariablevalues"), "{writes:#?}");
    assert_eq!(values(&world), [GIVEN]);
}

/// A run that was cut short after its import goes on under the same approval.
#[test]
fn an_approved_plan_still_holds_once_the_import_has_set_the_value() {
    let test = with(Test::new(), "old", "1.0.0.0", None, Some(GIVEN));
    let test = with(test, "new", "1.1.0.0", Some(SHIPPED), Some(GIVEN));
    let test = with(test, "plain", "1.1.0.0", Some(SHIPPED), None);
    let world = world();
    run(&world, &test, "apply old", 0);
    run(&world, &test, "plan new -o approved.json", 10);
    run(&world, &test, "apply plain", 0);
    assert_eq!(values(&world), [SHIPPED]);
    run(&world, &test, "apply new --plan approved.json", 0);
    assert_eq!(values(&world), [GIVEN]);
}

#[test]
fn a_version_that_only_waits_changes_no_setting_of_the_one_that_runs() {
    let test = with(Test::new(), "old", "1.0.0.0", None, Some("https://old.example"));
    let test = with(test, "new", "1.1.0.0", None, Some(GIVEN));
    let world = world();
    run(&world, &test, "apply old", 0);
    let said = run(&world, &test, "apply new --mode stage", 0);
    assert!(said.contains("stays `https://old.example` until the staged upgrade is finished"), "{said}");
    assert_eq!(values(&world), ["https://old.example"]);
    run(&world, &test, "apply new", 0);
    assert_eq!(values(&world), [GIVEN]);
}

#[test]
fn several_values_of_one_variable_are_a_difference() {
    let test = with(Test::new(), "it", "1.0.0.0", None, Some(GIVEN));
    let world = world();
    run(&world, &test, "apply it", 0);
    let (_, answer) =
        world.send(Method::GET, "environmentvariabledefinitions?$filter=schemaname eq 'contoso_Api'", &Value::Null);
    let id = answer["value"][0]["environmentvariabledefinitionid"].as_str().expect("an id").to_owned();
    let body = json!({"schemaname": "contoso_Api", "value": "https://evil.example",
        "EnvironmentVariableDefinitionId@odata.bind": format!("/environmentvariabledefinitions({id})")});
    assert!(world.send(Method::POST, "environmentvariablevalues", &body).0 < 300);
    let test = with(test, "unset", "1.0.0.0", None, None).file("unset/it.zip", zip(None, 1));
    // The second row counts, active or not, as it does for the scripts.
    for (word, code) in [("", 0), (" (inactive)", 1)] {
        let (_, rows) = world.send(Method::GET, "environmentvariablevalues", &Value::Null);
        let mut rows = rows["value"].as_array().expect("rows").iter();
        let evil = rows.find(|row| row["value"] == "https://evil.example").expect("the row");
        let id = evil["environmentvariablevalueid"].as_str().expect("an id");
        let path = format!("environmentvariablevalues({id})");
        world.patch(&path, &json!({"statecode": code, "statuscode": code + 1}));
        let _so_far = world.writes();
        for verb in ["status", "plan", "apply"] {
            let said = run(&world, &test, &format!("{verb} it"), 9);
            let found = format!("2 values: `https://evil.example`{word}, `https://given.example`");
            assert!(said.contains(&found), "{verb}: {said}");
            assert!(said.contains("delete all values but one, inactive ones too"), "{verb}: {said}");
        }
        for verb in ["status", "plan", "apply"] {
            let said = run(&world, &test, &format!("{verb} unset"), 0);
            let note = "environment variable `contoso_Api` has 2 values here: which of them is used is not known";
            assert!(said.contains(note), "{verb}: {said}");
        }
        assert_eq!(world.writes(), Vec::<String>::new());
    }
}

/// A value that the solution brings, and that somebody has changed since, stands: a note says so, and the plan says whose.
#[test]
fn a_value_that_the_environment_chose_itself_is_said_to_be_its_own() {
    const OWN: &str = "https://changed.example";
    let test = with(Test::new(), "it", "1.0.0.0", Some(SHIPPED), None);
    let world = world();
    let said = run(&world, &test, "apply it", 0);
    assert!(said.contains("environment variable `contoso_Api`: the value of the solution"), "{said}");
    let row = value_row(&world);
    world.patch(&row, &json!({"value": OWN}));
    for verb in ["plan", "status", "doctor", "apply"] {
        let said = run(&world, &test, &format!("{verb} it"), 0);
        let note = format!("the environment has its own value `{OWN}`; the solution brings `{SHIPPED}`");
        assert!(said.contains(&note), "{verb}: {said}");
        assert!(!said.contains("value of the solution"), "{verb}: {said}");
    }
    let said = run(&world, &test, "plan it", 0);
    assert!(said.contains("contoso_Api ← the environment's own value\n"), "{said}");
    assert_eq!(values(&world), [OWN]);
    second(&world);
    for verb in ["plan", "status", "doctor", "apply"] {
        let said = run(&world, &test, &format!("{verb} it"), 0);
        assert!(said.contains("has 2 values here: which of them is used is not known"), "{verb}: {said}");
    }
    // One whose default stands is the solution's, and one with a value is not.
    let test = with(test, "bare", "1.1.0.0", None, None);
    assert!(run(&world, &test, "plan bare", 10).contains("contoso_Api ← the environment's own value\n"));
}

/// Right after the import that sets it, another value is a difference.
#[test]
fn a_value_that_the_import_did_not_set_is_a_difference() {
    let test = with(Test::new(), "it", "1.0.0.0", Some(SHIPPED), None);
    let world = world();
    run(&world, &test, "apply it", 0);
    world.patch(&value_row(&world), &json!({"value": "https://changed.example"}));
    let answer = world.send(Method::GET, DEFINITIONS, &Value::Null).1;
    let test = with(test, "new", "1.1.0.0", Some(SHIPPED), None);
    let read = json!({"kind": "answer", "status": 200, "body": answer.to_string()});
    let rule = json!({"method": "GET", "path": "environmentvariabledefinitions?", "times": 0, "effect": read});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let said = run(&world, &test, "apply new", 9);
    let words =
        "environment variable `contoso_Api`, value: `https://changed.example` (wanted: `https://shipped.example`)";
    assert!(said.contains(words), "{said}");
}

/// A second value that appears while an apply runs is told, and shows in the read-back.
#[test]
fn several_values_that_appear_during_a_run_do_not_end_it() {
    let test = with(Test::new(), "old", "1.0.0.0", None, Some("https://old.example"));
    let world = world();
    run(&world, &test, "apply old", 0);
    let before = world.send(Method::GET, DEFINITIONS, &Value::Null).1;
    second(&world);
    let test = with(test, "new", "1.1.0.0", None, Some(GIVEN));
    let read = json!({"kind": "answer", "status": 200, "body": before.to_string()});
    let rule = json!({"method": "GET", "path": "environmentvariabledefinitions?", "times": 1, "effect": read});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let said = run(&world, &test, "apply new", 9);
    assert!(said.contains("environment variable `contoso_Api` has 2 values by now, and none was changed"), "{said}");
    assert!(said.contains("applied, but what was read back differs"), "{said}");
}

const DEFINITIONS: &str = "environmentvariabledefinitions?$select=environmentvariabledefinitionid,schemaname,defaultvalue&$expand=environmentvariabledefinition_environmentvariablevalue($select=environmentvariablevalueid,value,statecode)&$filter=schemaname eq 'contoso_Api'";

/// The path of the row of the value.
fn value_row(world: &World) -> String {
    let (_, rows) = world.send(Method::GET, "environmentvariablevalues", &Value::Null);
    let id = rows["value"][0]["environmentvariablevalueid"].as_str().expect("an id");
    format!("environmentvariablevalues({id})")
}

/// Adds a second value.
fn second(world: &World) {
    let (_, answer) = world.send(Method::GET, DEFINITIONS, &Value::Null);
    let id = answer["value"][0]["environmentvariabledefinitionid"].as_str().expect("an id").to_owned();
    let body = json!({"schemaname": "contoso_Api", "value": "https://second.example",
        "EnvironmentVariableDefinitionId@odata.bind": format!("/environmentvariabledefinitions({id})")});
    assert!(world.send(Method::POST, "environmentvariablevalues", &body).0 < 300);
}
