//! A connection reference.

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

/// One connection reference.
#[derive(Clone, Debug)]
pub struct ConnectionReference {
    /// Logical name.
    pub name: String,
    /// Display name; absent means the logical name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// The connector's id, `/providers/Microsoft.PowerApps/apis/shared_…`.
    pub connector: String,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}
