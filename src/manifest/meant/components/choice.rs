//! A global choice, and options of any choice.

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;

/// One global choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Name.
    pub name: String,
    /// Display name.
    pub display_name: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// Options, numbered.
    pub options: Vec<ChoiceOption>,
    /// Type name in an external system.
    pub external_type: String,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// One option.
#[derive(Clone, Debug)]
pub struct ChoiceOption {
    /// Number.
    pub value: i32,
    /// What people see.
    pub label: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// `#rrggbb`
    pub color: Option<String>,
    /// Value in an external system.
    pub external_value: String,
    /// Whether it cannot be picked.
    pub hidden: Option<bool>,
    /// For status reasons: 0 active, 1 inactive.
    pub state: u8,
    /// Where it is declared.
    pub span: Span,
}
