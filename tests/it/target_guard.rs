//! A bundle goes where it was built for, and nobody changes an environment without having agreed.

use std::fs;
use std::path::Path;
use std::process::Command;

use dvpack::sandbox::Options;
use serde_json::{Value, json};

use crate::support::{Test, dvpack};
use crate::world::World;

const BUNDLE: &str = "out/ContosoWidgets_1_4_0_0_uat.dvpack";

/// A folder with the bundle for UAT, whose URL is not that of a sandbox.
fn built() -> Test {
    let example = Test::new().copy("examples/contoso-widgets");
    let output = dvpack(example.path()).args(["build", ".", "--environment", "uat", "-o", "out"]).output();
    let output = output.expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(example.path().join(BUNDLE).is_file(), "{}", String::from_utf8_lossy(&output.stdout));
    example
}

/// Requests to the environment, the challenge left out.
fn requests(world: &World) -> usize {
    let log = world.ask(reqwest::Method::GET, "log").expect("JSON");
    log.as_array().expect("a list").iter().filter(|entry| entry.to_string().contains("/api/data/v9.2/")).count()
}

#[test]
fn a_bundle_for_another_environment_is_refused_by_every_verb_before_it_signs_in() {
    let world = World::new(Options::default());
    let example = built();
    let here = world.sandbox.url().port().expect("a port");
    for verb in ["plan", "apply --yes", "apply --dry-run", "status", "doctor", "remove --yes", "diff"] {
        for what in [BUNDLE, ". --environment uat"] {
            let (verb, flags) = verb.split_once(' ').unwrap_or((verb, ""));
            let (code, stdout, stderr) = world.run(example.path(), &format!("{verb} {what} {flags}"));
            assert_eq!(code, 6, "{verb} {what}: {stdout}{stderr}");
            let wanted = format!(
                "error: the bundle was built for `contoso-uat.crm.dynamics.com`, and this is `127.0.0.1:{here}`\n"
            );
            assert!(stderr.contains(&wanted), "{verb} {what}: {stderr}");
            assert!(stderr.contains("add `--other-environment`\n"), "{verb} {what}: {stderr}");
        }
    }
    assert_eq!(requests(&world), 0);
}

#[test]
fn who_means_another_environment_says_so() {
    let world = World::new(Options::default());
    let example = built();
    for (line, expected) in [
        ("plan", 10),
        ("diff", 10),
        ("doctor", 0),
        ("apply --yes", 0),
        ("plan", 0),
        ("status", 0),
        ("doctor", 0),
        ("remove --yes", 0),
    ] {
        let (verb, flags) = line.split_once(' ').unwrap_or((line, ""));
        let (code, stdout, stderr) = world.run(example.path(), &format!("{verb} {BUNDLE} {flags} --other-environment"));
        assert_eq!(code, expected, "{line}: {stdout}{stderr}");
    }
}

#[test]
fn neither_a_bundle_for_no_environment_nor_a_sandbox_is_asked_about() {
    let world = World::new(Options::default());
    let example = built();
    let (code, _, stderr) = world.run(example.path(), "plan .");
    assert_eq!(code, 10, "{stderr}");
    for line in ["plan", "apply"] {
        let mut command = dvpack(example.path());
        command.args([line, BUNDLE, "--sandbox"]).env("DVPACK_TEST_PACE", "10000");
        let output = command.output().expect("run");
        let expected = if line == "plan" { 10 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_approved_plan_carries_the_consent_for_another_environment_and_only_for_this_one() {
    let world = World::new(Options::default());
    let example = built();
    let (code, _, stderr) = world.run(example.path(), &format!("plan {BUNDLE} --other-environment -o approved.json"));
    assert_eq!(code, 10, "{stderr}");
    let text = fs::read_to_string(example.path().join("approved.json")).expect("a plan");
    let plan: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(plan["consents"]["otherEnvironment"], "https://contoso-uat.crm.dynamics.com/", "{plan:#}");
    assert_eq!(plan["organizationName"], "dvpack sandbox", "{plan:#}");

    let other = World::new(Options::default());
    let apply = |world: &World, name: &str| world.run(example.path(), &format!("apply {BUNDLE} --plan {name}"));
    assert_eq!(apply(&other, "approved.json").0, 6);
    // A plan that says nothing of it gives no consent.
    let mut silent = plan.clone();
    silent["consents"].as_object_mut().expect("an object").remove("otherEnvironment");
    fs::write(example.path().join("silent.json"), silent.to_string()).expect("written");
    assert_eq!(apply(&world, "silent.json").0, 6);
    let mut elsewhere = plan;
    elsewhere["consents"]["otherEnvironment"] = json!("https://contoso-test.crm.dynamics.com/");
    fs::write(example.path().join("elsewhere.json"), elsewhere.to_string()).expect("written");
    assert_eq!(apply(&world, "elsewhere.json").0, 6);

    let (code, stdout, stderr) = apply(&world, "approved.json");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (code, stdout, stderr) = apply(&world, "approved.json");
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn an_apply_that_nobody_has_agreed_to_is_refused_before_anything_is_done() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    // There is no terminal here; nor does somebody agree who hands in an answer.
    for (format, input) in [("human", ""), ("json", ""), ("human", "y\n")] {
        fs::write(example.path().join("input"), input).expect("written");
        let mut command = dvpack(example.path());
        command
            .args(["apply", ".", "--format", format, "--url", world.sandbox.url().as_str()])
            .env("AZURE_CLIENT_ID", world.sandbox.admin_client_id().to_string())
            .env("AZURE_CLIENT_SECRET", world.sandbox.admin_secret())
            .stdin(fs::File::open(example.path().join("input")).expect("readable"));
        let output = command.output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("error: not applied: nobody can be asked\n"), "{stderr}");
        assert!(stderr.contains("help: add `--yes`, or `--plan FILE`"), "{stderr}");
    }
    assert_eq!(requests(&world), 0);
}

#[test]
fn headings_and_reports_name_the_organization() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    let place = format!("{} (dvpack sandbox)", world.sandbox.url());
    let run = |line: &str| {
        let (_, stdout, stderr) = world.run(example.path(), line);
        (stdout, stderr)
    };
    assert!(run("plan .").0.starts_with(&format!("Plan for {place}\n")));
    assert!(run("diff .").1.contains(&format!("Compared with {place}\n")));
    assert!(run("diff . --markdown").0.starts_with(&format!("Compared with {place}\n")));
    for report in ["report.md", "report.json"] {
        let (stdout, stderr) = run(&format!("apply . --yes --report {report}"));
        assert!(stdout.contains(&format!("Plan for {place}\n")), "{stdout}{stderr}");
        let text = fs::read_to_string(example.path().join(report)).expect("a report");
        assert!(text.contains("dvpack sandbox"), "{text}");
    }
    assert!(run("status .").0.starts_with(&format!("Status of {place}\n")));
    let doctor = run("doctor .").0;
    assert!(doctor.lines().next().is_some_and(|line| line.ends_with(&place)), "{doctor}");
    for verb in ["plan", "status", "doctor"] {
        assert!(run(&format!("{verb} . --format json")).0.contains("\"dvpack sandbox\""), "{verb}");
    }
    let (_, stderr) = run("remove . --yes");
    assert!(stderr.contains(&format!("To be removed from {place}:\n")), "{stderr}");
}

/// A name is for people: without it a run goes on.
#[test]
fn a_name_that_cannot_be_read_stops_nothing() {
    let world = World::new(Options::default());
    let rule = json!({"path": "RetrieveCurrentOrganization", "times": 0, "effect": {"kind": "answer", "status": 403}});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let example = Test::new().copy("examples/contoso-widgets");
    for (line, expected) in [
        ("plan . -o approved.json", 10),
        ("apply . --plan approved.json", 0),
        ("status .", 0),
        ("doctor .", 0),
        ("remove . --yes", 0),
    ] {
        let (code, stdout, stderr) = world.run(example.path(), line);
        assert_eq!(code, expected, "{line}: {stdout}{stderr}");
        assert!(!stdout.contains("(dvpack sandbox)"), "{line}: {stdout}");
    }
}

#[test]
fn remove_says_how_many_rows_go() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
    for number in 0..3 {
        let (status, answer) =
            world.send(reqwest::Method::POST, "contoso_widgets", &json!({"contoso_name": format!("Widget {number}")}));
        assert!(status < 300, "{status} {answer}");
    }
    let mut command = dvpack(example.path());
    command
        .args(["remove", ".", "--url", world.sandbox.url().as_str()])
        .env("AZURE_CLIENT_ID", world.sandbox.admin_client_id().to_string())
        .env("AZURE_CLIENT_SECRET", world.sandbox.admin_secret());
    let output = command.output().expect("run");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("    table `contoso_widget`: 3 rows\n"), "{stderr}");
    assert!(stderr.contains("error: not removed: nobody can be asked\n help: add `--yes`\n"), "{stderr}");
    // A count that cannot be had is said, and stops nothing.
    let rule = json!({"path": "EntityDefinitions", "times": 0, "effect": {"kind": "answer", "status": 403}});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes --format json");
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("how many rows it has could not be found out\n"), "{stderr}");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["tables"][0], json!({"table": "contoso_widget", "rows": null}), "{document:#}");
}

/// Runs in a terminal and types `answer` at the first question: exit code and what the terminal showed.
/// `None`, and a line that says so, where the machine has no Python to make a terminal with.
pub fn typed(mut command: Command, folder: &Path, answer: &str) -> Option<(i32, String)> {
    const TERMINAL: &str = "import os, pty, sys\n\
        seen = b''; asked = False\n\
        pid, fd = pty.fork()\n\
        if pid == 0: os.execv(sys.argv[2], sys.argv[2:])\n\
        while True:\n\
        \x20   try: more = os.read(fd, 65536)\n\
        \x20   except OSError: break\n\
        \x20   if not more: break\n\
        \x20   seen += more\n\
        \x20   if not asked and (b'to continue:' in seen or b'[y/N]' in seen):\n\
        \x20       asked = True; os.write(fd, sys.argv[1].encode() + b'\\n')\n\
        sys.stdout.buffer.write(seen)\n\
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n";
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let mut terminal = Command::new("python3");
    terminal.args(["-c", TERMINAL, answer]).arg(command.get_program()).args(command.get_args()).current_dir(folder);
    terminal.env_clear();
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = crate::support::output_if_there(&mut terminal)?;
    Some((output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).replace('\r', "")))
}

#[cfg(unix)]
#[test]
fn a_terminal_asks_for_names() {
    let world = World::new(Options::default());
    let example = built();
    let host = format!("127.0.0.1:{}", world.sandbox.url().port().expect("a port"));
    for (line, answer, expected, shown) in [
        (format!("plan {BUNDLE}"), "yes", 130, "stopped; nothing was changed"),
        (format!("plan {BUNDLE}"), "", 130, "built for"),
        (format!("plan {BUNDLE}"), host.as_str(), 10, "Plan for"),
        (format!("apply {BUNDLE} --yes"), "y", 130, "this is another one"),
        (format!("apply {BUNDLE} --yes"), host.as_str(), 0, "applied and verified"),
        ("remove .".to_owned(), "y", 130, "nothing was changed"),
        ("remove .".to_owned(), "ContosoWidgets", 0, "removed: "),
    ] {
        // The helper agrees to an `apply` by itself; here it is said.
        let Some((code, seen)) = typed(world.dvpack(example.path(), &line), example.path(), answer) else { return };
        assert_eq!(code, expected, "{line} {answer}: {seen}");
        assert!(seen.contains(shown), "{line} {answer}: {seen}");
    }
}
