//! Reports for people and pipelines: the root cause first, the request id, what to do; the same facts in every form.

use dvpack::sandbox::{Options, Rule, Scenario};
use serde_json::json;

use crate::support::{Ran, Test};
use crate::world::World;

fn apply(arguments: &str) -> Test {
    Test::new()
        .copy("examples/contoso-widgets")
        .env("DVPACK_TEST_PACE", "10000")
        .args(&format!("apply . --sandbox {arguments}"))
}

fn text(ran: &Ran, file: &str) -> String {
    String::from_utf8(ran.read(file)).expect("UTF-8")
}

#[test]
fn json_on_failure_is_the_report_with_the_root_cause() {
    let document = apply("--scenario missing-dependency --format json").code(7).json();
    assert_eq!(document["ok"], false);
    assert_eq!(document["exitCode"], 7);
    assert_eq!(document["verdict"], "failed");
    let missing = &document["missing"][0];
    assert_eq!(missing["solution"], "msdyn_SandboxBase (1.0.0.0)", "{document:#}");
    assert_eq!(missing["neededBy"], "ContosoWidgets", "{document:#}");
    assert!(document["plan"]["steps"].as_array().is_some_and(|steps| steps.len() == 3), "{document:#}");
    let errors = document["errors"].as_array().expect("errors");
    assert!(errors[1].as_str().is_some_and(|line| line.starts_with("missing: `")), "{errors:?}");
    let help = document["help"].as_array().expect("help");
    assert!(
        help.iter().any(|line| line.as_str().is_some_and(|line| line.contains("`msdyn_SandboxBase (1.0.0.0)`"))),
        "{help:?}"
    );
    assert!(document["requests"].as_u64().is_some_and(|count| count > 5), "{document:#}");
}

/// A run that stops early names the environment and its organization all the same.
#[test]
fn reports_of_a_run_that_stops_early_name_the_organization() {
    let folder = Test::new().copy("examples/contoso-widgets");
    for (verb, scenario, code) in [
        ("plan", Scenario::HigherVersionInstalled, 7),
        ("apply", Scenario::HigherVersionInstalled, 7),
        ("apply", Scenario::CallerLacksPrivilege, 7),
    ] {
        let world = World::with(scenario);
        let (found, _, stderr) = world.run(folder.path(), &format!("{verb} . --report out.md --report out.xml"));
        assert_eq!(found, code, "{stderr}");
        for file in ["out.md", "out.xml"] {
            let text = std::fs::read_to_string(folder.path().join(file)).expect(file);
            assert!(text.contains("(dvpack sandbox)"), "{verb}: {scenario}: {file}: {text}");
        }
    }
    // Also where the environment refuses the first question.
    for verb in ["plan", "status", "apply"] {
        let world = World::new(Options::default());
        let effect =
            json!({"kind": "answer", "status": 403, "code": "0x80040220", "message": "is missing prvReadSolution"});
        let rule = json!({"path": "solutions?", "times": 0, "effect": effect});
        world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
        let (found, _, stderr) = world.run(folder.path(), &format!("{verb} . --report out.md"));
        assert_eq!(found, 7, "{stderr}");
        let text = std::fs::read_to_string(folder.path().join("out.md")).expect("a report");
        assert!(text.contains("(dvpack sandbox)"), "{verb}: {text}");
    }
}

#[test]
fn a_failed_import_names_the_component_and_its_message_and_the_request_id() {
    let document = apply("--scenario import-fails --format json").code(1).json();
    assert_eq!(document["errors"][0], "the import of solution `ContosoWidgets` failed");
    assert!(document["errors"].as_array().is_some_and(|lines| lines.len() > 1), "{document:#}");
    assert!(document["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{document:#}");
}

#[test]
fn a_missing_privilege_of_the_caller_is_named_first() {
    let ran = apply("--scenario caller-lacks-privilege").code(7);
    let words = "error: the signed-in user lacks a privilege that this apply needs: prvCreateUser\n";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the security role System Administrator, or one that has what is missing"),
        "{}",
        ran.stderr
    );
}

/// A test report: the name of its suite, its time, and each case with `passed`, `failure` or `skipped`.
fn junit(xml: &str) -> (String, f64, Vec<(String, String)>) {
    let document = roxmltree::Document::parse(xml).expect("XML");
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
    let count = |name: &str| suite.attribute(name).and_then(|text| text.parse::<usize>().ok()).expect("a number");
    let cases: Vec<(String, String)> = suite
        .children()
        .filter(|node| node.has_tag_name("testcase"))
        .map(|node| {
            let came = node.first_element_child().map_or("passed", |child| child.tag_name().name());
            (node.attribute("name").unwrap_or_default().to_owned(), came.to_owned())
        })
        .collect();
    let of = |outcome: &str| cases.iter().filter(|case| case.1 == outcome).count();
    assert_eq!(
        [count("tests"), count("failures"), count("skipped"), count("errors")],
        [cases.len(), of("failure"), of("skipped"), 0],
        "{xml}"
    );
    let time = suite.attribute("time").and_then(|text| text.parse().ok()).expect("a time");
    (suite.attribute("name").unwrap_or_default().to_owned(), time, cases)
}

#[test]
fn junit_is_written_for_success_failure_and_a_sign_in_that_failed() {
    let (name, time, cases) = junit(&text(&apply("--report report.xml").success(), "report.xml"));
    assert!(name.ends_with("(dvpack sandbox)") && time > 0.0, "{name} {time}");
    assert!(
        cases.len() > 3 && cases.iter().all(|(name, outcome)| name == "warning" || outcome == "passed"),
        "{cases:?}"
    );

    for (number, step) in ["create the application user", "install solution", "assign security role"].iter().enumerate()
    {
        assert!(cases[number + 1].0.starts_with(step), "{cases:?}");
    }
    // Each step has its own time, and no step takes longer than the run.
    let ran = apply("--report a.xml --report b.json").success();
    let report: serde_json::Value = serde_json::from_slice(&ran.read("b.json")).expect("JSON");
    let steps = report["steps"].as_array().expect("steps");
    let sum: f64 = steps.iter().map(|step| step["seconds"].as_f64().expect("a time")).sum();
    assert!(steps.len() == 3 && sum > 0.0 && sum <= junit(&text(&ran, "a.xml")).1, "{report:#}");
    assert!(steps.iter().all(|step| step["done"] == true && step["what"].is_string()), "{report:#}");
    let xml = text(&ran, "a.xml");
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let import =
        document.descendants().find(|node| node.attribute("name").is_some_and(|name| name.starts_with("install")));
    let time: f64 = import.and_then(|node| node.attribute("time")).and_then(|time| time.parse().ok()).expect("a time");
    assert!((time - steps[1]["seconds"].as_f64().expect("a time")).abs() < 0.001, "{xml}");

    // A step that fails is a case that fails, and what comes after it is not begun.
    let xml = text(&apply("--scenario import-fails --report report.xml").run(), "report.xml");
    let (_, _, cases) = junit(&xml);
    let came: Vec<&str> = cases.iter().map(|(_, outcome)| outcome.as_str()).collect();
    assert_eq!(came, ["failure", "passed", "failure", "skipped", "skipped"], "{cases:?}");
    assert_eq!(cases[4].0, "warning", "{cases:?}");

    let xml = text(&apply("--scenario missing-dependency --report report.xml").code(7), "report.xml");
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).expect("a failure");
    assert!(failure.attribute("message").is_some_and(|text| text.contains("needs components")), "{xml}");
    assert!(failure.text().is_some_and(|text| text.contains("msdyn_SandboxBase") && text.contains("help: ")), "{xml}");

    let xml = text(&apply("--scenario expired-secret --report report.xml").code(4), "report.xml");
    assert!(xml.contains("failures=\"1\"") && xml.contains("expired"), "{xml}");
    assert!(!junit(&xml).0.is_empty());
}

/// Every verb that looks writes the same facts in every form, as often as it is asked to, and of a failure as well.
#[test]
fn every_verb_that_looks_writes_reports_in_every_form() {
    let reports = "--report a.json --report b.xml --report c.md --report junit:d.txt";
    let cases = [
        ("plan . --sandbox", 10, "# dvpack plan: 3 steps pending\n"),
        ("status . --sandbox", 9, "# dvpack status: differs from the bundle: "),
        ("doctor . --sandbox", 0, "# dvpack doctor: ready to apply"),
        ("check .", 0, "# dvpack check: ContosoWidgets 1.4.0.0: no errors\n"),
        ("plan . --sandbox --scenario expired-secret", 4, "# dvpack plan: "),
        ("doctor . --sandbox --scenario expired-secret", 4, "# dvpack doctor: "),
        ("check nowhere", 3, "# dvpack check: 1 error"),
        ("verify dvpack.yaml", 3, "# dvpack verify: 1 error"),
    ];
    for (line, code, heading) in cases {
        let example = Test::new().copy("examples/contoso-widgets").env("DVPACK_TEST_PACE", "10000");
        let ran = example.args(&format!("{line} --format json {reports}")).code(code);
        let document: serde_json::Value = serde_json::from_slice(&ran.read("a.json")).expect("JSON");
        assert_eq!(document, ran.json(), "{line}");
        assert!(text(&ran, "c.md").starts_with(heading), "{line}: {}", text(&ran, "c.md"));
        let (name, time, cases) = junit(&text(&ran, "b.xml"));
        assert!(!name.is_empty() && time >= 0.0, "{line}: {name}");
        assert_eq!(cases[0].0, line.split(' ').next().expect("a verb"), "{line}");
        let failed = cases.iter().any(|(_, outcome)| outcome == "failure");
        assert_eq!(failed, !matches!(code, 0 | 10), "{line}: {cases:?}");
        assert_eq!(cases, junit(&text(&ran, "d.txt")).2, "{line}");
    }
}

/// What XML has no characters for would make a report that nobody can read, and a run that nobody sees fail.
#[test]
fn a_test_report_is_xml_whatever_text_is_in_it() {
    for odd in ["\\ufffe", "\\uffff", "\\u0001", "\\u000b", "\\u0085", "\\ud83d\\udc4d", "]]>", "<!--", "&#0;"] {
        let manifest = format!("dvpack: 1\n\"a{odd}b\": 1\n\"##[c{odd}\": 2\n");
        let ran = Test::new().file("dvpack.yaml", manifest).args("check . --report a.xml").code(3);
        let (_, _, cases) = junit(&text(&ran, "a.xml"));
        assert!(cases.iter().any(|(_, outcome)| outcome == "failure"), "{odd}: {cases:?}");
    }
}

#[test]
fn a_report_of_no_known_form_is_refused_before_anything_is_done() {
    for (line, expected) in [
        ("apply . --sandbox --report report.txt", "ends in none of"),
        ("plan . --sandbox --report report.sarif", "SARIF is for findings in files"),
        ("apply . --sandbox --report sarif:report.json", "SARIF is for findings in files"),
    ] {
        let ran = Test::new().copy("examples/contoso-widgets").args(line).code(2);
        assert!(ran.stderr.contains(expected), "{line}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{line}: {}", ran.stdout);
    }
}

/// The work is done all the same, and there is one document on stdout.
#[test]
fn a_report_that_cannot_be_written_is_said_and_stdout_stays_one_document() {
    // What differs or is pending keeps its own exit code, as with a full stdout.
    for (line, code) in [("apply . --sandbox", 1), ("plan . --sandbox", 10), ("status . --sandbox", 9), ("check .", 1)]
    {
        let example = Test::new().copy("examples/contoso-widgets").env("DVPACK_TEST_PACE", "10000");
        let ran = example.args(&format!("{line} --format json --report dvpack.yaml/a.json")).code(code);
        assert_eq!(ran.json()["ok"], code != 9, "{line}");
        assert!(ran.stderr.contains("error: cannot create `dvpack.yaml`"), "{line}: {}", ran.stderr);
        let own = if code == 1 { 0 } else { code };
        assert!(ran.stderr.contains(&format!("ended with exit code {own}\n")), "{line}: {}", ran.stderr);
    }
}

#[test]
fn sarif_has_a_rule_and_a_region_for_each_finding() {
    let ran = Test::new().file("dvpack.yaml", "dvpack: 1\nsolutoin: {}\n").args("check . --report it.sarif").code(3);
    let log: serde_json::Value = serde_json::from_slice(&ran.read("it.sarif")).expect("JSON");
    assert_eq!((&log["version"], &log["runs"][0]["tool"]["driver"]["name"]), (&"2.1.0".into(), &"dvpack".into()));
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    let unknown = results.iter().find(|result| result["ruleId"] == "unknown-key").expect("the finding");
    let index = usize::try_from(unknown["ruleIndex"].as_u64().expect("an index")).expect("small");
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "unknown-key");
    let place = &unknown["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "dvpack.yaml", "{log:#}");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&2.into(), &1.into()), "{log:#}");
}

#[test]
fn the_result_is_added_to_the_summary_of_github_actions() {
    let ran = apply("").env("GITHUB_STEP_SUMMARY", "summary.md").success();
    let summary = text(&ran, "summary.md");
    assert!(summary.starts_with("# dvpack: applied and verified: 3 steps\n"), "{summary}");
    assert!(summary.contains("| install solution `ContosoWidgets` 1.4.0.0 | it is not installed |"), "{summary}");
    assert!(summary.contains("| Verified | | Found |"), "{summary}");

    let ran = apply("--scenario missing-dependency").env("GITHUB_STEP_SUMMARY", "summary.md").code(7);
    let summary = text(&ran, "summary.md");
    assert!(summary.contains("\n## Errors\n"), "{summary}");
    assert!(summary.contains("| Missing | Owned by solution | Needed by |"), "{summary}");

    let plan = Test::new().copy("examples/contoso-widgets").env("GITHUB_STEP_SUMMARY", "summary.md");
    let summary = text(&plan.args("plan . --sandbox").code(10), "summary.md");
    assert!(summary.starts_with("# dvpack plan: 3 steps pending\n"), "{summary}");
    assert!(summary.contains("privileges gained"), "{summary}");
}

#[test]
fn markdown_is_handed_to_azure_pipelines() {
    let ran = apply("--report report.md").env("TF_BUILD", "True").success();
    assert!(ran.stderr.contains("##vso[task.uploadsummary]/"), "{}", ran.stderr);
    assert!(text(&ran, "report.md").starts_with("# dvpack: applied"));
}

#[test]
fn the_log_holds_the_requests_of_the_sign_in_too() {
    let ran = apply("--log-file log.jsonl").success();
    let log = text(&ran, "log.jsonl");
    let first = log.lines().next().expect("a line");
    assert!(first.contains("/api/data/v9.2/") && first.contains("\"status\":401"), "{first}");
    assert!(log.contains("/oauth2/v2.0/token\""), "{log}");
    for hidden in ["client_secret", "Bearer", "access_token", "eyJ"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}
