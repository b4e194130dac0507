//! Every scenario of the sandbox that is a state, and what somebody changes by hand, by the program itself.

use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::Value;

use super::bundle::{WANTED, bundle};
use super::stage::{APPLICATION, Stage};
use crate::support::Test;
use crate::world::World;

/// What a scenario leaves behind: an apply in it, then the law without it happening again.
#[test]
fn the_law_holds_after_every_scenario_that_is_a_state() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let mut tried = 0;
    for scenario in Scenario::ALL {
        match scenario {
            // Nothing of these is a state: they are how the service behaves, or who may do something.
            Scenario::NoConsent
            | Scenario::ConsentRefused
            | Scenario::ReplicationLag
            | Scenario::SmallUploads
            | Scenario::AccessControl
            | Scenario::AccessAudit
            | Scenario::ImportFails
            | Scenario::ImportResultFailed
            | Scenario::MissingDependency
            | Scenario::CallerLacksPrivilege
            | Scenario::CallerNotMember
            | Scenario::JobNeverEnds
            | Scenario::ExpiredSecret
            | Scenario::ThrottledRequests
            | Scenario::ThrottledTime
            | Scenario::ThrottledConcurrency
            | Scenario::Locked => continue,
            _ => {}
        }
        tried += 1;
        runtime.block_on(async {
            let options = Options { scenarios: vec![*scenario], ..Options::default() };
            let stage = Stage::new(options).await;
            stage.apply(&WANTED, Default::default()).await;
            let left = stage.sandbox.snapshot();
            let stage = Stage::new(Options::default()).await;
            stage.sandbox.restore(&left);
            if let Err(why) = stage.law(Default::default()).await {
                panic!("{scenario}: {why}");
            }
        });
    }
    println!("{tried} scenarios that are a state");
    assert!(tried >= 20, "{tried}");
}

/// The contradictions that were seen: each verb says the same, and who can mend it.
#[test]
fn what_an_apply_cannot_mend_is_said_by_every_verb_with_who_can() {
    for (scenario, code, who) in [
        (Scenario::FewerPrivileges, "privilege-unknown", "the publisher of the bundle"),
        (Scenario::PrivilegeTaken, "privilege-missing", "an administrator of the environment"),
        (Scenario::PrivilegeShallower, "privilege-shallower", "an administrator of the environment"),
        (Scenario::PrivilegeAdded, "privilege-beyond", "an administrator of the environment"),
        (Scenario::AdministratorAdded, "role-not-declared", "an administrator of the environment"),
        (Scenario::RoleAdded, "role-not-declared", "an administrator of the environment"),
    ] {
        let world = World::with(scenario);
        let test = Test::new();
        let bundle = WANTED.path.display();
        let run = |verb: &str| world.run(test.path(), &format!("{verb} {bundle}"));
        assert_eq!(run("apply --yes").0, 9, "{scenario}");
        world.writes();
        for (verb, differences) in [
            ("plan", "/plan/differences"),
            ("status", "/differences"),
            ("apply --yes", "/differences"),
            ("doctor", "/differences"),
        ] {
            let (found, stdout, stderr) = run(verb);
            assert_eq!(found, 9, "{scenario} {verb}: {stdout}{stderr}");
            assert!(stdout.contains(who) && stdout.contains("does not mend it"), "{scenario} {verb}: {stdout}");
            assert!(!stdout.contains("matches the bundle"), "{scenario} {verb}: {stdout}");
            let (_, json, _) = run(&format!("{verb} --format json"));
            let json: Value = serde_json::from_str(&json).expect("JSON");
            let list = json.pointer(differences).and_then(Value::as_array).expect("a list");
            assert!(!list.is_empty() && list.iter().all(|it| it["code"] == code), "{scenario} {verb}: {json:#}");
            for key in ["where", "what", "wanted", "found"] {
                assert!(list.iter().all(|it| it[key].as_str().is_some_and(|text| !text.is_empty())), "{key}: {list:?}");
            }
            for key in ["who", "why", "how"] {
                assert!(list.iter().all(|it| it["mendedBy"][key].is_string()), "{key}: {list:?}");
            }
        }
        assert_eq!(world.writes(), Vec::<String>::new(), "{scenario}");
    }
}

/// What an environment does not have is said before anything is written.
#[test]
fn a_first_plan_names_what_will_remain() {
    let world = World::with(Scenario::FewerPrivileges);
    let test = Test::new();
    let bundle = WANTED.path.display();
    let (code, stdout, _) = world.run(test.path(), &format!("plan {bundle}"));
    assert_eq!(code, 10, "{stdout}");
    let words = "security role `Flow Service`, privilege prvCreateNote: not in the environment (wanted: Global)";
    assert!(stdout.contains("What remains after these steps:") && stdout.contains(words), "{stdout}");
    let (code, stdout, _) = world.run(test.path(), &format!("apply {bundle} --yes"));
    assert!(code == 9 && stdout.contains(words), "{stdout}");
    // A level that does not exist would be refused by the import: it does not begin.
    let world = World::with(Scenario::FewerLevels);
    for verb in ["plan", "apply --yes"] {
        let (code, _, stderr) = world.run(test.path(), &format!("{verb} {bundle}"));
        assert_eq!(code, 7, "{stderr}");
        assert!(
            stderr.contains("has privilege prvWriteAccount at level Local, which this environment grants only at"),
            "{stderr}"
        );
    }
    assert_eq!(world.writes(), Vec::<String>::new());
}

/// System Administrator, given by hand: taken back by name, never by default, never by `--yes` alone.
#[test]
fn other_roles_are_taken_away_when_that_is_asked_for() {
    let user = ", onlyDeclaredRoles: true";
    let asking = bundle("1.4.0.0", "      lead: { read: organization, write: user }\n", user);
    let roles = |world: &World| -> Vec<String> {
        let path = format!(
            "systemusers?$select=systemuserid&$filter=applicationid eq {APPLICATION}&$expand=systemuserroles_association($select=name)"
        );
        let (_, answer) = world.send(Method::GET, &path, &Value::Null);
        let list = answer["value"][0]["systemuserroles_association"].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|role| role["name"].as_str().map(str::to_owned)).collect()
    };
    for (scenario, role) in
        [(Scenario::AdministratorAdded, "System Administrator"), (Scenario::RoleAdded, "Basic User")]
    {
        let world = World::with(scenario);
        let test = Test::new();
        let run =
            |verb: &str, bundle: &std::path::Path| world.run(test.path(), &format!("{verb} {}", bundle.display()));
        // A first run does not know of it, leaves it, and says so.
        let (code, stdout, _) = run("apply --yes", &WANTED.path);
        assert_eq!(code, 9, "{stdout}");
        let step = format!("take security role `{role}` away from the application user");
        let (code, stdout, _) = run("plan", &WANTED.path);
        assert!(
            code == 9 && stdout.contains("`dvpack apply --only-declared-roles`") && !stdout.contains(&step),
            "{stdout}"
        );
        world.writes();
        // The bundle may ask, and `--yes` does not answer.
        let (code, stdout, _) = run("plan", &asking.path);
        assert!(code == 10 && stdout.contains(&step), "{stdout}");
        let (code, _, stderr) = run("apply --yes", &asking.path);
        assert!(code == 6 && stderr.contains(&format!("to take `{role}` away")), "{stderr}");
        assert!(stderr.contains("--only-declared-roles"), "{stderr}");
        assert_eq!((world.writes(), roles(&world).len()), (Vec::new(), 2));
        if role == "Basic User" {
            // An approved plan carries the consent.
            let (code, stdout, _) = run("plan --only-declared-roles -o plan.json", &WANTED.path);
            assert!(code == 10 && stdout.contains(&step), "{stdout}");
            let (code, stdout, stderr) = run("apply --plan plan.json", &WANTED.path);
            assert_eq!(code, 0, "{stdout}{stderr}");
        } else {
            let (code, stdout, stderr) = run("apply --yes --only-declared-roles", &asking.path);
            assert_eq!(code, 0, "{stdout}{stderr}");
        }
        assert_eq!(roles(&world), ["Flow Service"]);
        assert_eq!(world.writes(), ["DELETE systemusers(…)/$ref"]);
        for verb in ["plan", "status", "apply --yes", "doctor"] {
            assert_eq!(run(verb, &WANTED.path).0, 0, "{verb}");
        }
    }
}
