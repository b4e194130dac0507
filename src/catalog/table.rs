//! The tables that Dataverse and Microsoft's own apps bring, with the privileges each one has.
//!
//! Facts: `manifests/catalog/tables.tsv`, where every row names its sources.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalog::{Levels, Right};
use crate::diagnostic;

/// Who owns the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ownership {
    /// Users and teams: all eight rights, at every level.
    User,
    /// The organization: six rights (no Assign, no Share), at Organization only.
    Organization,
    /// Business units; levels differ from right to right.
    Business,
    /// None, or not known.
    None,
}

/// What kind of table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// It has its own privileges.
    Standard,
    /// An activity: all of them share the privileges of `activitypointer`.
    Activity,
    /// It has no privileges; those of its parent count.
    Child,
}

/// A table that Dataverse or a Microsoft app brings.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Logical name, lower case.
    pub logical: &'static str,
    /// Schema name, where known.
    pub schema: Option<&'static str>,
    /// Entity set name, where known.
    pub set: Option<&'static str>,
    /// The part of its privileges' names behind the verb; `None` where the exact spelling is not known.
    pub noun: Option<&'static str>,
    /// Who owns its rows.
    pub ownership: Ownership,
    /// What kind it is.
    pub kind: TableKind,
    /// Logical name of the table whose privileges count for this one.
    pub parent: Option<&'static str>,
    /// Where the row is from.
    pub source: &'static str,
    levels: [Levels; 8],
}

impl Table {
    /// The levels that a right can be granted at; none if the table does not have the right.
    #[must_use]
    pub fn levels(&self, right: Right) -> Levels {
        self.levels[right as usize]
    }

    /// The rights that it has.
    pub fn rights(&self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(|right| !self.levels(*right).is_empty())
    }

    /// The table whose privileges count for this one: itself, or its parent. `None` for a child
    /// without a single parent.
    #[must_use]
    pub fn carrier(&'static self) -> Option<&'static Self> {
        match self.parent {
            Some(parent) => table(parent),
            None if self.kind == TableKind::Child => None,
            None => Some(self),
        }
    }

    /// Its schema name, otherwise its logical name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.schema.unwrap_or(self.logical)
    }
}

static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| include_str!("../../manifests/catalog/tables.tsv").lines().skip(1).filter_map(parse).collect());

/// Logical and schema names in lower case → place in [`TABLES`].
static BY_NAME: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let mut by_name = HashMap::with_capacity(TABLES.len() * 2);
    for (place, table) in TABLES.iter().enumerate() {
        by_name.insert(table.logical.to_owned(), place);
    }
    for (place, table) in TABLES.iter().enumerate() {
        if let Some(schema) = table.schema {
            by_name.entry(schema.to_ascii_lowercase()).or_insert(place);
        }
    }
    by_name
});

fn parse(line: &'static str) -> Option<Table> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let [logical, schema, set, noun, ownership, kind, parent, ..] = fields[..] else { return None };
    let some = |text: &'static str| (!text.is_empty()).then_some(text);
    let mut levels = [Levels::NONE; 8];
    for (level, letters) in levels.iter_mut().zip(fields.get(7..15)?) {
        *level = Levels::from_letters(letters);
    }
    Some(Table {
        logical,
        schema: some(schema),
        set: some(set),
        noun: some(noun),
        ownership: match ownership {
            "user" => Ownership::User,
            "organization" => Ownership::Organization,
            "business" => Ownership::Business,
            _ => Ownership::None,
        },
        kind: match kind {
            "activity" => TableKind::Activity,
            "child" => TableKind::Child,
            _ => TableKind::Standard,
        },
        parent: some(parent),
        source: fields.get(15)?,
        levels,
    })
}

/// The table with this schema or logical name, in any case.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    BY_NAME.get(&name.to_ascii_lowercase()).map(|place| &TABLES[*place])
}

/// All tables, by logical name.
#[must_use]
pub fn tables() -> &'static [Table] {
    &TABLES
}

/// The known table (by schema name where known) that `name` is most likely a misspelling of.
#[must_use]
pub fn nearest_table(name: &str) -> Option<&'static str> {
    diagnostic::nearest(name, TABLES.iter().map(|table| table.logical)).and_then(table).map(Table::name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Level;

    #[test]
    fn every_row_of_the_data_is_read_and_sorted() {
        let lines = include_str!("../../manifests/catalog/tables.tsv").lines().count() - 1;
        assert_eq!(tables().len(), lines);
        assert!(tables().is_sorted_by_key(|table| table.logical));
        assert!(tables().iter().all(|table| !table.source.is_empty()));
        for table in tables() {
            if let Some(parent) = table.parent {
                assert!(super::table(parent).is_some(), "{}: parent {parent}", table.logical);
            }
            assert_eq!(table.kind == TableKind::Child, table.rights().next().is_none(), "{}", table.logical);
        }
    }

    #[test]
    fn finds_a_table_by_schema_or_logical_name_in_any_case() {
        assert_eq!(table("ACCOUNT"), table("account"));
        assert_eq!(table("Annotation").and_then(|table| table.privilege(Right::Read)), Some("prvReadNote"));
        assert_eq!(table("email").and_then(|table| table.privilege(Right::Write)), Some("prvWriteActivity"));
        assert_eq!(table("systemuser").and_then(|table| table.privilege(Right::Share)), None);
        assert_eq!(table("nothing"), None);
    }

    #[test]
    fn knows_levels_and_parents() {
        let role = table("role").expect("known");
        assert!(!role.levels(Right::Read).contains(Level::Basic) && role.levels(Right::Read).contains(Level::Local));
        let child = table("queueitem").expect("known");
        assert_eq!(child.carrier().map(|table| table.logical), Some("queue"));
    }

    #[test]
    fn suggests_the_nearest_table() {
        assert_eq!(nearest_table("acount"), Some("Account"));
        assert_eq!(nearest_table("xyzzy_Frobnicator"), None);
    }
}
