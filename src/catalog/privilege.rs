//! Every privilege that Dataverse itself has: those of its tables, and those that belong to no table.
//!
//! Facts: `tables.tsv`, `privileges.tsv`, `dangerous.tsv` and `baseline.tsv` in `manifests/catalog/`.

use std::collections::HashMap;
use std::sync::LazyLock;

use uuid::Uuid;

use crate::catalog::table::{Table, TableKind, tables};
use crate::catalog::{Level, Levels, Right};
use crate::diagnostic;

/// A privilege.
#[derive(Debug)]
pub struct Privilege {
    /// Its name as Dataverse spells it, such as `prvReadAccount`.
    pub name: String,
    /// Whether that spelling was seen; otherwise only the letters are known, not their case.
    pub spelling_known: bool,
    /// Its GUID, where it is the same in every environment.
    pub id: Option<Uuid>,
    /// The levels that it can be granted at, where known.
    pub levels: Option<Levels>,
    /// The levels at which real, exported roles have it.
    pub seen: Levels,
    /// The table that it belongs to, and the right it gives there.
    pub table: Option<(&'static Table, Right)>,
    /// What it allows, as the rest of “the role …”; only for privileges that belong to no table.
    pub meaning: Option<&'static str>,
    /// Why a reviewer should look twice.
    pub danger: Option<Danger>,
}

/// How far a privilege reaches that a reviewer should look at twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// A user with it can give itself everything else.
    Admin,
    /// A user with it can customize the environment, as Environment Maker or System Customizer can.
    Maker,
    /// It needs a reason.
    High,
}

/// Why a privilege needs a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Danger {
    /// How far it reaches.
    pub grade: Grade,
    /// What could happen.
    pub why: &'static str,
}

static PRIVILEGES: LazyLock<HashMap<String, Privilege>> = LazyLock::new(read);

fn read() -> HashMap<String, Privilege> {
    let mut known: HashMap<String, Privilege> = HashMap::with_capacity(5_000);
    // A noun that several tables share (`Activity`, `Customization`) belongs to the one without a parent.
    let (parents, others): (Vec<_>, Vec<_>) = tables().iter().partition(|table| table.parent.is_none());
    for table in parents.into_iter().chain(others).filter(|table| table.kind != TableKind::Child) {
        for right in table.rights() {
            let name = format!("prv{}{}", right.name(), table.noun.unwrap_or(table.logical));
            known.entry(name.to_ascii_lowercase()).or_insert_with(|| Privilege {
                name,
                spelling_known: table.noun.is_some(),
                id: None,
                levels: Some(table.levels(right)),
                seen: Levels::NONE,
                table: Some((table, right)),
                meaning: None,
                danger: None,
            });
        }
    }
    for fields in rows(include_str!("../../manifests/catalog/privileges.tsv")) {
        let [name, id, allowed, seen, meaning, ..] = fields[..] else { continue };
        let seen = seen
            .split(',')
            .filter_map(Level::from_word)
            .fold(String::new(), |letters, level| letters + &level.name()[..1]);
        let entry = known.entry(name.to_ascii_lowercase()).or_insert_with(|| Privilege {
            name: name.to_owned(),
            spelling_known: true,
            id: None,
            levels: None,
            seen: Levels::NONE,
            table: None,
            meaning: None,
            danger: None,
        });
        name.clone_into(&mut entry.name);
        entry.spelling_known = true;
        entry.id = Uuid::try_parse(id).ok();
        entry.seen = Levels::from_letters(&seen);
        entry.meaning = (!meaning.is_empty()).then_some(meaning);
        if !allowed.is_empty() {
            entry.levels = Some(Levels::from_letters(allowed));
        }
    }
    for fields in rows(include_str!("../../manifests/catalog/dangerous.tsv")) {
        let [name, grade, why, ..] = fields[..] else { continue };
        if let Some(entry) = known.get_mut(&name.to_ascii_lowercase()) {
            let grade = match grade {
                "admin" => Grade::Admin,
                "maker" => Grade::Maker,
                _ => Grade::High,
            };
            entry.danger = Some(Danger { grade, why });
        }
    }
    known
}

/// The fields of a tab-separated table, without its heading.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect())
}

impl Table {
    /// The name of the privilege for `right`, if it has that right and the spelling is known.
    #[must_use]
    pub fn privilege(&self, right: Right) -> Option<&'static str> {
        if self.levels(right).is_empty() {
            return None;
        }
        let name = format!("prv{}{}", right.name(), self.noun?);
        privilege(&name).map(|known| known.name.as_str())
    }
}

/// The privilege with this name, in any case.
#[must_use]
pub fn privilege(name: &str) -> Option<&'static Privilege> {
    PRIVILEGES.get(&name.to_ascii_lowercase())
}

/// The known privilege that `name` is most likely a misspelling of.
#[must_use]
pub fn nearest_privilege(name: &str) -> Option<&'static str> {
    // Sorted, so that of two equally similar names the same one is always reported.
    let mut names: Vec<&'static str> = PRIVILEGES.values().map(|known| known.name.as_str()).collect();
    names.sort_unstable();
    diagnostic::nearest(name, names)
}

/// The right and the noun in a privilege's name: `prvAppendToAccount` → (`AppendTo`, `Account`).
#[must_use]
pub fn split_privilege(name: &str) -> Option<(Right, &str)> {
    let rest = name.strip_prefix("prv")?;
    let by_length = [
        Right::AppendTo,
        Right::Create,
        Right::Delete,
        Right::Append,
        Right::Assign,
        Right::Write,
        Right::Share,
        Right::Read,
    ];
    by_length
        .into_iter()
        .find_map(|right| rest.strip_prefix(right.name()).filter(|noun| !noun.is_empty()).map(|noun| (right, noun)))
}

/// Privileges that the platform itself adds to every role, so that no author has to ask for them. Which they are is an
/// assumption; `baseline.tsv` has the evidence.
pub fn baseline() -> impl Iterator<Item = (&'static str, Level)> {
    rows(include_str!("../../manifests/catalog/baseline.tsv"))
        .filter_map(|fields| Some((*fields.first()?, Level::from_word(fields.get(1)?)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_privileges_of_tables_and_of_none() {
        let read = privilege("PRVREADACCOUNT").expect("known");
        assert_eq!(read.name, "prvReadAccount");
        assert_eq!(read.id.map(|id| id.to_string()).as_deref(), Some("886b280c-6396-4d56-a0a3-2c1b0a50ceb0"));
        assert_eq!(read.levels, Some(Levels::ALL));
        let act = privilege("prvActOnBehalfOfAnotherUser").expect("known");
        assert!(act.table.is_none() && act.meaning.is_some() && act.danger.is_some());
        assert_eq!(act.levels, Some(Levels::ORGANIZATION));
        assert!(privilege("prvReadNothing").is_none());
    }

    #[test]
    fn shared_nouns_belong_to_the_parent() {
        let (table, right) = privilege("prvWriteActivity").and_then(|known| known.table).expect("known");
        assert_eq!((table.logical, right), ("activitypointer", Right::Write));
    }

    #[test]
    fn every_dangerous_and_baseline_privilege_is_a_known_one() {
        for fields in rows(include_str!("../../manifests/catalog/dangerous.tsv")) {
            assert_eq!(fields.len(), 4, "{fields:?}");
            assert!(
                privilege(fields[0]).is_some_and(|known| known.danger.is_some() && known.name == fields[0]),
                "{fields:?}"
            );
        }
        assert_eq!(baseline().count(), 4);
        assert!(
            baseline().all(|(name, level)| privilege(name).and_then(|p| p.levels).is_some_and(|l| l.contains(level)))
        );
    }

    #[test]
    fn splits_names_with_the_longest_verb() {
        assert_eq!(split_privilege("prvAppendToAccount"), Some((Right::AppendTo, "Account")));
        assert_eq!(split_privilege("prvAppendAccount"), Some((Right::Append, "Account")));
        assert_eq!(split_privilege("prvBulkDelete"), None);
    }

    #[test]
    fn suggests_the_nearest_privilege() {
        assert_eq!(nearest_privilege("prvBulkDelet"), Some("prvBulkDelete"));
    }
}
