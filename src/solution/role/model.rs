//! A security role as a solution holds it: a list of privileges by name, each at a level.

use uuid::Uuid;

use crate::catalog::Level;
use crate::manifest::package::role::Inheritance;

/// A security role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The GUID of its root copy.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// The member's privilege inheritance, where it was chosen.
    pub inheritance: Option<Inheritance>,
    /// Its privileges.
    pub rows: Vec<Row>,
}

/// One privilege of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Such as `prvReadAccount`.
    pub name: String,
    /// How deep.
    pub level: Level,
    /// The author's reason, where the manifest gives one. Not a part of solution XML.
    pub because: Option<String>,
}

impl Row {
    /// A row without a reason.
    pub fn new(name: impl Into<String>, level: Level) -> Self {
        Self { name: name.into(), level, because: None }
    }
}

impl Role {
    /// Puts rows into the server's order: by name in lower case.
    pub fn sort(&mut self) {
        self.rows.sort_by_cached_key(|row| row.name.to_lowercase());
    }

    /// The level of a privilege, by its name in any case.
    #[must_use]
    pub fn level(&self, privilege: &str) -> Option<Level> {
        self.rows.iter().find(|row| row.name.eq_ignore_ascii_case(privilege)).map(|row| row.level)
    }
}
