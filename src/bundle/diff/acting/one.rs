//! One thing that acts, on one side.

use std::collections::{BTreeMap, HashMap};

use crate::solution::contents::Act;
use crate::solution::contents::acting::shown_name;

/// What it is called, and its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct One {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) id: Option<String>,
    /// Solution, kind, name and id, as they are shown.
    pub(super) title: String,
    /// Kind and name, as they are shown.
    pub(super) called: String,
    /// The facts by name; several with one name have their values in order.
    pub(super) facts: BTreeMap<String, Vec<String>>,
}

impl One {
    pub(super) fn of(solution: &str, act: &Act) -> Self {
        let shown = |text: &str| shown_name(text).into_owned();
        Self {
            kind: act.kind,
            name: act.name.clone(),
            id: act.id.clone(),
            title: format!("{}: {}", shown(solution), shown(&act.called())),
            called: format!("{} {}", act.kind, shown(&act.name)),
            facts: BTreeMap::new(),
        }
    }

    /// The values of a fact.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.facts.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// How much there is to compare.
    pub(super) fn size(&self) -> usize {
        let of_one = |(name, values): (&String, &Vec<String>)| {
            name.len() + values.iter().map(|value| 1 + value.len()).sum::<usize>()
        };
        1 + self.facts.iter().map(of_one).sum::<usize>()
    }
}

/// The values of a fact that occur more often than before: if several have one name, each counts.
pub(super) fn more<'a>(before: Option<&One>, now: &'a One, name: &str) -> Vec<&'a str> {
    let mut then: HashMap<&str, usize> = HashMap::new();
    for value in before.into_iter().flat_map(|then| then.all(name)) {
        *then.entry(value).or_default() += 1;
    }
    let mut left = Vec::new();
    for value in now.all(name) {
        match then.get_mut(value.as_str()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => left.push(value.as_str()),
        }
    }
    left
}
