//! All that acts on a side.

use std::collections::BTreeMap;

use super::one::One;
use crate::solution::contents::Act;

/// What acts, each with its facts, by its key. Another name makes nothing else of it, nor does another solution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acting(pub(super) BTreeMap<Key, One>);

/// Kind, id, and name without case, as Dataverse compares names.
pub(super) type Key = (&'static str, String, String);

impl Acting {
    pub(in crate::bundle::diff) fn add(&mut self, solution: &str, act: &Act) {
        let id = act.id.clone().unwrap_or_default();
        // One id can belong to the forms of two tables.
        let name = if id.is_empty() || act.kind == "form" { act.name.to_lowercase() } else { String::new() };
        let known = self.0.remove(&(act.kind, id.clone(), name.clone()));
        let mut one = One { facts: known.map(|it| it.facts).unwrap_or_default(), ..One::of(solution, act) };
        for fact in &act.facts {
            one.facts.entry(fact.name.clone()).or_default().push(fact.value.clone());
        }
        self.0.insert((act.kind, id, name), one);
    }
}
