//! What happens when a run ends before the server does: by its time limit, by Ctrl-C, by an expired token.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use dvpack::sandbox::{Options, Scenario};

use crate::support::Test;
use crate::world::World;

fn imports(writes: &[String]) -> usize {
    writes.iter().filter(|write| write.starts_with("POST ImportSolutionAsync")).count()
}

#[test]
fn a_run_out_of_time_says_what_still_runs_and_the_next_one_attaches_to_it() {
    // The first run ends in the middle of the import, also on a machine that has much else to do.
    let options = Options { job_polls: 1_000_000, job_time: Duration::from_secs(15), ..Options::default() };
    let world = World::new(options);
    let example = Test::new().copy("examples/contoso-widgets");
    let (code, _, stderr) = world.run(example.path(), "apply . --timeout 8s");
    assert_eq!(code, 8, "{stderr}");
    assert!(stderr.contains("time is up; the import (job "), "{stderr}");
    assert!(stderr.contains("run the same command again: it waits for what is running"), "{stderr}");

    let (code, stdout, stderr) = world.run(example.path(), "apply . --timeout 1m");
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("is running already; waiting for it"), "{stderr}");
    assert!(stdout.contains("applied and verified"), "{stdout}");
    let writes = world.writes();
    assert_eq!(imports(&writes), 1, "{writes:#?}");
    assert_eq!(writes.iter().filter(|write| *write == "POST systemusers").count(), 1, "{writes:#?}");
}

#[test]
fn the_time_limit_holds_while_the_service_throttles_too() {
    let world = World::new(Options { faults: vec![throttle()], ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    let begun = std::time::Instant::now();
    // The pace of 100 makes 5 seconds of the 500 that the service asks for.
    let (code, _, stderr) = world.run(example.path(), "apply . --timeout 2s");
    assert_eq!(code, 8, "{stderr}");
    assert!(stderr.contains("time is up; not done: "), "{stderr}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

fn throttle() -> dvpack::sandbox::Rule {
    serde_json::from_value(serde_json::json!({
        "path": "/api/data/v9.2/solutions", "times": 0,
        "effect": {"kind": "answer", "status": 429, "code": "0x80072322", "headers": [["retry-after", "500"]]},
    }))
    .expect("a rule")
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_cleanly_and_says_which_job_still_runs() {
    for signal in ["INT", "TERM"] {
        let world = World::with(Scenario::JobNeverEnds);
        let example = Test::new().copy("examples/contoso-widgets");
        let mut child = world
            .dvpack(example.path(), "apply . -v --report report.json")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let mut stderr = child.stderr.take().expect("a pipe");
        let mut seen = String::new();
        let mut byte = [0];
        while !seen.contains("runs on the server") {
            assert_eq!(stderr.read(&mut byte).expect("readable"), 1, "it ended early: {seen}");
            seen.push(char::from(byte[0]));
        }
        let killed = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        stderr.read_to_string(&mut seen).expect("readable");
        assert_eq!(child.wait().expect("ended").code(), Some(130), "{seen}");
        let (_, after) = seen.split_once("interrupted; job ").unwrap_or_else(|| panic!("{seen}"));
        assert!(after.contains("still runs on the server") && after.contains("run the same command again"), "{seen}");
        // The report is written all the same.
        let report = std::fs::read_to_string(example.path().join("report.json")).expect("a report");
        assert!(report.contains("\"exitCode\": 130"), "{report}");
        assert_eq!(imports(&world.writes()), 1);
    }
}

#[test]
fn a_token_is_renewed_before_it_expires_in_the_middle_of_a_long_import() {
    let options = Options {
        token_lifetime: Duration::from_secs(2),
        job_polls: 1_000_000,
        job_time: Duration::from_secs(5),
        ..Options::default()
    };
    let world = World::new(options);
    let example = Test::new().copy("examples/contoso-widgets");
    let (code, _, stderr) = world.run(example.path(), "apply . --log-file log.jsonl");
    assert_eq!(code, 0, "{stderr}");
    let log = std::fs::read_to_string(example.path().join("log.jsonl")).expect("a log");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let count = |part: &str| lines.iter().filter(|line| line["url"].as_str().is_some_and(|u| u.contains(part))).count();
    // No request was refused for its token: only the probe is answered with 401.
    assert_eq!(lines.iter().filter(|line| line["outcome"]["status"] == 401).count(), 1, "{log}");
    assert!(count("/oauth2/v2.0/token") >= 3, "{log}");
    assert!(!log.contains(world.sandbox.admin_secret()), "a secret in the log");
}
