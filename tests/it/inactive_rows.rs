//! The row of a variable's value, or of a connection reference, that somebody has deactivated: it never counts as right.

use dvpack::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Inactive, displayName: Inactive, version: 1.0.0.0 }
components:
  environmentVariables: [ { name: contoso_Api, displayName: Api, type: string, default: a } ]
  connectionReferences:
    - { name: contoso_Mail, displayName: Mail, connector: /providers/Microsoft.PowerApps/apis/shared_office365 }
";
const SETTINGS: &str = "settings: { contoso_Api: b, contoso_Mail: { connection: mail-1 } }\n";

/// The first row of a table: its path and its state.
fn row(world: &World, set: &str, key: &str) -> (String, Value) {
    let (_, answer) = world.send(Method::GET, &format!("{set}?$select={key},statecode"), &Value::Null);
    let row = &answer["value"][0];
    (format!("{set}({})", row[key].as_str().expect("an id")), row["statecode"].clone())
}

fn rows(world: &World) -> [(String, Value); 2] {
    [
        row(world, "environmentvariablevalues", "environmentvariablevalueid"),
        row(world, "connectionreferences", "connectionreferenceid"),
    ]
}

#[test]
fn inactive_rows_differ_and_are_activated() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let test = Test::new().file("dvpack.yaml", format!("{MANIFEST}{SETTINGS}"));
    let (code, _, stderr) = world.run(test.path(), "apply .");
    assert_eq!(code, 0, "{stderr}");
    for (path, state) in rows(&world) {
        assert_eq!(state, 0);
        world.patch(&path, &json!({"statecode": 1, "statuscode": 2}));
    }
    let found = ["contoso_Api`, value: `b`, in an inactive row", "contoso_Mail`, value: `mail-1`, in an inactive row"];
    let (code, stdout, _) = world.run(test.path(), "status .");
    assert!(code == 9 && found.iter().all(|words| stdout.contains(words)), "{code} {stdout}");
    let (code, stdout, _) = world.run(test.path(), "plan .");
    assert!(code == 10 && stdout.matches("because its row is inactive").count() == 2, "{code} {stdout}");
    let (code, stdout, _) = world.run(test.path(), "diff .");
    assert!(code == 0 && stdout.contains("contoso_Api: (nothing) → b"), "{code} {stdout}");
    assert!(stdout.contains("contoso_Mail: (nothing) → connection mail-1"), "{stdout}");
    let (code, stdout, stderr) = world.run(test.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    for (path, state) in rows(&world) {
        assert_eq!(state, 0, "{path}");
    }
    for verb in ["plan .", "status .", "diff ."] {
        let (code, stdout, _) = world.run(test.path(), verb);
        assert_eq!(code, 0, "{verb}: {stdout}");
    }
}

/// Where the bundle gives no value, what stands in an inactive row is no value of the environment.
#[test]
fn an_inactive_row_is_no_value_of_the_environment() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let test = Test::new().file("set/dvpack.yaml", format!("{MANIFEST}{SETTINGS}")).file("unset/dvpack.yaml", MANIFEST);
    assert_eq!(world.run(test.path(), "apply set").0, 0);
    world.patch(&rows(&world)[1].0, &json!({"statecode": 1, "statuscode": 2}));
    let (code, stdout, _) = world.run(test.path(), "status unset");
    assert_eq!(code, 0, "{stdout}");
    assert!(!stdout.contains("ok       connection reference"), "{stdout}");
    let words = "warning: connection reference `contoso_Mail` is inactive here: whether its value is used is not known";
    assert!(stdout.contains(words), "{stdout}");
}
