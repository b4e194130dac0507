//! The functions that are served, and what they answer. Shapes: Microsoft's service description.

use serde_json::{Value, json};
use uuid::Uuid;

use super::dataverse::Call;
use super::exchange::{Answer, Fault, Reply};
use super::options::Scenario;
use super::row::id;
use super::world::{ORGANIZATION, ROOT_UNIT, TENANT, World};
use super::{import_result, uninstall};

const OLD_VERSION: &str = "9.1.0.16000";
const VERSION: &str = "9.2.24031.175";

impl Call<'_> {
    /// A parameter of a function, written in place or as an alias.
    fn parameter(&self, inside: &str, name: &str) -> Option<String> {
        let value =
            inside.split(',').find_map(|pair| pair.split_once('=').filter(|(key, _)| key.trim() == name))?.1.trim();
        let value = if value.starts_with('@') { self.request.parameter(value)? } else { value };
        Some(value.trim_matches('\'').to_owned())
    }

    /// Calls a function; nothing when there is none of this name.
    pub(super) fn function(&self, world: &World, name: &str, inside: &str) -> Option<Answer> {
        let context = || json!(format!("{}/$metadata#Microsoft.Dynamics.CRM.{name}Response", self.api));
        let reply = |mut body: Value| {
            body["@odata.context"] = context();
            Ok(Reply::odata(200, &body))
        };
        let need = |parameter: &str| {
            let text = self.parameter(inside, parameter);
            text.ok_or_else(|| {
                Fault::bad_request(format!("The parameter '{parameter}' of the function '{name}' is missing."))
            })
        };
        let need_id = |parameter: &str| {
            need(parameter).and_then(|text| {
                Uuid::try_parse(&text).map_err(|_| Fault::bad_request(format!("'{text}' is not a GUID.")))
            })
        };
        let version = if self.old() { OLD_VERSION } else { VERSION };
        Some(match name {
            "WhoAmI" => {
                let own = world.get("systemuser", self.caller).and_then(|row| id(row, "_businessunitid_value"));
                let unit = own.unwrap_or(ROOT_UNIT);
                reply(json!({"BusinessUnitId": unit, "UserId": self.caller, "OrganizationId": ORGANIZATION}))
            }
            "RetrieveProvisionedLanguages" => {
                let base = world.get("organization", ORGANIZATION).and_then(|row| row.get("languagecode").cloned());
                reply(json!({"RetrieveProvisionedLanguages": [base]}))
            }
            "RetrieveVersion" => reply(json!({"Version": version})),
            "RetrieveCurrentOrganization" => need("AccessType").and_then(|_| {
                let url = format!("{}/", self.service.url);
                reply(json!({"Detail": {"OrganizationId": ORGANIZATION, "FriendlyName": "dvpack sandbox", "OrganizationVersion": version, "EnvironmentId": ORGANIZATION, "Geo": "NA", "TenantId": TENANT, "UrlName": "sandbox", "UniqueName": "unqsandbox", "State": "Enabled", "Endpoints": {"Count": 1, "IsReadOnly": false, "Keys": ["WebApplication"], "Values": [url]}}}))
            }),
            "RetrieveRolePrivilegesRole" => need_id("RoleId").and_then(|role| {
                world.get("role", role).ok_or_else(|| Fault::absent("role", role))?;
                reply(json!({"RolePrivileges": role_privileges(world, &world.privileges_of_role(role))}))
            }),
            "RetrieveDependenciesForUninstall" | "RetrieveMissingDependencies" => {
                need("SolutionUniqueName").map(|solution| {
                    let missing = name == "RetrieveMissingDependencies";
                    let list = if missing { Vec::new() } else { uninstall::dependents(world, &solution) };
                    let context = format!("{}/$metadata#dependencies", self.api);
                    Reply::odata(200, &json!({"@odata.context": context, "value": list}))
                })
            }
            "RetrieveTotalRecordCount" => need("EntityNames").or_else(|fault| list(inside).ok_or(fault)).and_then(|text| {
                // A list contains commas, too.
                let names = list(inside).unwrap_or(text);
                let names: Vec<&str> = names
                    .trim_matches(['[', ']'])
                    .split(',')
                    .map(|name| name.trim().trim_matches(['\'', '"']))
                    .collect();
                let unknown = names.iter().find(|name| world.table(name).is_none());
                if let Some(name) = unknown {
                    return Err(Fault::new(404, "0x80041102", format!("The entity with a name = '{name}' was not found in the MetadataCache.")));
                }
                let values: Vec<usize> = names.iter().map(|name| world.table_rows(name).count()).collect();
                reply(json!({"EntityRecordCountCollection": {"Count": names.len(), "IsReadOnly": false, "Keys": names, "Values": values}}))
            }),
            "RetrieveSolutionImportResult" if !self.old() => {
                need_id("ImportJobId").and_then(|job| import_result::result(world, self.service.options, job, self.api))
            }
            "RetrieveFormattedImportJobResults" => {
                need_id("ImportJobId").and_then(|job| import_result::formatted_result(world, job, self.api))
            }
            _ => return None,
        })
    }

    /// `systemusers(id)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`
    pub(super) fn user_privileges(&self, world: &World, user: Uuid) -> Answer {
        let context = format!("{}/$metadata#Microsoft.Dynamics.CRM.RetrieveUserPrivilegesResponse", self.api);
        let mut held = world.privileges_of(user);
        if self.service.options.scenarios.contains(&Scenario::RightsByTeam) {
            for depth in held.values_mut() {
                "Basic".clone_into(depth);
            }
        }
        let list = role_privileges(world, &held);
        Ok(Reply::odata(200, &json!({"@odata.context": context, "RolePrivileges": list})))
    }

    /// `systemusers(id)/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='…')`
    pub(super) fn user_privilege(&self, world: &World, user: Uuid, inside: &str) -> Answer {
        let name = self
            .parameter(inside, "PrivilegeName")
            .ok_or_else(|| Fault::bad_request("The parameter 'PrivilegeName' is missing."))?;
        let context =
            format!("{}/$metadata#Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeNameResponse", self.api);
        let mut held = world.privileges_of(user);
        held.retain(|known, _| known.eq_ignore_ascii_case(&name));
        let list = role_privileges(world, &held);
        Ok(Reply::odata(200, &json!({"@odata.context": context, "RolePrivileges": list})))
    }
}

/// A list that is written in place: `Names=['a','b']`.
fn list(inside: &str) -> Option<String> {
    Some(inside[inside.find('[')?..].to_owned())
}

fn role_privileges(world: &World, held: &std::collections::BTreeMap<String, String>) -> Vec<Value> {
    let id = |name: &str| world.privileges.get(&name.to_lowercase());
    held.iter()
        .filter_map(|(name, depth)| {
            Some(json!({"Depth": depth, "PrivilegeId": id(name)?, "BusinessUnitId": ROOT_UNIT, "PrivilegeName": name}))
        })
        .collect()
}
