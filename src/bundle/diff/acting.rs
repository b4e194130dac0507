//! What acts on a side: what changed in it, and what of that reaches further.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{ValueChange, values};
use crate::solution::contents::Act;
use crate::solution::contents::acting::{
    AUTHENTICATION, CONNECTION, CONSENT, ISOLATION, NO_ROLE, NOBODY_ASKED, NOT_SAID, PRIVILEGE, ROLE,
};

/// What acts, by solution, kind, name and id without case, as Dataverse compares names; each with its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acting(BTreeMap<String, One>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct One {
    kind: &'static str,
    /// Solution, kind, name and id.
    title: String,
    /// Kind and name.
    called: String,
    /// The facts by name; of several with one name the values in their order.
    facts: BTreeMap<String, Vec<String>>,
}

impl Acting {
    pub(super) fn add(&mut self, solution: &str, act: &Act) {
        let title = format!("{solution}: {}", act.called());
        let one = self.0.entry(title.to_lowercase()).or_default();
        one.title = title;
        one.kind = act.kind;
        one.called = format!("{} {}", act.kind, act.name);
        for fact in &act.facts {
            one.facts.entry(fact.name.clone()).or_default().push(fact.value.clone());
        }
    }
}

impl One {
    fn flat(&self) -> BTreeMap<String, String> {
        self.facts.iter().map(|(name, values)| (name.clone(), values.join(", "))).collect()
    }

    fn words(&self) -> String {
        let facts = self.flat().into_iter().map(|(name, value)| format!("{name} = {value}"));
        facts.collect::<Vec<_>>().join("; ")
    }
}

/// What is new, gone, or acts in another way.
pub(super) fn changes(old: Option<&Acting>, new: Option<&Acting>) -> Vec<ValueChange> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    for (key, now) in &new.0 {
        let Some(then) = old.0.get(key) else {
            after.insert(now.title.clone(), now.words());
            continue;
        };
        let key = &now.title;
        before.extend(then.flat().into_iter().map(|(name, value)| (format!("{key}: {name}"), value)));
        after.extend(now.flat().into_iter().map(|(name, value)| (format!("{key}: {name}"), value)));
    }
    let gone = old.0.iter().filter(|(key, _)| !new.0.contains_key(*key));
    before.extend(gone.map(|(_, then)| (then.title.clone(), then.words())));
    values(&before, &after)
}

/// What reaches further than before, in words. What nobody can say counts as reaching further.
pub(super) fn gains(old: Option<&Acting>, new: Option<&Acting>) -> Vec<String> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let mut gains = Vec::new();
    for (key, now) in &new.0 {
        let before = old.0.get(key);
        gains.extend(of_values(before, now));
        match (now.kind, before) {
            ("cloud flow", _) => gains.extend(of_flow(before, now)),
            ("app", Some(then)) => gains.extend(of_app(then, now)),
            _ => {}
        }
    }
    gains
}

/// The values of a fact that are new, since it had others or was not there.
fn more<'a>(before: Option<&One>, now: &'a One, name: &str) -> Vec<&'a str> {
    let then: BTreeSet<&String> = before.and_then(|then| then.facts.get(name)).into_iter().flatten().collect();
    let values = now.facts.get(name).into_iter().flatten();
    values.filter(|value| !then.contains(value)).map(String::as_str).collect()
}

/// One value of a fact that stands for more than before, whatever it acts on.
fn of_values(before: Option<&One>, now: &One) -> Vec<String> {
    let called = &now.called;
    let mut gains = Vec::new();
    if now.kind == "plug-in assembly" {
        for mode in more(before, now, ISOLATION).into_iter().filter(|mode| !mode.starts_with("2 ")) {
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
    if before.is_some() && more(before, now, PRIVILEGE).contains(&NOBODY_ASKED) {
        gains.push(format!("whoever calls the {called} needs no privilege for it any more"));
    }
    gains
}

fn of_app(then: &One, now: &One) -> Vec<String> {
    let roles = more(Some(then), now, ROLE).into_iter().filter(|role| *role != NO_ROLE);
    roles.map(|role| format!("whoever has the role {role} sees the {}", now.called)).collect()
}

/// How many people may start a flow: those that it names, those of the tenant, or anybody who knows the address.
fn reach(authentication: &str) -> u8 {
    match authentication.to_lowercase().as_str() {
        "user" => 0,
        "tenant" => 1,
        _ => 2,
    }
}

fn of_flow(before: Option<&One>, now: &One) -> Vec<String> {
    let called = &now.called;
    let mut gains = Vec::new();
    let then = before.and_then(|then| then.facts.get(AUTHENTICATION)).into_iter().flatten();
    // One that nobody could start by a request reaches less far than one for the people that it names.
    let known = then.map(|value| 1 + reach(value)).max().unwrap_or_default();
    for value in more(before, now, AUTHENTICATION) {
        let reach = reach(value);
        let is_anybody = value.eq_ignore_ascii_case("All");
        match reach {
            2 if is_anybody => gains.push(format!("anybody who knows the address can start the {called}")),
            2 if known < 3 => {
                gains.push(format!("nothing limits who can start the {called} ({AUTHENTICATION}: {value})"));
            }
            1 if before.is_some() && known < 2 => {
                gains.push(format!("everybody in the tenant can start the {called}"));
            }
            _ => {}
        }
    }
    // Whoever starts it acts with the connection of its owner.
    let is_own = |value: &String| value.to_lowercase().contains("invoker");
    let connections = |one: &One| -> BTreeMap<String, bool> {
        let of = one.facts.iter().filter(|(name, _)| name.starts_with(CONNECTION));
        of.map(|(name, values)| (name.clone(), values.iter().all(is_own))).collect()
    };
    let Some(then) = before.map(connections) else { return gains };
    for (name, _) in connections(now).into_iter().filter(|(_, is_own)| !is_own) {
        let was_own = then.get(&name).copied().unwrap_or_else(|| then.values().any(|it| *it));
        if was_own {
            gains.push(format!("the {called} uses the {name} of its owner instead of the one of whoever starts it"));
        }
    }
    gains
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::contents::ActFact;

    fn acting(kind: &'static str, facts: &[(&str, &str)]) -> Acting {
        let facts = facts.iter().map(|(name, value)| ActFact { name: (*name).into(), value: (*value).into() });
        let mut acting = Acting::default();
        acting.add("W", &Act { kind, name: "X".into(), id: None, facts: facts.collect() });
        acting
    }

    #[test]
    fn what_reaches_further_is_a_gain() {
        type Facts = &'static [(&'static str, &'static str)];
        let cases: [(&'static str, Facts, Facts, usize); 29] = [
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
                "cloud flow",
                &[("connection a", "embedded, impersonation {\"source\":\"Invoker\"}")],
                &[("connection a", "embedded")],
                1,
            ),
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
