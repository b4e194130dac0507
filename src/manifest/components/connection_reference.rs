//! `components.connectionReferences`

use crate::manifest::components::extra::Extra;
use crate::manifest::components::plain::{Own, plain};
use crate::manifest::leaf::{ConnectorId, Paragraph, SchemaName, Title};
use crate::yaml::shape::At;

plain! {
    /// A connection reference; the connection is a setting of each environment.
    pub struct ConnectionReference at name => {
        /// Logical name, with the publisher's prefix.
        "name" required name: Own<SchemaName> => "contoso_Teams",
        /// The connector's id.
        "connector" required connector: At<ConnectorId>,
        /// Name that people see. Default: the logical name.
        "displayName" optional display_name: At<Title> => "Teams",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Parts of its XML that have no key here.
        "xml" default extra: Extra,
    }
}
