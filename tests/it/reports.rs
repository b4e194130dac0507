//! Reports for people and pipelines: the root cause first, the request id, what to do; the same facts in every form.

use crate::support::{Ran, Test};

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

#[test]
fn junit_is_written_for_success_failure_and_a_sign_in_that_failed() {
    let ran = apply("--report report.xml").success();
    let xml = text(&ran, "report.xml");
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).count();
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
    assert_eq!(suite.attribute("tests"), Some(cases.to_string().as_str()));
    assert_eq!(suite.attribute("failures"), Some("0"));

    let xml = text(&apply("--scenario missing-dependency --report report.xml").code(7), "report.xml");
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).expect("a failure");
    assert!(failure.attribute("message").is_some_and(|text| text.contains("needs components")), "{xml}");
    assert!(failure.text().is_some_and(|text| text.contains("msdyn_SandboxBase") && text.contains("help: ")), "{xml}");

    let xml = text(&apply("--scenario expired-secret --report report.xml").code(4), "report.xml");
    assert!(xml.contains("failures=\"1\"") && xml.contains("expired"), "{xml}");
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
    assert!(summary.starts_with("# dvpack plan\n"), "{summary}");
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
