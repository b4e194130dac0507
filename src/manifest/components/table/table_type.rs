//! What kind of table it is, and who owns its rows.

use crate::yaml::leaf::choice;

choice!(
    /// Who owns the rows of a table.
    Ownership(TableOwnership), "ownership", "an ownership",
    [("user", TableOwnership::User), ("organization", TableOwnership::Organization)]
);
choice!(
    /// What kind of table it is.
    for TableType, "table-type", "a type of table",
    [("standard", TableType::Standard), ("activity", TableType::Activity), ("virtual", TableType::Virtual), ("elastic", TableType::Elastic)]
);

/// Who owns the rows of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableOwnership {
    /// Users and teams.
    #[default]
    User,
    /// The organization.
    Organization,
}

/// What kind of table it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableType {
    /// Rows in Dataverse.
    #[default]
    Standard,
    /// An activity, such as an e-mail.
    Activity,
    /// Rows elsewhere.
    Virtual,
    /// Rows in a store that scales horizontally and can delete them after a time.
    Elastic,
}
