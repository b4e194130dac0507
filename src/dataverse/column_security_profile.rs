//! Column security profiles (`fieldsecurityprofile`). A solution's have the same ids in every environment.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::dataverse::row::{Row, any_of};
use crate::dataverse::{ApiError, Client, Request};

/// Which of these the environment has.
pub async fn existing(client: &Client, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, ApiError> {
    let filter = any_of("fieldsecurityprofileid", ids.iter().map(Uuid::to_string));
    let path = format!("fieldsecurityprofiles?$select=fieldsecurityprofileid&$filter={filter}");
    let rows = client.rows(Request::get(path, "find the column security profile").strong()).await?;
    Ok(rows.iter().filter_map(|row| Row(row).id("fieldsecurityprofileid")).collect())
}
