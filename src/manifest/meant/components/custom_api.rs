//! A custom API.

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

/// One custom API.
#[derive(Clone, Debug)]
pub struct CustomApi {
    /// Unique name.
    pub name: String,
    /// Display name; absent means the unique name.
    pub display_name: Option<String>,
    /// Description; absent means the display name.
    pub description: Option<String>,
    /// The row's name; absent means the unique name.
    pub label: Option<String>,
    /// Action or function.
    pub kind: ApiKind,
    /// What it is called on.
    pub binding: Binding,
    /// Which steps others can register.
    pub allowed_steps: AllowedSteps,
    /// A privilege that callers need.
    pub execute_privilege: Option<String>,
    /// Whether it is kept out of the list of messages.
    pub private: bool,
    /// Whether workflows can call it.
    pub workflows: bool,
    /// Whether others can change it.
    pub customizable: bool,
    /// What answers.
    pub plugin_type: Option<PluginTypeReference>,
    /// What a caller gives.
    pub parameters: Vec<ApiParameter>,
    /// What a caller gets.
    pub response: Vec<ApiParameter>,
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// A parameter of a custom API, or a property of its response.
#[derive(Clone, Debug)]
pub struct ApiParameter {
    /// Unique name.
    pub name: String,
    /// Type of the value.
    pub kind: ApiType,
    /// Whether callers can leave it out; for parameters.
    pub optional: bool,
    /// The table of an entity or reference.
    pub table: Option<String>,
    /// Display name; absent means the name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// The row's name; absent means the name.
    pub label: Option<String>,
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// A plug-in type that something else runs.
#[derive(Clone, Debug)]
pub enum PluginTypeReference {
    /// By its name, in an assembly or package of this solution.
    Name(String, Span),
    /// By its key in an exported solution.
    Key(String),
}

/// Action or function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// Called with POST.
    Action,
    /// Called with GET.
    Function,
}

/// What a custom API is called on; the numbers are Dataverse's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// 0: nothing.
    Global,
    /// 1: a row of this table.
    Table(String),
    /// 2: the rows of this table.
    Collection(String),
}

/// Which steps can be registered on a custom API; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedSteps {
    /// 0
    None,
    /// 1
    Async,
    /// 2
    All,
}

/// The type of a parameter; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiType {
    /// 0
    Boolean,
    /// 1
    DateTime,
    /// 2
    Decimal,
    /// 3
    Entity,
    /// 4
    EntityCollection,
    /// 5
    EntityReference,
    /// 6
    Float,
    /// 7
    Integer,
    /// 8
    Money,
    /// 9
    Picklist,
    /// 10
    String,
    /// 11
    StringArray,
    /// 12
    Guid,
}

impl ApiType {
    /// All of them, with the word that manifests use.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Boolean, "boolean"),
        (Self::DateTime, "dateTime"),
        (Self::Decimal, "decimal"),
        (Self::Entity, "entity"),
        (Self::EntityCollection, "entityCollection"),
        (Self::EntityReference, "entityReference"),
        (Self::Float, "float"),
        (Self::Integer, "integer"),
        (Self::Money, "money"),
        (Self::Picklist, "picklist"),
        (Self::String, "string"),
        (Self::StringArray, "stringArray"),
        (Self::Guid, "guid"),
    ];

    /// Whether a value holds rows, so that it can have a table.
    #[must_use]
    pub const fn has_table(self) -> bool {
        matches!(self, Self::Entity | Self::EntityCollection | Self::EntityReference)
    }
}
