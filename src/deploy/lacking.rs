//! Privileges that somebody lacks or has less deep than needed, and those that a role has beyond what it should.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use crate::catalog::{self, Level, Right};
use crate::dataverse::role::Held;

/// A privilege that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lacking<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// As it is needed.
    pub(super) wanted: Level,
    /// The level that is held, if any.
    pub(super) held: Option<Level>,
}

impl fmt::Display for Lacking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.held {
            Some(level) => write!(f, " ({level} instead of {})", self.wanted),
            None => Ok(()),
        }
    }
}

/// What of `needed` is lacking in `held`; `ids` has the privileges that the environment knows, by name in lower case.
///
/// More is not a fault: every role has baseline privileges that cannot be removed.
pub(super) fn lacking<'a>(
    needed: impl IntoIterator<Item = (&'a str, Level)>,
    held: &[Held],
    ids: &BTreeMap<String, Uuid>,
) -> Vec<Lacking<'a>> {
    // Several roles may list a privilege several times. An unknown level may be deep enough.
    let mut deepest: BTreeMap<Uuid, Level> = BTreeMap::new();
    for privilege in held {
        let level = privilege.level.unwrap_or(Level::Global);
        deepest.entry(privilege.id).and_modify(|deepest| *deepest = level.max(*deepest)).or_insert(level);
    }
    let one = |(name, wanted): (&'a str, Level)| {
        let held = ids.get(&name.to_lowercase()).and_then(|id| deepest.get(id)).copied();
        held.is_none_or(|held| held < wanted).then_some(Lacking { name, wanted, held })
    };
    needed.into_iter().filter_map(one).collect()
}

/// A privilege that a role has beyond what it should, or deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beyond {
    /// Its name, or its id if the environment does not name it.
    pub(super) name: String,
    /// The level that is held, if it is known.
    pub(super) held: Option<Level>,
    /// The level that it should have, if any.
    pub(super) wanted: Option<Level>,
    /// Whether it is more than a note: it can change something, or reaches deeper.
    pub(super) differs: bool,
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held.map_or("at a level that is not understood", Level::name);
        match self.wanted {
            Some(wanted) => write!(f, "{} ({held} instead of {wanted})", self.name),
            None => write!(f, "{} ({held})", self.name),
        }
    }
}

/// The part of `held` that is beyond `wanted` and beyond what Dataverse itself puts into every role; those that differ
/// first.
pub(super) fn beyond<'a>(
    wanted: impl IntoIterator<Item = (&'a str, Level)>,
    held: &[Held],
    names: &BTreeMap<Uuid, String>,
) -> Vec<Beyond> {
    let mut allowed: BTreeMap<String, Level> = BTreeMap::new();
    for (name, level) in wanted {
        let deepest = allowed.entry(name.to_lowercase()).or_insert(level);
        *deepest = level.max(*deepest);
    }
    let one = |held: &Held| {
        let name = held.name.as_ref().or_else(|| names.get(&held.id));
        let wanted = name.and_then(|name| allowed.get(&name.to_lowercase())).copied();
        let baseline = name.and_then(|name| catalog::baseline().find(|(known, _)| known.eq_ignore_ascii_case(name)));
        let most = wanted.max(baseline.map(|(_, level)| level));
        // An unknown level of a wanted privilege does not prove that it goes beyond it.
        if held.level <= most && most.is_some() {
            return None;
        }
        // A privilege that the environment itself cannot name is not judged.
        let differs = most.is_some() || name.is_some_and(|name| changes(name));
        let name = name.cloned().unwrap_or_else(|| format!("privilege {} without a name", held.id));
        Some(Beyond { name, held: held.level, wanted, differs })
    };
    let mut found: Vec<Beyond> = held.iter().filter_map(one).collect();
    found.sort_by(|a, b| b.differs.cmp(&a.differs).then_with(|| a.name.to_lowercase().cmp(&b.name.to_lowercase())));
    found
}

/// Whether a privilege lets its holder change rows or act as somebody else, or is one that a reviewer should look at
/// twice. Reading, and attaching what can be changed anyway, does not.
fn changes(name: &str) -> bool {
    let known = catalog::privilege(name);
    let right = match known {
        // Known, but of no table: `prvAssignManager` is not Assign on `Manager`.
        Some(known) => known.table.map(|(_, right)| right),
        None => catalog::split_privilege(name).map(|(right, _)| right),
    };
    known.is_some_and(|known| known.danger.is_some())
        || matches!(right, Some(Right::Create | Right::Write | Right::Delete | Right::Assign | Right::Share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_differs_where_it_can_change_something_or_reaches_deeper() {
        let id = Uuid::from_u128;
        let rows = [
            ("prvReadAccount", Level::Global),
            ("prvWriteAccount", Level::Basic),
            ("prvReadLead", Level::Global),
            ("prvAppendLead", Level::Global),
            ("prvFlow", Level::Global),
            ("prvWriteContact", Level::Basic),
            ("prvCreateContact", Level::Basic),
            ("prvDeletefabrikam_Order", Level::Local),
            ("prvAssignLead", Level::Deep),
            ("prvShareLead", Level::Deep),
            ("prvActOnBehalfOfAnotherUser", Level::Global),
            ("prvBulkDelete", Level::Global),
            // Dataverse's own.
            ("prvWriteSharePointData", Level::Global),
            ("prvReadSharePointDocument", Level::Global),
        ];
        let names: BTreeMap<Uuid, String> = (1..).map(id).zip(rows.map(|(name, _)| name.to_owned())).collect();
        let mut held: Vec<Held> =
            (1..).zip(rows).map(|(at, (_, level))| Held { id: id(at), level: Some(level), name: None }).collect();
        held.push(Held { id: id(99), level: Some(Level::Basic), name: None });
        let wanted = [("prvreadaccount", Level::Local), ("prvWriteAccount", Level::Deep)];
        let found = beyond(wanted, &held, &names);
        let told = |differs: bool| -> Vec<String> {
            found.iter().filter(|it| it.differs == differs).map(ToString::to_string).collect()
        };
        assert_eq!(
            told(true),
            [
                "prvActOnBehalfOfAnotherUser (Global)",
                "prvAssignLead (Deep)",
                "prvBulkDelete (Global)",
                "prvCreateContact (Basic)",
                "prvDeletefabrikam_Order (Local)",
                "prvReadAccount (Global instead of Local)",
                "prvShareLead (Deep)",
                "prvWriteContact (Basic)",
            ]
        );
        assert_eq!(
            told(false),
            [
                "privilege 00000000-0000-0000-0000-000000000063 without a name (Basic)",
                "prvAppendLead (Global)",
                "prvFlow (Global)",
                "prvReadLead (Global)",
            ]
        );
    }

    #[test]
    fn the_deepest_counts_and_what_is_not_understood_is_enough() {
        let id = Uuid::from_u128;
        let held = [(1, Some(Level::Basic)), (1, Some(Level::Deep)), (2, Some(Level::Basic)), (3, None)];
        let held = held.map(|(number, level)| Held { id: id(number), level, name: None });
        let names = ["prvreada", "prvreadb", "prvreadc", "prvreadd"];
        let ids = (1..).zip(names).map(|(number, name)| (name.to_owned(), id(number))).collect();
        let needed = ["prvReadA", "prvReadB", "prvReadC", "prvReadD", "prvReadE"].map(|name| (name, Level::Local));
        let told: Vec<String> = lacking(needed, &held, &ids).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["prvReadB (Basic instead of Local)", "prvReadD", "prvReadE"]);
    }
}
