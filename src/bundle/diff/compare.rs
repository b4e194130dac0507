//! Two sides → what is new, what is gone, what is different.

use std::collections::BTreeMap;

use super::acting;
use super::columns::columns;
use super::details::details;
use super::difference::{ComponentChange, Difference};
use super::gains::gains;
use super::rest::rest;
use super::roles::{RoleChange, roles};
use super::side::Side;
use super::values::{ValueChange, values};
use crate::solution::deletion::{self, Deletion, Fate, Release};

/// Compares two sides.
#[must_use]
pub fn compare(old: &Side, new: &Side) -> Difference {
    let roles = roles(old, new);
    let column_security = columns(old, new);
    let gains = gains(old, new);
    let label = |side: &Side| {
        if side.solutions.is_empty() { side.label.clone() } else { side.solutions.join(", ") }
    };
    let mut difference = Difference {
        old: label(old),
        new: label(new),
        gained: roles.iter().any(RoleChange::is_gain) || column_security.is_gain() || !gains.is_empty(),
        gains,
        deviations: old.deviations.iter().chain(&new.deviations).cloned().collect(),
        roles,
        column_security,
        components: components(&old.components, &new.components),
        deletions: deletions(old, new),
        settings: values(&old.settings, &new.settings),
        facts: values(&old.facts, &new.facts),
        acting: acting::changes(old.acting.as_ref(), new.acting.as_ref()),
    };
    details(&old.originals, &new.originals, &mut difference.components);
    rest(old, new, &mut difference);
    // If nothing at all differs, nothing was gained, whatever it means.
    if difference.is_empty() {
        difference.deviations.clear();
    }
    difference.gained |= !difference.deviations.is_empty();
    difference
}

impl Difference {
    /// The same, with every text that is not dvpack's own in another form. Each field is named, so that none can be
    /// forgotten.
    pub(super) fn with_texts(self, form: &impl Fn(&str) -> String) -> Self {
        let Self {
            old,
            new,
            gained,
            gains,
            deviations,
            roles,
            column_security,
            components,
            deletions,
            settings,
            facts,
            acting,
        } = self;
        let some = |text: Option<String>| text.map(|text| form(&text));
        let all = |texts: Vec<String>| texts.iter().map(|text| form(text)).collect::<Vec<_>>();
        let values = |values: Vec<ValueChange>| {
            let one =
                |ValueChange { name, old, new }| ValueChange { name: form(&name), old: some(old), new: some(new) };
            values.into_iter().map(one).collect::<Vec<_>>()
        };
        let component = |ComponentChange { kind, name, change, details, more_details }| ComponentChange {
            kind: form(&kind),
            name: form(&name),
            change,
            details: values(details),
            more_details,
        };
        let fate = |fate: Fate| match fate {
            Fate::Deleted => Fate::Deleted,
            Fate::Kept { by } => Fate::Kept { by: all(by) },
            Fate::Unknown { why } => Fate::Unknown { why: form(&why) },
        };
        let deletion = |Deletion { solution, kind, name, id, rows, fate: of }| Deletion {
            solution: form(&solution),
            kind: form(&kind),
            name: some(name),
            id,
            rows,
            fate: fate(of),
        };
        Self {
            old: form(&old),
            new: form(&new),
            gained,
            gains: all(gains),
            deviations: all(deviations),
            roles: roles.into_iter().map(|role| role.with_texts(form, &values)).collect(),
            column_security: column_security.with_texts(form),
            components: components.into_iter().map(component).collect(),
            deletions: deletions.into_iter().map(deletion).collect(),
            settings: values(settings),
            facts: values(facts),
            acting: values(acting),
        }
    }
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
        changes.push(ComponentChange::new(kind.clone(), name.clone(), change));
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
