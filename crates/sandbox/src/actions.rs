//! The actions that are bound to a row or a table: privileges of a role, the business unit of a user, many rows at
//! once. Parameters: Microsoft's service description. That moving a user removes its roles is reported by users.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::dataverse::Call;
use super::depth::depth_rank;
use super::exchange::{Answer, Fault, Reply};
use super::row::{id, row, text};
use super::schema::Table;
use super::world::World;
use super::write;

impl Call<'_> {
    /// Calls an action on a row.
    pub(super) fn bound(&self, world: &mut World, table: &Table, own: Uuid, name: &str) -> Answer {
        world.get(&table.logical, own).ok_or_else(|| Fault::absent(&table.logical, own))?;
        let body = self.request.json()?;
        match (table.logical.as_str(), name) {
            ("role", "AddPrivilegesRole") => self.set_privileges(world, own, &body, true),
            ("role", "ReplacePrivilegesRole") => self.set_privileges(world, own, &body, false),
            ("role", "RemovePrivilegeRole") => {
                self.may_edit(world, own)?;
                let (_, name) = privilege(world, &json!(body))?;
                world.change_role(own, &name, None);
                Ok(Reply::empty(204))
            }
            ("systemuser", "SetBusinessSystemUser") => {
                world.demand(self.caller, "prvWriteUser", "systemuser")?;
                let unit = body
                    .get("BusinessUnit")
                    .and_then(Value::as_object)
                    .and_then(|unit| id(unit, "businessunitid"))
                    .ok_or_else(|| Fault::bad_request("BusinessUnit names no business unit"))?;
                if !body.get("ReassignPrincipal").is_some_and(Value::is_object) {
                    return Err(Fault::bad_request("ReassignPrincipal is missing"));
                }
                super::users::update(world, self.caller, own, row(json!({"_businessunitid_value": unit})))?;
                Ok(Reply::empty(204))
            }
            _ => Err(Fault::unknown_segment(name)),
        }
    }

    fn may_edit(&self, world: &World, role: Uuid) -> Result<(), Fault> {
        world.demand(self.caller, "prvWriteRole", "role")?;
        if world.root_role(role) == role {
            Ok(())
        } else {
            Err(Fault::new(400, "0x80044152", "Inherited roles cannot be modified."))
        }
    }

    fn set_privileges(&self, world: &mut World, role: Uuid, body: &Map<String, Value>, keep: bool) -> Answer {
        self.may_edit(world, role)?;
        let wanted = body
            .get("Privileges")
            .and_then(Value::as_array)
            .ok_or_else(|| Fault::bad_request("The parameter 'Privileges' is missing."))?;
        let mut named = Vec::new();
        for entry in wanted {
            let depth = entry.get("Depth").and_then(Value::as_str).filter(|depth| depth_rank(depth) > 0);
            let depth = depth.ok_or_else(|| Fault::bad_request("Depth is Basic, Local, Deep or Global."))?;
            let (privilege, name) = privilege(world, entry)?;
            world.check_depth(privilege, depth).map_err(|(code, message)| Fault::new(400, &code, message))?;
            named.push((name, depth.to_owned()));
        }
        if !keep {
            let held: Vec<String> = world.role_privileges.entry(role).or_default().keys().cloned().collect();
            for name in held.iter().filter(|held| !named.iter().any(|(name, _)| name == *held)) {
                world.change_role(role, name, None);
            }
        }
        for (name, depth) in named {
            world.change_role(role, &name, Some(depth));
        }
        Ok(Reply::empty(204))
    }

    /// `CreateMultiple` and `UpdateMultiple`: all or nothing.
    pub(super) fn multiple(&self, world: &mut World, table: &Table, name: &str) -> Answer {
        let body = self.request.json()?;
        let targets = body.get("Targets").and_then(Value::as_array).cloned().unwrap_or_default();
        let before = world.clone();
        let mut ids = Vec::new();
        for target in targets {
            let mut payload = target.as_object().cloned().unwrap_or_default();
            let done = if name == "CreateMultiple" {
                write::insert(world, self.service.options, self.caller, table, payload, None)
            } else {
                let own = id(&payload, &table.key)
                    .filter(|own| world.get(&table.logical, *own).is_some())
                    .ok_or_else(|| Fault::absent(&table.logical, Uuid::nil()));
                payload.remove(&table.key);
                own.and_then(|own| write::update(world, self.caller, table, own, payload).map(|()| own))
            };
            match done {
                Ok(id) => ids.push(id),
                Err(fault) => {
                    *world = before;
                    return Err(fault);
                }
            }
        }
        if name == "UpdateMultiple" {
            return Ok(Reply::empty(204));
        }
        let context = format!("{}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse", self.api);
        Ok(Reply::odata(200, &json!({"@odata.context": context, "Ids": ids})))
    }
}

/// The privilege that a parameter's `PrivilegeId` means, and its name.
fn privilege(world: &World, entry: &Value) -> Result<(Uuid, String), Fault> {
    let wanted = entry
        .as_object()
        .and_then(|entry| id(entry, "PrivilegeId"))
        .ok_or_else(|| Fault::bad_request("PrivilegeId is missing, or no GUID."))?;
    let known = world.get("privilege", wanted).ok_or_else(|| Fault::absent("privilege", wanted))?;
    Ok((wanted, text(known, "name").to_owned()))
}
