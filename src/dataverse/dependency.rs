//! What hinders the removal of a solution, by name: the components that need it, and the solutions they belong to.

use serde_json::Value;
use uuid::Uuid;

use crate::catalog;
pub use crate::dataverse::component::Component;
use crate::dataverse::component::{self, names};
use crate::dataverse::row::{Row, quoted};
use crate::dataverse::{ApiError, Client, Request};

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

/// The number of a kind of component. Assumption: that environments list their own kinds in this table; its description is
/// not published, and whoever asks does without an answer.
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
    component::name(client, found.iter_mut().flat_map(|it| [&mut it.dependent, &mut it.required]).collect()).await;
    found
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
