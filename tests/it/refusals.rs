//! What the environment refuses, and what a person is told: what exists, who is shut out, and what to do. Nothing is tried
//! in a circle.

use dvpack::sandbox::{Options, Rule, Scenario};
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
        ("0x80072560", "The user is not a member of the organization.", "Settings > Users + permissions"),
        ("0x80040225", "The user with SystemUserId=1 is disabled.", "enables the signed-in user"),
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

/// An environment that is too old for an operation that an apply needs: `apply` and `doctor` say the same, before any write.
#[test]
fn a_server_that_is_too_old_is_not_ready() {
    for (verb, code) in [("apply .", 7), ("doctor .", 7), ("plan .", 10), ("status .", 9)] {
        let world = World::with(Scenario::OldServerVersion);
        let example = Test::new().copy("examples/contoso-widgets");
        let (exit, stdout, stderr) = world.run(example.path(), verb);
        assert_eq!(exit, code, "{verb}: {stdout}{stderr}");
        if code == 7 {
            let advice = "an administrator updates it (Power Platform admin center > the environment > Updates)";
            assert!((stdout.clone() + &stderr).contains(advice), "{verb}: {stdout}{stderr}");
        }
        assert_eq!(world.writes().iter().filter(|write| *write != "POST StageSolution").count(), 0, "{verb}");
    }
    // Another failure of the Web API under the same number is something else.
    let world = World::new(Options::default());
    world.fault(&refuse("POST", "/StageSolution", 0, 400, "0x8006088a", "A failure occurred in Web Api."));
    let example = Test::new().copy("examples/contoso-widgets");
    let (exit, _, stderr) = world.run(example.path(), "apply .");
    assert!(exit == 1 && !stderr.contains("updates it"), "{exit}: {stderr}");
}

/// The caller's own user is disabled: whatever it does, it learns who can let it in.
#[test]
fn a_disabled_user_cannot_sign_in_with_any_verb() {
    for verb in ["plan .", "status .", "doctor .", "apply .", "remove . --yes", "diff ."] {
        let world = World::new(Options::default());
        let me = world.sandbox.admin_client_id();
        let (_, found) =
            world.send(reqwest::Method::GET, &format!("systemusers?$filter=applicationid eq {me}"), &Value::Null);
        let user = found["value"][0]["systemuserid"].as_str().expect("an id").to_owned();
        world.patch(&format!("systemusers({user})"), &json!({"isdisabled": true, "applicationid": me.to_string()}));
        let example = Test::new().copy("examples/contoso-widgets");
        let (exit, stdout, stderr) = world.run(example.path(), verb);
        assert_eq!(exit, 4, "{verb}: {stdout}{stderr}");
        assert!(stderr.contains("enables the signed-in user"), "{verb}: {stderr}");
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

/// The words of an import that failed: what they mean comes first, with the exit code; the words themselves stay.
#[test]
fn an_import_that_fails_in_words_says_what_they_mean_and_what_to_do() {
    let privilege =
        "SecLib::CheckPrivilege failed. User: 1, PrivilegeName: prvCreateEntity, PrivilegeId: 2, Required Depth: Basic";
    let connection = "Flow client error returned with status code \"Forbidden\" and details \"{\"error\":{\"code\":\"ConnectionAuthorizationFailed\"}}\".";
    let size = "CustomControl with name Contoso.Grid failed to import with error: Webresource content size is too big.";
    let layers = "The uninstall operation will delete the base layer for the component 'EntityRelationship' with id 'e7c088e5-d204-ec11-94ee-000d3a474707' and name 'contoso_a_b'. The operation cannot continue because there are other managed layers over the base layer.";
    for (message, code, meaning, advice) in [
        (privilege, 7, "the signed-in user lacks the privilege `prvCreateEntity`", "dvpack doctor"),
        (connection, 7, "a connection is not shared with the user or application that deploys", "share the connection"),
        (
            size,
            7,
            "a file of the solution Contoso.Grid is larger than the environment's upload limit",
            "raises the limit",
        ),
        (layers, 7, "another managed solution has a layer on it", "--mode update"),
        ("Invalid privilege depth.", 1, "at a level that the privilege does not have here", "dvpack doctor"),
    ] {
        // Refused at the start, found by the check, or told by the job's result.
        let started = refuse("POST", "/ImportSolutionAsync", 0, 500, "0x80048033", message);
        let staged = json!({"StageSolutionResults": {"StageSolutionStatus": "Failed", "MissingDependencies": [],
            "SolutionValidationResults": [{"SolutionValidationResultType": "Error", "Message": message}]}});
        let staged = json!({"kind": "answer", "status": 200, "body": staged.to_string()});
        let staged = rule(json!({"method": "POST", "path": "/StageSolution", "times": 0, "effect": staged}));
        let result =
            json!({"SolutionOperationResult": {"Type": "Import", "Status": "Failed", "ErrorMessages": [message]}});
        let result = json!({"kind": "answer", "status": 200, "body": result.to_string()});
        let result = rule(json!({"path": "/RetrieveSolutionImportResult", "times": 0, "effect": result}));
        for fault in [started, staged, result] {
            let world = World::new(Options::default());
            world.fault(&fault);
            let example = Test::new().copy("examples/contoso-widgets");
            let (exit, stdout, stderr) = world.run(example.path(), "apply . --yes");
            assert_eq!(exit, code, "{message}: {fault:?}: {stdout}{stderr}");
            assert!(stderr.contains(meaning) && stderr.contains(advice), "{message}: {fault:?}: {stderr}");
            assert!(
                stderr.contains(message.split(". ").next().expect("a part").trim_end_matches('.')),
                "{message}: {fault:?}: {stderr}"
            );
        }
    }
}

#[test]
fn what_still_uses_a_component_is_named_with_its_owner() {
    let id = "f8552cc9-5c12-4568-b06c-17eca9a2d11c";
    let world = World::new(Options::default());
    let message = format!(
        "ImportAsHolding failed with exception :The Entity({id}) component cannot be deleted because it is referenced by 1 other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest."
    );
    let result = json!({"SolutionOperationResult": {"Type": "Import", "Status": "Failed", "ErrorMessages": [message]}});
    let answer = |body: Value| json!({"kind": "answer", "status": 200, "body": body.to_string()});
    world.fault(&rule(json!({"path": "/RetrieveSolutionImportResult", "times": 0, "effect": answer(result)})));
    let row = json!({"dependentcomponenttype": 26, "dependentcomponentobjectid": "11112222-aaaa-3333-bbbb-4444cccc5555",
        "requiredcomponenttype": 1, "requiredcomponentobjectid": id});
    let found = answer(json!({"value": [row]}));
    let path = format!("RetrieveDependenciesForDelete(ObjectId={id},ComponentType=1)");
    world.fault(&rule(json!({"path": path, "times": 0, "effect": found})));
    let example = Test::new().copy("examples/contoso-widgets");
    let (exit, _, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(exit, 7, "{stderr}");
    assert!(stderr.contains("1 other components of the environment still use it"), "{stderr}");
    assert!(stderr.contains("view 11112222-aaaa-3333-bbbb-4444cccc5555 needs table"), "{stderr}");
}

/// Whose consent is missing: the deployer's own application is a matter of its sign-in.
#[test]
fn an_unknown_application_is_a_failed_sign_in_unless_it_is_the_packages_own() {
    const DEPLOYER: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
    for (number, word) in [(700_016, "unauthorized_client"), (7_000_229, "invalid_client"), (65_001, "invalid_grant")] {
        for (client, code) in [(DEPLOYER, 4), (APPLICATION, 5), (&*APPLICATION.to_uppercase(), 5)] {
            for verb in ["plan", "status", "doctor", "apply --yes"] {
                let world = World::new(Options::default());
                let body = json!({"error": word, "error_codes": [number]}).to_string();
                let effect = json!({"kind": "answer", "status": 400, "body": body});
                world.fault(&rule(json!({"path": "/oauth2/v2.0/token", "times": 0, "effect": effect})));
                let example = Test::new().copy("examples/contoso-widgets");
                let line = format!("{verb} . --client-id {client}");
                let (exit, stdout, stderr) = world.run(example.path(), &line);
                assert_eq!(exit, code, "{number}: {line}: {stdout}{stderr}");
                if code == 4 {
                    assert!(stderr.contains(client) && stderr.contains("which dvpack signs in as"), "{stderr}");
                    assert!(stderr.contains(&format!("dvpack consent --client-id {client}")), "{stderr}");
                }
            }
        }
    }
}
