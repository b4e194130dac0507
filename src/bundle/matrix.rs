//! A role, ready to be shown: its matrix, what it means in plain words, and other properties in its XML. `INSTALL.html`
//! and `inspect` show the same.

use serde::Serialize;
use uuid::Uuid;

use super::contents::described;
use super::descriptor::{Descriptor, Role};
use crate::solution;
use crate::solution::contents::RoleFacts;
use crate::solution::role::{Matrix, OwnTables, Row, look_twice, matrix_with, summary};

/// A role, ready to be shown.
#[derive(Clone, Debug, Serialize)]
pub struct RoleView {
    /// Display name.
    pub name: String,
    /// GUID of the root copy.
    pub id: Uuid,
    /// Description, where it has one.
    pub description: Option<String>,
    /// What its XML says besides name, privileges and description.
    pub properties: Vec<(String, String)>,
    /// Those of the properties that few roles have.
    pub unusual: Vec<(String, String)>,
    /// Its privileges.
    #[serde(skip)]
    pub rows: Vec<Row>,
    /// Tables by rights.
    pub matrix: Matrix,
    /// What it allows, in sentences.
    pub summary: Vec<String>,
    /// What a reviewer should look at twice.
    pub twice: Vec<String>,
    /// Whether any table has a reason.
    pub reasons: bool,
}

/// What every role has, with its value, or `*` for any.
const USUAL: [(&str, &str); 3] = [("Description", "*"), ("IsCustomizable", "1"), ("IsAutoAssigned", "0")];

/// The roles of solutions, with the reasons that the bundle around them gives.
pub fn role_views<'a>(
    descriptor: Option<&Descriptor>,
    solutions: impl Iterator<Item = &'a solution::Contents>,
) -> Vec<RoleView> {
    let held = solutions.flat_map(|solution| solution.roles.iter().map(move |facts| (facts, &solution.own_tables)));
    let Some(descriptor) = descriptor else {
        return held.map(|(facts, own)| RoleView::new(&described(&facts.role), Some(facts), own)).collect();
    };
    let held: Vec<_> = held.collect();
    let view = |role: &Role| match held.iter().find(|(facts, _)| facts.role.id == role.id) {
        Some((facts, own)) => RoleView::new(role, Some(facts), own),
        None => RoleView::new(role, None, &OwnTables::default()),
    };
    descriptor.roles.iter().map(view).collect()
}

impl RoleView {
    /// Sorts a role's privileges into tables and rights.
    fn new(role: &Role, facts: Option<&RoleFacts>, own: &OwnTables) -> Self {
        let rows: Vec<Row> = role
            .privileges
            .iter()
            // A name in a solution outside a bundle may have any character: it must not imitate the lines around it.
            .map(|it| Row { name: visible(&it.name), level: it.level, because: it.because.clone() })
            .collect();
        let matrix = matrix_with(&rows, own);
        let reasons = matrix.groups.iter().flat_map(|group| &group.rows).any(|row| !row.because.is_empty());
        let (summary, twice) = (summary(&matrix), look_twice(&matrix));
        let properties = facts.map(|facts| facts.properties.clone()).unwrap_or_default();
        let is_usual = |it: &(String, String)| USUAL.iter().any(|(n, v)| it.0 == *n && (*v == "*" || it.1 == *v));
        let unusual = properties.iter().filter(|it| !is_usual(it)).cloned().collect();
        let description = facts.and_then(|facts| facts.role.description.clone());
        let description = description.filter(|text| !text.trim().is_empty());
        let name = role.name.clone();
        Self { name, id: role.id, description, properties, unusual, rows, matrix, summary, twice, reasons }
    }
}

fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
