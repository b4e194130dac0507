//! `components.columnSecurityProfiles`: what can be read unmasked can be read.

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Guid, Paragraph, Title};
use crate::yaml::leaf::{Given, choice};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A column security profile: what its members may do with secured columns.
    pub struct WrittenColumnSecurityProfile => {
        /// Name.
        "name" required name: At<Title> => "Widget prices",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Table → column → rights: read, update, create, readUnmasked (all rows) or readUnmaskedRow (one row at a
        /// time).
        "permissions" required permissions: Map<Map<List<At<ColumnRight>>>>,
        /// GUID. Default: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

choice!(
    /// A right on a secured column.
    for ColumnRight, "column-right", "a right on a column", ColumnRight::ALL
);

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

impl Kind for ColumnSecurityProfile {
    type Written = WrittenColumnSecurityProfile;

    fn mean(written: &WrittenColumnSecurityProfile, scope: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        let mut permissions = Vec::new();
        for (table, table_span, columns) in &written.permissions.as_ref()?.entries {
            for (column, span, rights) in &columns.entries {
                let rights: Vec<ColumnRight> = rights.items.iter().map(|right| right.value).collect();
                let unmasked =
                    rights.iter().any(|it| matches!(it, ColumnRight::ReadUnmasked | ColumnRight::ReadUnmaskedRow));
                if unmasked && !rights.contains(&ColumnRight::Read) {
                    scope.findings.push(
                        Diagnostic::error(
                            "unmasked-without-read",
                            format!("`{column}` can be read unmasked but not read"),
                        )
                        .at(span)
                        .help("add `read`"),
                    );
                }
                permissions.push(ColumnPermission {
                    table: Named { name: table.clone(), span: table_span.clone() },
                    column: Named { name: column.clone(), span: span.clone() },
                    rights,
                });
            }
        }
        Some(ColumnSecurityProfile {
            name: name.value.0.clone(),
            description: written.description.value(),
            permissions,
            id: written.id.value(),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
