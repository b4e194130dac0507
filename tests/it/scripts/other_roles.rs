//! The application user has a role that the bundle does not declare: a difference, as for `dvpack status`, and never
//! "nothing to do". What the scripts do not compare, they say.

use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::Value;

use super::alike::{State, scenario, with};
use super::{APPLICATION, Bundle, FIRST, ROLE, Script, imported, options};
use crate::world::World;

const NOT_COMPARED: &str = "; not compared (dvpack status does): privileges, column profiles, flows";

fn role(name: &str) -> String {
    format!("cannot take away the undeclared role `{name}`: `dvpack apply --only-declared-roles` can; or accept it")
}

/// The application user and its roles.
fn user(world: &World) -> (String, Vec<String>) {
    let query = format!(
        "systemusers?$select=systemuserid&$filter=applicationid eq {APPLICATION}&$expand=systemuserroles_association($select=name)"
    );
    let (_, answer) = world.send(Method::GET, &query, &Value::Null);
    let user = &answer["value"][0];
    let roles = user["systemuserroles_association"].as_array().expect("roles").iter();
    let mut roles: Vec<String> = roles.map(|role| role["name"].as_str().expect("a name").to_owned()).collect();
    roles.sort();
    (user["systemuserid"].as_str().expect("a user").to_owned(), roles)
}

#[test]
fn a_role_that_somebody_added_ends_with_9_and_is_named() {
    for (added, name) in [(Scenario::AdministratorAdded, "System Administrator"), (Scenario::RoleAdded, "Basic User")] {
        scenario(added, 9, &role(name));
        let world = with(added);
        let before = |world: &World, bundle: &Bundle| {
            bundle.code(9, Script::quick(), world, &[]);
        };
        for arguments in [&[][..], &["--plan"]] {
            let name = format!("{name}, again {arguments:?}");
            let words = format!("nothing else to do{NOT_COMPARED}");
            State { name: &name, code: 9, words: &words, arguments, world: &world, before: &before }.check();
        }
    }
}

#[test]
fn all_of_them_are_named_after_what_is_done_and_nothing_is_taken_away() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let both = vec![Scenario::AdministratorAdded, Scenario::RoleAdded];
        let world = imported(&bundle, Options { scenarios: both, ..options() });
        let ran = bundle.code(9, script, &world, &[]);
        assert!(ran.stdout.ends_with(&format!("applied and read back: 4 writes{NOT_COMPARED}\n")), "{}", ran.all());
        assert_eq!(world.writes(), FIRST);
        for name in ["System Administrator", "Basic User"] {
            assert_eq!(ran.stderr.matches(&role(name)).count(), 1, "{script:?}\n{}", ran.all());
        }

        // A plan names both what it would do and what will remain.
        let (id, roles) = user(&world);
        assert_eq!(roles, ["Basic User", "Contoso Widgets Service", "System Administrator"]);
        let path = format!("systemusers({id})/systemuserroles_association({ROLE})/$ref");
        assert!(world.send(Method::DELETE, &path, &Value::Null).0 < 300);
        let ran = bundle.code(10, script, &world, &["--plan"]);
        assert_eq!(ran.stdout, "would assign role `Contoso Widgets Service`\n", "{script:?}");
        assert!(ran.stderr.contains(&role("Basic User")), "{script:?}\n{}", ran.all());
        let ran = bundle.code(9, script, &world, &[]);
        assert!(ran.stdout.starts_with("applied and read back: 1 writes"), "{}", ran.all());
        assert_eq!(user(&world).1, roles);
    }
}

/// A setting that the environment does not have stops no other one.
#[test]
fn a_setting_of_nobody_is_named_and_the_others_are_set() {
    for script in Script::here() {
        let bundle = Bundle::new();
        bundle.edit("\"contoso_ApiBase\"", "\"contoso_Other\"");
        let world = imported(&bundle, options());
        let plan = bundle.code(10, script, &world, &["--plan"]);
        assert!(plan.stderr.contains("cannot set `contoso_Other`"), "{script:?}\n{}", plan.all());
        let ran = bundle.code(9, script, &world, &[]);
        assert!(ran.stderr.contains("cannot set `contoso_Other`"), "{script:?}\n{}", ran.all());
        let [user, value, _, role] = FIRST;
        assert_eq!(world.writes(), [user, value, role], "{script:?}");
    }
}

/// What a person did to the role itself, the scripts do not see: they say so in the very line.
#[test]
fn what_is_not_compared_is_said_where_nothing_is_to_do() {
    for changed in
        [Scenario::PrivilegeTaken, Scenario::PrivilegeShallower, Scenario::PrivilegeAdded, Scenario::PrivilegeDeepened]
    {
        let world = with(changed);
        let before = |world: &World, bundle: &Bundle| {
            bundle.code(0, Script::quick(), world, &[]);
        };
        let words = format!("nothing to do{NOT_COMPARED}");
        for arguments in [&[][..], &["--plan"]] {
            let name = format!("{changed} {arguments:?}");
            State { name: &name, code: 0, words: &words, arguments, world: &world, before: &before }.check();
        }
    }
}
