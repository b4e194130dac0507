//! A column security profile.

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::table::column::Named;

/// One column security profile.
#[derive(Clone, Debug)]
pub struct ColumnSecurityProfile {
    /// Name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// Rights by column.
    pub permissions: Vec<ColumnPermission>,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// The rights on one column.
#[derive(Clone, Debug)]
pub struct ColumnPermission {
    /// The table.
    pub table: Named,
    /// The column's logical name.
    pub column: Named,
    /// The rights.
    pub rights: Vec<ColumnRight>,
}

/// A right on a secured column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnRight {
    /// See the value, masked where a masking rule says so.
    Read,
    /// Change it.
    Update,
    /// Give it when a row is made.
    Create,
    /// See it unmasked in every row.
    ReadUnmasked,
    /// See it unmasked in one row at a time.
    ReadUnmaskedRow,
}

impl ColumnRight {
    /// All of them, with the word that manifests use.
    pub const ALL: [(&'static str, Self); 5] = [
        ("read", Self::Read),
        ("update", Self::Update),
        ("create", Self::Create),
        ("readUnmasked", Self::ReadUnmasked),
        ("readUnmaskedRow", Self::ReadUnmaskedRow),
    ];
}
