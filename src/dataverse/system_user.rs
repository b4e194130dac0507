//! Users, application users above all.
//!
//! The platform fills in and locks user name, full name, e-mail and object id of an application user: they are never sent.

use serde_json::json;
use uuid::Uuid;

use crate::dataverse::change::change;
use crate::dataverse::role::Held;
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};

/// Non-interactive.
const ACCESS_MODE: i64 = 4;

/// An application user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemUser {
    /// Row id.
    pub id: Uuid,
    /// Shown name.
    pub name: String,
    /// Whether it is disabled.
    pub disabled: bool,
    /// Whether it is soft-deleted.
    pub deleted: bool,
    /// Its business unit.
    pub business_unit: Option<Uuid>,
    /// Whether that is the root, when the service said so.
    pub in_root: Option<bool>,
    /// The name of the business unit.
    pub business_unit_name: Option<String>,
    /// Its roles.
    pub roles: Vec<AssignedRole>,
    /// Its column security profiles; absent where they were not asked for.
    pub profiles: Option<Vec<AssignedProfile>>,
}

/// A column security profile that a user has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedProfile {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// What is given to users by a relationship of many to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// A copy of a security role.
    Role(Uuid),
    /// A column security profile.
    Profile(Uuid),
}

impl Given {
    /// The relationship, the set and key of what is given, and its id. Names: the service description.
    fn parts(self) -> (&'static str, &'static str, &'static str, Uuid) {
        match self {
            Self::Role(id) => ("systemuserroles_association", "roles", "roleid", id),
            Self::Profile(id) => {
                ("systemuserprofiles_association", "fieldsecurityprofiles", "fieldsecurityprofileid", id)
            }
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Role(_) => "security role",
            Self::Profile(_) => "column security profile",
        }
    }
}

/// A role that a user has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedRole {
    /// The copy.
    pub id: Uuid,
    /// The root copy.
    pub root: Option<Uuid>,
    /// Its template, for built-in roles.
    pub template: Option<Uuid>,
    /// Name.
    pub name: String,
}

/// All users of an application: active, disabled, soft-deleted; with their column security profiles, where `profiles`
/// asks for them: whoever needs none need not be allowed to read them.
pub async fn of_application(client: &Client, application: Uuid, profiles: bool) -> Result<Vec<SystemUser>, ApiError> {
    let profiles = if profiles { ",systemuserprofiles_association($select=fieldsecurityprofileid,name)" } else { "" };
    let path = format!(
        "systemusers?$select=applicationid,systemuserid,fullname,isdisabled,deletedstate,_businessunitid_value\
         &$expand=systemuserroles_association($select=roleid,name,_parentrootroleid_value,_roletemplateid_value),\
         businessunitid($select=businessunitid,name,_parentbusinessunitid_value){profiles}\
         &$filter=applicationid eq {application}"
    );
    let rows = client.rows(Request::get(path, "look for the application user").strong()).await?;
    Ok(rows.iter().filter_map(|row| read(Row(row))).collect())
}

fn read(row: Row<'_>) -> Option<SystemUser> {
    let unit = row.object("businessunitid");
    Some(SystemUser {
        id: row.id("systemuserid")?,
        name: row.text("fullname").unwrap_or_default(),
        disabled: row.flag("isdisabled").unwrap_or(false),
        deleted: row.number("deletedstate").unwrap_or(0) != 0,
        business_unit: row.id("_businessunitid_value").or_else(|| unit?.id("businessunitid")),
        // Only an answer that has the column, or a null in its place, says something.
        in_root: unit
            .filter(|unit| unit.0.get("_parentbusinessunitid_value").is_some())
            .map(|unit| unit.id("_parentbusinessunitid_value").is_none()),
        business_unit_name: unit.and_then(|unit| unit.text("name")),
        roles: row
            .rows("systemuserroles_association")
            .filter_map(|role| {
                Some(AssignedRole {
                    id: role.id("roleid")?,
                    root: role.id("_parentrootroleid_value"),
                    template: role.id("_roletemplateid_value"),
                    name: role.text("name").unwrap_or_default(),
                })
            })
            .collect(),
        profiles: row.0.get("systemuserprofiles_association").map(|_| {
            let all = row.rows("systemuserprofiles_association");
            let read = |profile: Row<'_>| {
                let id = profile.id("fieldsecurityprofileid")?;
                Some(AssignedProfile { id, name: profile.text("name").unwrap_or_default() })
            };
            all.filter_map(read).collect()
        }),
    })
}

/// A user as an administrator knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Full name.
    pub name: String,
    /// The name that a person signs in with.
    pub login: Option<String>,
    /// The application, of an application user.
    pub application: Option<Uuid>,
    /// Whether it is disabled.
    pub disabled: bool,
}

/// A user by its row id.
pub async fn describe(client: &Client, user: Uuid) -> Result<Described, ApiError> {
    let path = format!("systemusers({user})?$select=fullname,domainname,applicationid,isdisabled");
    let answer = client.send(Request::get(path, "read the name of the signed-in user")).await?;
    let row = answer.row();
    Ok(Described {
        name: row.text("fullname").unwrap_or_default(),
        login: row.text("domainname"),
        application: row.id("applicationid"),
        disabled: row.flag("isdisabled").unwrap_or(false),
    })
}

/// A user that has one of the keys of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// Row id.
    pub id: Uuid,
    /// Full name.
    pub name: String,
    /// The application, of an application user.
    pub application: Option<Uuid>,
    /// Whether it is disabled.
    pub disabled: bool,
    /// Whether it is soft-deleted.
    pub deleted: bool,
}

/// The users that have one of these ids: their own, or that of an object in Entra.
pub async fn alike(client: &Client, ids: &[Uuid]) -> Result<Vec<Likeness>, ApiError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let own = any_of("systemuserid", ids.iter().map(Uuid::to_string));
    let object = any_of("azureactivedirectoryobjectid", ids.iter().map(Uuid::to_string));
    let path = format!(
        "systemusers?$select=systemuserid,fullname,applicationid,isdisabled,deletedstate&$filter={own} or {object}"
    );
    let rows = client.rows(Request::get(path, "look for the user that exists").strong()).await?;
    let read = |row: Row<'_>| {
        Some(Likeness {
            id: row.id("systemuserid")?,
            name: row.text("fullname").unwrap_or_default(),
            application: row.id("applicationid"),
            disabled: row.flag("isdisabled").unwrap_or(false),
            deleted: row.number("deletedstate").unwrap_or(0) != 0,
        })
    };
    Ok(rows.iter().filter_map(|row| read(Row(row))).collect())
}

/// Creates an application user; its row id, when the service said it.
pub async fn create(client: &Client, application: Uuid, business_unit: Uuid) -> Result<Option<Uuid>, ApiError> {
    let body = json!({
        "applicationid": application,
        "accessmode": ACCESS_MODE,
        "isdisabled": false,
        "businessunitid@odata.bind": format!("/businessunits({business_unit})"),
    });
    let answer = client.send(Request::post("systemusers", body, "create the application user")).await?;
    Ok(answer.entity_id.or_else(|| answer.row().id("systemuserid")))
}

/// Enables or disables a user.
pub async fn set_disabled(client: &Client, user: Uuid, application: Uuid, disabled: bool) -> Result<(), ApiError> {
    let body = json!({ "isdisabled": disabled, "applicationid": application });
    let doing = if disabled { "disable the application user" } else { "enable the application user" };
    change(client, &format!("systemusers({user})"), body, doing).await
}

/// Removes a soft-deleted user for good. When the answer is lost, the row shows whether it was done.
pub async fn purge(client: &Client, user: Uuid) -> Result<(), ApiError> {
    let path = format!("systemusers({user})");
    let mut attempt = 0;
    let mut before: Option<ApiError> = None;
    loop {
        let lost = match client.send(Request::delete(&path, "remove the deleted application user for good")).await {
            Err(error) if error.is_absent() => return Ok(()),
            Err(error @ ApiError::Ambiguous { .. }) => error,
            other => return other.map(drop).map_err(|error| error.after_a_loss(before)),
        };
        let doing = "see whether the application user is gone";
        match client.send(Request::get(format!("{path}?$select=deletedstate"), doing).strong()).await {
            Err(error) if error.is_absent() => return Ok(()),
            Err(look) => return Err(lost.looked_in_vain(&look)),
            Ok(_) => {}
        }
        attempt += 1;
        if attempt >= 3 {
            return Err(lost);
        }
        before = Some(client.before_another(lost).await?);
    }
}

/// Gives something to a user. When the answer is lost, [`has`] shows whether it was done.
pub async fn assign(client: &Client, user: Uuid, given: Given) -> Result<(), ApiError> {
    let (relationship, set, _, id) = given.parts();
    let body = json!({ "@odata.id": client.absolute(&format!("{set}({id})")) });
    let path = format!("systemusers({user})/{relationship}/$ref");
    client.send(Request::post(path, body, format!("assign the {}", given.words()))).await.map(drop)
}

/// Whether a user has it.
pub async fn has(client: &Client, user: Uuid, given: Given) -> Result<bool, ApiError> {
    let (relationship, _, key, id) = given.parts();
    let path = format!("systemusers({user})/{relationship}?$select={key}&$filter={key} eq {id}");
    let doing = format!("read the {}s of the application user", given.words());
    let rows = client.rows(Request::get(path, &doing).strong()).await?;
    Ok(rows.iter().any(|row| Row(row).id(key) == Some(id)))
}

/// Takes a role copy from a user. When the answer is lost, the user's roles show whether it was done.
pub async fn unassign(client: &Client, user: Uuid, role: Uuid) -> Result<(), ApiError> {
    let path = format!("systemusers({user})/systemuserroles_association({role})/$ref");
    let lost = match client.send(Request::delete(path, "take the security role away").repeatable()).await {
        Err(error) if error.is_absent() => return Ok(()),
        Err(error @ ApiError::Ambiguous { .. }) => error,
        other => return other.map(drop),
    };
    match has(client, user, Given::Role(role)).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(lost),
        Err(look) => Err(lost.looked_in_vain(&look)),
    }
}

/// All privileges that a user has by any of its roles.
pub async fn privileges(client: &Client, user: Uuid) -> Result<Vec<Held>, ApiError> {
    let path = format!("systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()");
    let answer = client.send(Request::get(path, "read the privileges of the signed-in user")).await?;
    Ok(Held::all(answer.row()))
}

/// A privilege that a user has, once for each way it came by it, each as deep as it is.
pub async fn privilege(client: &Client, user: Uuid, name: &str) -> Result<Vec<Held>, ApiError> {
    let name = quoted(name);
    let path = format!(
        "systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName={name})"
    );
    let answer = client.send(Request::get(path, "read a privilege of the signed-in user")).await?;
    Ok(Held::all(answer.row()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_read_with_its_roles_and_business_unit() {
        let row: serde_json::Value = serde_json::from_str(
            r##"{"applicationid":"00001111-aaaa-2222-bbbb-3333cccc4444","systemuserid":"11112222-aaaa-3333-bbbb-4444cccc5555",
            "fullname":"# My App","isdisabled":false,"deletedstate":1,"_businessunitid_value":"1360fdcb-b6e1-ee11-904c-002248dad9c1",
            "businessunitid":{"name":"contoso","_parentbusinessunitid_value":null},
            "systemuserroles_association":[{"roleid":"4931681d-8163-e811-a965-000d3a11fe32","name":"My App Role"}],
            "systemuserprofiles_association":[{"fieldsecurityprofileid":"5931681d-8163-e811-a965-000d3a11fe32","name":"Credit"}]}"##,
        )
        .expect("JSON");
        let user = read(Row(&row)).expect("a user");
        assert!(user.deleted && !user.disabled);
        assert_eq!(user.in_root, Some(true));
        assert_eq!(user.roles[0].name, "My App Role");
        assert_eq!(user.profiles.expect("asked for")[0].name, "Credit");
    }
}
