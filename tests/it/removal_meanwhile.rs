//! `dvpack remove` tells what really goes, and takes only that: what the environment has by now is looked at right before.

use std::process::Stdio;
use std::time::{Duration, Instant};

use dvpack::sandbox::{Options, Rule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

fn release(version: &str, gadget: bool) -> String {
    let gadget = if gadget { "    - { name: contoso_Gadget, displayName: Gadget }\n" } else { "" };
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: Widgets, displayName: Widgets, version: {version} }}\n\
         application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 }}\napplicationUser: {{ roles: [Contoso Reader] }}\n\
         roles:\n  - {{ name: Contoso Reader, grants: {{ account: {{ read: user }} }} }}\n\
         components:\n  tables:\n    - {{ name: contoso_Widget, displayName: Widget }}\n{gadget}"
    )
}

fn releases() -> Test {
    Test::new().file("old/dvpack.yaml", release("1.4.0.0", false)).file("new/dvpack.yaml", release("1.5.0.0", true))
}

fn world(test: &Test, line: &str) -> World {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let (code, stdout, stderr) = world.run(test.path(), line);
    assert_eq!(code, 0, "{stdout}{stderr}");
    world
}

fn row(world: &World, set: &str) {
    assert!(world.send(Method::POST, set, &json!({"contoso_name": "one"})).0 < 300);
}

#[test]
fn the_rows_of_the_installed_version_are_told_whatever_the_bundle_has() {
    let test = releases();
    let world = world(&test, "apply new");
    row(&world, "contoso_gadgets");
    let (code, stdout, stderr) = world.run(test.path(), "remove old --yes --format json");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("uninstall solution `Widgets` 1.5.0.0 with all its data"), "{stderr}");
    assert!(stderr.contains("table `contoso_gadget`: 1 row\n"), "{stderr}");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    let gadget = json!({"table": "contoso_gadget", "rows": 1});
    assert!(document["tables"].as_array().expect("tables").contains(&gadget), "{document:#}");
}

#[test]
fn what_cannot_be_read_of_the_tables_is_told_as_unknown() {
    let test = releases();
    let world = world(&test, "apply old");
    assert_eq!(world.run(test.path(), "apply new --mode stage").0, 0);
    let (code, _, stderr) = world.run(test.path(), "remove old");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("the staged upgrade to 1.5.0.0"), "{stderr}");
    assert!(stderr.contains("table `contoso_widget`: 0 rows"), "{stderr}");
    let effect = json!({"kind": "answer", "status": 403, "code": "0x80040220", "message": "no"});
    let rule: Rule =
        serde_json::from_value(json!({"path": "/solutioncomponents?", "times": 0, "effect": effect})).expect("a rule");
    world.fault(&rule);
    let (code, _, stderr) = world.run(test.path(), "remove old");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("solution `Widgets`: tables: whether they are deleted could not be found out"), "{stderr}");
}

/// Runs `remove old` while the environment holds back `request`, and does something then.
fn held_back(test: &Test, world: &World, request: (&str, &str), act: &dyn Fn()) -> (i32, String) {
    let (method, path) = request;
    let headers = json!([["retry-after", "1"]]);
    let effect = json!({"kind": "answer", "status": 429, "code": "0x80072322", "message": "wait", "headers": headers});
    let effect = if path.contains("Uninstall") {
        json!({"kind": "answer", "status": 429, "code": "0x80071151", "message": "wait"})
    } else {
        effect
    };
    let rule = json!({"method": method, "path": path, "times": 0, "effect": effect});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let mut command = world.dvpack(test.path(), "remove old --yes");
    command.env("DVPACK_TEST_PACE", "20");
    let remove = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let begun = Instant::now();
    let is_it = |entry: &Value| entry["method"] == method && entry["path"].as_str().is_some_and(|it| it.contains(path));
    while !world.sandbox.log().iter().any(is_it) {
        assert!(begun.elapsed() < Duration::from_secs(60), "no `{path}`");
        std::thread::sleep(Duration::from_millis(10));
    }
    act();
    world.sandbox.clear_faults();
    let output = remove.wait_with_output().expect("ended");
    let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), shown.into_owned())
}

const CHANGED: &str = "the environment has changed since the removal was planned";

#[test]
fn what_somebody_installs_meanwhile_is_not_uninstalled() {
    let uninstall = ("POST", "/UninstallSolutionAsync");
    let test = releases();
    let upgraded = world(&test, "apply old");
    let (code, shown) = held_back(&test, &upgraded, uninstall, &|| {
        assert_eq!(upgraded.run(test.path(), "apply new").0, 0);
    });
    assert_eq!(code, 6, "{shown}");
    assert!(shown.contains(CHANGED) && shown.contains("solution `Widgets`: 1.4.0.0 then, 1.5.0.0 now"), "{shown}");
    let used = world(&test, "apply old");
    let (code, shown) = held_back(&test, &used, uninstall, &|| row(&used, "contoso_widgets"));
    assert_eq!(code, 6, "{shown}");
    assert!(shown.contains(CHANGED) && shown.contains("table `contoso_widget` with 1 row"), "{shown}");
    for world in [&upgraded, &used] {
        let (_, answer) = world.send(Method::GET, "solutions?$filter=uniquename eq 'Widgets'", &Value::Null);
        assert_eq!(answer["value"].as_array().map(Vec::len), Some(1), "{answer}");
    }
}

/// Somebody's upgrade is waited for before anything is taken from the user.
#[test]
fn an_upgrade_that_runs_already_ends_before_anything_is_removed() {
    let built = releases().args("build new -o out").success();
    let folder = built.folder.path();
    let quick = World::new(Options { job_polls: 0, ..Options::default() });
    assert_eq!(quick.run(folder, "apply old").0, 0);
    let world = World::new(Options { job_polls: 6, ..Options::default() });
    world.sandbox.restore(&quick.sandbox.snapshot());
    let bytes = built.read("out/Widgets_1_5_0_0.dvpack");
    let entries = dvpack::archive::read(&bytes, &dvpack::archive::Limits::default()).expect("a bundle");
    let zip = entries.iter().find(|entry| entry.name.starts_with("solutions/")).expect("a solution");
    world.import(&zip.bytes);
    let (code, stdout, stderr) = world.run(folder, "remove old --yes");
    assert_eq!(code, 6, "{stdout}{stderr}");
    assert!(stderr.contains(CHANGED) && stderr.contains("nothing was changed"), "{stderr}");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_user_that_serves_something_else_by_now_stays_enabled() {
    let test = releases();
    let world = world(&test, "apply old");
    let application = "applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
    let (_, users) = world.send(Method::GET, &format!("systemusers?$filter={application}"), &Value::Null);
    let user = users["value"][0]["systemuserid"].as_str().expect("an id").to_owned();
    let (_, roles) = world.send(Method::GET, "roles?$filter=name eq 'Basic User'", &Value::Null);
    let role = roles["value"][0]["roleid"].as_str().expect("an id").to_owned();
    let (code, shown) = held_back(&test, &world, ("DELETE", "systemuserroles_association"), &|| {
        let body = json!({"@odata.id": format!("{}api/data/v9.2/roles({role})", world.sandbox.url())});
        let path = format!("systemusers({user})/systemuserroles_association/$ref");
        assert_eq!(world.send(Method::POST, &path, &body).0, 204);
    });
    assert_eq!(code, 6, "{shown}");
    assert!(shown.contains("has been given role `Basic User`"), "{shown}");
    assert!(shown.contains("done before that: take security role `Contoso Reader`"), "{shown}");
    let (_, users) = world.send(Method::GET, &format!("systemusers?$filter={application}"), &Value::Null);
    assert_eq!(users["value"][0]["isdisabled"], false, "{users}");
}
