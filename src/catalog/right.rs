//! The eight rights on a table, and the four levels that each can be granted at.
//!
//! Names and order as in Microsoft's role editor and in `RolePrivilege` rows
//! (`prv<Right><Table>`, `level="Basic|Local|Deep|Global"`).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A right on a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Right {
    /// Make a row.
    Create,
    /// See a row.
    Read,
    /// Change a row.
    Write,
    /// Delete a row.
    Delete,
    /// Attach this row to another one.
    Append,
    /// Attach other rows to this one.
    AppendTo,
    /// Give a row to another owner.
    Assign,
    /// Share a row.
    Share,
}

impl Right {
    /// All rights, in the role editor's order.
    pub const ALL: [Self; 8] =
        [Self::Create, Self::Read, Self::Write, Self::Delete, Self::Append, Self::AppendTo, Self::Assign, Self::Share];

    /// The part of a privilege's name, such as `AppendTo`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Delete => "Delete",
            Self::Append => "Append",
            Self::AppendTo => "AppendTo",
            Self::Assign => "Assign",
            Self::Share => "Share",
        }
    }

    /// The key in a manifest, such as `appendTo`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Append => "append",
            Self::AppendTo => "appendTo",
            Self::Assign => "assign",
            Self::Share => "share",
        }
    }

    /// The right of a manifest key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.key() == key)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How deep a privilege goes. Serialised as solution XML and the Web API write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Level {
    /// The user's own rows: “User”.
    Basic,
    /// The rows of the user's business unit: “Business Unit”.
    Local,
    /// The business unit and those below it: “Parent: Child Business Units”.
    Deep,
    /// All rows: “Organization”.
    Global,
}

impl Level {
    /// All levels, the shallowest first.
    pub const ALL: [Self; 4] = [Self::Basic, Self::Local, Self::Deep, Self::Global];

    /// The word in `RolePrivilege` and in the Web API's `PrivilegeDepth`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Local => "Local",
            Self::Deep => "Deep",
            Self::Global => "Global",
        }
    }

    /// The word in a manifest.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Basic => "user",
            Self::Local => "businessUnit",
            Self::Deep => "parentChild",
            Self::Global => "organization",
        }
    }

    /// The words of the role editor.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Basic => "User",
            Self::Local => "Business Unit",
            Self::Deep => "Parent: Child Business Units",
            Self::Global => "Organization",
        }
    }

    /// The level of a word: a manifest's or a `RolePrivilege`'s.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.key() == word || level.name() == word)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
