//! Where no apply can begin: what `status` says then, who is said to mend it, and what is called right.

use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Obstructed, displayName: Obstructed, version: 1.0.0.0 }
application: { clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Obstructed }
roles: [ { name: Obstructed Service, grants: { account: { read: organization } } } ]
applicationUser: { roles: [Obstructed Service] }
components:
  environmentVariables: [ { name: contoso_Api, displayName: Api, type: string, default: a } ]
settings: { contoso_Api: b }
";

fn project() -> Test {
    Test::new().file("dvpack.yaml", MANIFEST)
}

fn status(world: &World, test: &Test) -> String {
    let (code, stdout, stderr) = world.run(test.path(), "status .");
    assert_eq!(code, 9, "{stdout}{stderr}");
    stdout
}

/// With a higher version there, the plan refuses: nobody is sent to it, and no cause is named that nothing shows.
#[test]
fn a_higher_version_sends_nobody_to_a_plan_that_refuses() {
    let test = project();
    let world = World::with(Scenario::HigherVersionInstalled);
    let stdout = status(&world, &test);
    for absent in ["`dvpack plan` shows", "release a higher version", "somebody", "import a version twice", "never"] {
        assert!(!stdout.contains(absent), "{absent}: {stdout}");
    }
    for present in [
        "differs from the bundle, and `dvpack apply` cannot begin: see above what prevents it\n",
        "an administrator of the environment can: apply a bundle of version 9999.0.0.0 or higher: dvpack does not downgrade",
        "security role `Obstructed Service`, role: not in the environment",
        "environment variable `contoso_Api`, value: not in the environment",
        "`dvpack apply` does not mend it: solution `Obstructed` is not installed as in the bundle (version 9999.0.0.0, managed), which can be the cause",
        "can: mend the difference of solution `Obstructed` first; the next run then shows what is left",
    ] {
        assert!(stdout.contains(present), "{present}: {stdout}");
    }
    assert_eq!(world.run(test.path(), "plan .").0, 7);
}

/// Several users: how many there are and in which state, and no way to a plan where something else could be mended.
#[test]
fn several_users_are_counted_as_they_are() {
    let test = project();
    let world = World::with(Scenario::TwoUsers);
    assert_eq!(world.run(test.path(), "apply .").0, 9);
    let users = "systemusers?$select=systemuserid&$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
    let (_, answer) = world.send(Method::GET, users, &Value::Null);
    let ids: Vec<&str> =
        answer["value"].as_array().expect("users").iter().filter_map(|user| user["systemuserid"].as_str()).collect();
    assert_eq!(ids.len(), 2);
    assert!(status(&world, &test).contains("application user, users: 2 users (wanted: one)"));
    for (id, found) in ids.iter().zip(["2 users, 1 of them disabled", "2 users, 2 of them disabled"]) {
        world.patch(&format!("systemusers({id})"), &json!({"isdisabled": true}));
        let stdout = status(&world, &test);
        assert!(stdout.contains(&format!("application user, users: {found} (wanted: one)")), "{stdout}");
    }
    let (_, answer) =
        world.send(Method::GET, "environmentvariablevalues?$select=environmentvariablevalueid", &Value::Null);
    let value = answer["value"][0]["environmentvariablevalueid"].as_str().expect("a value");
    world.patch(&format!("environmentvariablevalues({value})"), &json!({"value": "c"}));
    let stdout = status(&world, &test);
    assert!(stdout.contains("contoso_Api`, value: `c`"), "{stdout}");
    assert!(stdout.ends_with("and `dvpack apply` cannot begin: see above what prevents it\n"), "{stdout}");
}

/// Nothing that is missing or off stands in a line that begins with `ok`.
#[test]
fn what_is_not_right_is_not_called_ok() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let test = Test::new().file(
        "dvpack.yaml",
        MANIFEST.replace("roles: [Obstructed Service]", "roles: [Obstructed Service], businessUnit: Nowhere"),
    );
    let stdout = status(&world, &test);
    assert!(!stdout.contains("ok       application user"), "{stdout}");
    let how =
        "an administrator of the environment, or the publisher of the bundle, can: create it, or name another one in";
    assert!(stdout.contains(how), "{stdout}");

    // A flow that stays off for want of a connection is a warning, and no `ok`.
    let flows = Test::new().file("flows.zip", crate::processes::solution()).file(
        "dvpack.yaml",
        "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoFlows, displayName: Contoso Flows, version: 1.4.0.0, languages: [1033] }
components: { source: [flows.zip] }
",
    );
    let (code, stdout, stderr) = world.run(flows.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (code, stdout, _) = world.run(flows.path(), "status .");
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("stays off until connection reference `contoso_mail` has a connection"), "{stdout}");
    assert!(!stdout.lines().any(|line| line.starts_with("  ok") && line.contains(": off")), "{stdout}");
}

/// A step whose rights nobody knows is no `ok` of the doctor's.
#[test]
fn rights_that_are_not_documented_are_not_called_ok() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let test = project();
    assert_eq!(world.run(test.path(), "apply .").0, 0);
    let changed = MANIFEST.replace("contoso_Api: b", "contoso_Api: c");
    let test = Test::new().file("dvpack.yaml", changed);
    let (code, stdout, _) = world.run(test.path(), "doctor .");
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("unknown  privileges of the signed-in user: which ones the step needs"), "{stdout}");
}
