//! "Referenced by N other components": whatever it is, wherever the service says it, what still uses it is named with its
//! owner, and what cannot be found out hides nothing.

use dvpack::sandbox::{Options, Rule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const ID: &str = "f8552cc9-5c12-4568-b06c-17eca9a2d11c";

fn rule(world: &World, rule: Value) {
    world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
}

fn answer(body: &Value) -> Value {
    json!({"kind": "answer", "status": 200, "body": body.to_string()})
}

fn message(kind: &str, count: usize) -> String {
    format!(
        "ImportAsHolding failed with exception :The {kind}({ID}) component cannot be deleted because it is referenced by \
         {count} other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest."
    )
}

/// Where the service says it.
#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    Result,
    Check,
}

const PLACES: [Place; 3] = [Place::Result, Place::Start, Place::Check];

fn say(world: &World, place: Place, message: &str) {
    match place {
        Place::Start => {
            let effect = json!({"kind": "answer", "status": 500, "code": "0x8004f01f", "message": message});
            rule(world, json!({"method": "POST", "path": "/StageAndUpgradeAsync", "times": 0, "effect": effect}));
        }
        Place::Result => {
            let body =
                json!({"SolutionOperationResult": {"Type": "Import", "Status": "Failed", "ErrorMessages": [message]}});
            rule(world, json!({"path": "/RetrieveSolutionImportResult", "times": 0, "effect": answer(&body)}));
        }
        Place::Check => {
            let body = json!({"StageSolutionResults": {"StageSolutionStatus": "Failed", "MissingDependencies": [],
                "SolutionValidationResults": [{"SolutionValidationResultType": "Error", "Message": message}]}});
            rule(world, json!({"method": "POST", "path": "/StageSolution", "times": 0, "effect": answer(&body)}));
        }
    }
}

/// An environment with an earlier version, and with a solution of somebody else.
fn upgraded() -> World {
    let installed = [("ContosoWidgets", "1.3.0.0"), ("FabrikamOrders", "2.0.0.0")];
    let installed = installed.map(|(name, version)| (name.to_owned(), version.to_owned(), true)).into();
    World::new(Options { installed, job_polls: 0, ..Options::default() })
}

fn id(world: &World, set: &str, key: &str, filter: &str) -> String {
    let (_, found) = world.send(Method::GET, &format!("{set}?$select={key}&$filter={filter}"), &Value::Null);
    found["value"][0][key].as_str().unwrap_or_else(|| panic!("{set} {filter}: {found}")).to_owned()
}

/// What depends on the component, as the service lists it.
fn dependents(world: &World, number: u32, rows: &[(u32, &str, Option<&str>)]) {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(kind, object, owner)| {
            json!({"dependentcomponenttype": kind, "dependentcomponentobjectid": object,
                "dependentcomponentbasesolutionid": owner, "requiredcomponenttype": number,
                "requiredcomponentobjectid": ID})
        })
        .collect();
    let path = format!("RetrieveDependenciesForDelete(ObjectId={ID},ComponentType={number})");
    rule(world, json!({"path": path, "times": 0, "effect": answer(&json!({"value": rows}))}));
}

fn apply(world: &World, test: &Test) -> String {
    let (code, stdout, stderr) = world.run(test.path(), "apply . --yes --allow-delete");
    assert_eq!(code, 7, "{stdout}{stderr}");
    assert!(stderr.contains("--mode update"), "{stderr}");
    stderr
}

#[test]
fn what_uses_a_component_of_any_kind_is_named_with_its_owner_wherever_it_is_said() {
    let test = Test::new().copy("examples/contoso-widgets");
    let kinds = [
        ("Entity", 1),
        ("Attribute", 2),
        ("SavedQuery", 26),
        ("Workflow", 29),
        ("WebResource", 61),
        ("connectionreference", 10_132),
        ("EnvironmentVariableDefinition", 380),
    ];
    for (index, (kind, number)) in kinds.into_iter().enumerate() {
        let place = PLACES[index % PLACES.len()];
        let world = upgraded();
        let role = id(&world, "roles", "roleid", "name eq 'Basic User'");
        let owner = |name: &str| id(&world, "solutions", "solutionid", &format!("uniquename eq '{name}'"));
        let (fabrikam, active) = (owner("FabrikamOrders"), owner("Active"));
        let kind_row = json!({"value": [{"name": kind, "solutioncomponenttype": number}]});
        rule(&world, json!({"path": "/solutioncomponentdefinitions", "times": 0, "effect": answer(&kind_row)}));
        let view = "11112222-aaaa-3333-bbbb-4444cccc5555";
        dependents(&world, number, &[(20, &role, Some(&fabrikam)), (26, view, Some(&active)), (10_777, view, None)]);
        say(&world, place, &message(kind, 3));
        let mut said = vec![apply(&world, &test)];
        if matches!(place, Place::Check) {
            let (code, stdout, stderr) = world.run(test.path(), "doctor .");
            assert_eq!(code, 7, "{kind}: {stdout}{stderr}");
            said.push(stdout);
        }
        for words in [
            format!("the new version no longer has {kind} {ID}"),
            "3 other components of the environment still use it".to_owned(),
            "security role `Basic User` of solution `FabrikamOrders` needs".to_owned(),
            format!("view {view}, made in this environment, needs"),
            format!("component of type 10777 {view} needs"),
        ] {
            assert!(said.iter().all(|it| it.contains(&words)), "{kind}, {place:?}: not said: {words}: {said:#?}");
        }
    }
}

/// A list of many is cut, and says so.
#[test]
fn many_dependents_are_counted() {
    let test = Test::new().copy("examples/contoso-widgets");
    let world = upgraded();
    let ids: Vec<String> = (0..40).map(|number| format!("11112222-aaaa-3333-bbbb-4444cccc{number:04}")).collect();
    let rows: Vec<_> = ids.iter().map(|id| (26, id.as_str(), None)).collect();
    dependents(&world, 1, &rows);
    say(&world, Place::Result, &message("Entity", 40));
    let stderr = apply(&world, &test);
    let named = ids.iter().filter(|id| stderr.contains(id.as_str())).count();
    assert!(named > 0 && named < 40 && stderr.contains(&format!("and {} more", 40 - named)), "{named}: {stderr}");
}

/// Two texts in one result: what uses each.
#[test]
fn what_uses_each_of_two_components_is_named() {
    let test = Test::new().copy("examples/contoso-widgets");
    let world = upgraded();
    let other = "22222222-aaaa-3333-bbbb-4444cccc5555";
    dependents(&world, 1, &[(26, "11112222-aaaa-3333-bbbb-4444cccc5555", None)]);
    let row = json!({"dependentcomponenttype": 60, "dependentcomponentobjectid": "33332222-aaaa-3333-bbbb-4444cccc5555",
        "requiredcomponenttype": 61, "requiredcomponentobjectid": other});
    let path = format!("RetrieveDependenciesForDelete(ObjectId={other},ComponentType=61)");
    rule(&world, json!({"path": path, "times": 0, "effect": answer(&json!({"value": [row]}))}));
    let messages = [message("Entity", 1), message("WebResource", 1).replace(ID, other)];
    let body = json!({"SolutionOperationResult": {"Type": "Import", "Status": "Failed", "ErrorMessages": messages}});
    rule(&world, json!({"path": "/RetrieveSolutionImportResult", "times": 0, "effect": answer(&body)}));
    let stderr = apply(&world, &test);
    for words in ["view 11112222-aaaa", "form 33332222-aaaa", "Entity", "WebResource"] {
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
}

/// The list cannot be read, or the kind is not known: the failure is the same.
#[test]
fn a_list_that_cannot_be_read_hides_nothing() {
    let test = Test::new().copy("examples/contoso-widgets");
    for (kind, path, effect) in [
        ("Entity", "RetrieveDependenciesForDelete", json!({"kind": "answer", "status": 403})),
        ("Entity", "RetrieveDependenciesForDelete", json!({"kind": "answer", "status": 404})),
        ("Entity", "RetrieveDependenciesForDelete", answer(&json!({"value": []}))),
        ("Entity", "RetrieveDependenciesForDelete", json!({"kind": "answer", "status": 200, "body": "<html>"})),
        ("someotherkind", "/solutioncomponentdefinitions", answer(&json!({"value": []}))),
        ("someotherkind", "/solutioncomponentdefinitions", json!({"kind": "answer", "status": 403})),
    ] {
        for place in [Place::Result, Place::Start] {
            let world = upgraded();
            rule(&world, json!({"path": path, "times": 0, "effect": effect}));
            say(&world, place, &message(kind, 17));
            let stderr = apply(&world, &test);
            let words = format!("the new version no longer has {kind} {ID}, and 17 other components");
            assert!(stderr.contains(&words), "{kind} {effect} {place:?}: {stderr}");
        }
    }
}
