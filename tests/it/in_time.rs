//! What is missing is said with its own exit code, however little time there is.

use dvpack::sandbox::{Options, Rule, Scenario};
use serde_json::json;

use crate::support::Test;
use crate::world::World;

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Small, displayName: Small, version: VERSION }
application: { clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Small }
roles: [ { name: Small Service, grants: { account: { read: organization } } } ]
applicationUser: { roles: [Small Service] }
";

/// A project without a table of its own, whose role a caller without all rights can assign.
pub fn small(version: &str) -> Test {
    Test::new().file("dvpack.yaml", MANIFEST.replace("VERSION", version))
}

/// Missing consent stays 5 under any `--timeout`, with and without a wait for it.
#[test]
fn missing_consent_is_5_whatever_the_timeout() {
    let example = Test::new().copy("examples/contoso-widgets");
    for seconds in 1..=10 {
        let world = World::with(Scenario::NoConsent);
        let (code, _, stderr) = world.run_at_full_pace(example.path(), &format!("apply . --yes --timeout {seconds}s"));
        assert!(is_5(&world, code), "{seconds}: {code} {stderr}");
    }
    for (seconds, at_full_pace) in [(1, true), (2, false), (2, true), (6, true)] {
        let world = World::with(Scenario::NoConsent);
        let line = format!("apply . --yes --wait-for-consent 5m --timeout {seconds}s");
        let (code, _, stderr) =
            if at_full_pace { world.run_at_full_pace(example.path(), &line) } else { world.run(example.path(), &line) };
        assert!(is_5(&world, code), "{seconds}: {code} {stderr}");
    }
}

/// Whether it ended with 5. A machine that is busy with other tests may not come to the question in time.
fn is_5(world: &World, code: i32) -> bool {
    let asked = world.writes().iter().any(|write| write == "POST systemusers");
    code == 5 || (code == 8 && !asked)
}

/// While consent is waited for, the service is busy: what the last answer said is so all the same.
#[test]
fn missing_consent_is_5_where_the_next_question_comes_too_late() {
    let example = Test::new().copy("examples/contoso-widgets");
    for wait in ["600", "60", "3600"] {
        let world = World::with(Scenario::NoConsent);
        let effect = json!({"kind": "answer", "status": 429, "headers": [["retry-after", wait]]});
        let rule = json!({"method": "POST", "path": "/systemusers", "skip": 1, "times": 0, "effect": effect});
        world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
        let (code, _, stderr) =
            world.run_at_full_pace(example.path(), "apply . --yes --wait-for-consent 5m --timeout 8s");
        assert_eq!(code, 5, "{wait}: {stderr}");
        assert!(stderr.contains("an administrator must consent to it first"), "{wait}: {stderr}");
    }
}

/// Each right that an apply needs, alone: named by `doctor` and `apply` alike, before anything is written.
#[test]
fn every_right_that_is_missing_stops_before_the_first_write() {
    let example = Test::new().copy("examples/contoso-widgets");
    for (privilege, left) in [
        ("prvImportCustomization", None),
        ("prvReadAsyncOperation", None),
        ("prvCreateUser", None),
        ("prvAppendUser", None),
        ("prvReadRole", None),
        ("prvAppendToRole", None),
        ("prvAssignRole", None),
        ("prvCreateNote", Some("Deep")),
        ("prvReadContact", Some("Local")),
    ] {
        let lacks = vec![(privilege.to_owned(), left.map(str::to_owned))];
        let world = World::new(Options { caller_lacks: lacks, ..Options::default() });
        for verb in ["apply . --yes", "doctor ."] {
            let (code, stdout, stderr) = world.run(example.path(), verb);
            let text = stdout + &stderr;
            assert_eq!(code, 7, "{privilege}: {verb}: {text}");
            assert!(text.contains(privilege), "{privilege}: {verb}: {text}");
            let writes = world.writes();
            let lasting = writes.iter().filter(|write| !write.contains("StageSolution"));
            assert_eq!(lasting.count(), 0, "{privilege}: {verb}: {writes:?}");
        }
    }
}

/// An upgrade needs the right to import, and nothing that only a first apply does.
#[test]
fn an_upgrade_without_the_right_to_import_stops_before_the_first_write() {
    for (privilege, code) in [("prvImportCustomization", 7), ("prvCreateUser", 0)] {
        let world = World::limitable();
        let (found, _, stderr) = world.run(small("1.0.0.0").path(), "apply . --yes");
        assert_eq!(found, 0, "{stderr}");
        world.take_right(privilege);
        let (found, stdout, stderr) = world.run(small("1.1.0.0").path(), "apply . --yes");
        assert_eq!(found, code, "{privilege}: {stdout}{stderr}");
        if code == 7 {
            assert!(stderr.contains(privilege), "{stderr}");
            assert_eq!(world.writes(), Vec::<String>::new(), "{privilege}");
        }
    }
}
