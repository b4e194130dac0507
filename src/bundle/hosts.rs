//! Where a solution sends data: the hosts that its texts name, and the connectors that it uses.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Contents;
use super::descriptor::{Connector, Host, shown};

/// The hosts, sorted.
pub(super) fn hosts(solutions: &[Contents]) -> Vec<Host> {
    let all = together(solutions.iter().map(|it| &it.solution.hosts.hosts));
    all.into_iter().map(|(host, from)| Host { host, from }).collect()
}

/// The connectors, sorted.
pub(super) fn connectors(solutions: &[Contents]) -> Vec<Connector> {
    let all = together(solutions.iter().map(|it| &it.solution.hosts.connectors));
    all.into_iter().map(|(connector, from)| Connector { connector, from }).collect()
}

/// What several solutions name, each with all that names it, as `bundle.json` shows names.
fn together<'a>(maps: impl Iterator<Item = &'a BTreeMap<String, BTreeSet<String>>>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, from) in maps.flatten() {
        let name = shown(name, "");
        if !name.is_empty() {
            all.entry(name).or_default().extend(from.iter().map(|from| shown(from, "a part without a name")));
        }
    }
    all.into_iter().map(|(name, from)| (name, from.into_iter().collect())).collect()
}
