//! `components.environmentVariables`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::leaf::{ConnectorId, Flag, Paragraph, SchemaName, Stored, Title, VariableKind};
use crate::yaml::leaf::Words;
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// An environment variable definition; its value is a setting of each environment.
    pub struct EnvironmentVariable => {
        /// Schema name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// Type: string, number, boolean, json, dataSource or secret (Azure Key Vault).
        "type" required kind: At<VariableKind>,
        /// Value where an environment gives none. Not for secrets.
        "default" optional default: At<Stored>,
        /// Whether the solution does not work without a value.
        "required" optional required: At<Flag>,
        /// Name that people see. Left out: the schema name.
        "displayName" optional display_name: At<Title>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// For dataSource: the connector's id.
        "connector" optional connector: At<ConnectorId>,
        /// For dataSource: the parameter's key, such as dataset.
        "parameterKey" optional parameter_key: At<Words>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}
