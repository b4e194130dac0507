//! What a cloud flow's definition says about it: how it starts, who may start it, and whose connections it uses.
//! Facts: the definitions of real exports. Of 46 triggers of the type `Request` those of a kind below are started by
//! people who signed in; of the five with the kind `Http` four say who may start them, in `triggerAuthenticationType`
//! of their inputs, and two of these name the users in `triggerAllowedUsers`.
//!
//! Only the relevant places are read: the same name elsewhere is data. There, names count in any case, and of several
//! members that differ only in case each is shown, since it is not known which one counts.

use serde_json::{Map, Value};

use super::act::{Act, ActFact, LONGEST, NOT_SAID, USERS, cut, is_blank};

/// The fact with those who may start a flow.
pub const AUTHENTICATION: &str = "triggerAuthenticationType";
/// How the fact begins that says whose connection is used.
pub const CONNECTION: &str = "connection ";
/// What follows there if the value is decided elsewhere.
pub const IMPERSONATION: &str = ", impersonation ";
/// What follows there: which connection it is, up to the end.
pub const WHICH: &str = ", which is ";
/// How the fact begins that says what a parameter is, where who may start a flow, or whose connection it uses, rests on one.
pub const PARAMETER: &str = "parameter ";

/// Kinds of requests from programs in which people have signed in.
const SIGNED_IN: [&str; 5] = ["Button", "PowerApp", "PowerAppV2", "Skills", "VirtualAgent"];

/// A cloud flow with the facts of its definition.
pub(in crate::solution::contents) fn of_flow(name: &str, id: &str, facts: Vec<ActFact>) -> Option<Act> {
    let act = Act { facts, ..Act::new("cloud flow", name, Some(id)) };
    Some(act).filter(|act| !act.facts.is_empty())
}

/// What a definition says.
pub(in crate::solution::contents) fn flow_facts(definition: &Value) -> Vec<ActFact> {
    let properties = within(&[definition], "properties");
    let roots = if properties.is_empty() { vec![definition] } else { properties };
    let mut facts = Vec::new();
    for (name, said) in
        within(&within(&roots, "definition"), "triggers").into_iter().filter_map(Value::as_object).flatten()
    {
        trigger(name, said, &mut facts);
    }
    for (key, said) in within(&roots, "connectionReferences").into_iter().filter_map(Value::as_object).flatten() {
        connection(key, said, &mut facts);
    }
    if facts.iter().any(|fact| !fact.name.starts_with("trigger ") && is_expression(&fact.value)) {
        let parameters = within(&within(&roots, "definition"), "parameters");
        for (key, said) in parameters.into_iter().filter_map(Value::as_object).flatten() {
            facts.push(ActFact::new(&format!("{PARAMETER}{key}"), &said.to_string()));
        }
    }
    facts
}

/// Whether only a run of the flow knows what a value means: `@parameters('Users')`.
#[must_use]
pub fn is_expression(value: &str) -> bool {
    value.trim_start().starts_with('@') || value.contains("@{") || value.contains("\"@")
}

/// The members of objects with a name, in any case.
fn within<'a>(values: &[&'a Value], name: &str) -> Vec<&'a Value> {
    let objects = values.iter().filter_map(|value| value.as_object());
    objects.flat_map(|members| named(members, name)).collect()
}

/// The members with a name, in any case.
fn named<'a>(members: &'a Map<String, Value>, name: &str) -> Vec<&'a Value> {
    members.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

/// What a member says: a word as it is, anything else as JSON, so that nothing passes for another fact.
fn text(value: &Value) -> Option<String> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, ' ' | '-' | '_' | '.' | '@');
    match value {
        Value::Null => None,
        Value::String(text) if is_blank(text) => None,
        Value::String(text) if text.chars().all(is_plain) => Some(text.trim().to_owned()),
        Value::Object(members) if members.is_empty() => None,
        other => Some(other.to_string()),
    }
}

/// The same of a list in one text, or in several.
fn list(value: &Value) -> Vec<String> {
    match value {
        Value::String(words) if !is_expression(words) => {
            words.split([',', ';']).filter_map(|word| text(&Value::from(word.trim()))).collect()
        }
        Value::Array(items) => items.iter().flat_map(list).collect(),
        _ => text(value).into_iter().collect(),
    }
}

/// What members say, without blank values.
fn said(values: &[&Value]) -> Vec<String> {
    let found: Vec<String> = values.iter().filter_map(|value| text(value)).collect();
    if found.is_empty() { vec![NOT_SAID.to_owned()] } else { found }
}

fn trigger(name: &str, trigger: &Value, facts: &mut Vec<ActFact>) {
    let (kinds, types) = (within(&[trigger], "kind"), said(&within(&[trigger], "type")));
    let words = types.iter().cloned().chain(kinds.iter().filter_map(|kind| text(kind)));
    facts.push(ActFact::new(&format!("trigger {name}"), &words.collect::<Vec<_>>().join(" ")));
    let is_signed_in = |kind: &&Value| {
        let kind = kind.as_str().unwrap_or_default();
        SIGNED_IN.iter().any(|it| it.eq_ignore_ascii_case(kind))
    };
    let is_of_people = !kinds.is_empty() && kinds.iter().all(is_signed_in);
    let is_request = |it: &String| it == NOT_SAID || letters(it) == "request";
    let inputs = within(&[trigger], "inputs");
    let authentication = within(&inputs, AUTHENTICATION);
    let is_open = types.iter().any(is_request) && !is_of_people;
    if authentication.is_empty() && !is_open {
        return;
    }
    let authentication = said(&authentication);
    facts.extend(authentication.iter().map(|it| ActFact::new(AUTHENTICATION, it)));
    let users = within(&inputs, USERS);
    if !users.is_empty() || authentication.iter().any(|it| it.eq_ignore_ascii_case("User")) {
        let users: Vec<String> = users.into_iter().flat_map(list).collect();
        let users = if users.is_empty() { NOT_SAID.to_owned() } else { users.join(", ") };
        facts.push(ActFact::new(USERS, &users));
    }
}

/// The letters of a word, in lower case: a blank before it makes no other type of it.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
}

fn connection(key: &str, reference: &Value, facts: &mut Vec<ActFact>) {
    let of = |name: &str| within(&[reference], name);
    // An object of another kind, such as one of parameters, says neither.
    if ["runtimeSource", "connection", "api"].iter().all(|name| of(name).is_empty()) {
        return;
    }
    let others = of("impersonation");
    let mut rest = String::new();
    if others.iter().any(|it| text(it).is_some()) {
        for source in others.iter().flat_map(|it| said(&within(&[it], "source"))) {
            rest = rest + IMPERSONATION + &source;
        }
    }
    // Members of other names are those of exports that nobody has seen yet.
    let members = of("connection").into_iter().chain(of("api")).filter_map(Value::as_object).flatten();
    let mut which: Vec<String> = members.filter_map(|(name, value)| member(name, value)).collect();
    which.sort();
    which.dedup();
    if !which.is_empty() {
        rest = rest + WHICH + &which.join(", ");
    }
    // It is repeated for each spelling of the source: a long one would fill the memory.
    let rest = cut(&rest, LONGEST);
    for source in said(&of("runtimeSource")) {
        facts.push(ActFact::new(&format!("{CONNECTION}{key}"), &format!("{source}{rest}")));
    }
}

/// What a member says of which connection it is.
fn member(name: &str, value: &Value) -> Option<String> {
    let value = text(value)?;
    Some(match name.to_ascii_lowercase().as_str() {
        "connectionreferencelogicalname" => format!("the reference {value}"),
        "name" => value,
        "logicalname" => format!("the connector {value}"),
        _ => format!("{} {value}", Value::from(name)),
    })
}
