//! Which facts of a flow reach further than before.

use std::collections::{BTreeMap, BTreeSet};

use super::one::{One, more};
use crate::solution::contents::acting::{AUTHENTICATION, CONNECTION, IMPERSONATION, USERS};

/// Who may start a flow: the people that it names, those of the tenant, or anybody who knows the address.
fn reach(authentication: &str) -> u8 {
    match authentication.to_lowercase().as_str() {
        "user" => 0,
        "tenant" => 1,
        _ => 2,
    }
}

/// In words.
pub(super) fn of_flow(before: Option<&One>, now: &One) -> Vec<String> {
    let mut gains = of_starters(before, now);
    gains.extend(before.map(|then| of_connections(then, now)).unwrap_or_default());
    gains
}

fn of_starters(before: Option<&One>, now: &One) -> Vec<String> {
    let called = &now.called;
    let mut gains = Vec::new();
    // One that nobody could start by a request reaches less far than one for the people that it names. What is still
    // there has not become something else.
    let gone = before.map(|then| more(Some(now), then, AUTHENTICATION)).unwrap_or_default();
    let known = gone.into_iter().map(|value| 1 + reach(value)).max().unwrap_or_default();
    for value in more(before, now, AUTHENTICATION) {
        match reach(value) {
            2 if value.eq_ignore_ascii_case("All") => {
                gains.push(format!("anybody who knows the address can start the {called}"));
            }
            2 if known < 3 => {
                gains.push(format!("nothing limits who can start the {called} ({AUTHENTICATION}: {value})"));
            }
            1 if before.is_some() && known < 2 => {
                gains.push(format!("everybody in the tenant can start the {called}"));
            }
            _ => {}
        }
    }
    if let Some(then) = before.filter(|_| known < 2) {
        let had = users(then);
        let others: Vec<String> = users(now).into_iter().filter(|user| !had.contains(user)).collect();
        if !others.is_empty() {
            gains.push(format!("other users can start the {called} ({USERS}: {})", others.join(", ")));
        }
    }
    gains
}

/// The users that a flow names, without case.
fn users(one: &One) -> BTreeSet<String> {
    let values = one.facts.get(USERS).into_iter().flatten();
    let words = values.flat_map(|value| value.split([',', ';'])).map(|user| user.trim().to_lowercase());
    words.filter(|user| !user.is_empty()).collect()
}

/// Whose connection a value names: whether it certainly is that of whoever starts the flow, and whether it may be.
fn is_own(value: &str) -> (bool, bool) {
    let mut words = value.split(IMPERSONATION).map(|word| word.eq_ignore_ascii_case("invoker"));
    let source = words.next().unwrap_or_default();
    let others: Vec<bool> = words.collect();
    let is_sure = if others.is_empty() { source } else { others.iter().all(|it| *it) };
    (is_sure, source || others.contains(&true))
}

/// Whoever starts it acts with the connection of its owner.
fn of_connections(then: &One, now: &One) -> Vec<String> {
    let of = |one: &One| -> BTreeMap<String, Vec<String>> {
        let facts = one.facts.iter().filter(|(name, _)| name.starts_with(CONNECTION));
        facts.map(|(name, values)| (name.clone(), values.clone())).collect()
    };
    let (before, mut gains) = (of(then), Vec::new());
    let may_be_own = |values: &Vec<String>| values.iter().any(|value| is_own(value).1);
    for (name, values) in of(now) {
        let is_same = before.get(&name) == Some(&values);
        let was_own = before.get(&name).map_or_else(|| before.values().any(may_be_own), may_be_own);
        if was_own && !is_same && !values.iter().all(|value| is_own(value).0) {
            let called = &now.called;
            gains.push(format!("the {called} uses the {name} of its owner instead of the one of whoever starts it"));
        }
    }
    gains
}
