//! Request parameters and response properties of a custom API.

use serde_json::json;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::plugin_type::RowName;
use crate::manifest::leaf::{Flag, TableName, Title};
use crate::yaml::leaf::{Given, choice, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// A request parameter of a custom API.
    pub struct WrittenApiParameter => {
        /// Unique name: the parameter's name in calls.
        "name" required name: At<ParameterName>,
        /// Type of the value.
        "type" required kind: At<ApiType>,
        /// Whether callers can leave it out.
        "optional" optional optional: At<Flag>,
        /// For entity, entityCollection and entityReference: the table.
        "table" optional table: At<TableName>,
        /// Name that people see. Default: the name.
        "displayName" optional display_name: At<Title> => "Number of stars",
        /// Description, at most 300 characters.
        "description" optional description: At<Short> => "From 1 to 5.",
        /// Name of the row. Default: the name.
        "label" optional label: At<RowName> => "Stars",
        /// Parts of customapirequestparameter.xml without a key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// A response property of a custom API.
    pub struct ApiProperty => {
        /// Unique name: the property's name in answers.
        "name" required name: At<ParameterName> => "Average",
        /// Type of the value.
        "type" required kind: At<ApiType>,
        /// For entity, entityCollection and entityReference: the table.
        "table" optional table: At<TableName>,
        /// Name that people see. Default: the name.
        "displayName" optional display_name: At<Title> => "Average",
        /// Description, at most 300 characters.
        "description" optional description: At<Short> => "The new average.",
        /// Name of the row. Default: the name.
        "label" optional label: At<RowName> => "Average",
        /// Parts of customapiresponseproperty.xml without a key here.
        "xml" optional extra: Extra,
    }
}

text!(
    /// A description of a custom API or a parameter; their columns are shorter than those of other kinds.
    Short, "description", "a description", "Gives a widget a rating.",
    |text| length(text, 300),
    json!({ "minLength": 1, "maxLength": 300 })
);
text!(
    /// A parameter's or property's name.
    ParameterName, "parameter-name", "the name of a parameter", "Stars",
    |text| {
        length(text, 128)?;
        let good = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if good { Ok(()) } else { Err("letters, digits and underscores, no digit first".into()) }
    },
    pattern("^[A-Za-z_][A-Za-z0-9_]*$")
);
choice!(
    /// The type of a parameter or property.
    for ApiType, "parameter-type", "a type of parameter", ApiType::ALL.map(|(kind, word)| (word, kind))
);

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
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
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

    /// Whether a value contains rows, so that it can have a table.
    #[must_use]
    pub const fn has_table(self) -> bool {
        matches!(self, Self::Entity | Self::EntityCollection | Self::EntityReference)
    }
}

pub fn parameter(written: &WrittenApiParameter, findings: &mut Vec<Diagnostic>) -> Option<ApiParameter> {
    let (name, kind) = (written.name.as_ref()?, written.kind.as_ref()?);
    Some(ApiParameter {
        name: name.value.0.clone(),
        kind: kind.value,
        optional: written.optional.value().unwrap_or(false),
        table: table(written.table.as_ref(), kind.value, findings),
        display_name: written.display_name.value(),
        description: written.description.value(),
        label: written.label.value(),
        extra: extra(written.extra.as_ref()),
        span: name.span.clone(),
    })
}

pub fn property(written: &ApiProperty, findings: &mut Vec<Diagnostic>) -> Option<ApiParameter> {
    let (name, kind) = (written.name.as_ref()?, written.kind.as_ref()?);
    Some(ApiParameter {
        name: name.value.0.clone(),
        kind: kind.value,
        optional: false,
        table: table(written.table.as_ref(), kind.value, findings),
        display_name: written.display_name.value(),
        description: written.description.value(),
        label: written.label.value(),
        extra: extra(written.extra.as_ref()),
        span: name.span.clone(),
    })
}

pub fn table(written: Option<&At<TableName>>, kind: ApiType, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let table = written?;
    if !kind.has_table() {
        findings.push(
            Diagnostic::error("key-of-other-type", "`table` is only for types that refer to rows")
                .at(&table.span)
                .help("remove it, or write `type: entity`, `entityCollection` or `entityReference`"),
        );
        return None;
    }
    Some(table.value.0.to_lowercase())
}
