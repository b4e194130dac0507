//! What hinders the removal of a solution, by name: the components that need it, and the solutions they belong to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use crate::catalog;
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};

/// Ids in one filter: keeps the URL below what proxies take.
const CHUNK: usize = 60;

/// Where components of a kind have their names: number of the kind, entity set, key, name.
const NAMED: [(i64, &str, &str, &str); 12] = [
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

/// Something that needs a component of the solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// What needs it.
    pub dependent: Component,
    /// The solution that owns what needs it.
    pub owner: Option<String>,
    /// What is needed.
    pub required: Component,
}

impl std::fmt::Display for Dependency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.dependent)?;
        match self.owner.as_deref() {
            // Unmanaged work of the environment itself is kept under these two names.
            Some("Active" | "Default") => f.write_str(", made in this environment,")?,
            Some(owner) => write!(f, " of solution `{owner}`")?,
            None => {}
        }
        write!(f, " needs {}", self.required)
    }
}

/// `RetrieveDependenciesForUninstall`, with names as far as the environment gives them.
pub async fn for_uninstall(client: &Client, solution: &str) -> Result<Vec<Dependency>, ApiError> {
    let path = format!("RetrieveDependenciesForUninstall(SolutionUniqueName={})", quoted(solution));
    let rows = client.rows(Request::get(path, "look for what still needs the solution")).await?;
    Ok(named(client, &rows).await)
}

/// `RetrieveDependenciesForDelete` of a component whose kind is named as in the server's messages, such as `Entity` or
/// `connectionreference`. Kinds with numbers of each environment's own are looked up.
pub async fn for_delete(client: &Client, kind: &str, id: Uuid) -> Result<Vec<Dependency>, ApiError> {
    let Some(number) = number(client, kind).await? else { return Ok(Vec::new()) };
    let path = format!("RetrieveDependenciesForDelete(ObjectId={id},ComponentType={number})");
    let rows = client.rows(Request::get(path, "look for what still needs the component")).await?;
    Ok(named(client, &rows).await)
}

/// The number of a kind of component.
async fn number(client: &Client, kind: &str) -> Result<Option<i64>, ApiError> {
    if let Some(number) = catalog::component_type_number(kind) {
        return Ok(Some(number.into()));
    }
    let filter = format!("name eq {}", quoted(kind));
    let path = format!("solutioncomponentdefinitions?$select=name,solutioncomponenttype&$filter={filter}");
    let rows = client.rows(Request::get(path, "look up the kind of component")).await?;
    Ok(rows.first().and_then(|row| Row(row).number("solutioncomponenttype")))
}

/// Rows of dependencies, with names as far as the environment gives them.
async fn named(client: &Client, rows: &[Value]) -> Vec<Dependency> {
    let component = |row: Row<'_>, which: &str| Component {
        kind: row.number(&format!("{which}componenttype")),
        id: row.id(&format!("{which}componentobjectid")).filter(|id| !id.is_nil()),
        name: None,
    };
    let mut owners: Vec<Option<Uuid>> = Vec::new();
    let mut found: Vec<Dependency> = Vec::new();
    for row in rows.iter().map(Row) {
        owners.push(row.id("dependentcomponentbasesolutionid").filter(|id| !id.is_nil()));
        found.push(Dependency {
            dependent: component(row, "dependent"),
            owner: None,
            required: component(row, "required"),
        });
    }
    let wanted = owners.iter().flatten().copied().collect();
    let solutions = names(client, "solutions", "solutionid", "uniquename", &wanted).await;
    for (dependency, owner) in found.iter_mut().zip(&owners) {
        dependency.owner = owner.and_then(|owner| solutions.get(&owner).cloned());
    }
    for (kind, set, key, column) in NAMED {
        let parts = || found.iter().flat_map(|dependency| [&dependency.dependent, &dependency.required]);
        let wanted = parts().filter(|part| part.kind == Some(kind)).filter_map(|part| part.id).collect();
        let names = names(client, set, key, column, &wanted).await;
        let parts = found.iter_mut().flat_map(|dependency| [&mut dependency.dependent, &mut dependency.required]);
        for part in parts.filter(|part| part.kind == Some(kind)) {
            part.name = part.id.and_then(|id| names.get(&id).cloned());
        }
    }
    found
}

/// Names by id. What cannot be looked up stays without a name: that must not hide what is in the way.
async fn names(client: &Client, set: &str, key: &str, column: &str, ids: &BTreeSet<Uuid>) -> BTreeMap<Uuid, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_told_by_names_and_else_by_what_there_is() {
        let table = |name: Option<&str>| Component { kind: Some(1), id: Some(Uuid::nil()), name: name.map(Into::into) };
        let mut dependency =
            Dependency { dependent: table(Some("fab_order")), owner: Some("Fabrikam".into()), required: table(None) };
        assert_eq!(
            dependency.to_string(),
            "table `fab_order` of solution `Fabrikam` needs table 00000000-0000-0000-0000-000000000000"
        );
        dependency.owner = Some("Active".into());
        dependency.required = Component { kind: Some(99_999), ..Component::default() };
        assert_eq!(
            dependency.to_string(),
            "table `fab_order`, made in this environment, needs component of type 99999"
        );
    }
}
