//! What `dvpack inspect` prints for machines.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::bundle::descriptor::{Connector, Descriptor, Host};
use crate::bundle::{RoleView, sha256};
use crate::catalog::Level;
use crate::cli::document::Document;
use crate::manifest::components::environment_variable::VariableKind;
use crate::solution::Contents;
use crate::solution::contents::Act;
use crate::solution::role::Matrix;
use crate::version::Version;

/// What was inspected.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InspectDocument {
    /// `bundle`, `solution`, `folder` or `manifest`.
    pub kind: &'static str,
    /// The file's SHA-256; absent for a folder and a manifest.
    pub sha256: Option<String>,
    /// The file's size.
    pub size: Option<usize>,
    /// What the bundle says about itself.
    pub bundle: Option<Descriptor>,
    /// The solutions.
    pub solutions: Vec<Solution>,
    /// The security roles of all solutions.
    pub roles: Vec<Role>,
    /// What has the form of a secret and stands there as plain text.
    pub secrets: Vec<String>,
}

impl Document for InspectDocument {
    const VERB: &'static str = "inspect";
}

/// A security role.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "InspectedRole")]
pub struct Role {
    /// The GUID of its root copy.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// What else its element says.
    pub properties: BTreeMap<String, String>,
    /// Its privileges.
    pub privileges: Vec<Privilege>,
    /// The same as a table.
    pub matrix: Matrix,
    /// The same in sentences.
    pub summary: Vec<String>,
    /// What a reviewer should look at twice.
    pub look_twice: Vec<String>,
}

/// A privilege.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InspectedPrivilege")]
pub struct Privilege {
    /// Such as `prvReadAccount`.
    pub name: String,
    /// How deep.
    pub level: Level,
    /// The author's reason.
    pub because: Option<String>,
}

/// A solution.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "InspectedSolution")]
pub struct Solution {
    /// Unique name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// The version as written.
    pub version: String,
    /// Whether it is managed.
    pub managed: bool,
    /// Who publishes it.
    pub publisher: Publisher,
    /// The components, by kind and name.
    pub components: Vec<Component>,
    /// Elements of sections that are no components.
    pub others: Vec<Other>,
    /// The environment variables.
    pub environment_variables: Vec<Variable>,
    /// Values that the solution brings for environment variables.
    pub environment_variable_values: Vec<VariableValue>,
    /// The connection references.
    pub connection_references: Vec<ConnectionReference>,
    /// Flows, processes and plug-in steps.
    pub processes: Vec<Process>,
    /// What acts once it is imported, and how.
    pub acting: Vec<Act>,
    /// Names and descriptions of solution and publisher in all languages.
    pub labels: Vec<Label>,
    /// Settings of the organization that it changes.
    pub organization_settings: Vec<OrganizationSetting>,
    /// What its column security profiles allow.
    pub column_security_profiles: Vec<ColumnSecurityProfile>,
    /// The columns that it secures: `table.column`.
    pub secured_columns: Vec<String>,
    /// Service endpoints and webhooks.
    pub endpoints: Vec<Endpoint>,
    /// Hosts that its files name.
    pub hosts: Vec<Host>,
    /// Connectors that it uses.
    pub connectors: Vec<Connector>,
    /// Its configuration page, as written: a web resource's name.
    pub configuration_page: Option<String>,
    /// Files that could not be looked into for addresses, or not as a whole: other archives, and what is too large.
    pub not_looked_into: Vec<String>,
    /// Its root components, in the order of solution.xml.
    pub root_components: Vec<RootComponent>,
    /// Other solutions that it needs.
    pub requires: Vec<Required>,
    /// Every part of the zip.
    pub parts: Vec<Part>,
    /// Parts that no component names.
    pub unclaimed: Vec<String>,
    /// What no reader took, compared by digest.
    pub unread: Vec<Unread>,
    /// What is carried as it is.
    pub not_understood: Vec<String>,
    /// What readers could see in different ways; a bundle of such a solution is refused.
    pub ambiguities: Vec<String>,
}

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
    /// Whether the solution ships it turned on; absent where it does not say so.
    pub on: Option<bool>,
    /// As whom it runs and where it stands, in words, where that is not as usual.
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
    /// What people know it by, where the solution has it.
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

/// Something that no reader took.
#[derive(Serialize, JsonSchema)]
pub struct Unread {
    /// Where it stands.
    pub path: String,
    /// The SHA-256 of its text.
    pub sha256: String,
}

impl From<&RoleView> for Role {
    fn from(role: &RoleView) -> Self {
        Self {
            id: role.id,
            name: role.name.clone(),
            description: role.description.clone(),
            properties: role.properties.iter().cloned().collect(),
            privileges: each(&role.rows, |row| Privilege {
                name: row.name.clone(),
                level: row.level,
                because: row.because.clone(),
            }),
            matrix: role.matrix.clone(),
            summary: role.summary.clone(),
            look_twice: role.twice.clone(),
        }
    }
}

impl From<&Contents> for Solution {
    fn from(solution: &Contents) -> Self {
        let identity = &solution.identity;
        let list = |from: &BTreeSet<String>| from.iter().cloned().collect();
        Self {
            name: identity.name.clone(),
            display_name: identity.display_name.clone(),
            version: identity.version_text.clone(),
            managed: identity.managed,
            publisher: Publisher {
                name: identity.publisher.name.clone(),
                display_name: identity.publisher.display_name.clone(),
                prefix: identity.publisher.prefix.clone(),
                option_value_prefix: identity.publisher.option_value_prefix.clone(),
            },
            components: each(&solution.components, |it| Component {
                kind: it.kind,
                name: it.name.clone(),
                id: it.id.clone(),
            }),
            others: each(&solution.others, |(section, name)| Other { section: section.clone(), name: name.clone() }),
            environment_variables: each(&solution.variables, |it| Variable {
                name: it.name.clone(),
                display_name: it.display_name.clone(),
                kind: it.kind.map(VariableKind::number),
                default: it.default.clone(),
                value: solution.value_of(&it.name).map(str::to_owned),
                required: it.required,
            }),
            environment_variable_values: each(&solution.values, |it| VariableValue {
                name: it.variable.clone(),
                value: it.value.clone(),
            }),
            connection_references: each(&solution.connections, |it| ConnectionReference {
                name: it.name.clone(),
                display_name: it.display_name.clone(),
                connector: it.connector.clone(),
                custom_connector: it.custom_connector.clone(),
            }),
            processes: each(&solution.processes, |it| Process {
                id: it.id,
                name: it.name.clone(),
                kind: it.kind.word(),
                on: it.on,
                remarks: it.remarks(),
            }),
            acting: solution.acting.clone(),
            labels: each(&solution.labels, |it| Label {
                of: it.of.clone(),
                language: it.language.clone(),
                text: it.text.clone(),
            }),
            organization_settings: each(&solution.organization_settings, |(name, value)| OrganizationSetting {
                name: name.clone(),
                value: value.clone(),
            }),
            column_security_profiles: each(&solution.column_security.profiles, |it| ColumnSecurityProfile {
                id: it.id,
                name: it.name.clone(),
                permissions: each(&it.permissions, |it| ColumnPermission {
                    table: it.table.clone(),
                    column: it.column.clone(),
                    rights: it.rights.clone(),
                }),
            }),
            secured_columns: solution.column_security.secured_columns().collect(),
            endpoints: each(&solution.endpoints, |it| Endpoint { name: it.name.clone(), address: it.address.clone() }),
            hosts: each(&solution.hosts.hosts, |(host, from)| Host { host: host.clone(), from: list(from) }),
            connectors: each(&solution.hosts.connectors, |(connector, from)| Connector {
                connector: connector.clone(),
                from: list(from),
            }),
            configuration_page: solution.configuration_page(),
            not_looked_into: solution.hosts.unseen.iter().cloned().collect(),
            root_components: each(&solution.root_components, |it| RootComponent {
                kind: it.kind,
                label: it.label.clone(),
                key: it.key.clone(),
                name: it.name.clone(),
                behavior: it.behavior.clone(),
            }),
            requires: each(&solution.dependencies, |it| Required {
                solution: it.solution.clone(),
                version: it.version,
                components: it.components.clone(),
            }),
            parts: each(&solution.parts, |it| Part { name: it.name.clone(), size: it.size, sha256: it.sha256.clone() }),
            unclaimed: solution.unclaimed.clone(),
            unread: each(&solution.unread, |it| Unread {
                path: it.path.clone(),
                sha256: sha256(it.content.as_bytes()),
            }),
            not_understood: solution.not_understood.clone(),
            ambiguities: solution.deviations.iter().map(ToString::to_string).collect(),
        }
    }
}

fn each<I: IntoIterator, T>(items: I, make: impl Fn(I::Item) -> T) -> Vec<T> {
    items.into_iter().map(make).collect()
}
