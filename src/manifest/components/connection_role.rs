//! `components.connectionRoles`

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::names::{NameOrId, Named};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Guid, Paragraph, TableName, Title};
use crate::yaml::leaf::choice;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A connection role: what one row can be to another.
    pub struct WrittenConnectionRole => {
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

/// One connection role.
#[derive(Clone, Debug)]
pub struct ConnectionRole {
    /// Name.
    pub name: String,
    /// Category; the numbers are Dataverse's.
    pub category: u32,
    /// Description.
    pub description: Option<String>,
    /// Tables whose rows can have the role; none means all.
    pub tables: Vec<Named>,
    /// Roles of the other side.
    pub matches: Vec<Named>,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Kind for ConnectionRole {
    type Written = WrittenConnectionRole;

    fn mean(written: &WrittenConnectionRole, _: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        let tables = written.tables.iter().flat_map(|list| &list.items);
        let matches = written.matches.iter().flat_map(|list| &list.items);
        Some(ConnectionRole {
            name: name.value.0.clone(),
            category: written.category.as_ref().map_or(5, |it| it.value.0),
            description: written.description.as_ref().map(|it| it.value.0.clone()),
            tables: tables.map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
            matches: matches.map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
            id: written.id.as_ref().map(|it| it.value.0),
            extra: extra(written.xml.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
