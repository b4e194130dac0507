//! What acts on a side: what changed in it, and what of that reaches further.

use std::collections::BTreeMap;

use super::values::{ValueChange, values};
use crate::solution::contents::Act;
use crate::solution::contents::acting::{AUTHENTICATION, CONSENT, NOBODY_ASKED, PRIVILEGE, ROLE};

/// What acts, by solution, kind, name and id; each with its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acting(BTreeMap<String, One>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct One {
    kind: &'static str,
    /// Kind and name.
    called: String,
    /// The facts by name; of several with one name the values in their order.
    facts: BTreeMap<String, Vec<String>>,
}

impl Acting {
    pub(super) fn add(&mut self, solution: &str, act: &Act) {
        let one = self.0.entry(format!("{solution}: {}", act.called())).or_default();
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
            after.insert(key.clone(), now.words());
            continue;
        };
        before.extend(then.flat().into_iter().map(|(name, value)| (format!("{key}: {name}"), value)));
        after.extend(now.flat().into_iter().map(|(name, value)| (format!("{key}: {name}"), value)));
    }
    let gone = old.0.iter().filter(|(key, _)| !new.0.contains_key(*key));
    before.extend(gone.map(|(key, then)| (key.clone(), then.words())));
    values(&before, &after)
}

/// What reaches further than before, in words.
pub(super) fn gains(old: Option<&Acting>, new: Option<&Acting>) -> Vec<String> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let none = One::default();
    let mut gains = Vec::new();
    for (key, now) in &new.0 {
        let before = old.0.get(key);
        let then = before.unwrap_or(&none);
        let has = |one: &One, name: &str, is: &dyn Fn(&str) -> bool| {
            one.facts.get(name).is_some_and(|values| values.iter().any(|value| is(value)))
        };
        let becomes = |name: &str, is: &dyn Fn(&str) -> bool| has(now, name, is) && !has(then, name, is);
        let called = &now.called;
        if becomes(AUTHENTICATION, &|value| value.eq_ignore_ascii_case("All")) {
            gains.push(format!("anybody who knows the address can start the {called}"));
        }
        if now.kind == "plug-in assembly" && becomes("IsolationMode", &|value| !value.starts_with("2 ")) {
            gains.push(format!("the {called} runs outside the sandbox"));
        }
        for flag in CONSENT.into_iter().filter(|flag| becomes(flag, &|value| ["1", "true"].contains(&value))) {
            gains.push(format!("the {called} uses connections that nobody consented to ({flag})"));
        }
        if before.is_some() && becomes(PRIVILEGE, &|value| value == NOBODY_ASKED) {
            gains.push(format!("whoever calls the {called} needs no privilege for it any more"));
        }
        if before.is_some() && now.kind == "app" {
            let roles = now.facts.get(ROLE).into_iter().flatten();
            let known = then.facts.get(ROLE);
            let more = roles.filter(|role| known.is_none_or(|known| !known.contains(role)));
            gains.extend(more.map(|role| format!("whoever has the role {role} sees the {called}")));
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
        let cases: [(&'static str, Facts, Facts, usize); 10] = [
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
