//! What acts: what changed between two sides, and which of the changes reach further.

mod flow;
mod one;

use std::collections::BTreeMap;

use flow::of_flow;
use one::{One, more};

use super::values::{ValueChange, values};
use crate::solution::contents::Act;
use crate::solution::contents::acting::{ACCESS, CONSENT, ISOLATION, NO_ROLE, NOBODY_ASKED, NOT_SAID, PRIVILEGE, ROLE};

/// What acts, by kind, and id or name without case, as Dataverse compares names; each with its facts. Another name
/// makes no other thing of it, nor does another solution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acting(BTreeMap<String, One>);

impl Acting {
    pub(super) fn add(&mut self, solution: &str, act: &Act) {
        let title = format!("{solution}: {}", act.called());
        // One id can belong to the forms of two tables.
        let id = act.id.as_ref().filter(|_| act.kind != "form");
        let key = id.map_or_else(|| act.called(), |id| format!("{} {id}", act.kind));
        let one = self.0.entry(key.to_lowercase()).or_default();
        one.title = title;
        one.kind = act.kind;
        one.called = format!("{} {}", act.kind, act.name);
        for fact in &act.facts {
            one.facts.entry(fact.name.clone()).or_default().push(fact.value.clone());
        }
    }
}

/// What is new, gone, or acts differently.
pub(super) fn changes(old: Option<&Acting>, new: Option<&Acting>) -> Vec<ValueChange> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    for (key, now) in &new.0 {
        let Some(then) = old.0.get(key) else {
            after.insert(now.title.clone(), now.words());
            continue;
        };
        let key = &now.title;
        if then.called != now.called {
            before.insert(format!("{key}: name"), then.called.clone());
            after.insert(format!("{key}: name"), now.called.clone());
        }
        before.extend(then.flat().into_iter().map(|(name, value)| (format!("{key}: {name}"), value)));
        after.extend(now.flat().into_iter().map(|(name, value)| (format!("{key}: {name}"), value)));
    }
    let gone = old.0.iter().filter(|(key, _)| !new.0.contains_key(*key));
    before.extend(gone.map(|(_, then)| (then.title.clone(), then.words())));
    values(&before, &after)
}

/// What reaches further than before, in words. If that cannot be known, it counts as reaching further.
pub(super) fn gains(old: Option<&Acting>, new: Option<&Acting>) -> Vec<String> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let mut gains = Vec::new();
    for (key, now) in &new.0 {
        let before = old.0.get(key);
        gains.extend(of_values(before, now));
        match (now.kind, before) {
            ("cloud flow", _) => gains.extend(of_flow(before, now)),
            ("app", Some(then)) => gains.extend(of_app(then, now)),
            ("agent", Some(then)) => gains.extend(of_agent(then, now)),
            _ => {}
        }
    }
    gains
}

/// One value of a fact that means more than before, whatever it acts on.
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
        let asked = then.facts.get(PRIVILEGE).into_iter().flatten().filter(|it| *it != NOBODY_ASKED);
        let asked: Vec<&str> = asked.map(String::as_str).collect();
        for privilege in more(before, now, PRIVILEGE) {
            if privilege == NOBODY_ASKED {
                gains.push(format!("whoever calls the {called} needs no privilege for it any more"));
            } else if !asked.is_empty() {
                let then = asked.join(", ");
                gains.push(format!("whoever calls the {called} needs {privilege} for it instead of {then}"));
            }
        }
    }
    gains
}

fn of_app(then: &One, now: &One) -> Vec<String> {
    let roles = more(Some(then), now, ROLE).into_iter().filter(|role| *role != NO_ROLE);
    roles.map(|role| format!("whoever has the role {role} sees the {}", now.called)).collect()
}

/// The meaning of the numbers is not known: any other one may let more people in.
fn of_agent(then: &One, now: &One) -> Vec<String> {
    let of = |one: &One, name: &str| one.facts.get(name).map_or_else(|| NOT_SAID.to_owned(), |them| them.join(", "));
    let changed = ACCESS.into_iter().map(|name| (name, of(then, name), of(now, name))).filter(|(_, a, b)| a != b);
    let words = |(name, a, b)| format!("other people may reach the {}: {name} is {b} instead of {a}", now.called);
    changed.map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::contents::ActFact;
    use crate::solution::contents::acting::{AUTHENTICATION, USERS};

    fn acting(kind: &'static str, facts: &[(&str, &str)]) -> Acting {
        let facts = facts.iter().map(|(name, value)| ActFact { name: (*name).into(), value: (*value).into() });
        let mut acting = Acting::default();
        acting.add("W", &Act { kind, name: "X".into(), id: None, facts: facts.collect() });
        acting
    }

    #[test]
    fn what_reaches_further_is_a_gain() {
        type Facts = &'static [(&'static str, &'static str)];
        let cases: [(&'static str, Facts, Facts, usize); 45] = [
            ("cloud flow", &[(AUTHENTICATION, "Tenant")], &[(AUTHENTICATION, "All")], 1),
            ("cloud flow", &[(AUTHENTICATION, "All")], &[(AUTHENTICATION, "Tenant")], 0),
            ("plug-in assembly", &[("IsolationMode", "2 (sandbox)")], &[("IsolationMode", "1 (none)")], 1),
            ("plug-in assembly", &[("IsolationMode", "1 (none)")], &[("IsolationMode", "2 (sandbox)")], 0),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "1")], 1),
            ("canvas app", &[], &[("AdminControlBypassConsent", "true")], 1),
            ("custom API", &[(PRIVILEGE, "prvReadAccount")], &[(PRIVILEGE, NOBODY_ASKED)], 1),
            ("custom API", &[(PRIVILEGE, NOBODY_ASKED)], &[(PRIVILEGE, NOBODY_ASKED)], 0),
            ("app", &[(ROLE, "a")], &[(ROLE, "a"), (ROLE, "b")], 1),
            ("app", &[(ROLE, "a"), (ROLE, "b")], &[(ROLE, "a")], 0),
            ("app", &[(ROLE, NO_ROLE)], &[(ROLE, "a")], 1),
            ("app", &[(ROLE, "a")], &[(ROLE, NO_ROLE)], 0),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "True")], 1),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "yes")], 1),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "False")], 0),
            ("plug-in assembly", &[(ISOLATION, "2 (sandbox)")], &[(ISOLATION, NOT_SAID)], 1),
            ("plug-in assembly", &[(ISOLATION, NOT_SAID)], &[(ISOLATION, "1 (none)")], 1),
            ("plug-in assembly", &[(ISOLATION, NOT_SAID)], &[(ISOLATION, NOT_SAID)], 0),
            ("cloud flow", &[(AUTHENTICATION, "Tenant")], &[(AUTHENTICATION, NOT_SAID)], 1),
            ("cloud flow", &[("trigger a", "Recurrence")], &[(AUTHENTICATION, NOT_SAID)], 1),
            ("cloud flow", &[(AUTHENTICATION, NOT_SAID)], &[(AUTHENTICATION, "All")], 1),
            ("cloud flow", &[(AUTHENTICATION, NOT_SAID)], &[(AUTHENTICATION, "Tenant")], 0),
            ("cloud flow", &[(AUTHENTICATION, "User")], &[(AUTHENTICATION, "Tenant")], 1),
            ("cloud flow", &[("connection a", "invoker")], &[("connection a", "embedded")], 1),
            ("cloud flow", &[("connection a", "invoker")], &[("connection a", NOT_SAID)], 1),
            ("cloud flow", &[("connection a", "invoker")], &[("connection b", "embedded")], 1),
            ("cloud flow", &[("connection a", "embedded")], &[("connection b", "embedded")], 0),
            ("cloud flow", &[("connection a", "embedded")], &[("connection a", "invoker")], 0),
            (
                "plug-in assembly",
                &[(ISOLATION, "2 (sandbox)"), (ISOLATION, "1 (none)")],
                &[(ISOLATION, "1 (none)"); 2],
                1,
            ),
            ("plug-in assembly", &[(ISOLATION, "2 (sandbox)"), (ISOLATION, "1 (none)")], &[(ISOLATION, "1 (none)")], 0),
            ("custom API", &[(PRIVILEGE, "prvReadAccount")], &[(PRIVILEGE, "prvReadUserQuery")], 1),
            ("custom API", &[(PRIVILEGE, NOBODY_ASKED)], &[(PRIVILEGE, "prvReadAccount")], 0),
            ("agent", &[(ACCESS[1], "2")], &[(ACCESS[1], "1")], 1),
            ("agent", &[(ACCESS[3], "a")], &[], 1),
            ("agent", &[(ACCESS[1], "2")], &[(ACCESS[1], "2")], 0),
            ("cloud flow", &[(USERS, "a")], &[(AUTHENTICATION, "User"), (USERS, "a, b")], 1),
            ("cloud flow", &[(AUTHENTICATION, "User"), (USERS, "a; B")], &[(AUTHENTICATION, "User"), (USERS, "b")], 0),
            (
                "cloud flow",
                &[(AUTHENTICATION, "User"), (USERS, "a")],
                &[(AUTHENTICATION, "User"), (USERS, NOT_SAID)],
                1,
            ),
            ("cloud flow", &[(AUTHENTICATION, "Tenant")], &[(AUTHENTICATION, "User"), (USERS, "a")], 0),
            ("cloud flow", &[(AUTHENTICATION, "All")], &[(AUTHENTICATION, "All"), (AUTHENTICATION, NOT_SAID)], 1),
            (
                "cloud flow",
                &[("connection a", "invoker")],
                &[("connection a", "\"embedded, impersonation invoker\"")],
                1,
            ),
            (
                "cloud flow",
                &[("connection a", "invoker")],
                &[("connection a", "embedded, impersonation (not said)")],
                1,
            ),
            (
                "cloud flow",
                &[("connection a", "invoker")],
                &[("connection a", "invoker"), ("connection a", "embedded")],
                1,
            ),
            ("cloud flow", &[("connection a", "embedded")], &[("connection a", "invoker, impersonation Owner")], 0),
            ("cloud flow", &[("connection a", "embedded, impersonation Invoker")], &[("connection a", "embedded")], 1),
        ];
        for (kind, old, new, count) in cases {
            let (old, new) = (acting(kind, old), acting(kind, new));
            assert_eq!(gains(Some(&old), Some(&new)).len(), count, "{kind}: {old:?} {new:?}");
            assert_eq!(changes(Some(&old), Some(&new)).is_empty(), old == new);
        }
        let flow = acting("cloud flow", &[(AUTHENTICATION, "All")]);
        assert_eq!(gains(Some(&Acting::default()), Some(&flow)).len(), 1);
        assert!(gains(None, Some(&flow)).is_empty());
    }
}
