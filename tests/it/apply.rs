//! `dvpack apply` and `plan` against the sandbox in the same process.

use crate::support::{Ran, Test};

fn apply(arguments: &str) -> Test {
    Test::new()
        .copy("examples/contoso-widgets")
        .env("DVPACK_TEST_PACE", "10000")
        .args(&format!("apply . --sandbox --log-file log.jsonl {arguments}"))
}

/// Method and the start of the path of every request but the polls of a job.
fn requests(ran: &Ran) -> Vec<String> {
    let log = String::from_utf8(ran.read("log.jsonl")).expect("UTF-8");
    let line = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let url = line["url"].as_str().expect("a URL").to_owned();
        let path = url.split("/v9.2/").nth(1).expect("a path").to_owned();
        format!("{} {}", line["method"].as_str().expect("a method"), path.split(['?', '(']).next().unwrap_or_default())
            + if path.starts_with("asyncoperations(") || path.starts_with("importjobs(") { " poll" } else { "" }
    };
    log.lines().map(line).filter(|line| !line.ends_with(" poll")).collect()
}

#[test]
fn a_first_install_is_applied_and_verified_in_few_requests() {
    let ran = apply("").success();
    assert!(ran.stdout.contains("install solution `ContosoWidgets`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("applied and verified"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("differs"), "{}", ran.stdout);
    let requests = requests(&ran);
    // Fifteen and the probe; each observation reads the two kinds of settings where the solution is installed.
    let settings = requests.iter().filter(|r| r.contains("environmentvariable") || r.contains("connectionref")).count();
    assert!(requests.len() - settings <= 15, "{requests:#?}");
}

#[test]
fn json_tells_the_same_in_one_document() {
    let document = apply("--format json").success().json();
    assert_eq!(document["ok"], true);
    assert!(document["verification"].as_array().is_some_and(|checks| checks.iter().all(|check| check["ok"] == true)));
}

#[test]
fn a_dry_run_changes_nothing() {
    let ran = apply("--dry-run").code(10);
    assert!(requests(&ran).iter().all(|request| request.starts_with("GET ")));
}

#[test]
fn each_trouble_has_its_exit_code() {
    for (scenario, code) in [
        ("no-consent", 5),
        ("missing-dependency", 7),
        ("import-fails", 1),
        ("import-result-failed-though-succeeded", 1),
        ("locked", 0),
        ("replication-lag", 0),
        ("soft-deleted-user", 0),
        ("throttled-requests", 0),
        ("stale-reads", 0),
        ("child-business-unit", 0),
    ] {
        let ran = apply(&format!("--scenario {scenario}")).run();
        assert_eq!(ran.code, code, "{scenario}: {}{}", ran.stdout, ran.stderr);
    }
}
