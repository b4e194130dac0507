//! Somebody changes the role that a solution brought: a layer of the environment stands above it. Each verb finds what
//! differs, says who can mend it, and an upgrade does not promise what the layer hides.

use dvpack::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const VERBS: [&str; 4] = ["plan", "status", "doctor", "apply --yes"];
const NAME: &str = "Plain Service";

fn package(version: &str, more: &str) -> String {
    format!(
        "dvpack: 1
publisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}
solution: {{ name: Plain, displayName: Plain, version: {version} }}
application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Plain }}
roles:
  - name: {NAME}
    grants: {{ account: {{ read: organization, write: businessUnit, create: user }}{more} }}
applicationUser: {{ roles: [{NAME}] }}
"
    )
}

/// A privilege and the depth that somebody gives it; none takes it away.
type Change = (&'static str, Option<&'static str>);

fn id(world: &World, set: &str, key: &str, name: &str) -> String {
    let (_, answer) = world.send(Method::GET, &format!("{set}?$select={key}&$filter=name eq '{name}'"), &Value::Null);
    answer["value"][0][key].as_str().unwrap_or_else(|| panic!("no {name}: {answer}")).to_owned()
}

fn change(world: &World, (privilege, depth): Change) {
    let role = id(world, "roles", "roleid", NAME);
    let privilege = id(world, "privileges", "privilegeid", privilege);
    let (action, body) = match depth {
        Some(depth) => (
            "AddPrivilegesRole",
            json!({"Privileges": [{"PrivilegeId": privilege, "Depth": depth, "BusinessUnitId": role}]}),
        ),
        None => ("RemovePrivilegeRole", json!({"PrivilegeId": privilege})),
    };
    let (status, answer) = world.send(Method::POST, &format!("roles({role})/Microsoft.Dynamics.CRM.{action}"), &body);
    assert_eq!(status, 204, "{privilege}: {answer}");
}

/// An environment with version 1, where somebody has changed its role.
fn changed(test: &Test, changes: &[Change]) -> World {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    assert_eq!(world.run(test.path(), "apply one").0, 0);
    for one in changes {
        change(&world, *one);
    }
    world.writes();
    world
}

fn test() -> Test {
    let lead = ", lead: { read: organization }";
    Test::new()
        .file("one/dvpack.yaml", package("1.0.0.0", ""))
        .file("two/dvpack.yaml", package("2.0.0.0", ""))
        .file("more/dvpack.yaml", package("2.0.0.0", lead))
}

/// Code and privilege of each difference that a verb tells.
fn differences(world: &World, test: &Test, verb: &str, bundle: &str) -> Vec<(String, String)> {
    let words = verb.split_once(' ').map_or((verb, ""), |(verb, flags)| (verb, flags));
    let (_, stdout, stderr) = world.run(test.path(), &format!("{} {bundle} {} --format json", words.0, words.1));
    let json: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    let list = &json["differences"];
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> = list
        .as_array()
        .unwrap_or_else(|| panic!("{verb}: {json:#}"))
        .iter()
        .map(|it| (text(it, "code"), text(it, "what").trim_start_matches("privilege ").to_owned()))
        .collect();
    found.sort();
    found
}

/// What somebody changes, and what differs then: code and privilege.
type Layer = (&'static [Change], &'static [(&'static str, &'static str)]);

const LAYERS: [Layer; 8] = [
    (&[("prvReadAccount", None)], &[("privilege-missing", "prvReadAccount")]),
    (&[("prvReadAccount", Some("Basic"))], &[("privilege-shallower", "prvReadAccount")]),
    (&[("prvWriteAccount", Some("Global"))], &[("privilege-deeper", "prvWriteAccount")]),
    (&[("prvDeleteAccount", Some("Basic"))], &[("privilege-beyond", "prvDeleteAccount")]),
    (&[("prvActOnBehalfOfAnotherUser", Some("Global"))], &[("privilege-beyond", "prvActOnBehalfOfAnotherUser")]),
    (
        &[("prvReadAccount", None), ("prvWriteAccount", Some("Deep")), ("prvWriteLead", Some("Global"))],
        &[
            ("privilege-beyond", "prvWriteLead"),
            ("privilege-deeper", "prvWriteAccount"),
            ("privilege-missing", "prvReadAccount"),
        ],
    ),
    // Only worth a note, and as it was.
    (&[("prvReadTeam", Some("Global"))], &[]),
    (&[("prvReadAccount", None), ("prvReadAccount", Some("Global"))], &[]),
];

fn owned(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(code, what)| ((*code).to_owned(), (*what).to_owned())).collect()
}

#[test]
fn every_verb_finds_what_a_layer_changes_and_says_who_removes_it() {
    let test = test();
    for (changes, expected) in LAYERS {
        let world = changed(&test, changes);
        for verb in VERBS {
            let (verb_name, flags) = verb.split_once(' ').unwrap_or((verb, ""));
            let (code, stdout, stderr) = world.run(test.path(), &format!("{verb_name} one {flags}"));
            assert_eq!(code, if expected.is_empty() { 0 } else { 9 }, "{changes:?} {verb}: {stdout}{stderr}");
            assert_eq!(differences(&world, &test, verb, "one"), owned(expected), "{changes:?} {verb}");
            if !expected.is_empty() {
                assert!(stdout.contains("an administrator of the environment"), "{changes:?} {verb}: {stdout}");
                assert!(stdout.contains("unmanaged layer"), "{changes:?} {verb}: {stdout}");
            }
        }
        assert_eq!(world.writes(), Vec::<String>::new(), "{changes:?}");
    }
}

#[test]
fn an_upgrade_says_beforehand_what_will_remain_and_leaves_just_that() {
    let test = test();
    for (changes, expected) in LAYERS {
        let world = changed(&test, changes);
        let code = world.run(test.path(), "plan two").0;
        assert_eq!(code, 10, "{changes:?}");
        let planned = differences(&world, &test, "plan", "two");
        let remain: Vec<_> = planned.into_iter().filter(|(code, _)| code.starts_with("privilege-")).collect();
        assert_eq!(remain, owned(expected), "{changes:?}");
        let (code, stdout, stderr) = world.run(test.path(), "apply two --yes --allow-delete");
        assert_eq!(code, if expected.is_empty() { 0 } else { 9 }, "{changes:?}: {stdout}{stderr}");
        for verb in VERBS {
            assert_eq!(differences(&world, &test, verb, "two"), owned(expected), "{changes:?} {verb}");
        }
    }
}

/// What only the new version brings is hidden, too, where somebody has taken it away before.
#[test]
fn a_layer_hides_what_a_new_version_brings() {
    let test = test();
    let world = changed(&test, &[("prvReadLead", Some("Global")), ("prvReadLead", None)]);
    let (code, stdout, _) = world.run(test.path(), "plan more");
    assert!(code == 10 && stdout.contains("What remains after these steps:"), "{code}: {stdout}");
    assert!(stdout.contains("privilege prvReadLead"), "{stdout}");
    let (code, stdout, stderr) = world.run(test.path(), "apply more --yes --allow-delete");
    assert_eq!(code, 9, "{stdout}{stderr}");
    for verb in VERBS {
        assert_eq!(differences(&world, &test, verb, "more"), owned(&[("privilege-missing", "prvReadLead")]), "{verb}");
    }
}
