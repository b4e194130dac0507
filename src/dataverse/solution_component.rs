//! What an installed solution holds, as far as the environment tells: kinds and identifiers, no content.

use uuid::Uuid;

use crate::dataverse::row::Row;
use crate::dataverse::{ApiError, Client, Request};

/// Number of the kind, and the component's id.
pub type SolutionComponent = (u32, Uuid);

/// The components of a solution.
pub async fn of_solution(client: &Client, solution: Uuid) -> Result<Vec<SolutionComponent>, ApiError> {
    let path = format!("solutioncomponents?$select=componenttype,objectid&$filter=_solutionid_value eq {solution}");
    let rows = client.rows(Request::get(path, "read what the solution holds")).await?;
    let read = |row: Row<'_>| Some((u32::try_from(row.number("componenttype")?).ok()?, row.id("objectid")?));
    Ok(rows.iter().filter_map(|row| read(Row(row))).collect())
}
