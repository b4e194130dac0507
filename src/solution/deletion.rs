//! What an upgrade deletes: the one result that plan, apply, doctor, diff and reports show.
//!
//! An upgrade of a managed solution deletes the components that the new version no longer has, with their data, unless
//! another managed solution has them, too. Source: Microsoft, “Upgrade or update a solution”.

mod gone;
mod release;

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use gone::gone;
pub use release::{Release, between};

use super::contents::Piece;
pub use crate::catalog::{COLUMN, TABLE};
use crate::text;

/// What is said where nothing is known of a solution's components.
const COMPONENTS: &str = "Components";
/// What is said where nothing is known of a solution's tables.
pub const TABLES: &str = "Tables";
/// What is said where a table's columns could not be read.
pub const COLUMNS: &str = "Columns of table";
/// What is said where the parts of whole tables could not be listed.
pub const PARTS: &str = "Views, forms, charts and keys";

/// A component of an installed solution that its new version does not have, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// The solution that is upgraded.
    pub solution: String,
    /// What it is, such as `Table` or `Column`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name; columns with their table's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its id in the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// How many rows a table has; [`text::MOST_ROWS`] stands for that many or more. Absent: not known, or no table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// What becomes of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// What becomes of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "fate", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Fate {
    /// It is deleted.
    Deleted,
    /// Others have it, too: it stays.
    Kept {
        /// Their unique names.
        by: Vec<String>,
    },
    /// Whether it is deleted could not be found out.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Deletion {
    /// What a piece would be, if the upgrade deletes it.
    #[must_use]
    pub fn of(solution: &str, piece: &Piece, fate: Fate) -> Self {
        let name = Some(piece.title.clone()).filter(|title| !title.is_empty());
        Self { solution: solution.to_owned(), kind: piece.label.clone(), name, id: piece.id, rows: None, fate }
    }

    /// Nothing is known of what an upgrade of this solution deletes.
    #[must_use]
    pub fn unknown(solution: &str, why: impl Into<String>) -> Self {
        Self::unknown_of(solution, COMPONENTS, why)
    }

    /// Nothing is known of what becomes of those of one kind.
    #[must_use]
    pub fn unknown_of(solution: &str, kind: &str, why: impl Into<String>) -> Self {
        let (solution, kind, why) = (solution.to_owned(), kind.to_owned(), why.into());
        Self { solution, kind, name: None, id: None, rows: None, fate: Fate::Unknown { why } }
    }

    /// Whether it is a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.kind == "Table"
    }

    /// Whether somebody has to agree: it goes, or may go.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        !matches!(self.fate, Fate::Kept { .. })
    }

    /// Tables first, then columns, then the rest; what stays comes last.
    fn rank(&self) -> (bool, u8, String, String) {
        let kind = match self.kind.as_str() {
            "Table" => 0,
            "Column" => 1,
            _ => 2,
        };
        (!self.needs_consent(), kind, self.kind.to_lowercase(), self.name.clone().unwrap_or_default().to_lowercase())
    }
}

impl fmt::Display for Deletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.to_lowercase())?;
        match (&self.name, self.id) {
            (Some(name), _) => write!(f, " `{name}`")?,
            (None, Some(id)) => write!(f, " {id}")?,
            (None, None) => {}
        }
        match &self.fate {
            Fate::Deleted if self.is_table() => match self.rows {
                Some(_) => write!(f, " with {}", text::rows(self.rows)),
                None if self.id.is_some() => write!(f, ": {}", text::rows(None)),
                None => f.write_str(" with all its rows"),
            },
            Fate::Deleted => Ok(()),
            Fate::Kept { by } => {
                let by: Vec<String> = by.iter().map(|name| format!("`{name}`")).collect();
                let word = if by.len() == 1 { "solution" } else { "solutions" };
                write!(f, " stays: {word} {} has it, too", by.join(", "))
            }
            Fate::Unknown { why } => {
                let them = if [COMPONENTS, TABLES, COLUMNS, PARTS].contains(&self.kind.as_str()) {
                    "they are"
                } else {
                    "it is"
                };
                write!(f, ": whether {them} deleted could not be found out: {why}")
            }
        }
    }
}

/// Puts them into the order in which people read them.
pub fn sort(deletions: &mut Vec<Deletion>) {
    deletions.sort_by_cached_key(Deletion::rank);
    deletions.dedup();
}

/// The deletions of each solution, with what they come to in words.
#[must_use]
pub fn by_solution(deletions: &[Deletion]) -> Vec<(&str, String, Vec<&Deletion>)> {
    let mut names: Vec<&str> = deletions.iter().map(|it| it.solution.as_str()).collect();
    let mut met = BTreeSet::new();
    names.retain(|name| met.insert(*name));
    let of = |name: &'_ str| deletions.iter().filter(|it| it.solution == name).collect::<Vec<_>>();
    names.iter().map(|name| (*name, summary(&of(name)), of(name))).collect()
}

/// How many tables and other components go or may go, in words.
fn summary(deletions: &[&Deletion]) -> String {
    let some = |filter: &dyn Fn(&Deletion) -> bool| deletions.iter().filter(|it| filter(it)).count();
    let words = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let goes = |it: &Deletion| it.fate == Fate::Deleted;
    let tables = words(some(&|it| goes(it) && it.is_table()), "table", "tables");
    let others = match tables {
        Some(_) => ("other component", "other components"),
        None => ("component", "components"),
    };
    let others = words(some(&|it| goes(it) && !it.is_table()), others.0, others.1);
    let gone = [tables, others].into_iter().flatten().collect::<Vec<_>>().join(" and ");
    let unknown = some(&|it| matches!(it.fate, Fate::Unknown { .. }));
    match (gone.is_empty(), unknown) {
        (true, 0) => "deletes nothing: other solutions have what the new version no longer has".to_owned(),
        (false, 0) => format!("deletes {gone}"),
        (true, _) => "may delete components: what could not be found out".to_owned(),
        (false, _) => format!("deletes {gone}, and perhaps more: not all could be found out"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::contents::Known;

    fn piece(kind: Option<u32>, name: &str, id: Option<u128>) -> Piece {
        let names = Some(name.to_owned()).filter(|name| !name.is_empty()).into_iter().collect();
        Piece {
            kind,
            rows_of: Some("thing".to_owned()).filter(|_| kind.is_none()),
            names,
            id: id.map(Uuid::from_u128),
            label: "Thing".into(),
            title: name.into(),
            ..Piece::default()
        }
    }

    #[test]
    fn what_is_known_by_an_id_and_what_by_a_name_is_compared_by_that() {
        let new = [piece(Some(29), "", Some(1)), piece(Some(61), "a_/x.js", None), piece(None, "a_api", None)];
        let told = |had: Piece| {
            let had = [had];
            gone(&had, &Known::of(&new)).into_iter().map(|(_, fate)| fate == Fate::Deleted).next()
        };
        // The same again.
        for same in [piece(Some(29), "", Some(1)), piece(Some(61), "a_/x.js", Some(7)), piece(None, "a_api", Some(8))] {
            assert_eq!(told(same), None);
        }
        // Dataverse's own table, texts, and what comes with something else.
        for quiet in [piece(Some(TABLE), "account", Some(9)), piece(Some(22), "", Some(9))] {
            assert_eq!(told(quiet), None);
        }
        assert_eq!(told(Piece { inherent: true, ..piece(Some(10), "a_b", None) }), None);
        for deleted in [piece(Some(29), "", Some(2)), piece(Some(61), "a_/y.js", Some(7)), piece(None, "a_b", Some(8))]
        {
            assert_eq!(told(deleted), Some(true));
        }
        // No name where names count, an unknown kind: nobody can say.
        for unknown in [piece(Some(61), "", Some(7)), piece(Some(150), "a_x", Some(8)), piece(None, "", Some(8))] {
            assert_eq!(told(unknown), Some(false));
        }
    }

    #[test]
    fn what_goes_is_summed_up_and_what_is_not_known_is_never_nothing() {
        let one = |kind: &str, fate: Fate| Deletion {
            solution: "W".into(),
            kind: kind.into(),
            name: Some("a_b".into()),
            id: None,
            rows: None,
            fate,
        };
        let told = |list: &[Deletion]| by_solution(list).into_iter().map(|(_, words, _)| words).next();
        let nothing = "deletes nothing: other solutions have what the new version no longer has";
        let unknown = Deletion::unknown("W", "no answer");
        let kept = one("Table", Fate::Kept { by: vec!["Other".into()] });
        let (table, view) = (one("Table", Fate::Deleted), one("View", Fate::Deleted));
        assert_eq!(told(&[]), None);
        assert_eq!(told(std::slice::from_ref(&kept)).as_deref(), Some(nothing));
        assert_eq!(
            told(&[table.clone(), view.clone(), kept]).as_deref(),
            Some("deletes 1 table and 1 other component")
        );
        assert_eq!(told(std::slice::from_ref(&view)).as_deref(), Some("deletes 1 component"));
        let perhaps = "deletes 1 table, and perhaps more: not all could be found out";
        assert_eq!(told(&[table, unknown.clone()]).as_deref(), Some(perhaps));
        assert_eq!(told(&[unknown]).as_deref(), Some("may delete components: what could not be found out"));
    }
}
