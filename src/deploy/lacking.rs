//! Privileges that somebody lacks, or holds less deep than is needed.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use crate::catalog::Level;
use crate::dataverse::role::Held;

/// A privilege that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lacking<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// As it is needed.
    pub(super) wanted: Level,
    /// As it is held, if at all.
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
/// More is no fault: every role carries baseline privileges that cannot be removed.
pub(super) fn lacking<'a>(
    needed: impl IntoIterator<Item = (&'a str, Level)>,
    held: &[Held],
    ids: &BTreeMap<String, Uuid>,
) -> Vec<Lacking<'a>> {
    // By several roles, a privilege may be told several times. A level that is not understood may be deep enough.
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

#[cfg(test)]
mod tests {
    use super::*;

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
