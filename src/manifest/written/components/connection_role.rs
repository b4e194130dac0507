//! `components.connectionRoles`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::model_driven_app::NameOrId;
use crate::manifest::written::leaf::{Guid, Paragraph, TableName, Title};
use crate::yaml::leaf::choice;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A connection role: what one row can be to another.
    pub struct ConnectionRole => {
        /// Name.
        "name" required name: At<Title>,
        /// Category. Left out: other.
        "category" optional category: At<ConnectionRoleCategory>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Tables whose rows can have the role. Left out: all.
        "tables" optional tables: List<At<TableName>>,
        /// Roles of the other side, by name of this manifest or GUID.
        "matches" optional matches: List<At<NameOrId>>,
        /// GUID. Left out: made of publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
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
