//! `plan -o FILE`, approval, `apply --plan FILE`: exactly what was approved, or nothing.

use std::path::Path;

use dvpack::sandbox::Options;

use crate::support::Test;
use crate::world::World;

fn fresh() -> World {
    World::new(Options::default())
}

fn plan(world: &World, folder: &Path) -> serde_json::Value {
    let (code, _, stderr) = world.run(folder, "plan . -o approved.json");
    assert_eq!(code, 10, "{stderr}");
    let text = std::fs::read_to_string(folder.join("approved.json")).expect("a plan");
    serde_json::from_str(&text).expect("JSON")
}

/// Applies an approved plan, which ends with `code`; what it says on stderr.
fn apply(world: &World, folder: &Path, file: &str, code: i32) -> String {
    let (ended, stdout, stderr) = world.run(folder, &format!("apply . --plan {file}"));
    assert_eq!(ended, code, "{file}: {stdout}{stderr}");
    stderr
}

/// Writes something else into the manifest.
fn change(folder: &Path, from: &str, to: &str) {
    let path = folder.join("dvpack.yaml");
    let manifest = std::fs::read_to_string(&path).expect("a manifest");
    assert!(manifest.contains(from), "{from}: {manifest}");
    std::fs::write(path, manifest.replace(from, to)).expect("written");
}

#[test]
fn an_approved_plan_is_applied_without_a_question_and_a_second_time_does_nothing() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    let approved = plan(&world, example.path());
    assert!(approved["organization"].is_string() && approved["bundle"].is_string(), "{approved:#}");
    let found = approved["found"].to_string();
    for fact in ["solution `ContosoWidgets`", "not installed", "application user", "business unit"] {
        assert!(found.contains(fact), "{fact}: {found}");
    }
    let (code, stdout, stderr) = world.run(example.path(), "apply . --plan approved.json");
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("applied and verified: 3 steps"), "{stdout}");
    world.writes();
    let (code, stdout, stderr) = world.run(example.path(), "apply . --plan approved.json");
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("nothing to do"), "{stdout}");
    assert!(world.writes().is_empty());
}

#[test]
fn an_approved_run_that_was_cut_short_goes_on_under_the_same_approval() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    plan(&world, example.path());
    let refuse_the_import: dvpack::sandbox::Rule = serde_json::from_value(serde_json::json!({
        "method": "POST", "path": "/ImportSolutionAsync", "times": 1,
        "effect": {"kind": "answer", "status": 403, "code": "0x80040220", "message": "is missing prvImportCustomization privilege"},
    }))
    .expect("a rule");
    world.fault(&refuse_the_import);
    apply(&world, example.path(), "approved.json", 7);
    let (code, stdout, stderr) = world.run(example.path(), "apply . --plan approved.json");
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("applied and verified: 2 steps"), "{stdout}");
}

#[test]
fn another_environment_another_bundle_and_a_changed_environment_are_refused() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    plan(&world, example.path());

    let installed = ("ContosoWidgets".to_owned(), "1.3.0.0".to_owned(), true);
    let changed = World::new(Options { installed: vec![installed], ..Options::default() });
    let text = std::fs::read_to_string(example.path().join("approved.json")).expect("a plan");
    let moved = text.replace(world.sandbox.url().as_str(), changed.sandbox.url().as_str());
    std::fs::write(example.path().join("moved.json"), moved).expect("written");
    let stderr = apply(&changed, example.path(), "moved.json", 6);
    for line in [
        "error: the environment has changed since the plan was approved\n",
        "needed, but not approved: upgrade solution `ContosoWidgets` to 1.4.0.0\n",
        "solution `ContosoWidgets`: not installed then, 1.3.0.0, managed now\n",
        "help: make a new plan with `dvpack plan -o FILE`, and have it approved\n",
    ] {
        assert!(stderr.contains(line), "{line}: {stderr}");
    }
    assert!(changed.writes().is_empty());

    let stderr = apply(&changed, example.path(), "approved.json", 6);
    assert!(stderr.contains("the plan was made for another environment"), "{stderr}");

    change(example.path(), "contact: { read: organization }", "contact: { read: organization, write: organization }");
    let stderr = apply(&world, example.path(), "approved.json", 6);
    assert!(stderr.contains("the plan was made for another bundle"), "{stderr}");
}

#[test]
fn a_file_that_is_no_plan_is_refused() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets").file("approved.json", "{}");
    let stderr = apply(&world, example.path(), "approved.json", 3);
    assert!(stderr.contains("`approved.json` is not a plan: "), "{stderr}");
    // Nor is one that says something which nobody understands, or says it twice.
    std::fs::remove_file(example.path().join("approved.json")).expect("removed");
    let plan = plan(&world, example.path());
    let text = std::fs::read_to_string(example.path().join("approved.json")).expect("a plan");
    for (from, to) in [
        ("\"consents\": {", "\"consents\": { \"everything\": true,"),
        ("\"format\": ", "\"formats\": 1, \"format\": "),
        ("\"steps\": [", "\"steps\": [], \"steps\": ["),
    ] {
        assert!(text.contains(from), "{plan:#}");
        std::fs::write(example.path().join("odd.json"), text.replacen(from, to, 1)).expect("written");
        let (code, _, stderr) = world.run(example.path(), "apply . --plan odd.json");
        assert!(code == 3 && stderr.contains("`odd.json` is not a plan: "), "{stderr}");
    }
    assert!(world.writes().is_empty());
}

#[test]
fn a_plan_of_another_format_version_is_named() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    let mut plan = plan(&world, example.path());
    let format = plan["format"].as_u64().expect("a number");
    for other in [format - 1, format + 1] {
        plan["format"] = other.into();
        // The rest of it may have any form.
        plan["consent"] = serde_json::json!([]);
        std::fs::write(example.path().join("approved.json"), plan.to_string()).expect("written");
        let stderr = apply(&world, example.path(), "approved.json", 6);
        let words =
            format!("error: `approved.json` is a plan of format {other}, and this dvpack reads format {format}\n");
        assert!(stderr.contains(&words) && stderr.contains("make a new plan"), "{stderr}");
    }
    assert!(world.writes().is_empty());
}

/// A plan that was made with a choice is applied with it.
#[test]
fn an_approved_plan_carries_how_to_import() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply .").0, 0);
    change(example.path(), "version: 1.4.0.0", "version: 1.5.0.0");
    for (mode, words) in [("stage", "stage solution"), ("update", "finish the staged upgrade")] {
        let (code, _, stderr) = world.run(example.path(), &format!("plan . --mode {mode} -o approved.json"));
        assert_eq!(code, 10, "{stderr}");
        let (code, stdout, stderr) = world.run(example.path(), "apply . --plan approved.json");
        assert!(code == 0 && stdout.contains(words), "{stdout}{stderr}");
    }
}

/// Nothing has changed in the environment; the command line asks for something else.
#[test]
fn another_way_of_importing_than_the_approved_one_is_named() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply .").0, 0);
    change(example.path(), "version: 1.4.0.0", "version: 1.5.0.0");
    for (approved, given) in [("update", "upgrade"), ("update", "stage"), ("stage", "update"), ("upgrade", "update")] {
        let (code, _, stderr) = world.run(example.path(), &format!("plan . --mode {approved} -o approved.json"));
        assert_eq!(code, 10, "{stderr}");
        let (code, stdout, stderr) = world.run(example.path(), &format!("apply . --plan approved.json --mode {given}"));
        assert_eq!(code, 6, "{stdout}{stderr}");
        assert!(!stderr.contains("the environment has changed"), "{stderr}");
        let words =
            format!("solution `ContosoWidgets`: `--mode {approved}` was approved, and this run has `--mode {given}`");
        assert!(stderr.contains(&words), "{stderr}");
        assert!(stderr.contains("help: leave `--mode` out: the approved plan carries it"), "{stderr}");
    }
}

/// Without the consent in it, no step of an approved plan gives one.
#[test]
fn a_plan_without_a_consent_that_its_steps_need_is_refused() {
    let world = World::with(dvpack::sandbox::Scenario::RoleAdded);
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply .").0, 9);
    world.writes();
    let (code, stdout, stderr) = world.run(example.path(), "plan . --only-declared-roles -o approved.json");
    assert_eq!(code, 10, "{stderr}");
    let words = "security role `Basic User` is taken from the application user";
    assert!(stdout.contains("What an apply needs consent to") && stdout.contains(words), "{stdout}");
    let text = std::fs::read_to_string(example.path().join("approved.json")).expect("a plan");
    let mut plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(plan["consents"]["rolesTaken"], serde_json::json!(["Basic User"]), "{plan:#}");
    plan["consents"]["rolesTaken"] = serde_json::json!([]);
    std::fs::write(example.path().join("silent.json"), plan.to_string()).expect("written");
    let (code, _, stderr) = world.run(example.path(), "apply . --only-declared-roles --plan silent.json");
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("the plan does not contain every consent that this run needs"), "{stderr}");
    assert!(stderr.contains(words), "{stderr}");
    assert!(world.writes().is_empty());
    let (code, stdout, stderr) = world.run(example.path(), "apply . --plan approved.json");
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn an_upgrade_says_which_privileges_the_user_gains_beside_those_it_has() {
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply .").0, 0);
    let manifest = std::fs::read_to_string(example.path().join("dvpack.yaml")).expect("a manifest");
    let manifest = manifest
        .replace("version: 1.4.0.0", "version: 1.5.0.0")
        .replace("contact: { read: organization }", "contact: { read: organization, write: organization }");
    std::fs::write(example.path().join("dvpack.yaml"), manifest).expect("written");
    let (code, stdout, stderr) = world.run(example.path(), "plan . --format json");
    assert_eq!(code, 10, "{stderr}");
    let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let steps = document["plan"]["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 1, "{document:#}");
    assert_eq!(
        steps[0]["privileges"],
        serde_json::json!([{"privilege": "prvWriteContact", "level": "Global"}]),
        "{document:#}"
    );
    let (code, stdout, stderr) = world.run(example.path(), "apply .");
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("gains 1 privilege:\n       + Contact  write (Global)\n"), "{stdout}");
}

/// What is assigned is the role as it is here, and so is what the plan and whoever approved it speak of.
#[test]
fn a_role_that_allows_more_by_now_is_not_assigned_under_an_approval_of_less() {
    let get = |world: &World, path: &str| world.send(reqwest::Method::GET, path, &serde_json::Value::Null).1;
    let id = |rows: &serde_json::Value, key: &str| rows["value"][0][key].as_str().expect("an id").to_owned();
    let world = fresh();
    let example = Test::new().copy("examples/contoso-widgets");
    plan(&world, example.path());
    assert_eq!(world.run(example.path(), "apply .").0, 0);
    let user =
        id(&get(&world, "systemusers?$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40"), "systemuserid");
    let role = id(&get(&world, "roles?$filter=name eq 'Contoso Widgets Service'"), "roleid");
    let taken = format!("systemusers({user})/systemuserroles_association({role})/$ref");
    assert_eq!(world.send(reqwest::Method::DELETE, &taken, &serde_json::Value::Null).0, 204);
    let (_, before, _) = world.run(example.path(), "plan .");
    // Under the approval of the first installation the role is given back.
    assert_eq!(world.run(example.path(), "apply . --plan approved.json").0, 0);
    assert_eq!(world.send(reqwest::Method::DELETE, &taken, &serde_json::Value::Null).0, 204);
    let privilege = id(&get(&world, "privileges?$filter=name eq 'prvDeleteAccount'"), "privilegeid");
    let more =
        serde_json::json!({"Privileges": [{"PrivilegeId": privilege, "Depth": "Global", "BusinessUnitId": role}]});
    let path = format!("roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole");
    assert_eq!(world.send(reqwest::Method::POST, &path, &more).0, 204);
    let (code, after, stderr) = world.run(example.path(), "plan .");
    assert_eq!(code, 10, "{after}{stderr}");
    let gains = |text: &str| -> u32 {
        let (_, rest) = text.split_once("gains ").unwrap_or_else(|| panic!("{text}"));
        rest.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{text}"))
    };
    assert_eq!(gains(&after), gains(&before) + 1, "{after}");
    assert!(after.contains("the role was changed here: the bundle does not declare it"), "{after}");
    let (_, json, _) = world.run(example.path(), "plan . --format json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let listed = json["plan"]["steps"][0]["privileges"].as_array().expect("privileges");
    assert!(listed.iter().any(|gain| gain["privilege"] == "prvDeleteAccount" && gain["level"] == "Global"), "{json:#}");
    let said = apply(&world, example.path(), "approved.json", 6);
    assert!(
        said.contains(
            "granted, but not approved: assign security role `Contoso Widgets Service`: prvDeleteAccount (Global)"
        ),
        "{said}"
    );
}
