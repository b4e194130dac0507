//! Application users: what creation needs, what the platform fills in and locks, how they are
//! disabled and deleted. Facts: the product documentation on application users and the recorded
//! conduct of Microsoft's Terraform provider; codes of the published list of error codes.

use serde_json::{Value, json};
use uuid::Uuid;

use super::depth::depth_rank;
use super::exchange::Fault;
use super::options::{Consented, Options, Scenario};
use super::row::{Row, id, named, row, text};
use super::user_row::platform_columns;
use super::world::{ADMIN_CLIENT, SYSTEM_ADMINISTRATOR, World};

/// Whether an application has a service principal in the tenant.
pub(super) fn has_principal(world: &World, options: &Options, application: Uuid) -> bool {
    if application == ADMIN_CLIENT || world.principals.contains(&application) {
        return true;
    }
    if options.scenarios.contains(&Scenario::NoConsent) {
        return false;
    }
    match &options.consented {
        Consented::All => true,
        Consented::None => false,
        Consented::Only(known) => known.contains(&application),
    }
}

/// Creates a user. Only application users can be created.
pub(super) fn create(world: &mut World, options: &Options, user: Uuid, columns: &Row) -> Result<(), Fault> {
    let Some(unit) = id(columns, "_businessunitid_value") else {
        return Err(Fault::new(
            400,
            "0x80040530",
            format!(
                "Unable to retrieve attribute=businessunitid for entityLogicalName=systemuser. Entity has attribute count={}",
                columns.len()
            ),
        ));
    };
    if world.get("businessunit", unit).is_none() {
        return Err(Fault::absent("businessunit", unit));
    }
    let Some(application) = id(columns, "applicationid") else {
        return Err(Fault::new(
            400,
            "0x80040203",
            "applicationid is missing: the sandbox creates application users only",
        ));
    };
    let lagging =
        options.scenarios.contains(&Scenario::ReplicationLag) && world.count(&format!("lag {application}")) < 3;
    if lagging || !has_principal(world, options, application) {
        let correlation = Uuid::new_v4();
        return Err(Fault::new(
            400,
            "0x8004f510",
            format!(
                "We didn\u{2019}t find that application ID {application} in your Azure Active Directory (Azure AD) with CorrelationID {correlation}. Make sure your application is registered in Azure AD."
            ),
        ));
    }
    let strikes = |scenario| options.scenarios.contains(&scenario);
    if strikes(Scenario::SoftDeletedUser) && world.count(&format!("soft {application}")) == 1 {
        let old = named(&format!("soft-deleted {application}"));
        let mut columns = platform_columns(old, application, "Sandbox application");
        columns.extend(row(json!({"deletedstate": 1, "isdisabled": true, "_businessunitid_value": unit})));
        world.insert("systemuser", old, columns);
    }
    if world.find("systemuser", |row| id(row, "applicationid") == Some(application)).is_some() {
        return Err(Fault::new(
            400,
            "0x8004f511",
            format!("You are attempting to create an Application ID = {application} that already exists."),
        ));
    }
    let name = format!("Application {}", &application.to_string()[..8]);
    let mut all = row(json!({"_businessunitid_value": unit}));
    all.extend(platform_columns(user, application, &name));
    if let Some(mode) = columns.get("accessmode") {
        all.insert("accessmode".into(), mode.clone());
    }
    if strikes(Scenario::DisabledUser) && world.count(&format!("disabled {application}")) == 1 {
        all.insert("isdisabled".into(), json!(true));
    }
    if strikes(Scenario::TwoUsers) {
        let second = named(&format!("second {application}"));
        let mut copy = all.clone();
        copy.insert("ownerid".into(), json!(second));
        world.insert("systemuser", second, copy);
    }
    world.insert("systemuser", user, all);
    let added = [(Scenario::AdministratorAdded, "System Administrator"), (Scenario::RoleAdded, "Basic User")];
    for (_, name) in added.into_iter().filter(|(scenario, _)| strikes(*scenario)) {
        let here = |row: &Row| text(row, "name") == name && id(row, "_businessunitid_value") == Some(unit);
        let role = world.find("role", here).map(|(role, _)| role);
        world.user_roles.extend(role.map(|role| (user, role)));
    }
    Ok(())
}

/// Changes a user; columns that the platform owns are refused.
pub(super) fn update(world: &mut World, caller: Uuid, user: Uuid, columns: Row) -> Result<(), Fault> {
    let current = world.get("systemuser", user).cloned().ok_or_else(|| Fault::absent("systemuser", user))?;
    let application = id(&current, "applicationid");
    let mut wanted = Row::new();
    for (name, value) in columns {
        let same = current.get(&name).is_some_and(|old| same_value(old, &value));
        match name.as_str() {
            "applicationid" if !same => {
                return Err(Fault::new(
                    400,
                    "0x8004f512",
                    format!("There is no user with Application ID = {value} that can be updated."),
                ));
            }
            "azureactivedirectoryobjectid" if !same => {
                return Err(Fault::new(
                    400,
                    "0x80041d4f",
                    "The azureactivedirectoryobjectid of an application user cannot be updated",
                ));
            }
            "domainname" | "internalemailaddress" | "applicationiduri" | "firstname" | "lastname" | "fullname"
                if application.is_some() && !same =>
            {
                return Err(Fault::new(
                    400,
                    "0x80041d48",
                    "The user representing an OAuth application cannot not be updated",
                ));
            }
            "_businessunitid_value" if !same => {
                let unit = value.as_str().and_then(|text| Uuid::try_parse(text).ok()).unwrap_or_default();
                world.get("businessunit", unit).ok_or_else(|| Fault::absent("businessunit", unit))?;
                // Moving a user takes all roles away.
                world.user_roles.retain(|(owner, _)| *owner != user);
                wanted.insert(name, value);
            }
            "isdisabled" if !same => {
                if value == Value::Bool(true) {
                    let others = world.user_roles.iter().any(|(other, role)| {
                        *other != user
                            && world.root_role(*role) == SYSTEM_ADMINISTRATOR
                            && world
                                .get("systemuser", *other)
                                .is_some_and(|row| row.get("isdisabled") != Some(&json!(true)))
                    });
                    let own = world
                        .user_roles
                        .iter()
                        .any(|(o, role)| *o == user && world.root_role(*role) == SYSTEM_ADMINISTRATOR);
                    if own && !others {
                        return Err(Fault::new(
                            400,
                            "0x80041d2f",
                            "A user cannot be disabled if they are the only user that has the System Administrator Role.",
                        ));
                    }
                }
                world.demand(caller, "prvDisableUser", "systemuser")?;
                wanted.insert(name, value);
            }
            _ => {
                wanted.insert(name, value);
            }
        }
    }
    world.update("systemuser", user, wanted);
    Ok(())
}

fn same_value(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// Deletes a user: the first time softly, the second time permanently.
pub(super) fn delete(world: &mut World, user: Uuid) -> Result<(), Fault> {
    let current = world.get("systemuser", user).ok_or_else(|| Fault::absent("systemuser", user))?;
    if current.get("deletedstate") == Some(&json!(1)) {
        world.remove("systemuser", user);
        return Ok(());
    }
    if current.get("isdisabled") != Some(&json!(true)) {
        return Err(Fault::new(405, "0x80040225", "The user must be disabled before it is deleted."));
    }
    world.user_roles.retain(|(owner, _)| *owner != user);
    world.user_profiles.retain(|(owner, _)| *owner != user);
    world.update("systemuser", user, row(json!({"deletedstate": 1})));
    Ok(())
}

/// Gives a role to a user.
pub(super) fn assign(world: &mut World, caller: Uuid, user: Uuid, role: Uuid) -> Result<(), Fault> {
    let user_row = world.get("systemuser", user).ok_or_else(|| Fault::absent("systemuser", user))?;
    let role_row = world.get("role", role).ok_or_else(|| Fault::absent("role", role))?;
    let (unit, role_unit) = (id(user_row, "_businessunitid_value"), id(role_row, "_businessunitid_value"));
    if unit != role_unit {
        let (unit, role_unit) = (unit.unwrap_or_default(), role_unit.unwrap_or_default());
        return Err(Fault::new(
            400,
            "0x80041409",
            format!(
                "The user with id={user} belongs to a different business unit={unit} than the role with roleId={role} and rolebusinessUnit={role_unit}."
            ),
        ));
    }
    for privilege in ["prvAssignRole", "prvReadRole", "prvWriteUser", "prvAppendUser", "prvAppendToRole"] {
        world.demand(caller, privilege, "role")?;
    }
    let missing: Vec<String> = world
        .privileges_of_role(role)
        .into_iter()
        .filter(|(name, depth)| world.depth_of(caller, name) < depth_rank(depth))
        .map(|(name, _)| name)
        .collect();
    if !missing.is_empty() {
        let name = text(role_row, "name");
        return Err(Fault::new(
            403,
            "0x80048d3b",
            format!(
                "The caller cannot assign the role '{name}' because the caller is missing these privileges: {}",
                missing.join(", ")
            ),
        ));
    }
    if world.user_roles.insert((user, role)) {
        world.version += 1;
    }
    Ok(())
}

/// Assigns a column security profile to a user, or removes it. Which privileges that needs is an assumption: what is
/// said of all relationships.
pub(super) fn relate_profile(
    world: &mut World,
    caller: Uuid,
    user: Uuid,
    profile: Uuid,
    add: bool,
) -> Result<(), Fault> {
    world.get("systemuser", user).ok_or_else(|| Fault::absent("systemuser", user))?;
    world.get("fieldsecurityprofile", profile).ok_or_else(|| Fault::absent("fieldsecurityprofile", profile))?;
    for (privilege, table) in [
        ("prvReadFieldSecurityProfile", "fieldsecurityprofile"),
        ("prvAppendUser", "systemuser"),
        ("prvAppendToFieldSecurityProfile", "fieldsecurityprofile"),
    ] {
        world.demand(caller, privilege, table)?;
    }
    let pair = (user, profile);
    let changed = if add { world.user_profiles.insert(pair) } else { world.user_profiles.remove(&pair) };
    if changed {
        world.version += 1;
    }
    Ok(())
}
