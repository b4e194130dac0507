//! Which tables the sandbox has, with columns and relationships: the platform's own (a data file made
//! of facts of the published service description) and those that a solution brings.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::shared::Shared;

/// A table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Table {
    pub logical: String,
    pub set: String,
    pub key: String,
    pub name: Option<String>,
    pub schema: String,
    pub columns: Vec<Column>,
    pub lookups: Vec<Lookup>,
    pub many: Vec<Many>,
    /// Brought by a solution.
    #[serde(default)]
    pub custom: bool,
    #[serde(default)]
    pub user_owned: bool,
    #[serde(default)]
    pub display: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Column {
    pub name: String,
    /// `guid`, `string`, `int`, `bigint`, `double`, `decimal`, `bool`, `datetime`, `date`, `binary`, `choice`,
    /// `managed`.
    pub kind: String,
    /// Choices of a `choice` column: value and label.
    #[serde(default)]
    pub options: Vec<(i64, String)>,
}

/// A single-valued navigation property.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Lookup {
    pub name: String,
    pub target: String,
    /// The property that contains the identifier (`_x_value`).
    pub property: String,
}

/// A collection-valued navigation property.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Many {
    pub name: String,
    pub target: String,
    /// The property of the target that refers back; none for many-to-many.
    #[serde(default)]
    pub property: Option<String>,
}

impl Table {
    /// Whether a property of this name can be read.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name) || self.lookups.iter().any(|l| l.property == name)
    }

    pub fn lookup(&self, name: &str) -> Option<&Lookup> {
        self.lookups.iter().find(|lookup| lookup.name == name).or_else(|| {
            // Filters may write the lookup by its logical name, whatever the case of the navigation property.
            self.lookups.iter().find(|lookup| lookup.name.eq_ignore_ascii_case(name))
        })
    }

    pub fn many(&self, name: &str) -> Option<&Many> {
        self.many.iter().find(|many| many.name == name)
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// All readable properties, in the order of the description.
    pub fn properties(&self) -> impl Iterator<Item = &str> {
        let lookups = self.lookups.iter().map(|lookup| lookup.property.as_str());
        let mut seen = std::collections::BTreeSet::new();
        self.columns.iter().map(|column| column.name.as_str()).chain(lookups).filter(move |name| seen.insert(*name))
    }

    /// The name that privileges of this table are built with (`prvRead` + this).
    pub fn privilege_name(&self) -> &str {
        if self.logical == "systemuser" { "User" } else { &self.schema }
    }
}

/// The platform's own tables.
pub(super) static SYSTEM: LazyLock<Vec<Shared<Table>>> =
    LazyLock::new(|| parse(include_str!("data/schema.txt")).into_iter().map(Shared::from).collect());

fn parse(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (words.as_slice(), tables.last_mut()) {
            (["table", logical, set, key, name, schema], _) => tables.push(Table {
                logical: (*logical).into(),
                set: (*set).into(),
                key: (*key).into(),
                name: (*name != "-").then(|| (*name).into()),
                schema: (*schema).into(),
                display: (*schema).into(),
                user_owned: matches!(*logical, "account" | "contact"),
                ..Table::default()
            }),
            (["column", kind, name], Some(table)) => table.columns.push(column(kind, name)),
            (["lookup", name, target, property], Some(table)) => {
                table.lookups.push(Lookup {
                    name: (*name).into(),
                    target: (*target).into(),
                    property: (*property).into(),
                });
            }
            (["many", name, target, rest @ ..], Some(table)) => {
                let property = rest.first().map(|property| (*property).into());
                table.many.push(Many { name: (*name).into(), target: (*target).into(), property });
            }
            _ => {}
        }
    }
    tables
}

pub(super) fn column(kind: &str, name: &str) -> Column {
    Column { name: name.into(), kind: kind.into(), options: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_file_is_understood() {
        let text = include_str!("data/schema.txt");
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        let known: usize = SYSTEM.iter().map(|t| 1 + t.columns.len() + t.lookups.len() + t.many.len()).sum();
        assert_eq!(lines, known);
        let user = SYSTEM.iter().find(|table| table.logical == "systemuser").expect("systemuser");
        assert!(user.has("_businessunitid_value") && user.has("applicationid") && user.has("deletedstate"));
    }
}
