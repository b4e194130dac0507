//! The names that readers know in a kind of part.

/// The members that readers know at a place: `*` stands for any one name, `**` for any number of them.
pub type Place = (&'static [&'static str], &'static [&'static str]);

/// What a reader of a kind of part knows by name. Everything else is data, whose names may differ in case only.
pub type Shape = &'static [Place];

/// A cloud flow. Source: the flows of real solutions, of which one spells `schemaVersion` in lower case.
pub const FLOW: Shape = &[
    (&[], &["properties"]),
    (&["properties"], &["connectionReferences", "definition", "displayName", "templateName", "apiId"]),
    (&["properties", "connectionReferences"], &[]),
    (&["properties", "connectionReferences", "*"], &["api", "connection", "runtimeSource", "impersonation"]),
    (&["properties", "connectionReferences", "*", "api"], &["id", "name", "logicalName"]),
    (&["properties", "connectionReferences", "*", "connection"], &["connectionReferenceLogicalName", "name"]),
    (
        &["properties", "definition"],
        &["$schema", "actions", "contentVersion", "description", "outputs", "parameters", "triggers"],
    ),
    (&["properties", "connectionReferences", "*", "impersonation"], &["source"]),
    (&["properties", "definition", "triggers"], &[]),
    (
        &["properties", "definition", "triggers", "*"],
        &["type", "kind", "inputs", "metadata", "recurrence", "splitOn", "conditions", "description"],
    ),
    (
        &["properties", "definition", "triggers", "*", "inputs"],
        &[
            "schema",
            "headersSchema",
            "host",
            "parameters",
            "authentication",
            "method",
            "triggerAuthenticationType",
            "triggerAllowedUsers",
        ],
    ),
    (
        &["properties", "definition", "**", "host"],
        &["api", "apiId", "connection", "connectionName", "operationId", "workflowReferenceName"],
    ),
];

/// `environmentvariablevalues.json`. Source: twenty of them in real solutions.
pub const VALUES: Shape = &[
    (&[], &["environmentvariablevalues"]),
    (&["environmentvariablevalues"], &["environmentvariablevalue"]),
    (
        &["environmentvariablevalues", "environmentvariablevalue"],
        &["@environmentvariablevalueid", "iscustomizable", "value"],
    ),
];

/// `environment_variable_values.json` of solutions of version 9.1. Source: one of them.
pub const OLDER_VALUES: Shape = &[(&[], &["values", "version"]), (&["values", "*"], &["name", "value"])];

/// The description of an API (OpenAPI 2): what says where data goes.
pub const API: Shape = &[(&[], &["swagger", "host", "basePath", "schemes"])];

/// The connections of a canvas app. Source: the 54 of 56 apps in real solutions.
pub const CONNECTIONS: Shape = &[(&[], &[]), (&["*"], &["id", "displayName", "dataSources", "connectionRef", "apiId"])];

/// Another list of a canvas app: names that differ in case only are one for some readers.
pub const LIST: Shape = &[(&[], &[])];

/// A document of which no name is known.
pub const ANY: Shape = &[];

/// Whether a path is one of a place's.
pub(super) fn is_at(place: &[&str], path: &[String]) -> bool {
    match place {
        [] => path.is_empty(),
        ["**", rest @ ..] => (0..=path.len()).any(|skipped| is_at(rest, &path[skipped..])),
        [first, rest @ ..] => {
            path.split_first().is_some_and(|(name, others)| (*first == "*" || first == name) && is_at(rest, others))
        }
    }
}
