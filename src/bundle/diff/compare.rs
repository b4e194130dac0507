//! Two sides → what is new, what is gone, what is different.

use std::collections::BTreeMap;

use super::difference::{ComponentChange, Difference};
use super::rest::rest;
use super::roles::{RoleChange, roles};
use super::side::Side;
use super::values::values;
use crate::solution::deletion::{self, Deletion, Release};

/// Compares two sides.
#[must_use]
pub fn compare(old: &Side, new: &Side) -> Difference {
    let roles = roles(old, new);
    let label = |side: &Side| {
        if side.solutions.is_empty() { side.label.clone() } else { side.solutions.join(", ") }
    };
    let mut difference = Difference {
        old: label(old),
        new: label(new),
        gained: roles.iter().any(RoleChange::is_gain),
        roles,
        components: components(&old.components, &new.components),
        deletions: deletions(old, new),
        settings: values(&old.settings, &new.settings),
        facts: values(&old.facts, &new.facts),
    };
    rest(old, new, &mut difference);
    difference
}

/// What an environment with the old side says, or else what the two versions say.
fn deletions(old: &Side, new: &Side) -> Vec<Deletion> {
    let before = |now: &Release| old.releases.iter().find(|then| then.name.eq_ignore_ascii_case(&now.name));
    let pairs = new.releases.iter().filter_map(|now| Some((before(now)?, now)));
    let mut found = old.deletions.clone();
    found.extend(pairs.flat_map(|(then, now)| deletion::between(then, now)));
    found
}

type Digests = BTreeMap<(String, String), String>;

fn components(old: &Digests, new: &Digests) -> Vec<ComponentChange> {
    let mut changes = Vec::new();
    let mut push = |(kind, name): &(String, String), change| {
        changes.push(ComponentChange { kind: kind.clone(), name: name.clone(), change });
    };
    for (key, digest) in new {
        match old.get(key) {
            None => push(key, "added"),
            Some(before) if before != digest => push(key, "changed"),
            Some(_) => {}
        }
    }
    old.keys().filter(|key| !new.contains_key(*key)).for_each(|key| push(key, "removed"));
    changes.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
    changes
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::roles::PrivilegeChange;
    use super::*;
    use crate::catalog::Level;
    use crate::solution::role::{Role, Row};

    fn side(rows: &[(&str, Level)]) -> Side {
        let rows = rows.iter().map(|(name, level)| Row::new(*name, *level)).collect();
        let role = Role { id: Uuid::nil(), name: "Service".into(), description: None, inheritance: None, rows };
        Side { roles: vec![role], ..Side::default() }
    }

    #[test]
    fn gained_deepened_reduced_and_lost_are_told_apart() {
        let old =
            side(&[("prvReadAccount", Level::Basic), ("prvWriteAccount", Level::Global), ("prvReadLead", Level::Deep)]);
        let new = side(&[
            ("prvReadAccount", Level::Global),
            ("prvWriteAccount", Level::Local),
            ("prvWriteRole", Level::Global),
        ]);
        let difference = compare(&old, &new);
        assert!(difference.gained);
        let titles = |list: &[PrivilegeChange]| list.iter().map(|it| it.title.clone()).collect::<Vec<_>>();
        let role = &difference.roles[0];
        assert_eq!(titles(&role.gained), ["Write on Role"]);
        assert!(role.gained[0].unusual.is_some());
        assert_eq!(titles(&role.deepened), ["Read on Account"]);
        assert_eq!(titles(&role.reduced), ["Write on Account"]);
        assert_eq!(titles(&role.lost), ["Read on Lead"]);
    }

    #[test]
    fn less_is_not_a_gain() {
        let old = side(&[("prvReadAccount", Level::Global)]);
        let difference = compare(&old, &side(&[("prvReadAccount", Level::Basic)]));
        assert!(!difference.gained && !difference.is_empty());
        assert!(compare(&old, &old).is_empty());
    }
}
