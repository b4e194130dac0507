//! `--accepted FILE`: what somebody has accepted is a note, and everything else is what it was.

use std::fs;

use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

/// An environment that differs in more than one way from the example: a role of its own, and no mending.
fn differs() -> (World, Test) {
    let world = World::new(Options {
        scenarios: vec![Scenario::AdministratorAdded, Scenario::FewerPrivileges],
        ..Options::default()
    });
    let test = Test::new().copy("examples/contoso-widgets");
    let (code, stdout, stderr) = world.run(test.path(), "apply .");
    assert_eq!(code, 9, "{stdout}{stderr}");
    world.writes();
    (world, test)
}

fn written(test: &Test) -> String {
    fs::read_to_string(test.path().join("accepted.yaml")).expect("a list")
}

fn document(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

const VERBS: [&str; 5] = ["plan", "status", "doctor", "apply", "apply --dry-run"];

#[test]
fn what_is_accepted_is_a_note_for_every_verb_and_what_grants_more_is_shown_in_every_run() {
    let (world, test) = differs();
    for verb in VERBS {
        assert_eq!(world.run(test.path(), &format!("{verb} .")).0, 9, "{verb}");
    }
    let (code, stdout, stderr) = world.run(test.path(), "status . --write-accepted accepted.yaml");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("1 of which lets the application do more than the bundle says"), "{stderr}");
    insta::assert_snapshot!(written(&test));
    for verb in VERBS {
        for quiet in ["", " --quiet"] {
            let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} . --accepted accepted.yaml{quiet}"));
            assert_eq!(code, 0, "{verb}: {stdout}{stderr}");
            let words = "security role `System Administrator`: assigned: SYSTEM ADMINISTRATOR";
            assert!(
                stdout.contains(words) && stdout.contains("it allows more than the bundle says"),
                "{verb}: {stdout}"
            );
            assert!(!stdout.contains("  differs  "), "{verb}: {stdout}");
        }
        let (_, stdout, _) = world.run(test.path(), &format!("{verb} . --accepted accepted.yaml --format json"));
        let found = document(&stdout);
        let pointer = if verb == "plan" { "/plan/accepted" } else { "/accepted" };
        let accepted = found.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("{verb}: {found:#}"));
        assert!(accepted.len() >= 2 && accepted.iter().any(|it| it["grantsMore"] == true), "{accepted:#?}");
        for key in ["code", "where", "what", "wanted", "found", "mendedBy"] {
            assert!(accepted.iter().all(|it| !it[key].is_null()), "{verb} {key}: {accepted:#?}");
        }
    }
    let (code, stdout, _) = world.run(test.path(), "apply . --accepted accepted.yaml --report report.xml");
    assert!(code == 0 && stdout.ends_with("apart from 3 accepted differences; no write was made\n"), "{stdout}");
    assert!(fs::read_to_string(test.path().join("report.xml")).expect("a report").contains("failures=\"0\""));
    assert_eq!(world.writes(), Vec::<String>::new());
}

/// What a person must see stands in every form of a report.
#[test]
fn reports_of_every_form_contain_what_is_accepted() {
    let (world, test) = differs();
    assert_eq!(world.run(test.path(), "status . --write-accepted accepted.yaml").0, 0);
    for verb in VERBS {
        let line = format!("{verb} . --accepted accepted.yaml --report r.md --report r.xml");
        let (code, stdout, stderr) = world.run(test.path(), &line);
        assert_eq!(code, 0, "{verb}: {stdout}{stderr}");
        let read = |name: &str| fs::read_to_string(test.path().join(name)).expect("a report");
        let (markdown, xml) = (read("r.md"), read("r.xml"));
        assert!(
            markdown.contains("Differs, and is accepted") && markdown.contains("System Administrator"),
            "{verb}: {markdown}"
        );
        assert!(markdown.contains("**allows more than the bundle says**"), "{verb}: {markdown}");
        let words = "skipped message=\"accepted: assigned: SYSTEM ADMINISTRATOR";
        assert!(xml.contains(words) && xml.contains("failures=\"0\""), "{verb}: {xml}");
    }
}

/// A run that only shows the plan reports what stays as `plan` does.
#[test]
fn a_dry_run_reports_what_differs() {
    let (world, test) = differs();
    let (code, stdout, _) = world.run(test.path(), "apply . --dry-run --format json --report r.xml");
    assert_eq!(code, 9, "{stdout}");
    let dry = document(&stdout);
    let (_, stdout, _) = world.run(test.path(), "plan . --format json");
    assert_eq!(dry["differences"], document(&stdout)["differences"]);
    assert!(dry["differences"].as_array().is_some_and(|list| list.len() >= 2), "{dry:#}");
    let xml = fs::read_to_string(test.path().join("r.xml")).expect("a report");
    assert!(!xml.contains("failures=\"0\"") && xml.contains("System Administrator"), "{xml}");
}

#[test]
fn another_value_found_is_a_difference_again_and_an_entry_for_nothing_is_no_longer_needed() {
    let (world, test) = differs();
    assert_eq!(world.run(test.path(), "status . --write-accepted accepted.yaml").0, 0);
    let list = written(&test);
    let run = |list: &str, verb: &str| {
        fs::write(test.path().join("changed.yaml"), list).expect("written");
        world.run(test.path(), &format!("{verb} . --accepted changed.yaml"))
    };
    let other = list.replace("found: not in the environment", "found: Basic");
    assert_ne!(other, list);
    let more = format!(
        "{list}  - {{ code: process-off, where: cloud flow `X`, what: state, found: \"off\", why: \"it's late\" }}\n"
    );
    for verb in VERBS {
        let (code, stdout, _) = run(&other, verb);
        assert_eq!(code, 9, "{verb}: {stdout}");
        assert!(
            stdout.contains("  differs  security role `Contoso Widgets Service`, privilege prv"),
            "{verb}: {stdout}"
        );
        assert!(
            stdout.contains(": Basic: not accepted any more, it is not in the environment now\n"),
            "{verb}: {stdout}"
        );
        let (code, stdout, _) = run(&more, verb);
        assert_eq!(code, 0, "{verb}: {stdout}");
        assert!(stdout.contains("cloud flow `X`, state: off: no longer needed"), "{verb}: {stdout}");
    }
    // What a step mends is mended, and what is in the way of an apply stays in its way.
    let user = "systemusers?$select=systemuserid&$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
    let (_, users) = world.send(Method::GET, user, &Value::Null);
    let id = users["value"][0]["systemuserid"].as_str().expect("a user").to_owned();
    world.patch(&format!("systemusers({id})"), &json!({"isdisabled": true}));
    let disabled =
        format!("{list}  - {{ code: user-disabled, where: application user, what: state, found: disabled }}\n");
    let (code, stdout, _) = run(&disabled, "plan");
    assert!(code == 10 && stdout.contains("not accepted, since `dvpack apply` mends it"), "{stdout}");
    world.writes();
    let (code, stdout, _) = run(&disabled, "apply");
    assert!(
        code == 0 && stdout.contains("applied and verified, apart from 3 accepted differences: 1 step"),
        "{stdout}"
    );
    assert_eq!(world.writes(), ["PATCH systemusers"]);
}

#[test]
fn what_keeps_an_apply_from_beginning_cannot_be_accepted() {
    let world = World::with(Scenario::HigherVersionInstalled);
    let test = Test::new().copy("examples/contoso-widgets");
    let (code, _, stderr) = world.run(test.path(), "status . --write-accepted accepted.yaml");
    assert_eq!(code, 9, "{stderr}");
    assert!(!written(&test).contains("solution-version"), "{}", written(&test));
    let (_, stdout, _) = world.run(test.path(), "status . --format json");
    let found = document(&stdout)["differences"][0].clone();
    let entry = json!({"code": found["code"], "where": found["where"], "what": found["what"], "found": found["found"]});
    let list = json!({"dvpackAccepted": 1, "accepted": [entry]});
    fs::write(test.path().join("accepted.yaml"), list.to_string()).expect("written");
    for (verb, expected) in [("plan", 7), ("status", 9), ("doctor", 7), ("apply", 7)] {
        let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} . --accepted accepted.yaml"));
        assert_eq!(code, expected, "{verb}: {stdout}{stderr}");
        if verb == "status" {
            assert!(stdout.contains("not accepted, since no apply can begin until it is mended"), "{stdout}");
        }
    }
}

#[test]
fn a_list_is_read_as_strictly_as_a_manifest() {
    let test = Test::new().copy("examples/contoso-widgets").file(
        "accepted.yaml",
        "dvpackAccepted: 2\naccepted:\n  - { code: privilege-mising, where: a, what: b, found: c }\n  - code: process-off\n    were: a\n    what: \"\"\n    found: [c]\n  - { code: process-off, where: x, what: y, found: z }\n  - { code: process-off, where: x, what: y, found: other }\nmore: 1\n",
    );
    let ran = test.args("plan . --sandbox --accepted accepted.yaml").code(3);
    insta::assert_snapshot!(ran.stderr);
    for (text, words) in [
        ("- 1", "a group of keys"),
        ("dvpackAccepted: 1\ndvpackAccepted: 1\naccepted: []\n", "dvpackAccepted"),
        ("dvpackAccepted: 1\naccepted: &a [*a]\n", "accepted.yaml:2"),
        ("dvpackAccepted: 1\n", "key `accepted` is missing"),
        ("dvpackAccepted: 1\naccepted: [{ <<: {}, code: process-off }]\n", "merge"),
        (
            "dvpackAccepted: 1\naccepted: [{ code: process-off, where: \"a\u{202e}b\", what: b, found: c }]\n",
            "bidirectional",
        ),
    ] {
        let test = Test::new().copy("examples/contoso-widgets").file("accepted.yaml", text);
        let ran = test.args("status . --sandbox --accepted accepted.yaml").code(3);
        assert!(ran.stderr.contains(words), "{text}: {}", ran.stderr);
    }
    // Bounds: of the file, of its nodes.
    let many = "  - { code: process-off, where: a, what: b, found: c }\n".repeat(19_000);
    for text in [format!("dvpackAccepted: 1\naccepted:\n{many}"), "#".repeat(2 << 20)] {
        let test = Test::new().copy("examples/contoso-widgets").file("accepted.yaml", text);
        let ran = test.args("doctor . --sandbox --accepted accepted.yaml").code(3);
        assert!(ran.stderr.contains("accepted.yaml"), "{}", ran.stderr);
    }
}

#[test]
fn a_list_is_written_whole_keeps_reasons_and_replaces_nothing_else() {
    let (world, test) = differs();
    let write = || world.run(test.path(), "status . --write-accepted accepted.yaml");
    assert_eq!(write().0, 0);
    let first = written(&test);
    assert_eq!(write().0, 0);
    assert_eq!(written(&test), first, "the same every time");
    // Reasons stay; what is not found any more goes, and is counted.
    let reason = first.replacen(
        "    found: not in the environment\n",
        "    found: not in the environment\n    why: it's an old environment\n",
        1,
    );
    let gone = "  - { code: process-off, where: cloud flow `X`, what: state, found: \"off\", why: an old one }\n";
    fs::write(test.path().join("accepted.yaml"), format!("{reason}{gone}")).expect("written");
    let (code, _, stderr) = write();
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("1 of the previous list left out"), "{stderr}");
    assert_eq!(written(&test), reason);
    let (_, stdout, _) = world.run(test.path(), "plan . --accepted accepted.yaml -v");
    assert!(stdout.contains("because it's an old environment"), "{stdout}");
    // From another list, too.
    let (code, _, stderr) = world.run(test.path(), "status . --accepted accepted.yaml --write-accepted other.yaml");
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(fs::read_to_string(test.path().join("other.yaml")).expect("a list"), written(&test));
    // What is something else is not replaced, nor are comments of a person.
    let whole = written(&test);
    let other = whole.replace("dvpackAccepted: 1", "dvpackAccepted: 2");
    let cases = [
        ("dvpack: 1\n", 1, "`accepted.yaml` already exists, and"),
        (&format!("{whole}# mine\n"), 1, "has comments"),
        (&other, 3, "accepted-version"),
    ];
    for (text, expected, words) in cases {
        fs::write(test.path().join("accepted.yaml"), text).expect("written");
        let (code, _, stderr) = write();
        assert_eq!(code, expected, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        assert_eq!(written(&test), text);
    }
    fs::write(test.path().join("accepted.yaml"), "").expect("written");
    assert_eq!(write().0, 0);
}

/// Names come from the environment: they stay what they are, and act nowhere.
#[test]
fn names_of_an_environment_cannot_act_in_a_list() {
    let (world, test) = differs();
    let (_, roles) = world.send(Method::GET, "roles?$select=roleid&$filter=name eq 'Basic User'", &Value::Null);
    let role = roles["value"][0]["roleid"].as_str().expect("a role").to_owned();
    world.patch(&format!("roles({role})"), &json!({"name": "a: [\"#\n##vso[task.x]\u{202e}`"}));
    let (_, users) = world.send(
        Method::GET,
        "systemusers?$select=systemuserid&$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40",
        &Value::Null,
    );
    let user = users["value"][0]["systemuserid"].as_str().expect("a user").to_owned();
    let body = json!({"@odata.id": world.sandbox.url().join(&format!("api/data/v9.2/roles({role})")).expect("a URL")});
    let (status, _) = world.send(Method::POST, &format!("systemusers({user})/systemuserroles_association/$ref"), &body);
    assert_eq!(status, 204);
    let (code, _, stderr) = world.run(test.path(), "status . --write-accepted accepted.yaml");
    assert_eq!(code, 0, "{stderr}");
    let list = written(&test);
    assert!(!list.contains("##vso") && !list.contains('\u{202e}'), "{list}");
    let (code, stdout, _) = world.run(test.path(), "status . --accepted accepted.yaml");
    assert_eq!(code, 0, "{stdout}");
}

/// What is accepted is a part of what somebody approves.
#[test]
fn an_approved_plan_carries_what_is_accepted() {
    let (world, test) = differs();
    assert_eq!(world.run(test.path(), "status . --write-accepted accepted.yaml").0, 0);
    let (code, _, stderr) = world.run(test.path(), "plan . --accepted accepted.yaml -o plan.json");
    assert_eq!(code, 0, "{stderr}");
    let plan = document(&fs::read_to_string(test.path().join("plan.json")).expect("a plan"));
    assert_eq!(plan["consents"]["accepted"].as_array().map(Vec::len), Some(3), "{plan:#}");
    for line in ["apply . --plan plan.json", "apply . --plan plan.json --accepted accepted.yaml"] {
        let (code, stdout, stderr) = world.run(test.path(), line);
        assert_eq!(code, 0, "{stdout}{stderr}");
    }
    // Not another list, nor another state.
    fs::write(test.path().join("none.yaml"), "dvpackAccepted: 1\naccepted: []\n").expect("written");
    let (code, _, stderr) = world.run(test.path(), "apply . --plan plan.json --accepted none.yaml");
    assert!(code == 6 && stderr.contains("is not the one that was approved"), "{stderr}");
    assert_eq!(world.writes(), Vec::<String>::new());
}
