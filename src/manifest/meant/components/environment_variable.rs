//! An environment variable definition.

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

/// One environment variable definition.
#[derive(Clone, Debug)]
pub struct EnvironmentVariable {
    /// Schema name.
    pub name: String,
    /// Display name; absent means the schema name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Type.
    pub kind: VariableKind,
    /// Default value, in the form that Dataverse stores. Never for secrets.
    pub default: Option<String>,
    /// Whether a value must be given before the solution works.
    pub required: bool,
    /// For [`VariableKind::DataSource`]: the connector (`/providers/Microsoft.PowerApps/apis/…`).
    pub connector: Option<String>,
    /// For [`VariableKind::DataSource`]: the parameter's key, such as `dataset`.
    pub parameter_key: Option<String>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// The type of an environment variable; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// 100000000
    String,
    /// 100000001
    Number,
    /// 100000002
    Boolean,
    /// 100000003
    Json,
    /// 100000004
    DataSource,
    /// 100000005: the value is a reference to a secret in Azure Key Vault.
    Secret,
}

impl VariableKind {
    /// All of them, with the word that manifests use.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::String, "string"),
        (Self::Number, "number"),
        (Self::Boolean, "boolean"),
        (Self::Json, "json"),
        (Self::DataSource, "dataSource"),
        (Self::Secret, "secret"),
    ];

    /// Dataverse's number.
    #[must_use]
    pub const fn number(self) -> u32 {
        100_000_000 + self as u32
    }

    /// The type of a number as solutions write it.
    #[must_use]
    pub fn of_number(text: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(kind, _)| kind).find(|kind| kind.number().to_string() == text)
    }

    /// The word in manifests and in `bundle.json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}
