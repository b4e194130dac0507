//! Which facts of a flow reach further than before.

use std::collections::{BTreeMap, BTreeSet};

use super::one::{One, more};
use crate::solution::contents::acting::{
    AUTHENTICATION, CONNECTION, IMPERSONATION, PARAMETER, USERS, WHICH, is_expression, shown_value,
};

/// Who may start a flow: the people that it names, those of the tenant, or anybody who knows the address.
fn reach(authentication: &str) -> u8 {
    match authentication.to_lowercase().as_str() {
        "user" => 0,
        "tenant" => 1,
        _ => 2,
    }
}

/// In words, of what it has that any of those before does not have.
pub(super) fn of_flow(before: &[Option<&One>], now: &One) -> Vec<String> {
    let (mut gains, mut others) = (Vec::new(), BTreeSet::new());
    for before in before {
        let known = known(*before, now);
        gains.extend(of_starters(*before, known, now));
        if let Some(then) = before {
            if known < 2 {
                let had = users(then);
                others.extend(users(now).into_iter().filter(|user| !had.contains(user)));
            }
            gains.extend(of_connections(then, now));
            gains.extend(of_parameters(then, now));
        }
    }
    if !others.is_empty() {
        let others = others.into_iter().collect::<Vec<_>>().join(", ");
        let others = shown_value(USERS, &others);
        gains.push(format!("other users can start the {} ({USERS}: {others})", now.called));
    }
    gains
}

/// How far it reached before. One that nobody could start by a request reaches less far than one for the people that it
/// names. What still stands there has not become something else.
fn known(before: Option<&One>, now: &One) -> u8 {
    let gone = before.map(|then| more(Some(now), then, AUTHENTICATION)).unwrap_or_default();
    gone.into_iter().map(|value| 1 + reach(value)).max().unwrap_or_default()
}

fn of_starters(before: Option<&One>, known: u8, now: &One) -> Vec<String> {
    let called = &now.called;
    let mut gains = Vec::new();
    for value in more(before, now, AUTHENTICATION) {
        match reach(value) {
            2 if value.eq_ignore_ascii_case("All") => {
                gains.push(format!("anybody who knows the address can start the {called}"));
            }
            2 if known < 3 => {
                let value = shown_value(AUTHENTICATION, value);
                gains.push(format!("nothing limits who can start the {called} ({AUTHENTICATION}: {value})"));
            }
            1 if before.is_some() && known < 2 => {
                gains.push(format!("everybody in the tenant can start the {called}"));
            }
            _ => {}
        }
    }
    gains
}

/// The users that a flow names, without case. What only a run knows is not taken apart.
fn users(one: &One) -> BTreeSet<String> {
    let mut users = BTreeSet::new();
    for value in one.all(USERS) {
        let list: Vec<&str> = if is_expression(value) { vec![value] } else { value.split([',', ';']).collect() };
        users.extend(list.into_iter().map(|user| user.trim().to_lowercase()));
    }
    users.remove("");
    users
}

/// Whose connection a value names: whether it certainly is that of whoever starts the flow, and whether it may be.
fn is_own(value: &str) -> (bool, bool) {
    let whose = value.split(WHICH).next().unwrap_or_default();
    let mut words = whose.split(IMPERSONATION).map(|word| word.eq_ignore_ascii_case("invoker"));
    let source = words.next().unwrap_or_default();
    let others: Vec<bool> = words.collect();
    let is_sure = if others.is_empty() { source } else { others.iter().all(|it| *it) };
    (is_sure, source || others.contains(&true))
}

/// Which connection a value names.
fn which(value: &str) -> &str {
    value.split_once(WHICH).map(|(_, which)| which).unwrap_or_default()
}

/// Whoever starts it acts with the connection of its owner, or with another one of them.
fn of_connections(then: &One, now: &One) -> Vec<String> {
    let of = |one: &'_ One| -> BTreeMap<String, Vec<String>> {
        let facts = one.facts.iter().filter(|(name, _)| name.starts_with(CONNECTION));
        facts.map(|(name, values)| (name.clone(), values.clone())).collect()
    };
    let (before, mut gains) = (of(then), Vec::new());
    let may_be_own = |values: &Vec<String>| values.iter().any(|value| is_own(value).1);
    let any_own = before.values().any(may_be_own);
    let of_owner = |values: &Vec<String>| -> Vec<String> {
        values.iter().filter(|value| !is_own(value).0).map(|value| which(value).to_owned()).collect()
    };
    let had: BTreeSet<String> = before.values().flat_map(of_owner).map(|it| it.to_lowercase()).collect();
    for (name, values) in of(now) {
        if before.get(&name) == Some(&values) {
            continue;
        }
        let (called, its) = (&now.called, of_owner(&values));
        let was_own = before.get(&name).map_or(any_own, may_be_own);
        if was_own && !its.is_empty() {
            gains.push(format!("the {called} uses the {name} of its owner instead of the one of whoever starts it"));
            continue;
        }
        for other in its.into_iter().filter(|it| !had.contains(&it.to_lowercase())) {
            let other = shown_value(&name, &other);
            gains.push(format!("the {called} uses another connection of its owner ({name}: {other})"));
        }
    }
    gains
}

/// Parameters on which it rests who may start the flow, or whose connection it uses.
fn of_parameters(then: &One, now: &One) -> Vec<String> {
    let of = |one: &'_ One| -> BTreeMap<String, Vec<String>> {
        let facts = one.facts.iter().filter(|(name, _)| name.starts_with(PARAMETER));
        facts.map(|(name, values)| (name.clone(), values.clone())).collect()
    };
    let (before, after) = (of(then), of(now));
    let changed = after.iter().filter(|(name, values)| before.get(*name) != Some(values));
    let words = |name: &str| {
        format!(
            "the {} lets its {name} say who can start it, or whose connections it uses, and that changed",
            now.called
        )
    };
    changed.map(|(name, _)| words(name)).collect()
}
