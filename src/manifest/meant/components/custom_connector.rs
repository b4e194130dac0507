//! A custom connector.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

/// One custom connector.
#[derive(Clone, Debug)]
pub struct CustomConnector {
    /// Name before it is escaped.
    pub name: String,
    /// Name as it is stored, where that is not the escaped one.
    pub stored_name: Option<String>,
    /// GUID; absent means a derived one.
    pub id: Option<Uuid>,
    /// Display name; absent means the name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// `#rrggbb`
    pub color: Option<String>,
    /// The OpenAPI definition.
    pub open_api: (PathBuf, Span),
    /// Connection parameters.
    pub connection_parameters: Option<(PathBuf, Span)>,
    /// Policy template instances.
    pub policies: Option<(PathBuf, Span)>,
    /// Icon.
    pub icon: Option<(PathBuf, Span)>,
    /// Script.
    pub script: Option<(PathBuf, Span)>,
    /// The operations that the script is for; empty means all.
    pub script_operations: Vec<String>,
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}
