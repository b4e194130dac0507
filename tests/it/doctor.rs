//! The screen of `dvpack doctor`: each question with its answer and what to do, whatever goes wrong on the way.

use dvpack::sandbox::{Options, Rule, Scenario};
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

/// The exit code and the screen, without what is new in each run.
fn screen(world: &World) -> (i32, String) {
    let example = Test::new().copy("examples/contoso-widgets");
    let (code, stdout, stderr) = world.run(example.path(), "doctor . -q");
    assert_eq!(stderr, "");
    let port = format!(":{}", world.sandbox.url().port().expect("a port"));
    (code, stdout.replace(&port, ""))
}

fn fault(world: &World, rule: Value) {
    world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
}

#[test]
fn a_fresh_environment_leaves_one_question_open_and_is_no_obstacle() {
    let world = World::new(Options::default());
    let (code, screen) = screen(&world);
    assert_eq!(code, 0, "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn nothing_is_open_once_the_package_is_applied() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply . --yes").0, 0);
    let (code, screen) = screen(&world);
    assert_eq!(code, 0, "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn what_is_in_the_way_is_told_with_whom_to_ask_for_what() {
    let lacks = [("prvCreateUser", None), ("prvAssignRole", None), ("prvReadAccount", Some("Basic"))];
    let lacks = lacks.map(|(name, left)| (name.to_owned(), left.map(str::to_owned))).to_vec();
    let scenarios = vec![Scenario::MissingDependency];
    let world = World::new(Options { caller_lacks: lacks, scenarios, ..Options::default() });
    let (code, screen) = screen(&world);
    assert_eq!(code, 7, "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn what_cannot_be_read_is_one_line_and_the_other_questions_are_asked() {
    let world = World::new(Options::default());
    let refusal = json!({"kind": "answer", "status": 403, "code": "0x80040220", "message":
        "Principal user (Id=1) is missing prvReadAsyncOperation privilege (Id=2)"});
    fault(&world, json!({"path": "/asyncoperations", "times": 0, "effect": refusal}));
    fault(&world, json!({"path": "RetrieveVersion", "times": 0, "effect": {"kind": "answer", "status": 500}}));
    fault(&world, json!({"path": "fullname,domainname", "times": 0, "effect": {"kind": "answer", "status": 500}}));
    let (code, screen) = screen(&world);
    assert_eq!(code, 8, "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn an_environment_that_goes_away_is_not_asked_again_and_again() {
    let world = World::new(Options::default());
    fault(&world, json!({"path": "RetrieveVersion", "times": 0, "effect": {"kind": "drop-before"}}));
    let (code, screen) = screen(&world);
    assert_eq!(code, 8, "{screen}");
    assert_eq!(screen.matches("not asked: the environment does not answer").count(), 7, "{screen}");
    assert!(
        screen.contains("unknown  server version: could not be read: cannot read the server's version"),
        "{screen}"
    );
}

#[test]
fn who_is_no_user_of_the_environment_is_told_where_to_become_one() {
    let world = World::new(Options::default());
    let refusal = json!({"kind": "answer", "status": 403, "code": "0x80072560", "message": "no member"});
    fault(&world, json!({"path": "WhoAmI", "times": 0, "effect": refusal}));
    let example = Test::new().copy("examples/contoso-widgets");
    let (code, _, stderr) = world.run(example.path(), "doctor .");
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("the signed-in identity is not a user of this environment: add it"), "{stderr}");
    assert!(stderr.contains("Settings > Users + permissions"), "{stderr}");
}

/// A role that only the bundle wants gone is taken by nobody's `--yes`: the doctor says so.
#[test]
fn a_role_that_the_bundle_wants_taken_is_asked_for() {
    let world = World::new(Options { scenarios: vec![Scenario::RoleAdded], ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    let path = example.path().join("dvpack.yaml");
    let manifest = std::fs::read_to_string(&path).expect("a manifest");
    std::fs::write(&path, manifest.replace("businessUnit: root\n", "businessUnit: root\n  onlyDeclaredRoles: true\n"))
        .expect("written");
    assert_eq!(world.run(example.path(), "apply . --yes").0, 9);
    let asks = "asks     other roles of the application user: `Basic User` is taken from it";
    for (options, apply, verdict) in [
        ("", 6, "an apply should succeed once its consents are given\n"),
        (" --only-declared-roles", 0, "an apply should succeed\n"),
    ] {
        let (code, stdout, stderr) = world.run(example.path(), &format!("doctor .{options}"));
        assert_eq!((code, stdout.contains(asks)), (0, apply == 6), "{stdout}{stderr}");
        assert!(stdout.ends_with(verdict), "{stdout}");
        assert_eq!(world.run(example.path(), &format!("apply . --yes{options}")).0, apply);
    }
}

/// What `plan` and `status` warn of is true for whoever asks the doctor, too.
#[test]
fn the_doctor_warns_of_what_plan_and_status_warn_of() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    let mut told = Vec::new();
    for verb in ["plan", "status", "doctor"] {
        let (_, stdout, _) = world.run(example.path(), &format!("{verb} ."));
        assert!(stdout.contains("warning: connection reference `contoso_Dataverse` has no connection"), "{stdout}");
        let (_, stdout, _) = world.run(example.path(), &format!("{verb} . --format json"));
        let document: Value = serde_json::from_str(&stdout).expect("JSON");
        told.push(document["warnings"].clone());
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:#?}");
}

#[test]
fn machines_get_the_same_answers() {
    let world = World::new(Options { caller_lacks: vec![("prvCreateUser".into(), None)], ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    let (code, stdout, _) = world.run(example.path(), "doctor . --format json");
    assert_eq!(code, 7, "{stdout}");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["ok"], false);
    let check = |what: &str| {
        let checks = document["checks"].as_array().expect("a list");
        checks.iter().find(|check| check["what"] == what).unwrap_or_else(|| panic!("{what}: {document:#}")).clone()
    };
    assert_eq!((&check("server version")["state"], &check("server version")["ok"]), (&json!("ok"), &json!(true)));
    let consent = check("admin consent");
    assert_eq!((&consent["state"], &consent["ok"]), (&json!("open"), &json!(false)));
    let privileges = check("privileges of the signed-in user");
    assert_eq!(privileges["state"], "problem");
    assert!(privileges["help"][0].as_str().expect("help").contains("System Administrator"), "{privileges}");
}

/// An expired client secret stops no apply, but whoever looks is shown the date.
#[test]
fn a_client_secret_that_has_expired_is_reported_by_build_and_doctor() {
    let world = World::new(Options::default());
    let soon = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date() + jiff::Span::new().days(12);
    for (day, warning, answer) in [
        (
            "2020-01-31".to_owned(),
            Some("warning[secret-expiry]: the client secret expired on 2020-01-31"),
            "expired on 2020-01-31, by the bundle",
        ),
        (
            soon.to_string(),
            Some("note[secret-expiry]: the client secret expires in 1"),
            ", by the bundle; whether there is a new one",
        ),
        ("2999-12-31".to_owned(), None, "  ok       client secret of the application: expires on 2999-12-31\n"),
    ] {
        let example = Test::new().copy("examples/contoso-widgets");
        let path = example.path().join("dvpack.yaml");
        let text = std::fs::read_to_string(&path).expect("a manifest");
        let at = text.find("  clientId:").expect("an application");
        std::fs::write(&path, format!("{}  secretExpires: {day}\n{}", &text[..at], &text[at..])).expect("written");
        let output = crate::support::dvpack(example.path()).args(["build", ".", "-o", "out"]).output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert_eq!(stderr.contains("[secret-expiry]"), warning.is_some(), "{stderr}");
        assert!(stderr.contains(warning.unwrap_or_default()), "{stderr}");
        for what in [".", "out/ContosoWidgets_1_4_0_0.dvpack"] {
            let (code, stdout, stderr) = world.run(example.path(), &format!("doctor {what}"));
            assert_eq!(code, 0, "{stdout}{stderr}");
            assert!(stdout.contains(answer), "{answer}: {stdout}");
        }
    }
}

/// That no privilege is listed for a step is not the same as that there is no step.
#[test]
fn steps_whose_privileges_are_not_documented_are_told_from_no_steps() {
    let world = World::new(Options::default());
    let test = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(test.path(), "apply .").0, 0);
    let path = test.path().join("dvpack.yaml");
    let manifest =
        std::fs::read_to_string(&path).expect("a manifest") + "\nsettings: { contoso_QuietAfterHours: 48 }\n";
    std::fs::write(&path, manifest).expect("written");
    let (code, stdout, stderr) = world.run(test.path(), "doctor .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("plan: 1 step"), "{stdout}");
    assert!(
        stdout.contains("privileges of the signed-in user: which ones the step needs is not documented"),
        "{stdout}"
    );
}

/// What the environment does not say of access control is not “off”.
#[test]
fn an_access_control_that_is_not_shown_is_not_off() {
    let world = World::new(Options::default());
    let test = Test::new().copy("examples/contoso-widgets");
    for mode in [serde_json::Value::Null, serde_json::json!(7)] {
        let (_, rows) = world.send(reqwest::Method::GET, "organizations", &serde_json::Value::Null);
        let id = rows["value"][0]["organizationid"].as_str().expect("an id").to_owned();
        world.patch(&format!("organizations({id})"), &serde_json::json!({"applicationbasedaccesscontrolmode": mode}));
        let (_, stdout, stderr) = world.run(test.path(), "doctor .");
        let words = "app access control: the environment does not show it; this run was let in";
        assert!(stdout.contains(words), "{stdout}{stderr}");
    }
}

/// One cause is one answer, and under the right label.
#[test]
fn an_unmanaged_solution_of_the_name_is_one_problem() {
    let world = World::with(Scenario::UnmanagedInstalled);
    let (code, screen) = screen(&world);
    assert_eq!(code, 7, "{screen}");
    assert!(screen.ends_with("1 thing prevents an apply\n"), "{screen}");
    assert!(!screen.contains("missing: "), "{screen}");
    let help = "can: apply to another environment, or remove the unmanaged solution first: this looks like the one";
    assert!(screen.contains(help), "{screen}");
}

/// An apply waits for an import that runs: it is nothing that prevents one.
#[test]
fn an_operation_that_runs_prevents_nothing() {
    let world = World::with(Scenario::JobNeverEnds);
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply . --yes --timeout 4s").0, 8);
    let (code, screen) = screen(&world);
    assert_eq!(code, 0, "{screen}");
    let words = "unknown  running solution operations: `ImportSolutionAsync` (job ";
    assert!(screen.contains(words) && screen.contains("; an apply waits for its end\n"), "{screen}");
    assert!(screen.contains("ready to apply; "), "{screen}");
}
