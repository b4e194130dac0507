//! A role of a bundle, ready to be shown: its matrix and what it means in plain words.

use serde::Serialize;

use super::descriptor::Role;
use crate::solution::role::{Matrix, OwnTables, Row, look_twice, matrix_with, summary};

/// A role, ready to be shown.
#[derive(Clone, Debug, Serialize)]
pub struct RoleView {
    /// Display name.
    pub name: String,
    /// GUID of the root copy.
    pub id: String,
    /// Tables by rights.
    pub matrix: Matrix,
    /// What it allows, in sentences.
    pub summary: Vec<String>,
    /// What a reviewer should look at twice.
    pub twice: Vec<String>,
    /// Whether any table has a reason.
    pub reasons: bool,
}

impl RoleView {
    /// Sorts a role's privileges into tables and rights. `prefix` is the publisher's, by which the
    /// solution's own tables are known; empty where it is not known.
    #[must_use]
    pub fn new(role: &Role, prefix: &str) -> Self {
        let rows: Vec<Row> = role
            .privileges
            .iter()
            .map(|it| Row { name: it.name.clone(), level: it.level, because: it.because.clone() })
            .collect();
        let prefixes = Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()).into_iter().collect();
        let matrix = matrix_with(&rows, &OwnTables { prefixes, ..OwnTables::default() });
        let reasons = matrix.groups.iter().flat_map(|group| &group.rows).any(|row| !row.because.is_empty());
        let (summary, twice) = (summary(&matrix), look_twice(&matrix));
        Self { name: role.name.clone(), id: role.id.to_string(), matrix, summary, twice, reasons }
    }
}
