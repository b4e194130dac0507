//! What the environment refuses, and what a person is told: what exists, who is shut out, and what to do. Nothing is tried
//! in a circle.

use dvpack::sandbox::{Options, Rule};
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

/// The application of the example.
const APPLICATION: &str = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";

fn rule(value: Value) -> Rule {
    serde_json::from_value(value).expect("a rule")
}

fn refuse(method: &str, path: &str, times: u32, status: u16, code: &str, message: &str) -> Rule {
    let effect = json!({"kind": "answer", "status": status, "code": code, "message": message});
    rule(json!({"method": method, "path": path, "times": times, "effect": effect}))
}

fn created(world: &World) -> usize {
    world.writes().iter().filter(|write| *write == "POST systemusers").count()
}

#[test]
fn a_user_that_exists_and_is_not_seen_is_explained_and_not_created_in_a_circle() {
    for (code, status) in [("0x80040237", 412), ("0x8004F511", 400), ("0x80060892", 412), ("-2147220937", 412)] {
        let world = World::new(Options::default());
        world.fault(&refuse(
            "POST",
            "/systemusers",
            0,
            status,
            code,
            "A record with matching key values already exists.",
        ));
        let example = Test::new().copy("examples/contoso-widgets");
        let (exit, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(exit, 7, "{code}: {stdout}{stderr}");
        let words = format!("has a user for application {APPLICATION} already, which the signed-in user cannot see");
        assert!(stderr.contains(&words), "{code}: {stderr}");
        assert!(stderr.contains("A record with matching key values already exists"), "{code}: {stderr}");
        assert!(stderr.contains("Application users"), "{code}: {stderr}");
        assert!(!stderr.contains("the row exists already: run again"), "{code}: {stderr}");
        assert_eq!(created(&world), 1, "{code}");
    }
}

#[test]
fn a_user_with_the_same_keys_is_named() {
    let world = World::new(Options::default());
    let (_, me) = world.send(reqwest::Method::GET, "WhoAmI", &Value::Null);
    let me = me["UserId"].as_str().expect("an id").to_owned();
    let (_, row) = world.send(reqwest::Method::GET, &format!("systemusers({me})"), &Value::Null);
    let object = row["azureactivedirectoryobjectid"].as_str().expect("an id").to_owned();
    for id in [me.clone(), object] {
        let message = format!("Cannot insert duplicate key. AzureActiveDirectoryObjectId={{{id}}}");
        world.ask(reqwest::Method::DELETE, "faults");
        world.fault(&refuse("POST", "/systemusers", 0, 412, "0x80040237", &message));
        let example = Test::new().copy("examples/contoso-widgets");
        let (exit, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(exit, 7, "{stdout}{stderr}");
        assert!(stderr.contains("another user of the environment has the keys"), "{stderr}");
        assert!(stderr.contains(&me) && stderr.contains("active"), "{stderr}");
    }
}

#[test]
fn a_user_that_shows_late_is_adopted() {
    for disabled in [false, true] {
        let world = World::new(Options::default());
        let example = Test::new().copy("examples/contoso-widgets");
        let (exit, _, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(exit, 0, "{stderr}");
        let (_, found) = world.send(
            reqwest::Method::GET,
            &format!("systemusers?$filter=applicationid eq {APPLICATION}"),
            &Value::Null,
        );
        let user = found["value"][0]["systemuserid"].as_str().expect("an id").to_owned();
        if disabled {
            world.patch(&format!("systemusers({user})"), &json!({"isdisabled": true, "applicationid": APPLICATION}));
        }
        world.writes();
        // At first the environment does not show it.
        let nothing = json!({"kind": "answer", "status": 200, "body": "{\"value\":[]}"});
        world.fault(&rule(json!({"method": "GET", "path": "/systemusers?", "times": 2, "effect": nothing})));
        let (exit, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(exit, 0, "{disabled}: {stdout}{stderr}");
        let (_, row) = world.send(reqwest::Method::GET, &format!("systemusers({user})"), &Value::Null);
        assert_eq!(row["isdisabled"], false);
    }
}

/// Whoever is shut out learns by what, at the first request as well as after the sign-in.
#[test]
fn an_environment_that_shuts_the_caller_out_says_who_can_let_it_in() {
    let ip = "The request you are trying to make is rejected as access to your IP is blocked. Contact your administrator for more information.";
    let app = "The application is not allowed in this environment.";
    for (code, message, advice) in [
        ("0x80095ffe", ip, "IP firewall"),
        ("0x80095FFE", ip, "IP firewall"),
        ("0x80095ffc", app, "App access control"),
    ] {
        for skip in [0, 1] {
            for verb in ["plan", "status", "doctor", "apply --yes", "remove --yes"] {
                let world = World::new(Options::default());
                let effect = json!({"kind": "answer", "status": 403, "code": code, "message": message});
                world.fault(&rule(json!({"path": "/api/data/v9.2/", "skip": skip, "times": 0, "effect": effect})));
                let example = Test::new().copy("examples/contoso-widgets");
                let (exit, stdout, stderr) = world.run(example.path(), &format!("{verb} ."));
                assert_eq!(exit, 4, "{code}: {skip}: {verb}: {stdout}{stderr}");
                assert!(stderr.contains(advice), "{code}: {skip}: {verb}: {stderr}");
                assert!(!stderr.contains("is not a Dataverse environment URL"), "{code}: {skip}: {verb}: {stderr}");
            }
        }
    }
}

#[test]
fn a_page_in_place_of_the_challenge_names_the_proxy() {
    let world = World::new(Options::default());
    let headers = json!([["content-type", "text/html"]]);
    let effect = json!({"kind": "answer", "status": 403, "body": "<html>Blocked</html>", "headers": headers});
    world.fault(&rule(json!({"path": "/api/data/v9.2/", "times": 0, "effect": effect})));
    let example = Test::new().copy("examples/contoso-widgets");
    let (exit, _, stderr) = world.run(example.path(), "plan .");
    assert_eq!(exit, 4, "{stderr}");
    assert!(stderr.contains("it answered 403") && stderr.contains("proxy or firewall on the way"), "{stderr}");
}
