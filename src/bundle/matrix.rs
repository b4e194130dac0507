//! A role as tables by rights, from the names of its privileges (`prv<Right><Table>`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::descriptor::Role;
use crate::catalog::{Level, Right};

/// A role, ready to be shown.
#[derive(Serialize)]
pub struct Matrix {
    /// Display name.
    pub name: String,
    /// GUID of the root copy.
    pub id: String,
    /// One row for each table, sorted by name.
    pub tables: Vec<Row>,
    /// What no table carries.
    pub others: Vec<Other>,
}

/// A table.
#[derive(Serialize)]
pub struct Row {
    /// As written in the privilege.
    pub table: String,
    /// The level of each right, in the order of [`Right::ALL`].
    pub cells: Vec<Option<Cell>>,
    /// The author's reason.
    pub because: Option<String>,
}

/// One level.
#[derive(Clone, Serialize)]
pub struct Cell {
    /// A circle that fills as the level goes deeper.
    pub mark: &'static str,
    /// The words of the role editor.
    pub title: &'static str,
}

/// A privilege that no table carries.
#[derive(Serialize)]
pub struct Other {
    /// The privilege.
    pub name: String,
    /// Its level.
    pub cell: Cell,
    /// The author's reason.
    pub because: Option<String>,
}

/// A circle that fills as the level goes deeper; the words always stand beside it.
pub(super) fn mark(level: Level) -> &'static str {
    match level {
        Level::Basic => "◔",
        Level::Local => "◑",
        Level::Deep => "◕",
        Level::Global => "●",
    }
}

impl Matrix {
    /// Sorts a role's privileges into tables and rights.
    #[must_use]
    pub fn new(role: &Role) -> Self {
        let mut tables: BTreeMap<String, Row> = BTreeMap::new();
        let mut others = Vec::new();
        for privilege in &role.privileges {
            let cell = Cell { mark: mark(privilege.level), title: privilege.level.title() };
            match right_and_table(&privilege.name) {
                Some((index, table)) => {
                    let row = tables.entry(table.to_lowercase()).or_insert_with(|| Row {
                        table: table.to_owned(),
                        cells: vec![None; Right::ALL.len()],
                        because: None,
                    });
                    row.cells[index] = Some(cell);
                    if row.because.is_none() {
                        row.because.clone_from(&privilege.because);
                    }
                }
                None => others.push(Other { name: privilege.name.clone(), cell, because: privilege.because.clone() }),
            }
        }
        Matrix { name: role.name.clone(), id: role.id.to_string(), tables: tables.into_values().collect(), others }
    }

    /// The matrix as lines for a terminal, with a legend.
    #[must_use]
    pub fn render_terminal(&self) -> String {
        let width = self.tables.iter().map(|row| row.table.chars().count()).max().unwrap_or(0).max("table".len());
        let mut text = format!("  {:width$}", "table");
        for right in Right::ALL {
            let _ = write!(text, "  {}", right.name());
        }
        text.push('\n');
        for row in &self.tables {
            let _ = write!(text, "  {:width$}", row.table);
            for (right, cell) in Right::ALL.iter().zip(&row.cells) {
                let _ = write!(text, "  {:<1$}", cell.as_ref().map_or("·", |cell| cell.mark), right.name().len());
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        for other in &self.others {
            let _ = writeln!(text, "  {} {} ({})", other.cell.mark, other.name, other.cell.title);
        }
        let legend: Vec<_> = Level::ALL.iter().map(|level| format!("{} {}", mark(*level), level.title())).collect();
        let _ = writeln!(text, "  {}", legend.join("   "));
        text
    }
}

fn right_and_table(privilege: &str) -> Option<(usize, &str)> {
    let rest = privilege.strip_prefix("prv")?;
    Right::ALL
        .iter()
        .enumerate()
        .filter_map(|(index, right)| Some((index, rest.strip_prefix(right.name())?)))
        // `AppendTo` also begins with `Append`: the longer right leaves the shorter table.
        .min_by_key(|(_, table)| table.len())
        .filter(|(_, table)| !table.is_empty())
}
