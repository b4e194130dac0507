//! The order of an apply: what a write needs is read first, the package is checked, the user is made, and only then is
//! anything imported.

use std::time::Instant;

use dvpack::sandbox::{Consented, Options, Rule, Scenario};
use serde_json::{Value, json};

use crate::in_time::small;
use crate::support::Test;
use crate::world::World;

const APPLICATION: &str = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";

fn example() -> Test {
    Test::new().copy("examples/contoso-widgets")
}

/// The example with a web resource of some kilobytes.
fn large() -> Test {
    let example = example();
    let path = example.path().join("web/widgets.js");
    let text = std::fs::read_to_string(&path).expect("a script");
    std::fs::write(&path, format!("{text}// {}\n", "x".repeat(3000))).expect("written");
    example
}

fn rule(value: Value) -> Rule {
    serde_json::from_value(value).expect("a rule")
}

/// Method and path of what changes the environment for good; a package that is uploaded for a check does not.
fn lasting(world: &World) -> Vec<String> {
    world.writes().into_iter().filter(|write| write != "POST StageSolution").collect()
}

fn without_consent(scenarios: Vec<Scenario>) -> World {
    World::new(Options { consented: Consented::None, scenarios, ..Options::default() })
}

#[test]
fn missing_consent_costs_one_request_and_prints_the_link() {
    for timeout in ["", "--timeout 20s"] {
        let world = without_consent(vec![]);
        let example = example();
        let begun = Instant::now();
        let (code, stdout, stderr) = world.run_at_full_pace(example.path(), &format!("apply . --yes {timeout}"));
        assert_eq!(code, 5, "{stdout}{stderr}");
        assert!(begun.elapsed().as_secs() < 40, "{:?}", begun.elapsed());
        assert_eq!(lasting(&world), ["POST systemusers"], "{stderr}");
        assert!(stderr.contains("is not known in the tenant: an administrator must consent to it first"), "{stderr}");
        // The link is the one of `dvpack consent`, up to its random state.
        let (code, link, _) = world.run(example.path(), "consent .");
        assert_eq!(code, 0);
        let (link, _) = link.split_once("&state=").expect("a state");
        assert!(stderr.contains(link) && link.contains(APPLICATION), "{link}: {stderr}");
    }
}

#[test]
fn a_consent_that_is_waited_for_lets_the_apply_go_on() {
    let world = World::with(Scenario::ReplicationLag);
    let example = example();
    let (code, stdout, stderr) = world.run(example.path(), "apply . --yes --wait-for-consent 5m");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("waiting for consent: an administrator of the tenant opens this link: http"), "{stderr}");
    // Nobody consents: the end is the same as without the wait.
    let world = without_consent(vec![]);
    let (code, _, stderr) = world.run(example.path(), "apply . --yes --wait-for-consent 1m");
    assert_eq!(code, 5, "{stderr}");
    assert_eq!(world.writes().iter().filter(|write| *write == "POST systemusers").count(), 13);
    // Nor does the end of the run's own time make something else of it.
    let world = without_consent(vec![]);
    let (code, _, stderr) = world.run_at_full_pace(example.path(), "apply . --yes --wait-for-consent 5m --timeout 20s");
    assert_eq!(code, 5, "{stderr}");
}

/// The same words in `doctor` and `apply`, and no write.
#[test]
fn rights_that_are_missing_are_named_before_anything_is_written() {
    let lacks = [("prvCreateUser", None), ("prvAssignRole", None), ("prvReadAccount", Some("Basic"))];
    let lacks = lacks.map(|(name, left)| (name.to_owned(), left.map(str::to_owned))).to_vec();
    let world = World::new(Options { caller_lacks: lacks, ..Options::default() });
    let example = example();
    let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(code, 7, "{stdout}{stderr}");
    assert_eq!(world.writes(), Vec::<String>::new());
    let (code, screen, _) = world.run(example.path(), "doctor . -q");
    assert_eq!(code, 7, "{screen}");
    for words in ["prvAssignRole", "prvCreateUser", "prvReadAccount (Basic instead of Global)"] {
        assert!(stderr.contains(words) && screen.contains(words), "{words}: {stderr}{screen}");
    }
    assert!(
        stderr.contains("security role System Administrator") && stderr.contains("nothing was changed"),
        "{stderr}"
    );
}

/// The list of a user's privileges shows those that it has by a team at level Basic only; they are asked for one by one.
#[test]
fn rights_that_come_by_a_team_are_enough() {
    let world = World::with(Scenario::RightsByTeam);
    let example = example();
    for verb in ["doctor .", "apply . --yes"] {
        let (code, stdout, stderr) = world.run(example.path(), verb);
        assert_eq!(code, 0, "{verb}: {stdout}{stderr}");
    }
}

/// What the list of needed rights does not know, the environment says; it ends the same way.
#[test]
fn a_right_that_the_environment_itself_asks_for_ends_the_same_way() {
    let world = World::new(Options::default());
    let example = example();
    let message = "Principal user (Id=1, roleCount=2) is missing prvCreateUser privilege (Id=2) on OTC=8";
    let effect = json!({"kind": "answer", "status": 403, "code": "0x80040220", "message": message});
    world.fault(&rule(json!({"method": "POST", "path": "/systemusers", "times": 0, "effect": effect})));
    let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(code, 7, "{stdout}{stderr}");
    let words = "error: cannot create the application user: the signed-in user lacks `prvCreateUser`\n";
    assert!(stderr.contains(words), "{stderr}");
    assert_eq!(lasting(&world), ["POST systemusers"]);
}

/// Whoever needs a right for nothing that is to be done is not held up by it.
#[test]
fn a_right_that_no_step_needs_may_be_missing() {
    let limited = World::limitable();
    let example = small("1.0.0.0");
    assert_eq!(limited.run(example.path(), "apply . --yes").0, 0);
    for privilege in ["prvCreateUser", "prvReadAccount", "prvImportCustomization"] {
        limited.take_right(privilege);
    }
    for verb in ["doctor .", "apply . --yes"] {
        let (code, stdout, stderr) = limited.run(example.path(), verb);
        assert_eq!(code, 0, "{verb}: {stdout}{stderr}");
    }
}

#[test]
fn a_package_that_the_environment_refuses_leaves_nothing_behind() {
    for scenario in [Scenario::MissingDependency, Scenario::SmallUploads] {
        let world = World::with(scenario);
        let example = large();
        let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(code, 7, "{scenario}: {stdout}{stderr}");
        assert_eq!(lasting(&world), Vec::<String>::new(), "{scenario}: {stderr}");
    }
}

#[test]
fn a_file_over_the_upload_limit_is_named_with_the_limit() {
    let world = World::with(Scenario::SmallUploads);
    let example = large();
    for verb in ["apply . --yes", "doctor ."] {
        let (code, stdout, stderr) = world.run(example.path(), verb);
        let text = stdout + &stderr;
        assert_eq!(code, 7, "{verb}: {text}");
        let words = "web resource `contoso_/widgets.js` of solution `ContosoWidgets` has 4 KB, and the environment takes files of at most 1 KB";
        assert!(text.contains(words), "{verb}: {text}");
        assert!(text.contains("Maximum file size for attachments"), "{verb}: {text}");
    }
}

#[test]
fn languages_that_are_not_turned_on_are_told_and_stop_nothing() {
    let world = World::with(Scenario::OtherLanguage);
    let example = example();
    let (code, stdout, stderr) = world.run(example.path(), "doctor . -q");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("language 1033 of the solution is not turned on in the environment"), "{stdout}");
    let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("language 1033 of the solution is not turned on"), "{stderr}");
}

#[test]
fn after_an_import_that_failed_the_user_stays_without_a_role_and_every_verb_says_so() {
    let world = World::with(Scenario::ImportFails);
    let example = example();
    let (code, stdout, stderr) = world.run(example.path(), "apply . --yes --report report.json");
    assert_eq!(code, 1, "{stdout}{stderr}");
    let report = std::fs::read_to_string(example.path().join("report.json")).expect("a report");
    for text in [&stderr, &report] {
        assert!(text.contains("done before that: create the application user of"), "{text}");
        assert!(text.contains("the application user stays; dvpack has given it no role"), "{text}");
        assert!(text.contains("`dvpack remove` disables it"), "{text}");
    }
    let (code, stdout, _) = world.run(example.path(), "status .");
    assert_eq!(code, 9, "{stdout}");
    assert!(stdout.contains("enabled, business unit `sandbox`, without a role"), "{stdout}");
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!((stdout + &stderr).contains("which has no role"), "{stderr}");
}

/// A running import may bring what the package needs: it is waited for before the package is checked.
#[test]
fn a_running_import_is_waited_for_before_the_package_is_checked() {
    let world = World::new(Options { job_polls: 2, ..Options::default() });
    let zip = crate::processes::solution();
    let file = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &zip);
    let body = json!({"CustomizationFile": file, "PublishWorkflows": true, "OverwriteUnmanagedCustomizations": false});
    let (status, _) = world.send(reqwest::Method::POST, "ImportSolutionAsync", &body);
    assert_eq!(status, 200);
    let example = example();
    let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("is running already; waiting for it"), "{stderr}");
    assert_eq!(world.writes().iter().filter(|write| *write == "POST StageSolution").count(), 1);
}

#[test]
fn app_access_control_is_read_and_names_who_must_be_allowed() {
    let sample = "51f81489-12ee-4a9e-aaae-a2591f45987d";
    for (scenario, words) in [
        (Scenario::AccessControl, "on: people sign in with allowed applications only"),
        (Scenario::AccessAudit, "audit only: nobody is refused yet"),
    ] {
        let world = World::with(scenario);
        let example = example();
        let (code, stdout, stderr) = world.run(example.path(), "doctor . -q");
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(stdout.contains(&format!("app access control: {words}")), "{stdout}");
        assert!(stdout.contains(&format!("application {sample} must be allowed")), "{stdout}");
        let own = json!({"allowedapplicationsfordvaccess": format!("{{{sample}}}")});
        let (_, found) = world.send(reqwest::Method::GET, "organizations?$select=organizationid", &Value::Null);
        let id = found["value"][0]["organizationid"].as_str().expect("an id").to_owned();
        world.patch(&format!("organizations({id})"), &own);
        let (_, stdout, _) = world.run(example.path(), "doctor . -q");
        assert!(stdout.contains(&format!("application {sample} is allowed")), "{stdout}");
    }
}

/// Whose application is refused learns which one it is, whatever number the environment gives.
#[test]
fn a_person_whose_application_is_not_allowed_learns_which_one_it_is() {
    let world = World::with(Scenario::AccessControl);
    let example = example();
    let (code, _, stderr) =
        world.run(example.path(), "plan . --device-code --client-id 0f0e0d0c-0b0a-4a0b-8c0d-010203040506");
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("this run signs in with application 0f0e0d0c-0b0a-4a0b-8c0d-010203040506"), "{stderr}");
    assert!(stderr.contains("App access control"), "{stderr}");
    for code in ["", "0x80040220"] {
        for verb in ["plan .", "apply . --yes"] {
            let world = World::new(Options::default());
            let message = "Access to the Dataverse API is restricted for this application ID.";
            let effect = json!({"kind": "answer", "status": 403, "code": code, "message": message});
            world.fault(&rule(json!({"path": "/api/data/v9.2/", "skip": 1, "times": 0, "effect": effect})));
            let (code, _, stderr) = world.run(example.path(), verb);
            assert_eq!(code, 4, "{verb}: {stderr}");
            assert!(stderr.contains("App access control") && stderr.contains("this run signs in with"), "{stderr}");
        }
    }
}

/// People sign in with the package's own application where it is registered for that, else with Microsoft's sample.
#[test]
fn people_sign_in_with_the_packages_own_application() {
    let sample = "51f81489-12ee-4a9e-aaae-a2591f45987d";
    for (redirects, expected) in [
        ("{ web: ['https://contoso.com/done'], publicClient: ['http://localhost'] }", APPLICATION),
        ("{ publicClient: ['contoso-widgets://signed-in'] }", APPLICATION),
        ("{ web: ['http://localhost'] }", sample),
        ("['http://localhost']", sample),
    ] {
        let world = World::new(Options::default());
        let example = example();
        let path = example.path().join("dvpack.yaml");
        let text = std::fs::read_to_string(&path).expect("a manifest");
        let text: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("redirectUris"))
            .map(|line| format!("{line}\n"))
            .collect();
        let at = text.find("  clientId:").expect("an application");
        std::fs::write(&path, format!("{}  redirectUris: {redirects}\n{}", &text[..at], &text[at..])).expect("written");
        let (code, stdout, stderr) = world.run(example.path(), "plan . --device-code -v");
        assert_eq!(code, 10, "{redirects}: {stdout}{stderr}");
        assert!(stderr.contains(&format!("device code with application {expected}")), "{redirects}: {stderr}");
        assert_eq!(stderr.contains("Microsoft's sample application"), expected == sample, "{redirects}: {stderr}");
    }
}
