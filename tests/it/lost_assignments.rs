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

/// A creation that was lost, and then refused, may still be carried out.
#[test]
fn a_refused_creation_after_a_loss_stays_unknown() {
    for status in [400, 403] {
        let world = World::new(Options { job_polls: 0, ..Options::default() });
        let example = Test::new().copy("examples/contoso-widgets");
        let refusal =
            json!({"kind": "answer", "status": status, "code": "0x80040216", "message": "An unexpected error."});
        world.fault(&rule(json!({"method": "POST", "path": "/systemusers", "effect": {"kind": "drop-before"}})));
        world.fault(&rule(json!({"method": "POST", "path": "/systemusers", "times": 0, "effect": refusal})));
        let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(code, 8, "{status}: {stdout}{stderr}");
        assert!(stderr.contains("cannot tell whether the server did this: create the application user"), "{stderr}");
        assert!(stderr.contains("trying again failed, too: cannot create the application user"), "{stderr}");
        assert!(stderr.contains("perhaps done: create the application user"), "{stderr}");
    }
}

/// A gateway that gives up, or a page of one, says nothing about what the server does with the request.
#[test]
fn a_removal_that_a_gateway_gave_up_stays_unknown() {
    let wait = |status: u16, seconds: &str| json!({"kind": "answer", "status": status, "headers": [["retry-after", seconds]], "body": "<html>"});
    let page = |status: u16| json!({"kind": "answer", "status": status, "body": "<html>gateway</html>"});
    let refusal = json!({"kind": "answer", "status": 400, "code": "0x80040216", "message": "An unexpected error."});
    let example = Test::new().copy("examples/contoso-widgets");
    for (verb, first, then, is_open) in [
        ("remove . --yes", page(504), refusal.clone(), true),
        ("remove . --yes", page(200), refusal.clone(), true),
        ("remove . --yes", page(504), page(504), true),
        ("remove . --yes", page(200), page(200), true),
        ("remove . --yes --timeout 20s", wait(504, "60"), refusal.clone(), true),
        ("remove . --yes --timeout 20s", wait(503, "60"), refusal.clone(), true),
        ("remove . --yes", wait(503, "86400"), refusal.clone(), true),
        ("apply . --yes --only-declared-roles", page(504), page(504), true),
        ("remove . --yes --timeout 20s", wait(429, "60"), refusal, false),
    ] {
        let world = World::new(Options { job_polls: 0, ..Options::default() });
        assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
        let users = "systemusers?$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
        let (_, users) = world.send(reqwest::Method::GET, users, &Value::Null);
        let user = users["value"][0]["systemuserid"].as_str().expect("an id").to_owned();
        if verb.starts_with("apply") {
            let basic = "api/data/v9.2/roles(5a4db0c5-0000-4000-8000-000000000009)";
            let role = json!({"@odata.id": world.sandbox.url().join(basic).expect("an address")});
            let path = format!("systemusers({user})/systemuserroles_association/$ref");
            assert!(world.send(reqwest::Method::POST, &path, &role).0 < 300);
        }
        let path = "systemuserroles_association";
        world.fault(&rule(json!({"method": "DELETE", "path": path, "effect": first})));
        world.fault(&rule(json!({"method": "DELETE", "path": path, "times": 0, "effect": then})));
        let (code, stdout, stderr) = if verb.contains("--timeout") {
            world.run_at_full_pace(example.path(), verb)
        } else {
            world.run(example.path(), verb)
        };
        assert_eq!(code, 8, "{verb} {first}: {stdout}{stderr}");
        let words = "cannot tell whether the server did this: take the security role away";
        assert_eq!(stderr.contains(words), is_open, "{verb} {first}: {stderr}");
        assert_eq!(stderr.contains("perhaps done: take"), is_open, "{verb} {first}: {stderr}");
    }
}

/// The user's roles show that it was done.
#[test]
fn a_removal_that_a_gateway_gave_up_is_looked_for() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
    let path = "systemuserroles_association";
    let answer = |after: bool| json!({"kind": "answer", "status": 504, "body": "<html>", "after": after});
    world.fault(&rule(json!({"method": "DELETE", "path": path, "effect": answer(true)})));
    world.fault(&rule(json!({"method": "DELETE", "path": path, "times": 0, "effect": answer(false)})));
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
}
