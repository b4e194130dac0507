//! What is said where somebody stops a run: which job may be its own, what was done, and what perhaps.
#![cfg(unix)]

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dvpack::sandbox::{Options, Scenario};
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

/// Runs `apply`, ends it once `is_time` says so, and gives what it said.
fn interrupted(world: &World, is_time: &dyn Fn(&[Value]) -> bool) -> String {
    let example = Test::new().copy("examples/contoso-widgets");
    let mut command = world.dvpack(example.path(), "apply .");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("started");
    let begun = Instant::now();
    while !is_time(&world.sandbox.log()) {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come to that");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(200));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("readable");
    assert_eq!(child.wait().expect("ended").code(), Some(130), "{said}");
    said
}

fn count(log: &[Value], part: &str) -> usize {
    log.iter().filter(|entry| entry["path"].as_str().is_some_and(|path| path.contains(part))).count()
}

#[test]
fn the_write_that_was_under_way_is_perhaps_done() {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let path = "systemuserroles_association/$ref";
    let rule = json!({"method": "POST", "path": path, "effect": {"kind": "stall", "after": true}});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let said = interrupted(&world, &|log| count(log, path) > 0);
    assert!(said.contains("error: interrupted; this run has left no job running on the server"), "{said}");
    assert!(said.contains("done before that: create the application user"), "{said}");
    assert!(said.contains("perhaps done: assign security role `Contoso Widgets Service`"), "{said}");
}

#[test]
fn a_job_that_may_be_the_runs_own_is_not_said_to_have_been_there_before() {
    let world = World::with(Scenario::JobNeverEnds);
    let rule = json!({"path": "/ImportSolutionAsync", "effect": {"kind": "drop-after"}});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let looks = |log: &[Value]| {
        let start =
            log.iter().position(|entry| entry["path"].as_str().is_some_and(|it| it.contains("ImportSolutionAsync")));
        start.is_some_and(|start| count(&log[start..], "/asyncoperations?") > 0)
    };
    let said = interrupted(&world, &looks);
    assert!(!said.contains("was there before"), "{said}");
    assert!(said.contains("still runs on the server, and may be that one"), "{said}");
    assert!(said.contains("perhaps done: install solution"), "{said}");
}
