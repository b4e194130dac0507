//! What a cloud flow does that its definition says: how it starts, who may start it, and whose connections it uses.
//! Facts: the definitions of real exports. Of 46 triggers of the type `Request` those of a kind below are started by
//! people who signed in; of the four with the kind `Http` three say who may start them, in `triggerAuthenticationType`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::act::{Act, ActFact, NOT_SAID};

/// The fact that says who may start a flow.
pub const AUTHENTICATION: &str = "triggerAuthenticationType";
/// How the fact begins that says whose connection is used.
pub const CONNECTION: &str = "connection ";

/// Kinds of requests that come from a program in which people have signed in.
const SIGNED_IN: [&str; 5] = ["Button", "PowerApp", "PowerAppV2", "Skills", "VirtualAgent"];

/// A cloud flow with the facts of its definition.
pub(in crate::solution::contents) fn of_flow(name: &str, id: &str, facts: Vec<ActFact>) -> Option<Act> {
    let act = Act { facts, ..Act::new("cloud flow", name, Some(id)) };
    Some(act).filter(|act| !act.facts.is_empty())
}

/// What a definition says, each once.
pub(in crate::solution::contents) fn flow_facts(definition: &Value) -> Vec<ActFact> {
    let mut met = BTreeSet::new();
    let mut facts = Vec::new();
    look(definition, &mut |name, value| {
        let fact = ActFact::new(&name, &value);
        if !fact.value.is_empty() && met.insert(fact.clone()) {
            facts.push(fact);
        }
    });
    facts
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A member, whatever the case of its name.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Looks for them everywhere and without case, so that none can hide.
fn look(value: &Value, add: &mut impl FnMut(String, String)) {
    match value {
        Value::Object(members) => {
            for (name, inside) in members {
                if name.eq_ignore_ascii_case(AUTHENTICATION) {
                    add(AUTHENTICATION.to_owned(), text(inside));
                } else if name.eq_ignore_ascii_case("triggers") {
                    inside.as_object().into_iter().flatten().for_each(|(name, said)| trigger(name, said, add));
                } else if name.eq_ignore_ascii_case("connectionReferences") {
                    inside.as_object().into_iter().flatten().for_each(|(key, said)| connection(key, said, add));
                }
                look(inside, add);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, add)),
        _ => {}
    }
}

fn trigger(name: &str, said: &Value, add: &mut impl FnMut(String, String)) {
    let Some(members) = said.as_object() else { return };
    let of = |name: &str| member(members, name).and_then(Value::as_str);
    let words: Vec<&str> = ["type", "kind"].into_iter().filter_map(of).collect();
    add(format!("trigger {name}"), words.join(" "));
    let is_open = of("type").is_some_and(|it| it.eq_ignore_ascii_case("Request"))
        && !of("kind").is_some_and(|kind| SIGNED_IN.iter().any(|it| it.eq_ignore_ascii_case(kind)));
    if is_open && !has(said, AUTHENTICATION) {
        add(AUTHENTICATION.to_owned(), NOT_SAID.to_owned());
    }
}

fn has(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(it, inside)| it.eq_ignore_ascii_case(name) || has(inside, name)),
        Value::Array(items) => items.iter().any(|item| has(item, name)),
        _ => false,
    }
}

fn connection(key: &str, said: &Value, add: &mut impl FnMut(String, String)) {
    let Some(members) = said.as_object() else { return };
    // An object of another kind, such as one of parameters, says neither.
    if member(members, "runtimeSource").or(member(members, "connection")).or(member(members, "api")).is_none() {
        return;
    }
    let mut value = member(members, "runtimeSource").map_or_else(|| NOT_SAID.to_owned(), text);
    let is_empty = |it: &&Value| it.is_null() || it.as_object().is_some_and(Map::is_empty);
    if let Some(other) = member(members, "impersonation").filter(|it| !is_empty(it)) {
        value.push_str(&format!(", impersonation {}", text(other)));
    }
    add(format!("{CONNECTION}{key}"), value);
}
