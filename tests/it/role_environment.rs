//! Roles in the environment: those of Dataverse itself are never touched, and what the package's own role holds beyond
//! the bundle is found.

use dvpack::catalog;
use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

/// A package with one role, which the application user holds.
fn package(role: &str, rest: &str) -> Test {
    Test::new().file(
        "dvpack.yaml",
        format!(
            "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
solution: {{ name: Plain, displayName: Plain, version: 1.0.0.0 }}\n\
application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Plain }}\n\
roles:\n  - name: Plain Service\n    {role}\napplicationUser: {{ roles: [Plain Service] }}\n{rest}"
        ),
    )
}

fn plain() -> Test {
    package("grants: { account: { read: user, write: user } }", "")
}

fn rows(world: &World, path: &str) -> Vec<Value> {
    let (status, answer) = world.send(Method::GET, path, &Value::Null);
    assert_eq!(status, 200, "{answer}");
    answer["value"].as_array().cloned().unwrap_or_default()
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or_default()
}

#[test]
fn the_sandbox_has_every_built_in_role_with_its_template() {
    let world = World::new(Options::default());
    let roles = rows(&world, "roles?$select=roleid,name,_roletemplateid_value");
    for known in catalog::built_in_roles() {
        let row = roles.iter().find(|row| text(row, "name") == known.name).unwrap_or_else(|| panic!("{known:?}"));
        let template = known.template.map(|id| id.to_string()).unwrap_or_default();
        assert_eq!(text(row, "_roletemplateid_value"), template, "{}", known.name);
        if let Some(id) = known.id {
            assert_eq!(text(row, "roleid"), id.to_string(), "{}", known.name);
        }
    }
    assert_eq!(roles.len(), catalog::built_in_roles().len());
}

#[test]
fn every_built_in_role_with_an_id_of_the_environment_is_refused_before_anything_is_written() {
    let fresh = World::new(Options::default());
    let installed =
        World::new(Options { installed: vec![("Plain".into(), "1.0.0.0".into(), true)], ..Options::default() });
    let mut tried = 0;
    for row in rows(&fresh, "roles?$select=roleid,name,_roletemplateid_value") {
        let template = !text(&row, "_roletemplateid_value").is_empty();
        let test = package(&format!("id: {}\n    grants: {{ account: {{ read: user }} }}", text(&row, "roleid")), "");
        if !template {
            // Its id is the same everywhere: the manifest is not taken.
            if tried % 10 == 0 {
                let ran = test.args("check").code(3);
                assert!(ran.stderr.contains("error[built-in-role]"), "{row}: {}", ran.stderr);
            }
            continue;
        }
        tried += 1;
        for world in [&fresh, &installed] {
            let (code, stdout, stderr) = world.run(test.path(), "apply . --yes");
            assert_eq!(code, 6, "{row}: {stdout}{stderr}");
            assert!(stderr.contains(&format!("role `{}` is a built-in role", text(&row, "name"))), "{row}: {stderr}");
            assert_eq!(world.writes(), Vec::<String>::new(), "{row}");
        }
    }
    assert!(tried >= 18, "{tried}");
}

#[test]
fn a_privilege_or_level_added_by_hand_is_a_difference_and_a_reading_one_a_note() {
    for (scenario, differs, words) in [
        (Scenario::PrivilegeAdded, true, "privilege prvWriteContact: Global (wanted: not held)"),
        (Scenario::PrivilegeDeepened, true, "privilege prvReadAccount: Global (wanted: Basic)"),
        (Scenario::ReadPrivilegeAdded, false, "prvReadLead (Global) (a note"),
    ] {
        let world = World::with(scenario);
        let test = plain();
        for (verb, code) in
            [("apply . --yes", 9), ("apply . --yes", 9), ("plan .", 9), ("status .", 9), ("doctor .", 9)]
        {
            let (found, stdout, stderr) = world.run(test.path(), verb);
            assert_eq!(found, if differs { code } else { 0 }, "{scenario} {verb}: {stdout}{stderr}");
            if verb != "doctor ." || differs {
                assert!(stdout.contains(words), "{scenario} {verb}: {stdout}{stderr}");
            }
        }
        let (_, stdout, _) = world.run(test.path(), "plan . --format json");
        let plan: Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!(plan["plan"]["differences"].as_array().map_or(0, Vec::len), usize::from(differs), "{plan:#}");
    }
}

/// The same by the Web API, in a running environment, one privilege after the other.
#[test]
fn what_is_added_by_the_web_api_is_found() {
    let world = World::new(Options::default());
    let test = plain();
    assert_eq!(world.run(test.path(), "apply . --yes").0, 0);
    let role = text(&rows(&world, "roles?$select=roleid&$filter=name eq 'Plain Service'")[0], "roleid").to_owned();
    let id = |name: &str| {
        text(&rows(&world, &format!("privileges?$select=privilegeid&$filter=name eq '{name}'"))[0], "privilegeid")
            .to_owned()
    };
    let change = |action: &str, name: &str, depth: &str| {
        let privilege = json!({"PrivilegeId": id(name), "Depth": depth, "BusinessUnitId": role});
        let body = if action == "RemovePrivilegeRole" {
            json!({"PrivilegeId": id(name)})
        } else {
            json!({"Privileges": [privilege]})
        };
        world.send(Method::POST, &format!("roles({role})/Microsoft.Dynamics.CRM.{action}"), &body)
    };
    for (name, depth, code) in [
        ("prvWriteLead", "Basic", 9),
        ("prvDeleteAccount", "Local", 9),
        ("prvAssignAccount", "Basic", 9),
        ("prvShareAccount", "Deep", 9),
        ("prvActOnBehalfOfAnotherUser", "Global", 9),
        ("prvBulkDelete", "Global", 9),
        ("prvReadContact", "Global", 0),
        ("prvAppendAccount", "Basic", 0),
        ("prvFlow", "Global", 0),
        ("prvReadSharePointData", "Global", 0),
    ] {
        assert_eq!(change("AddPrivilegesRole", name, depth).0, 204, "{name}");
        let (found, stdout, _) = world.run(test.path(), "status .");
        assert_eq!(found, code, "{name}: {stdout}");
        assert_eq!(stdout.contains(name), name != "prvReadSharePointData", "{name}: {stdout}");
        assert_eq!(change("RemovePrivilegeRole", name, depth).0, 204, "{name}");
    }
    assert_eq!(change("AddPrivilegesRole", "prvReadAccount", "Local").0, 204);
    let (found, stdout, _) = world.run(test.path(), "status .");
    assert!(found == 9 && stdout.contains("privilege prvReadAccount: Local (wanted: Basic)"), "{stdout}");
    // Levels that a privilege does not have.
    for (name, depth) in [
        ("prvReadRole", "Basic"),
        ("prvActOnBehalfOfAnotherUser", "Basic"),
        ("prvActOnBehalfOfAnotherUser", "Deep"),
        ("prvReadSolution", "Local"),
        ("prvReadUser", "Basic"),
    ] {
        for action in ["AddPrivilegesRole", "ReplacePrivilegesRole"] {
            let (status, answer) = change(action, name, depth);
            assert_eq!((status, text(&answer["error"], "code")), (400, "0x8004140b"), "{action} {name}: {answer}");
        }
    }
}

/// An environment can have fewer levels than the catalog knows: then only the import, or the doctor, can tell.
#[test]
fn an_import_with_an_impossible_level_is_refused() {
    for (level, code) in [("user", 7), ("businessUnit", 7), ("parentChild", 7), ("organization", 0)] {
        let world = World::with(Scenario::FewerLevels);
        let test = package(&format!("privileges: {{ prvReadAccount: {level} }}"), "");
        let (found, stdout, stderr) = world.run(test.path(), "apply . --yes");
        assert_eq!(found, code, "{level}: {stdout}{stderr}");
        if code == 7 {
            assert!(stderr.contains("which this environment grants only at `Global`"), "{stderr}");
            assert_eq!(world.writes(), Vec::<String>::new());
            let roles = rows(&world, "roles?$select=roleid&$filter=name eq 'Plain Service'");
            assert_eq!(roles, Vec::<Value>::new());
        }
    }
}

#[test]
fn the_doctor_names_privileges_that_the_environment_lacks_or_has_not_that_deep() {
    let requires = "requires: { tables: [fabrikam_Order] }\n";
    let world = World::with(Scenario::FewerLevels);
    for (privileges, words) in [
        ("prvReadAccount: organization, prvReadContact: user", None),
        ("prvReadAccount: user", Some("`prvReadAccount` cannot be at Basic, only at `Global`")),
        ("prvWriteAccount: parentChild", Some("`prvWriteAccount` cannot be at Deep, only at `Global`")),
        ("prvReadfabrikam_Order: user", Some("`prvReadfabrikam_Order` does not exist here")),
        ("prvReadAcount: user", Some("`prvReadAcount` does not exist here")),
    ] {
        let test = package(&format!("privileges: {{ {privileges} }}"), requires);
        let (code, stdout, stderr) = world.run(test.path(), "doctor .");
        // A level that does not exist stops an apply; without the privilege it runs, and leaves a difference.
        let (wanted, mark) = match words {
            None => (0, "ok     "),
            Some(words) if words.ends_with("does not exist here") => (9, "differs"),
            Some(_) => (7, "PROBLEM"),
        };
        assert_eq!(code, wanted, "{privileges}: {stdout}{stderr}");
        match words {
            Some(words) => assert!(
                stdout.contains(&format!("{mark}  privileges of the roles: role `Plain Service`: {words}")),
                "{stdout}"
            ),
            None => assert!(stdout.contains("ok       privileges of the roles: all 2 exist"), "{stdout}"),
        }
    }
    // Those of a table that the package brings exist after the import.
    let own = package(
        "grants: { contoso_Widget: { all: organization } }",
        "components: { tables: [ { name: contoso_Widget, displayName: Widget, pluralName: Widgets, primaryColumn: { name: contoso_Name, displayName: Name } } ] }\n",
    );
    let (code, stdout, stderr) = world.run(own.path(), "doctor .");
    assert!(code == 0 && stdout.contains("privileges of the roles: all 8 exist"), "{stdout}{stderr}");
}
