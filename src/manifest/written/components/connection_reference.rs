//! `components.connectionReferences`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::leaf::{ConnectorId, Paragraph, SchemaName, Title};
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// A connection reference; the connection is a setting of each environment.
    pub struct ConnectionReference => {
        /// Logical name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// The connector's id.
        "connector" required connector: At<ConnectorId>,
        /// Name that people see. Left out: the logical name.
        "displayName" optional display_name: At<Title>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}
