//! The environment itself: who asks, and which version the server has.

use uuid::Uuid;

use crate::dataverse::{ApiError, Client, Request};
use crate::version::Version;

/// Who the token belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its user row.
    pub user: Uuid,
    /// Its business unit.
    pub business_unit: Option<Uuid>,
    /// The organization.
    pub organization: Option<Uuid>,
}

/// `WhoAmI`. Succeeds without any role, so it proves no right.
pub async fn who_am_i(client: &Client) -> Result<Caller, ApiError> {
    let doing = "ask who is signed in";
    let answer = client.send(Request::get("WhoAmI", doing)).await?;
    let row = answer.row();
    let user = row
        .id("UserId")
        .ok_or_else(|| ApiError::Malformed { doing: doing.into(), why: "there is no `UserId`".into() })?;
    Ok(Caller { user, business_unit: row.id("BusinessUnitId"), organization: row.id("OrganizationId") })
}

/// `RetrieveVersion`: the server's version, `None` when it is not understood.
pub async fn version(client: &Client) -> Result<Option<Version>, ApiError> {
    let answer = client.send(Request::get("RetrieveVersion()", "read the server's version")).await?;
    Ok(answer.row().raw("Version").and_then(|text| text.parse().ok()))
}

/// The organization, as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: Option<Uuid>,
    /// Its name in the Power Platform admin center.
    pub name: Option<String>,
}

/// `RetrieveCurrentOrganization`: which organization this is.
pub async fn current(client: &Client) -> Result<Organization, ApiError> {
    let path = "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')";
    let answer = client.send(Request::get(path, "read the organization's name")).await?;
    let detail = answer.row().object("Detail");
    Ok(Organization {
        id: detail.and_then(|detail| detail.id("OrganizationId")),
        name: detail.and_then(|detail| detail.text("FriendlyName")),
    })
}
