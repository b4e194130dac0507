//! A write whose answer was lost may be carried out later, whatever another attempt comes to: it stays unknown (8).

use dvpack::sandbox::{Options, Rule};
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

fn rule(value: Value) -> Rule {
    serde_json::from_value(value).expect("a rule")
}

/// The first attempt is lost, every other one refused.
fn lost_then_refused(world: &World, method: &str, path: &str) {
    let refusal = json!({"kind": "answer", "status": 400, "code": "0x80040216", "message": "An unexpected error."});
    world.fault(&rule(json!({"method": method, "path": path, "effect": {"kind": "drop-before"}})));
    world.fault(&rule(json!({"method": method, "path": path, "times": 0, "effect": refusal})));
}

#[test]
fn a_refusal_after_a_loss_says_nothing_about_the_attempt_before() {
    for (verb, method, path, step) in [
        ("apply", "POST", "systemuserroles_association", "assign security role `Contoso Widgets Service`"),
        ("apply", "PATCH", "/systemusers(", "enable the application user"),
        ("remove", "DELETE", "systemuserroles_association", "take security role `Contoso Widgets Service`"),
        ("remove", "PATCH", "/systemusers(", "disable the application user"),
    ] {
        let world = World::new(Options { job_polls: 0, ..Options::default() });
        let example = Test::new().copy("examples/contoso-widgets");
        if verb == "remove" || method == "PATCH" {
            assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
        }
        if step.starts_with("enable") {
            let users = "systemusers?$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
            let (_, users) = world.send(reqwest::Method::GET, users, &Value::Null);
            let user = users["value"][0]["systemuserid"].as_str().expect("an id").to_owned();
            world.patch(&format!("systemusers({user})"), &json!({"isdisabled": true}));
        }
        lost_then_refused(&world, method, path);
        let (code, stdout, stderr) = world.run(example.path(), &format!("{verb} . --yes"));
        assert_eq!(code, 8, "{verb} {method}: {stdout}{stderr}");
        assert!(stderr.contains("cannot tell whether the server did this: "), "{verb} {method}: {stderr}");
        assert!(stderr.contains(&format!("perhaps done: {step}")), "{verb} {method}: {stderr}");
    }
}

#[test]
fn time_that_is_up_after_a_loss_does_not_deny_the_assignment() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    let path = "systemuserroles_association/$ref";
    world.fault(&rule(json!({"method": "POST", "path": path, "times": 0, "effect": {"kind": "drop-before"}})));
    let mut command = world.dvpack(example.path(), "apply . --yes --timeout 3s");
    command.env("DVPACK_TEST_PACE", "4");
    let output = command.output().expect("run");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{stderr}");
    assert!(stderr.contains("perhaps done: assign security role"), "{stderr}");
}
