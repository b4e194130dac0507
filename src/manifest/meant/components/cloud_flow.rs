//! A cloud flow.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;

/// One cloud flow.
#[derive(Clone, Debug)]
pub struct CloudFlow {
    /// Name.
    pub name: String,
    /// Name that people see; absent means the name.
    pub display_name: Option<Labels>,
    /// Description.
    pub description: Option<Labels>,
    /// The JSON file.
    pub path: PathBuf,
    /// Whether the import turns it on.
    pub on: bool,
    /// What replaces or makes the file's connections.
    pub connections: Vec<FlowConnection>,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// The connection reference behind one connection of the definition.
#[derive(Clone, Debug)]
pub struct FlowConnection {
    /// The definition's name for it, such as `shared_teams`.
    pub key: String,
    /// Where that stands.
    pub key_span: Span,
    /// The connection reference's logical name.
    pub reference: String,
    /// Where that stands.
    pub span: Span,
    /// Who connects; absent means as in the file.
    pub runtime: Option<FlowRuntime>,
}

/// Whose connection runs an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowRuntime {
    /// The flow's own.
    Embedded,
    /// That of the person who runs it.
    Invoker,
}

impl FlowRuntime {
    /// The word in the definition.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Invoker => "invoker",
        }
    }
}
