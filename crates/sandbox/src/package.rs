//! A solution zip as the server reads it: three files at the root, content types, well-formed XML,
//! and what the parts declare. It has its own reader on purpose: it must not share a mistake with dvpack.

mod check;
mod customizations;
mod manifest;
mod open;
mod part;
mod table;
mod xml;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::schema::Table;
use super::shared::Shared;
pub(super) use open::open;
pub(super) use part::Part;

/// What a solution zip says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Package {
    pub unique_name: String,
    pub friendly_name: String,
    pub description: String,
    pub version: String,
    pub managed: bool,
    pub publisher: String,
    pub publisher_name: String,
    pub prefix: String,
    pub option_prefix: i64,
    pub patch_of: Option<String>,
    /// Component type, identifier, schema name.
    pub roots: Vec<(u32, Option<String>, Option<String>)>,
    pub required: Vec<Required>,
    pub roles: Vec<Role>,
    pub tables: Vec<Shared<Table>>,
    /// How much of a table the package contains: 0 all of it, 1 or 2 only some parts. By logical name.
    #[serde(default)]
    pub behaviors: BTreeMap<String, i64>,
    /// Views, forms, charts, keys and relationships.
    #[serde(default)]
    pub parts: Vec<Part>,
    pub definitions: Vec<Definition>,
    /// Logical name, display name, connector.
    pub connections: Vec<(String, String, String)>,
    /// Identifier, name, category, state.
    pub workflows: Vec<(Uuid, String, i64, i64)>,
    /// The connection references that a cloud flow cannot be on without, by its identifier.
    #[serde(default)]
    pub flow_connections: BTreeMap<Uuid, Vec<String>>,
    pub web_resources: Vec<(Uuid, String)>,
    /// The size of the largest file that becomes a web resource.
    #[serde(default)]
    pub largest_resource: usize,
    /// The languages that it has labels in.
    #[serde(default)]
    pub languages: Vec<i64>,
    pub steps: Vec<(Uuid, String)>,
    /// Column security profiles: identifier, name, description.
    #[serde(default)]
    pub profiles: Vec<(Uuid, String, String)>,
    /// What the server would refuse: error code and message.
    pub problems: Vec<(String, String)>,
}

/// A component that must be there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Required {
    pub kind: String,
    pub schema_name: String,
    pub display_name: String,
    pub solution: String,
    pub dependent_kind: String,
    pub dependent_name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Role {
    pub id: Uuid,
    pub name: String,
    pub inherited: u8,
    /// Name and depth.
    pub privileges: Vec<(String, String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Definition {
    pub schema_name: String,
    pub display_name: String,
    pub kind: i64,
    pub default: Option<String>,
    pub value: Option<String>,
}

impl Package {
    /// Keeps what an earlier version had, as an update does.
    pub fn keep(&mut self, old: &Self) {
        let new: Vec<Uuid> = self.parts.iter().map(|part| part.id).collect();
        self.parts.extend(old.parts.iter().filter(|part| !new.contains(&part.id)).cloned());
        for table in &old.tables {
            match self.tables.iter_mut().find(|known| known.logical == table.logical) {
                Some(known) => {
                    let columns: Vec<_> = table.columns.iter().filter(|it| !known.has(&it.name)).cloned().collect();
                    let lookups: Vec<_> = table.lookups.iter().filter(|it| !known.has(&it.property)).cloned().collect();
                    known.columns.extend(columns);
                    known.lookups.extend(lookups);
                }
                None => self.tables.push(table.clone()),
            }
        }
        for (table, behavior) in &old.behaviors {
            self.behaviors.entry(table.clone()).or_insert(*behavior);
        }
        let names: Vec<String> = self.web_resources.iter().map(|(_, name)| name.clone()).collect();
        self.web_resources.extend(old.web_resources.iter().filter(|(_, name)| !names.contains(name)).cloned());
    }
}
