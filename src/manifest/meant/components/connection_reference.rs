//! A connection reference.

use crate::diagnostic::Span;

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
    /// Where it is declared.
    pub span: Span,
}
