//! A solution, as `dvpack inspect` prints it for machines.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::piece::{
    ColumnPermission, ColumnSecurityProfile, Component, ConnectionReference, Endpoint, Label, OrganizationSetting,
    Other, Part, Process, Publisher, Required, RootComponent, Unread, Variable, VariableValue,
};
use crate::bundle::descriptor::{Connector, Host};
use crate::bundle::sha256;
use crate::manifest::components::environment_variable::VariableKind;
use crate::solution::Contents;
use crate::solution::contents::Act;

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
    /// Elements of sections that are not components.
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
    /// Files that could not be searched for addresses completely: other archives, and files that are too large.
    pub not_looked_into: Vec<String>,
    /// Its root components, in the order of solution.xml.
    pub root_components: Vec<RootComponent>,
    /// Other solutions that it needs.
    pub requires: Vec<Required>,
    /// Every part of the zip.
    pub parts: Vec<Part>,
    /// Parts that no component names.
    pub unclaimed: Vec<String>,
    /// What no reader understood; it is compared by digest.
    pub unread: Vec<Unread>,
    /// What is carried as it is.
    pub not_understood: Vec<String>,
    /// What readers could understand in different ways; a bundle of such a solution is refused.
    pub ambiguities: Vec<String>,
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
