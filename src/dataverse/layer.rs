//! Solution layers of a component: what a managed solution brings, and what somebody changed above it.
//!
//! The table is virtual: it answers for one component at a time (`msdyn_componentlayer` of the service description).

use uuid::Uuid;

use crate::dataverse::row::Row;
use crate::dataverse::{ApiError, Client, Request};

/// The name of the unmanaged layer.
const ACTIVE: &str = "Active";

/// Whether a security role has an unmanaged layer; `None` where the environment does not say.
pub async fn role_is_layered(client: &Client, role: Uuid) -> Result<Option<bool>, ApiError> {
    let path = format!(
        "msdyn_componentlayers?$select=msdyn_solutionname\
         &$filter=(msdyn_componentid eq '{role}' and msdyn_solutioncomponentname eq 'Role')"
    );
    match client.rows(Request::get(path, "read the solution layers of the security role")).await {
        Ok(rows) => Ok(Some(rows.iter().any(|row| Row(row).text("msdyn_solutionname").as_deref() == Some(ACTIVE)))),
        // Whoever may not read it, or has a server without it, learns less, and everything else.
        Err(ApiError::Server { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}
