//! What hinders the removal of a solution.

use uuid::Uuid;

use crate::dataverse::row::{Row, quoted};
use crate::dataverse::{ApiError, Client, Request};

/// Something that needs a component of the solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The number of the kind of the dependent component.
    pub dependent_type: Option<i64>,
    /// The dependent component.
    pub dependent: Option<Uuid>,
    /// The component that is needed.
    pub required: Option<Uuid>,
}

/// `RetrieveDependenciesForUninstall`
pub async fn for_uninstall(client: &Client, solution: &str) -> Result<Vec<Dependency>, ApiError> {
    let path = format!("RetrieveDependenciesForUninstall(SolutionUniqueName={})", quoted(solution));
    let rows = client.rows(Request::get(path, "look for what still needs the solution")).await?;
    Ok(rows
        .iter()
        .map(Row)
        .map(|row| Dependency {
            dependent_type: row.number("dependentcomponenttype"),
            dependent: row.id("dependentcomponentobjectid"),
            required: row.id("requiredcomponentobjectid"),
        })
        .collect())
}
