//! Column security profiles of the application user: named, checked, assigned, read back, and warned of where they lack.

use dvpack::sandbox::Options;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const TABLE: &str = "  tables:\n    - name: contoso_Widget\n      displayName: Widget\n      columns:\n        \
    - { name: contoso_Secret, displayName: Secret, type: text, secured: true }\n        \
    - { name: contoso_Price, displayName: Price, type: text, secured: true }\n";
const PROFILES: &str = "  columnSecurityProfiles:\n    \
    - { name: Readers, permissions: { contoso_Widget: { contoso_Secret: [read], contoso_Price: [read] } } }\n    \
    - { name: Half, permissions: { contoso_Widget: { contoso_Secret: [read], contoso_Price: [update] } } }\n";

/// A package with secured columns; `user`: more of its application user.
fn package(user: &str) -> String {
    format!(
        "dvpack: 1\n\
         publisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: Secured, displayName: Secured, version: 1.0.0.0, languages: [1033] }}\n\
         application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Secured, audience: multiTenant }}\n\
         roles:\n  - name: Service\n    grants:\n      contoso_Widget: {{ read: organization }}\n\
         applicationUser:\n  roles: [Service]\n{user}\
         components:\n{TABLE}{PROFILES}"
    )
}

fn test(user: &str) -> Test {
    Test::new().file("dvpack.yaml", package(user))
}

const READERS: &str = "  columnSecurityProfiles: [Readers]\n";
const HALF: &str = "  columnSecurityProfiles: [Half]\n";

fn ids(world: &World) -> (String, Vec<(String, String)>) {
    let (_, users) = world.send(
        reqwest::Method::GET,
        "systemusers?$select=systemuserid&$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40\
         &$expand=systemuserprofiles_association($select=fieldsecurityprofileid,name)",
        &Value::Null,
    );
    let user = users["value"][0]["systemuserid"].as_str().expect("a user").to_owned();
    let held = users["value"][0]["systemuserprofiles_association"].as_array().expect("profiles").clone();
    let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
    (user, held.iter().map(|row| (text(row, "name"), text(row, "fieldsecurityprofileid"))).collect())
}

#[test]
fn a_declared_profile_is_assigned_after_the_role_and_read_back_and_costs_no_request_when_there() {
    let world = World::new(Options::default());
    let test = test(READERS);
    let (code, plan, error) = world.run(test.path(), "plan .");
    assert_eq!(code, 10, "{plan}{error}");
    let steps: Vec<usize> = ["assign security role `Service`", "assign column security profile `Readers`"]
        .map(|step| plan.find(step).unwrap_or_else(|| panic!("no {step}: {plan}")))
        .into();
    assert!(steps[0] < steps[1], "{plan}");
    let (code, stdout, stderr) = world.run(test.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("column security profile `Readers`"), "{stdout}");
    let (_, held) = ids(&world);
    assert_eq!(held.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Readers"]);
    let _first = world.writes();

    let (code, stdout, stderr) = world.run(test.path(), "apply . --log-file log.jsonl");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let log = std::fs::read_to_string(test.path().join("log.jsonl")).expect("a log");
    let api = log.lines().filter(|line| line.contains("/api/data/")).count();
    assert!(api <= 5, "{api}: {log}");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_profile_that_somebody_took_or_deleted_is_a_difference_for_every_verb() {
    let world = World::new(Options::default());
    let test = test(READERS);
    assert_eq!(world.run(test.path(), "apply .").0, 0);
    let (user, held) = ids(&world);
    let (_, profile) = held[0].clone();
    let path = format!("systemusers({user})/systemuserprofiles_association({profile})/$ref");
    assert_eq!(world.send(reqwest::Method::DELETE, &path, &Value::Null).0, 204);

    let code_of = |difference: &Value| difference["code"].as_str().unwrap_or_default().to_owned();
    let differences = |line: &str, expected: i32| -> Vec<String> {
        let (code, stdout, stderr) = world.run(test.path(), line);
        assert_eq!(code, expected, "{line}: {stdout}{stderr}");
        let document: Value = serde_json::from_str(&stdout).expect("JSON");
        document["differences"].as_array().into_iter().flatten().map(code_of).collect()
    };
    assert_eq!(differences("status . --format json", 9), ["profile-not-assigned"]);
    assert_eq!(differences("plan . --format json", 10), ["profile-not-assigned"]);
    let _until = world.writes();
    assert_eq!(differences("apply . --format json", 0), Vec::<String>::new());
    assert_eq!(world.writes(), ["POST systemusers(…)/systemuserprofiles_association/$ref"]);

    assert_eq!(world.send(reqwest::Method::DELETE, &format!("fieldsecurityprofiles({profile})"), &json!(null)).0, 204);
    for verb in ["plan", "status", "doctor", "apply"] {
        let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} ."));
        assert_eq!(code, 9, "{verb}: {stdout}{stderr}");
    }
    assert_eq!(differences("status . --format json", 9), ["profile-missing"]);
}

#[test]
fn another_profile_of_the_user_is_a_note() {
    let world = World::new(Options::default());
    let test = test(READERS);
    assert_eq!(world.run(test.path(), "apply .").0, 0);
    let (user, _) = ids(&world);
    let filter = "fieldsecurityprofiles?$select=fieldsecurityprofileid&$filter=name eq 'Half'";
    let (_, found) = world.send(reqwest::Method::GET, filter, &Value::Null);
    let other = found["value"][0]["fieldsecurityprofileid"].as_str().expect("a profile");
    let address = world.sandbox.url().join(&format!("api/data/v9.2/fieldsecurityprofiles({other})")).expect("a URL");
    let path = format!("systemusers({user})/systemuserprofiles_association/$ref");
    assert_eq!(world.send(reqwest::Method::POST, &path, &json!({"@odata.id": address})).0, 204);
    for verb in ["plan", "status", "apply"] {
        let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} ."));
        assert_eq!(code, 0, "{verb}: {stdout}{stderr}");
        let said = format!("{stdout}{stderr}");
        assert!(said.contains("also has the column security profile `Half`"), "{verb}: {said}");
    }
}

#[test]
fn columns_that_stay_unreadable_are_said_by_check_plan_and_inspect() {
    let none = test("").args("check .").run();
    let line = package("").lines().position(|line| line.contains("contoso_Widget: { read")).expect("there") + 1;
    let said = format!("{}{}", none.stdout, none.stderr);
    assert!(said.contains("the secured columns `contoso_price`, `contoso_secret` of `contoso_widget` stay unreadable"));
    assert!(said.contains(&format!("dvpack.yaml:{line}:")), "{said}");
    assert!(said.contains("name `Readers` under `applicationUser.columnSecurityProfiles`"), "{said}");

    let half = test(HALF).args("check .").run();
    let said = format!("{}{}", half.stdout, half.stderr);
    assert!(said.contains("the secured column `contoso_price` of `contoso_widget` stays unreadable"), "{said}");
    assert!(said.contains("name `Readers` under"), "{said}");

    let all = test(READERS).args("check .").run();
    assert!(!format!("{}{}", all.stdout, all.stderr).contains("unreadable"));

    let world = World::new(Options::default());
    let half = test(HALF);
    let (_, plan, _) = world.run(half.path(), "plan .");
    assert!(plan.contains("the secured column `contoso_price` of `contoso_widget` stays unreadable"), "{plan}");
    let built = test(HALF).args("build .").success();
    let shown = crate::support::dvpack(built.folder.path())
        .args(["inspect", "dist/Secured_1_0_0_0.dvpack"])
        .output()
        .expect("run");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("with the column security profile Half"), "{shown}");
    assert!(shown.contains("the secured column `contoso_price` of `contoso_widget` stays unreadable"), "{shown}");
}

#[test]
fn a_profile_that_the_solution_does_not_have_is_refused_where_it_is_named() {
    let ran = test("  columnSecurityProfiles: [Reader]\n").args("check .").run();
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("`Reader` is not a column security profile of this solution"), "{said}");
    assert!(said.contains("write `Readers`"), "{said}");
    assert!(said.contains("dvpack.yaml:11:"), "{said}");
}

#[test]
fn the_page_says_that_the_scripts_do_not_assign_profiles() {
    let page = |user: &str| {
        let built = test(user).args("build .").success();
        let bytes = std::fs::read(built.folder.path().join("dist/Secured_1_0_0_0.dvpack")).expect("a bundle");
        let entries = dvpack::archive::read(&bytes, &dvpack::archive::Limits::default()).expect("entries");
        let page = entries.into_iter().find(|entry| entry.name == "INSTALL.html").expect("a page");
        String::from_utf8(page.bytes).expect("UTF-8")
    };
    assert!(page(READERS).contains("The scripts do not assign column security profiles"));
    assert!(!page("").contains("do not assign column security profiles"));
}
