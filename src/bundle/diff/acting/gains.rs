//! What reaches further than before.

use std::collections::{BTreeMap, HashSet};

use super::all::Acting;
use super::flow::of_flow;
use super::one::{One, more};
use super::pairs::Pairs;
use crate::solution::contents::acting::{
    ACCESS, CONSENT, ISOLATION, NO_ROLE, NOBODY_ASKED, NOT_SAID, PRIVILEGE, ROLE, shown_value,
};

/// The kinds of which what is new is compared with what is gone: nobody can say that it is not the same by another name.
const COMPARED: [&str; 4] = ["cloud flow", "app", "agent", "custom API"];
/// How many bytes of facts are compared for one kind, each new one with each that is gone.
const MOST: usize = 20_000_000;

/// What reaches further than before, in words. What nobody can say counts as reaching further.
pub(in crate::bundle::diff) fn gains(old: Option<&Acting>, new: Option<&Acting>) -> Vec<String> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let pairs = Pairs::of(old, new);
    let mut gains: Vec<String> = pairs.both.iter().flat_map(|(then, now)| of_one(&[Some(then)], now)).collect();
    let mut gone: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    let mut by_name: BTreeMap<(&str, String), Group<'_>> = BTreeMap::new();
    pairs.gone.iter().for_each(|then| gone.entry(then.kind).or_default().add(then));
    // What has another id, while the old one has become something else.
    for (then, _) in pairs.both.iter().filter(|(then, now)| then.name.to_lowercase() != now.name.to_lowercase()) {
        by_name.entry((then.kind, then.name.to_lowercase())).or_default().add(then);
    }
    let mut left: BTreeMap<&str, usize> = COMPARED.into_iter().map(|kind| (kind, MOST)).collect();
    for now in pairs.new {
        let mut before = vec![None];
        if let Some(left) = left.get_mut(now.kind) {
            let named = by_name.get(&(now.kind, now.name.to_lowercase()));
            let groups = || gone.get(now.kind).into_iter().chain(named);
            let size: usize = groups().map(|group| group.size + group.all.len() * now.size()).sum();
            if size < *left {
                before.extend(groups().flat_map(|group| &group.all).map(|it| Some(*it)));
            } else if *left > 0 {
                let kind = now.kind;
                gains.push(format!("a new {kind} may reach further than one that is gone: there are too many of them"));
            }
            *left = left.saturating_sub(size);
        }
        gains.extend(of_one(&before, now));
    }
    gains
}

/// What something new is compared with.
#[derive(Default)]
struct Group<'a> {
    all: Vec<&'a One>,
    /// How much there is to compare with.
    size: usize,
}

impl<'a> Group<'a> {
    fn add(&mut self, one: &'a One) {
        self.size += one.size();
        self.all.push(one);
    }
}

/// What one has that any of those before does not have, or that there was none before.
fn of_one(before: &[Option<&One>], now: &One) -> Vec<String> {
    let mut gains = Vec::new();
    for before in before {
        gains.extend(of_values(*before, now));
        match (now.kind, before) {
            ("app", Some(then)) => gains.extend(of_app(then, now)),
            ("agent", Some(then)) => gains.extend(of_agent(then, now)),
            _ => {}
        }
    }
    if now.kind == "cloud flow" {
        gains.extend(of_flow(before, now));
    }
    let mut known = HashSet::new();
    gains.retain(|gain| known.insert(gain.clone()));
    gains
}

/// One value of a fact that stands for more than before, whatever it acts on.
fn of_values(before: Option<&One>, now: &One) -> Vec<String> {
    let called = &now.called;
    let mut gains = Vec::new();
    if now.kind == "plug-in assembly" {
        for mode in more(before, now, ISOLATION).into_iter().filter(|mode| *mode != "2 (sandbox)") {
            let where_else = if mode == NOT_SAID { "does not say that it runs in" } else { "runs outside" };
            gains.push(format!("the {called} {where_else} the sandbox"));
        }
    }
    for flag in CONSENT {
        let is_off = |value: &&str| matches!(value.trim().to_lowercase().as_str(), "0" | "false");
        if more(before, now, flag).iter().any(|value| !is_off(value)) {
            gains.push(format!("the {called} uses connections that nobody consented to ({flag})"));
        }
    }
    if let Some(then) = before {
        // One where nobody was asked before can only keep people out.
        let asked: Vec<String> =
            then.all(PRIVILEGE).iter().filter(|it| *it != NOBODY_ASKED).map(|it| shown_value(PRIVILEGE, it)).collect();
        for privilege in more(before, now, PRIVILEGE) {
            if privilege == NOBODY_ASKED {
                gains.push(format!("whoever calls the {called} needs no privilege for it any more"));
            } else if !asked.is_empty() {
                let (privilege, then) = (shown_value(PRIVILEGE, privilege), asked.join(", "));
                gains.push(format!("whoever calls the {called} needs {privilege} for it instead of {then}"));
            }
        }
    }
    gains
}

fn of_app(then: &One, now: &One) -> Vec<String> {
    let roles = more(Some(then), now, ROLE).into_iter().filter(|role| *role != NO_ROLE);
    roles.map(|role| format!("whoever has the role {} sees the {}", shown_value(ROLE, role), now.called)).collect()
}

/// What the numbers mean nobody can say: any other one may let more people in.
fn of_agent(then: &One, now: &One) -> Vec<String> {
    let shown = |one: &One, name: &str| match one.all(name) {
        [] => NOT_SAID.to_owned(),
        values => values.iter().map(|value| shown_value(name, value)).collect::<Vec<_>>().join(", "),
    };
    let changed = ACCESS.into_iter().filter(|name| then.all(name) != now.all(name));
    let words = |name| {
        let (before, after) = (shown(then, name), shown(now, name));
        format!("other people may reach the {}: {name} is {after} instead of {before}", now.called)
    };
    changed.map(words).collect()
}
