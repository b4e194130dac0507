//! `components.connectionRoles`

use crate::manifest::components::extra::Extra;
use crate::manifest::components::names::NameOrId;
use crate::manifest::components::plain::{Reference, plain};
use crate::manifest::leaf::{Guid, Paragraph, TableName, Title};
use crate::yaml::leaf::choice;
use crate::yaml::shape::{At, List};

plain! {
    /// A connection role: what one row can be to another.
    pub struct ConnectionRole at name => {
        /// Name.
        "name" required name: At<Title> => "Supplier",
        /// Category. Default: other.
        "category" default category: At<ConnectionRoleCategory> = 5,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Tables whose rows can have the role. Default: all.
        "tables" default tables: List<Reference<TableName>>,
        /// Roles of the other side, by name of this manifest or GUID.
        "matches" default matches: List<Reference<NameOrId>> => "Customer",
        /// GUID. Default: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" default extra: Extra,
    }
}

choice!(
    /// The category of a connection role; the numbers are Dataverse's.
    ConnectionRoleCategory(u32), "connection-role-category", "a category",
    [
        ("business", 1), ("family", 2), ("social", 3), ("sales", 4), ("other", 5),
        ("stakeholder", 1000), ("salesTeam", 1001), ("service", 1002),
    ]
);
