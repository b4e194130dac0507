//! One thing that acts, on one side.

use std::collections::{BTreeMap, HashMap};

/// Its name, and its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct One {
    pub(super) kind: &'static str,
    /// Solution, kind, name and id.
    pub(super) title: String,
    /// Kind and name.
    pub(super) called: String,
    /// The facts by name; several with one name have their values in order.
    pub(super) facts: BTreeMap<String, Vec<String>>,
}

impl One {
    pub(super) fn flat(&self) -> BTreeMap<String, String> {
        self.facts.iter().map(|(name, values)| (name.clone(), values.join(", "))).collect()
    }

    pub(super) fn words(&self) -> String {
        let facts = self.flat().into_iter().map(|(name, value)| format!("{name} = {value}"));
        facts.collect::<Vec<_>>().join("; ")
    }
}

/// The values of a fact that occur more often than before: if several have one name, each counts.
pub(super) fn more<'a>(before: Option<&One>, now: &'a One, name: &str) -> Vec<&'a str> {
    let mut then: HashMap<&str, usize> = HashMap::new();
    for value in before.and_then(|then| then.facts.get(name)).into_iter().flatten() {
        *then.entry(value).or_default() += 1;
    }
    let values = now.facts.get(name).into_iter().flatten().map(String::as_str);
    let mut left = Vec::new();
    for value in values {
        match then.get_mut(value) {
            Some(count) if *count > 0 => *count -= 1,
            _ => left.push(value),
        }
    }
    left
}
