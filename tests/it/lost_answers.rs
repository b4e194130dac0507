//! Where nobody can be asked any more how a write ended, the run says so (8), names the job that goes on, and lists what was
//! done before: it never says that something failed which may have been done.

use dvpack::sandbox::{Options, Rule, Scenario};
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const LOST: &str = "cannot tell whether the server did this: ";

fn rule(value: Value) -> Rule {
    serde_json::from_value(value).expect("a rule")
}

/// The write is done and its answer lost; from then on nothing answers.
fn silent_after(world: &World, path: &str) {
    world.fault(&rule(json!({"method": "POST", "path": path, "effect": {"kind": "drop-after"}})));
    world.fault(&rule(json!({"afterWrite": path, "times": 0, "effect": {"kind": "drop-before"}})));
}

fn example() -> Test {
    Test::new().copy("examples/contoso-widgets")
}

#[test]
fn a_write_whose_answer_is_lost_stays_unknown_where_the_look_fails_too() {
    for (path, doing) in [
        ("/systemusers", "create the application user"),
        ("/ImportSolutionAsync", "start the import"),
        ("systemuserroles_association/$ref", "assign the security role"),
    ] {
        let world = World::new(Options { job_polls: 0, ..Options::default() });
        silent_after(&world, path);
        let example = example();
        let (code, stdout, stderr) = world.run(example.path(), "apply . --yes --report report.json");
        assert_eq!(code, 8, "{path}: {stdout}{stderr}");
        assert!(stderr.contains(&format!("error: {LOST}{doing}")), "{path}: {stderr}");
        assert!(stderr.contains("looking afterwards failed, too: "), "{path}: {stderr}");
        assert!(stderr.contains("run the same command again"), "{path}: {stderr}");
        // What may have been done is not denied.
        let denied = "dvpack has given it no role";
        assert_eq!(stderr.contains(denied), path == "/ImportSolutionAsync", "{path}: {stderr}");
        assert!(path == "/systemusers" || stderr.contains("done before that: create the application user"), "{stderr}");
        world.sandbox.clear_faults();
        let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(code, 0, "{path}: {stdout}{stderr}");
    }
}

#[test]
fn a_changed_row_and_a_purge_stay_unknown_where_the_look_fails_too() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let example = example();
    assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
    let users = "systemusers?$select=systemuserid&$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
    let (_, users) = world.send(reqwest::Method::GET, users, &Value::Null);
    let user = users["value"][0]["systemuserid"].as_str().expect("an id").to_owned();
    world.patch(&format!("systemusers({user})"), &json!({"isdisabled": true}));
    world.fault(&rule(json!({"method": "PATCH", "path": "/systemusers(", "effect": {"kind": "drop-after"}})));
    world.fault(&rule(json!({"path": "?$select=isdisabled", "times": 0, "effect": {"kind": "drop-before"}})));
    let (code, _, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(code, 8, "{stderr}");
    assert!(stderr.contains(&format!("error: {LOST}enable the application user")), "{stderr}");
    assert!(stderr.contains("looking afterwards failed, too: "), "{stderr}");

    let world = World::with(Scenario::SoftDeletedUser);
    world.fault(&rule(json!({"method": "DELETE", "path": "/systemusers(", "effect": {"kind": "drop-after"}})));
    world.fault(&rule(json!({"path": "?$select=deletedstate", "times": 0, "effect": {"kind": "drop-before"}})));
    let (code, _, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(code, 8, "{stderr}");
    assert!(stderr.contains(&format!("error: {LOST}remove the deleted application user for good")), "{stderr}");
    assert!(stderr.contains("looking afterwards failed, too: "), "{stderr}");
}

/// One look at a job that fails, or does not find it, says nothing about the job.
#[test]
fn one_look_at_a_job_that_fails_ends_nothing() {
    for (status, code) in [(500, "0x80040216"), (404, "0x80040217")] {
        let world = World::new(Options { job_polls: 4, ..Options::default() });
        let effect = json!({"kind": "answer", "status": status, "code": code, "message": "An unexpected error."});
        let look = json!({"method": "GET", "path": "asyncoperations(", "skip": 1, "effect": effect});
        let example = example();
        for verb in ["apply", "remove"] {
            world.sandbox.clear_faults();
            world.fault(&rule(look.clone()));
            let (ended, stdout, stderr) = world.run(example.path(), &format!("{verb} . --yes"));
            assert_eq!(ended, 0, "{status} {verb}: {stdout}{stderr}");
        }
    }
}

/// A job that nobody can look at any more goes on, and is named, whatever the reason.
#[test]
fn a_job_that_cannot_be_looked_at_is_named_and_may_still_run() {
    let server = |status: u16, code: &str| json!({"kind": "answer", "status": status, "code": code, "message": "no"});
    for effect in [json!({"kind": "drop-before"}), server(500, "0x80040216"), server(403, "0x80040220")] {
        for verb in ["apply", "remove"] {
            let world = World::new(Options { job_polls: 1000, ..Options::default() });
            let example = example();
            if verb == "remove" {
                let quick = World::new(Options { job_polls: 0, ..Options::default() });
                assert_eq!(quick.run(example.path(), "apply . --yes").0, 0);
                world.sandbox.restore(&quick.sandbox.snapshot());
            }
            world.fault(&rule(json!({"path": "asyncoperations(", "skip": 1, "times": 0, "effect": effect})));
            let (code, stdout, stderr) = world.run(example.path(), &format!("{verb} . --yes"));
            assert_eq!(code, 8, "{effect} {verb}: {stdout}{stderr}");
            assert!(stderr.contains("(job ") && stderr.contains("may still run on the server"), "{stderr}");
            assert!(stderr.contains("done before that: "), "{effect} {verb}: {stderr}");
            assert!(stderr.contains("run the same command again"), "{effect} {verb}: {stderr}");
        }
    }
}

/// The next `remove` waits for the job of the one before, and starts none itself.
#[test]
fn a_second_remove_waits_for_what_the_first_has_started() {
    let quick = World::new(Options { job_polls: 0, ..Options::default() });
    let example = example();
    assert_eq!(quick.run(example.path(), "apply . --yes").0, 0);
    let world = World::new(Options { job_polls: 6, ..Options::default() });
    world.sandbox.restore(&quick.sandbox.snapshot());
    world.fault(&rule(json!({"path": "/UninstallSolutionAsync", "effect": {"kind": "drop-after"}})));
    world.fault(&rule(json!({"path": "/asyncoperations?", "skip": 2, "times": 0, "effect": {"kind": "drop-before"}})));
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 8, "{stdout}{stderr}");
    assert!(stderr.contains(&format!("error: {LOST}uninstall solution `ContosoWidgets`")), "{stderr}");
    assert!(stderr.contains("done before that: take security role"), "{stderr}");
    world.sandbox.clear_faults();
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let starts = world.writes().iter().filter(|write| *write == "POST UninstallSolutionAsync").count();
    assert_eq!(starts, 1, "{stderr}");
    assert!(world.run(example.path(), "remove . --yes").1.contains("nothing to remove"));
}

/// An answer that names no job leaves the removal in doubt; it is looked for, and found done.
#[test]
fn a_removal_whose_job_is_not_named_is_looked_for() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let example = example();
    assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
    let effect = json!({"kind": "answer", "status": 200, "body": "{}", "after": true});
    world.fault(&rule(json!({"path": "/UninstallSolutionAsync", "effect": effect})));
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    // Nothing of it is to be seen: that is no failure, either.
    assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
    let effect = json!({"kind": "answer", "status": 200, "body": "{}"});
    world.fault(&rule(json!({"path": "/UninstallSolutionAsync", "times": 0, "effect": effect})));
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 8, "{stdout}{stderr}");
    assert!(stderr.contains(&format!("error: {LOST}uninstall solution `ContosoWidgets`")), "{stderr}");
}

/// Everything is written; only the end cannot be read.
#[test]
fn a_failed_read_back_says_that_every_step_was_carried_out() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let example = example();
    let last = "systemuserroles_association/$ref";
    world.fault(&rule(json!({"afterWrite": last, "times": 0, "effect": {"kind": "drop-before"}})));
    let (code, stdout, stderr) = world.run(example.path(), "apply . --yes --report report.json");
    assert_eq!(code, 8, "{stdout}{stderr}");
    assert!(stderr.contains("steps were carried out; reading back failed: "), "{stderr}");
    assert!(stderr.contains("done before that: create the application user"), "{stderr}");
    assert!(stderr.contains("run the same command again"), "{stderr}");
}
