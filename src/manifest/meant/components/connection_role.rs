//! A connection role.

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::table::column::Named;

/// One connection role.
#[derive(Clone, Debug)]
pub struct ConnectionRole {
    /// Name.
    pub name: String,
    /// Category; the numbers are Dataverse's.
    pub category: u32,
    /// Description.
    pub description: Option<String>,
    /// Tables whose rows can have the role; none means all.
    pub tables: Vec<Named>,
    /// Roles of the other side.
    pub matches: Vec<Named>,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}
