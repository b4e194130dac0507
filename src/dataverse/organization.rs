//! The environment itself: who asks, which version the server has, and what it limits.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::dataverse::policy::Patience;
use crate::dataverse::row::Row;
use crate::dataverse::{ApiError, Client, Request};
use crate::version::Version;

/// How long the organization's name is waited for.
const NAME: Duration = Duration::from_secs(5);

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

/// `RetrieveCurrentOrganization`: which organization this is. It is asked for once, and not waited for long, since its name
/// only helps people to recognize the environment.
pub async fn current(client: &Client) -> Result<Organization, ApiError> {
    let path = "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')";
    let request = Request::get(path, "read the organization's name").timeout(NAME).report_lock();
    let answer = client.clone().with_patience(Patience::NONE).send(request).await?;
    let detail = answer.row().object("Detail");
    Ok(Organization {
        id: detail.and_then(|detail| detail.id("OrganizationId")),
        name: detail.and_then(|detail| detail.text("FriendlyName")),
    })
}

/// What an environment limits or does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The largest file that it takes, in bytes.
    pub upload: Option<u64>,
    /// Its base language.
    pub language: Option<u32>,
}

/// The limits of the environment.
pub async fn limits(client: &Client) -> Result<Limits, ApiError> {
    let path = "organizations?$select=maxuploadfilesize,languagecode";
    let rows = client.rows(Request::get(path, "read the environment's limits")).await?;
    let row = rows.first().map(Row);
    Ok(Limits {
        upload: row.and_then(|row| row.number("maxuploadfilesize")).and_then(|size| size.try_into().ok()),
        language: row.and_then(|row| row.number("languagecode")).and_then(|code| code.try_into().ok()),
    })
}

/// `RetrieveProvisionedLanguages`: the languages that the environment has turned on.
pub async fn languages(client: &Client) -> Result<Vec<u32>, ApiError> {
    let request = Request::get("RetrieveProvisionedLanguages()", "read the environment's languages");
    let answer = client.send(request).await?;
    let list = answer.row().0.get("RetrieveProvisionedLanguages").and_then(Value::as_array);
    let code = |code: &Value| code.as_u64().and_then(|code| code.try_into().ok());
    Ok(list.into_iter().flatten().filter_map(code).collect())
}

/// Whether app access control is in force. Values: Microsoft's “control which apps are allowed in an environment”.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessMode {
    /// The environment does not say it, or says something that is not documented.
    #[default]
    Unknown,
    /// Everybody signs in with any application.
    Off,
    /// People sign in with allowed applications only.
    On,
    /// Nobody is refused; what would be refused is audited.
    Audit,
}

/// Who is let into an environment, apart from rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Whether the applications that people sign in with are checked.
    pub mode: AccessMode,
    /// The applications that are allowed, as the environment writes them; the form is not documented.
    pub allowed: String,
    /// Those that are blocked.
    pub blocked: String,
    /// Whether the IP firewall applies to applications that sign in by themselves, too.
    pub firewall_for_applications: bool,
}

impl Access {
    /// Whether an application is on the list of the allowed ones, and on no list of blocked ones.
    #[must_use]
    pub fn allows(&self, application: &str) -> bool {
        let application = application.to_ascii_lowercase();
        self.allowed.contains(&application) && !self.blocked.contains(&application)
    }
}

/// Who is let in. All columns are asked for: older servers do not have those that matter, and refuse to name them.
pub async fn access(client: &Client) -> Result<Access, ApiError> {
    let rows = client.rows(Request::get("organizations", "read who is let into the environment")).await?;
    let Some(row) = rows.first().map(Row) else { return Ok(Access::default()) };
    let text = |name: &str| row.0.get(name).map(|value| value.to_string().to_ascii_lowercase()).unwrap_or_default();
    Ok(Access {
        mode: match row.number("applicationbasedaccesscontrolmode") {
            Some(1 | 3) => AccessMode::On,
            Some(2) => AccessMode::Audit,
            Some(0) => AccessMode::Off,
            _ => AccessMode::Unknown,
        },
        allowed: text("allowedapplicationsfordvaccess"),
        blocked: text("blockedapplicationsfordvaccess"),
        // Assumption: a column that is absent or null stands for the default, which lets applications in.
        firewall_for_applications: row.flag("enableipbasedfirewallrule") == Some(true)
            && row.flag("allowapplicationuseraccess") == Some(false),
    })
}
