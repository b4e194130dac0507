//! A component by its kind and id, and its name as far as the environment gives it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::catalog;
use crate::dataverse::row::{Row, any_of};
use crate::dataverse::{Client, Request};

/// Ids in one filter: keeps the URL below what proxies take.
const CHUNK: usize = 60;

/// Where components of a kind have their names: number of the kind, entity set, key, name.
const NAMED: [(i64, &str, &str, &str); 13] = [
    (1, "EntityDefinitions", "MetadataId", "LogicalName"),
    (20, "roles", "roleid", "name"),
    (26, "savedqueries", "savedqueryid", "name"),
    (29, "workflows", "workflowid", "name"),
    (31, "reports", "reportid", "name"),
    (36, "templates", "templateid", "title"),
    (60, "systemforms", "formid", "name"),
    (61, "webresourceset", "webresourceid", "name"),
    (70, "fieldsecurityprofiles", "fieldsecurityprofileid", "name"),
    (80, "appmodules", "appmoduleid", "name"),
    (91, "pluginassemblies", "pluginassemblyid", "name"),
    (92, "sdkmessageprocessingsteps", "sdkmessageprocessingstepid", "name"),
    (380, "environmentvariabledefinitions", "environmentvariabledefinitionid", "schemaname"),
];

/// A component.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// The number of its kind.
    pub kind: Option<i64>,
    /// Its id.
    pub id: Option<Uuid>,
    /// Its name, when it could be found.
    pub name: Option<String>,
}

impl std::fmt::Display for Component {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.kind.and_then(|kind| u32::try_from(kind).ok()).and_then(catalog::component_type_name);
        match (known, self.kind) {
            (Some(kind), _) => f.write_str(&kind.to_lowercase())?,
            (None, Some(kind)) => write!(f, "component of type {kind}")?,
            (None, None) => f.write_str("component")?,
        }
        match (&self.name, self.id) {
            (Some(name), _) => write!(f, " `{name}`"),
            (None, Some(id)) => write!(f, " {id}"),
            (None, None) => Ok(()),
        }
    }
}

/// Looks the names up.
pub async fn name(client: &Client, mut components: Vec<&mut Component>) {
    for (kind, set, key, column) in NAMED {
        let wanted = components.iter().filter(|it| it.kind == Some(kind) && it.name.is_none());
        let wanted = wanted.filter_map(|it| it.id).collect();
        let names = names(client, set, key, column, &wanted).await;
        for component in components.iter_mut().filter(|it| it.kind == Some(kind) && it.name.is_none()) {
            component.name = component.id.and_then(|id| names.get(&id).cloned());
        }
    }
}

/// Names by id. What cannot be looked up stays without a name: that must not hide what is in the way.
pub(super) async fn names(
    client: &Client,
    set: &str,
    key: &str,
    column: &str,
    ids: &BTreeSet<Uuid>,
) -> BTreeMap<Uuid, String> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let mut names = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let filter = any_of(key, chunk.iter().map(Uuid::to_string));
        let path = format!("{set}?$select={key},{column}&$filter={filter}");
        let Ok(rows) = client.rows(Request::get(path, "look up names")).await else { break };
        let rows = rows.iter().map(Row);
        names.extend(rows.filter_map(|row| Some((row.id(key)?, row.text(column)?))));
    }
    names
}
