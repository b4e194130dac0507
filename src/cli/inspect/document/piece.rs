//! The pieces of a solution, as `dvpack inspect` prints them for machines.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::version::Version;

/// A publisher.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "InspectedPublisher")]
pub struct Publisher {
    /// Unique name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// Customization prefix.
    pub prefix: String,
    /// Option value prefix, as written.
    pub option_value_prefix: String,
}

/// A component.
#[derive(Serialize, JsonSchema)]
pub struct Component {
    /// The kind's name.
    pub kind: &'static str,
    /// Display name or schema name.
    pub name: String,
    /// GUID or schema name.
    pub id: String,
}

/// An element of a section.
#[derive(Serialize, JsonSchema)]
pub struct Other {
    /// The section.
    pub section: String,
    /// What a person knows it by.
    pub name: String,
}

/// An environment variable.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Schema name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// Dataverse's number of its type, such as 100000000.
    #[serde(rename = "type")]
    pub kind: Option<u32>,
    /// Default value.
    pub default: Option<String>,
    /// The value that the solution brings.
    pub value: Option<String>,
    /// Whether a value must be given.
    pub required: bool,
}

/// A value of an environment variable.
#[derive(Serialize, JsonSchema)]
pub struct VariableValue {
    /// The variable's schema name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// A connection reference.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReference {
    /// Logical name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// The connector's id.
    pub connector: String,
    /// The id of its custom connector.
    pub custom_connector: Option<String>,
}

/// A flow, process or plug-in step.
#[derive(Serialize, JsonSchema)]
pub struct Process {
    /// Row id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub kind: &'static str,
    /// Whether the solution ships it turned on; absent if it does not say so.
    pub on: Option<bool>,
    /// Who it runs as and where it is, in words, if that is unusual.
    pub remarks: Vec<String>,
}

/// A name or description.
#[derive(Serialize, JsonSchema)]
pub struct Label {
    /// What it is of, such as `Descriptions`.
    pub of: String,
    /// The language's code, as written.
    pub language: String,
    /// The text.
    pub text: String,
}

/// A setting of the organization.
#[derive(Serialize, JsonSchema)]
pub struct OrganizationSetting {
    /// Group and name: `sales/maxproductsinbundle`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A column security profile.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InspectedColumnSecurityProfile")]
pub struct ColumnSecurityProfile {
    /// Its GUID, the same in every environment.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it allows.
    pub permissions: Vec<ColumnPermission>,
}

/// What a profile allows with a column.
#[derive(Serialize, JsonSchema)]
pub struct ColumnPermission {
    /// The table's logical name.
    pub table: String,
    /// The column's logical name.
    pub column: String,
    /// `read`, `create`, `update`, `read unmasked`.
    pub rights: Vec<String>,
}

/// A service endpoint or webhook.
#[derive(Serialize, JsonSchema)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// Where it sends data to.
    pub address: String,
}

/// A root component.
#[derive(Serialize, JsonSchema)]
pub struct RootComponent {
    /// The number of its kind, such as 20.
    #[serde(rename = "type")]
    pub kind: Option<u32>,
    /// What its kind is called.
    pub label: String,
    /// Its schema name or id.
    pub key: String,
    /// What people know it by, if the solution contains it.
    pub name: Option<String>,
    /// 0: with all that belongs to it, 1: without, 2: as a shell only; as written.
    pub behavior: Option<String>,
}

/// Another solution that it needs.
#[derive(Serialize, JsonSchema)]
pub struct Required {
    /// Unique name.
    pub solution: String,
    /// Its version where the file was exported.
    pub version: Option<Version>,
    /// The components, by name.
    pub components: Vec<String>,
}

/// A part of the zip.
#[derive(Serialize, JsonSchema)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
    /// Its SHA-256.
    pub sha256: String,
}

/// Something that no reader understood.
#[derive(Serialize, JsonSchema)]
pub struct Unread {
    /// Where it is.
    pub path: String,
    /// The SHA-256 of its text.
    pub sha256: String,
}
