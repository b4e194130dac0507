//! An answer of failure without a code of Dataverse says nothing about a write: it may be done. What the run says, and what
//! it ends with, is so.

use dvpack::sandbox::{Options, Rule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const LOST: &str = "cannot tell whether the server did this: ";
const PAGE: &str = "<html><title>Runtime Error</title></html>";
const USERS: &str =
    "systemusers?$select=systemuserid,isdisabled&$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";

fn world() -> World {
    World::new(Options { job_polls: 0, ..Options::default() })
}

fn fault(world: &World, rule: Value) {
    world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
}

fn example() -> Test {
    Test::new().copy("examples/contoso-widgets")
}

fn run(world: &World, test: &Test, line: &str, code: i32) -> String {
    let (found, stdout, stderr) = world.run(test.path(), line);
    assert_eq!(found, code, "{line}: {stdout}{stderr}");
    stdout + &stderr
}

fn user(world: &World) -> Value {
    let (_, answer) = world.send(Method::GET, USERS, &Value::Null);
    assert_eq!(answer["value"].as_array().map(Vec::len), Some(1), "{answer}");
    answer["value"][0].clone()
}

fn disable(world: &World) {
    let id = user(world)["systemuserid"].as_str().expect("an id").to_owned();
    world.patch(&format!("systemusers({id})"), &json!({"isdisabled": true}));
}

#[test]
fn a_write_that_was_done_is_found_done_whatever_page_answers_it() {
    for status in [500, 499, 520] {
        for path in ["/systemusers", "/ImportSolutionAsync", "systemuserroles_association/$ref"] {
            let (world, example) = (world(), example());
            let effect = json!({"kind": "answer", "status": status, "body": PAGE, "after": true});
            fault(&world, json!({"method": "POST", "path": path, "effect": effect}));
            run(&world, &example, "apply . --yes", 0);
            let once = world.writes().iter().filter(|write| *write == "POST ImportSolutionAsync").count();
            assert_eq!(once, 1, "{status} {path}");
            user(&world);
        }
        let (world, example) = (world(), example());
        run(&world, &example, "apply . --yes", 0);
        let effect = json!({"kind": "answer", "status": status, "body": PAGE, "after": true});
        fault(&world, json!({"method": "POST", "path": "/UninstallSolutionAsync", "effect": effect}));
        run(&world, &example, "remove . --yes", 0);
    }
}

#[test]
fn a_write_of_which_nothing_is_seen_is_perhaps_done_unless_dataverse_refuses_it() {
    for (code, exit) in [("", 8), ("0x80040216", 1)] {
        let (world, example) = (world(), example());
        let effect = json!({"kind": "answer", "status": 500, "code": code, "message": "An unexpected error."});
        fault(&world, json!({"method": "POST", "path": "/systemusers", "times": 0, "effect": effect}));
        let said = run(&world, &example, "apply . --yes", exit);
        assert_eq!(said.contains("perhaps done: create the application user"), exit == 8, "{said}");
    }
}

/// The creation was done and its answer lost; the list lags, and the next attempt is refused as a duplicate, or time is up.
#[test]
fn a_lost_creation_is_not_forgotten_for_what_comes_after_it() {
    for (timeout, words) in [("2h", "already, which the signed-in user cannot see"), ("10s", "time is up")] {
        let (world, example) = (world(), example());
        let lost = json!({"kind": "answer", "status": 504, "after": true, "body": PAGE});
        fault(&world, json!({"method": "POST", "path": "/systemusers", "effect": lost}));
        let nothing = json!({"kind": "answer", "status": 200, "body": "{\"value\":[]}"});
        let lag = json!({"method": "GET", "path": "applicationid%20eq", "afterWrite": "/systemusers", "times": 0, "effect": nothing});
        fault(&world, lag);
        let line = format!("apply . --yes --timeout {timeout}");
        let (code, stdout, stderr) = if timeout == "2h" {
            world.run(example.path(), &line)
        } else {
            world.run_at_full_pace(example.path(), &line)
        };
        assert_eq!(code, 8, "{stdout}{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        assert!(stderr.contains("perhaps done: create the application user"), "{stderr}");
        world.sandbox.clear_faults();
        run(&world, &example, "apply . --yes", 0);
        user(&world);
    }
}

#[test]
fn a_page_for_a_write_is_not_said_to_be_cut_short() {
    for (body, words) in [(PAGE, "the answer is not JSON: "), ("{\"a\":", "the answer is cut short: ")] {
        let (world, example) = (world(), example());
        let effect = json!({"kind": "answer", "status": 200, "body": body});
        fault(&world, json!({"method": "POST", "path": "/systemusers", "times": 0, "effect": effect}));
        let said = run(&world, &example, "apply . --yes", 8);
        assert!(said.contains(&format!("{LOST}create the application user; {words}")), "{said}");
    }
}

#[test]
fn another_attempt_at_an_open_write_waits_as_long_as_the_service_asks() {
    let (world, example) = (world(), example());
    run(&world, &example, "apply . --yes", 0);
    disable(&world);
    let busy = json!({"kind": "answer", "status": 503, "headers": [["Retry-After", "2"]]});
    fault(&world, json!({"method": "PATCH", "path": "/systemusers(", "effect": busy}));
    let begun = std::time::Instant::now();
    let (code, stdout, stderr) = world.run_at_full_pace(example.path(), "apply . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(begun.elapsed() >= std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    // Where that is longer than there is time for, the write stays open.
    disable(&world);
    let away = json!({"kind": "answer", "status": 503, "headers": [["Retry-After", "60"]]});
    fault(&world, json!({"method": "PATCH", "path": "/systemusers(", "effect": away}));
    let (code, stdout, stderr) = world.run_at_full_pace(example.path(), "apply . --yes --timeout 20s");
    assert_eq!(code, 8, "{stdout}{stderr}");
    assert!(stderr.contains(&format!("{LOST}enable the application user")), "{stderr}");
}

#[test]
fn a_removal_that_the_environment_does_not_keep_is_named() {
    let (world, example) = (world(), example());
    run(&world, &example, "apply . --yes", 0);
    let taken = json!({"kind": "answer", "status": 204});
    fault(&world, json!({"method": "PATCH", "path": "/systemusers(", "times": 0, "effect": taken}));
    let said = run(&world, &example, "remove . --yes", 9);
    assert!(said.contains("did not keep:\n  disable the application user `# Application 6f2b7c1e`"), "{said}");
    assert!(!said.contains("removed: "), "{said}");
    let (code, stdout, _) = world.run(example.path(), "remove . --yes --format json");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert!(code == 9 && document["left"][0].as_str().is_some_and(|it| it.starts_with("disable ")), "{document:#}");
    world.sandbox.clear_faults();
    run(&world, &example, "remove . --yes", 0);
    assert_eq!(user(&world)["isdisabled"], true);
}

const IN_USE: &str = "The Entity(f8552cc9-5c12-4568-b06c-17eca9a2d11c) component cannot be deleted because it is referenced by 3 other components.";

#[test]
fn a_removal_that_others_hinder_says_so_as_an_upgrade_does() {
    let (world, example) = (world(), example());
    run(&world, &example, "apply . --yes", 0);
    let effect = json!({"kind": "answer", "status": 500, "code": "0x8004f01f", "message": IN_USE});
    fault(&world, json!({"method": "POST", "path": "/UninstallSolutionAsync", "effect": effect}));
    let said = run(&world, &example, "remove . --yes", 7);
    assert!(said.contains("referenced by 3 other components"), "{said}");
    assert!(said.contains("help: take the component out of what uses it, then run again"), "{said}");
    assert!(!said.contains("--mode update") && !said.contains("the new version"), "{said}");
}

/// What only explains a failure does not hold it back.
#[test]
fn a_failure_is_told_though_nobody_says_what_uses_the_component() {
    let slow = json!({"kind": "answer", "status": 429, "code": "0x80072322", "message": "m", "headers": [["Retry-After", "300"]]});
    for (effect, most) in [(json!({"kind": "stall"}), 30), (slow, 25)] {
        let world = World::new(Options {
            job_polls: 0,
            installed: vec![("ContosoWidgets".into(), "1.3.0.0".into(), true)],
            ..Options::default()
        });
        let example = example();
        let result = json!({"SolutionOperationResult": {"Type": "Import", "Status": "Failed",
            "ErrorMessages": [format!("ImportAsHolding failed with exception :{IN_USE}")]}});
        let failed = json!({"kind": "answer", "status": 200, "body": result.to_string()});
        fault(&world, json!({"path": "/RetrieveSolutionImportResult", "times": 0, "effect": failed}));
        fault(&world, json!({"path": "RetrieveDependenciesForDelete", "times": 0, "effect": effect}));
        let begun = std::time::Instant::now();
        let (code, stdout, stderr) = world.run_at_full_pace(example.path(), "apply . --yes --allow-delete");
        assert_eq!(code, 7, "{stdout}{stderr}");
        assert!(stderr.contains("3 other components of the environment still use it"), "{stderr}");
        assert!(begun.elapsed().as_secs() < most, "{:?}", begun.elapsed());
    }
}

/// The doctor has checked what an apply has checked: nothing where an apply uploads nothing.
#[test]
fn a_staged_upgrade_is_not_checked_again() {
    let world = World::new(Options {
        job_polls: 0,
        installed: vec![("ContosoWidgets".into(), "1.3.0.0".into(), true)],
        ..Options::default()
    });
    let example = example();
    run(&world, &example, "apply . --mode stage --yes --allow-delete", 0);
    let missing = json!({"StageSolutionResults": {"StageSolutionStatus": "Failed", "SolutionValidationResults": [],
        "MissingDependencies": [{"RequiredComponentSchemaName": "msdyn_x", "RequiredSolutionName": "msdyn_Base (1.0)"}]}});
    let effect = json!({"kind": "answer", "status": 200, "body": missing.to_string()});
    fault(&world, json!({"method": "POST", "path": "StageSolution", "times": 0, "effect": effect}));
    for line in ["doctor . --mode stage", "apply . --yes --mode stage", "doctor .", "apply . --yes --allow-delete"] {
        run(&world, &example, line, 0);
    }
}

/// Two runs, or a creation that is carried out late, make one value.
#[test]
fn a_value_that_is_created_twice_has_one_row() {
    let (world, example) = (world(), example());
    run(&world, &example, "apply . --yes", 0);
    let query = "environmentvariabledefinitions?$filter=schemaname eq 'contoso_ApiBase'";
    let (_, answer) = world.send(Method::GET, query, &Value::Null);
    let definition = answer["value"][0]["environmentvariabledefinitionid"].as_str().expect("an id").to_owned();
    // The creation is lost and not seen for a while; the one that is sent again finds it done.
    let lost = json!({"kind": "answer", "status": 504, "after": true, "body": PAGE});
    fault(&world, json!({"method": "POST", "path": "/environmentvariablevalues", "effect": lost}));
    let row = json!({"environmentvariabledefinitionid": definition, "schemaname": "contoso_ApiBase",
        "environmentvariabledefinition_environmentvariablevalue": []});
    let lag = json!({"kind": "answer", "status": 200, "body": json!({"value": [row]}).to_string()});
    let path = "environmentvariabledefinitions?";
    fault(
        &world,
        json!({"method": "GET", "path": path, "afterWrite": "/environmentvariablevalues", "times": 2, "effect": lag}),
    );
    run(&world, &example, "apply . --yes --environment uat --other-environment", 0);
    let created = world.writes().iter().filter(|write| *write == "POST environmentvariablevalues").count();
    assert!(created > 2, "{created}");
    let (_, rows) = world.send(Method::GET, "environmentvariablevalues", &Value::Null);
    let rows = rows["value"].as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{rows:#?}");
    assert!(rows.iter().any(|row| row["environmentvariablevalueid"] == definition.as_str()), "{rows:#?}");
}

#[test]
fn a_flow_that_was_turned_on_is_found_on() {
    for effect in [json!({"kind": "drop-after"}), json!({"kind": "answer", "status": 500, "after": true, "body": PAGE})]
    {
        let test = crate::processes::example("settings:\n  contoso_Mail: shared-office365-1\n");
        let world = world();
        run(&world, &test, "apply . --yes", 0);
        world.patch(&format!("workflows({})", crate::processes::FLOW), &json!({"statecode": 0, "statuscode": 1}));
        fault(&world, json!({"method": "PATCH", "path": "/workflows(", "effect": effect}));
        run(&world, &test, "apply . --yes", 0);
    }
}
