//! The Web API: who calls, which rows or operation an address means, and the headers of the answers.

use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::{Answer, Fault, Reply, Request};
use super::options::{Options, Scenario};
use super::schema::Table;
use super::tokens::Tokens;
use super::world::{ORGANIZATION, ROOT_UNIT, TENANT, World, id};
use super::{import_result, metadata, read, solutions, uninstall, write};

/// What a request is answered with, besides the state.
pub(super) struct Service<'a> {
    pub options: &'a Options,
    pub tokens: &'a Tokens,
    /// The environment's own address, no slash at the end.
    pub url: &'a str,
}

const OLD_VERSION: &str = "9.1.0.16000";
const VERSION: &str = "9.2.24031.175";

/// Answers a request below `/api/data/`.
pub(super) fn answer(service: &Service<'_>, world: &mut World, request: &Request) -> Reply {
    let mut reply = match respond(service, world, request) {
        Ok(reply) => reply,
        Err(fault) => {
            let mut reply = fault.reply();
            if fault.status == 401 {
                reply.body.clear();
                reply.headers.retain(|(name, _)| name != "Content-Type");
            }
            reply
        }
    };
    let call = Uuid::new_v4().to_string();
    for (name, value) in [
        ("OData-Version", "4.0"),
        ("Cache-Control", "no-cache"),
        ("REQ_ID", call.as_str()),
        ("x-ms-service-request-id", call.as_str()),
        ("x-ms-ratelimit-burst-remaining-xrm-requests", "5999"),
        ("x-ms-ratelimit-time-remaining-xrm-requests", "1,199.00"),
    ] {
        if !reply.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            reply.headers.push((name.into(), value.into()));
        }
    }
    reply
}

/// The challenge that tells where to sign in.
fn challenge(service: &Service<'_>) -> Fault {
    let mut fault = Fault::new(401, "", "");
    fault.headers.push((
        "WWW-Authenticate".into(),
        format!("Bearer authorization_uri={url}/{TENANT}/oauth2/authorize, resource_id={url}/", url = service.url),
    ));
    fault
}

fn respond(service: &Service<'_>, world: &mut World, request: &Request) -> Answer {
    let rest = request.path.strip_prefix("/api/data/").unwrap_or_default();
    let (version, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let known = version.strip_prefix("v9.").is_some_and(|minor| matches!(minor, "0" | "1" | "2"));
    if !known {
        return Err(Fault::unknown_segment(version));
    }
    let bearer = request.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
    let claims = bearer.and_then(|token| service.tokens.check(token, service.url)).ok_or_else(|| challenge(service))?;
    let caller = world
        .find("systemuser", |row| match &claims.application {
            Some(application) => {
                id(row, "applicationid") == Some(*application) && row.get("deletedstate") == Some(&json!(0))
            }
            None => id(row, "systemuserid") == Some(super::world::PERSON),
        })
        .map(|(user, row)| (user, row.get("isdisabled") == Some(&json!(true))));
    let caller = match caller {
        None => return Err(Fault::new(403, "0x80072560", "The user is not a member of the organization.")),
        Some((user, true)) => {
            return Err(Fault::new(403, "0x80040225", format!("The user with SystemUserId={user} is disabled.")));
        }
        Some((user, false)) => user,
    };
    let api = format!("{}/api/data/{version}", request.origin);
    let rest = percent_encoding::percent_decode_str(rest).decode_utf8_lossy().into_owned();
    let call = Call { service, request, caller, api: &api };
    if request.method == "GET" || request.method == "HEAD" { call.get(world, &rest) } else { call.change(world, &rest) }
}

struct Call<'a> {
    service: &'a Service<'a>,
    request: &'a Request,
    caller: Uuid,
    api: &'a str,
}

/// `name(key)` as name and key.
fn keyed(segment: &str) -> (&str, Option<&str>) {
    match segment.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?))) {
        Some((name, key)) => (name, Some(key)),
        None => (segment, None),
    }
}

/// Splits a path at slashes outside of parentheses.
fn segments(path: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (index, c) in path.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '/' if depth == 0 => {
                found.push(&path[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    found.push(&path[start..]);
    found.retain(|segment| !segment.is_empty());
    found
}

impl Call<'_> {
    fn table(world: &World, set: &str) -> Result<Table, Fault> {
        world.table_of_set(set).cloned().ok_or_else(|| Fault::unknown_segment(set))
    }

    /// The row that a key means: a GUID, or an alternate key such as `uniquename='x'`.
    fn key(world: &World, table: &Table, key: &str) -> Result<Uuid, Fault> {
        if let Ok(id) = Uuid::try_parse(key.trim_matches('\'')) {
            return Ok(id);
        }
        if let Some((column, value)) = key.split_once('=') {
            let value = value.trim_matches('\'').replace("''", "'");
            if let Ok(id) = Uuid::try_parse(&value)
                && column == table.key
            {
                return Ok(id);
            }
            let found = world.find(&table.logical, |row| {
                row.get(column).and_then(Value::as_str).is_some_and(|v| v.eq_ignore_ascii_case(&value))
            });
            return found.map(|(id, _)| id).ok_or_else(|| {
                Fault::new(404, "0x80060891", "A record with the specified key values does not exist in the entity.")
            });
        }
        Err(Fault::bad_request(format!("Error in query syntax: '{key}' is no key.")))
    }

    /// A parameter of a function, written in place or as an alias.
    fn parameter(&self, inside: &str, name: &str) -> Option<String> {
        let value =
            inside.split(',').find_map(|pair| pair.split_once('=').filter(|(key, _)| key.trim() == name))?.1.trim();
        let value = if value.starts_with('@') { self.request.parameter(value)? } else { value };
        Some(value.trim_matches('\'').to_owned())
    }

    fn get(&self, world: &mut World, path: &str) -> Answer {
        let parts = segments(path);
        let context = |name: &str| json!(format!("{}/$metadata#Microsoft.Dynamics.CRM.{name}Response", self.api));
        let Some(first) = parts.first() else {
            let sets: Vec<Value> = world
                .all_tables()
                .map(|table| json!({"name": table.set, "kind": "EntitySet", "url": table.set}))
                .collect();
            return Ok(Reply::odata(200, &json!({"@odata.context": format!("{}/$metadata", self.api), "value": sets})));
        };
        let (name, inside) = keyed(first);
        let need = |parameter: &str| {
            let text = self.parameter(inside.unwrap_or_default(), parameter);
            text.ok_or_else(|| {
                Fault::bad_request(format!("The parameter '{parameter}' of the function '{name}' is missing."))
            })
        };
        let need_id = |parameter: &str| {
            need(parameter).and_then(|text| {
                Uuid::try_parse(&text).map_err(|_| Fault::bad_request(format!("'{text}' is not a GUID.")))
            })
        };
        match name {
            "$metadata" => {
                if self
                    .request
                    .header("accept")
                    .is_some_and(|accept| accept.contains("json") && !accept.contains("xml") && !accept.contains("*/*"))
                {
                    return Err(Fault::new(415, "0x0", "The metadata document is served as application/xml only."));
                }
                Ok(Reply::text(200, "application/xml", metadata::csdl(world)))
            }
            "EntityDefinitions" => metadata::definitions(world, self.request, self.api, &parts),
            "WhoAmI" => {
                let unit = world
                    .get("systemuser", self.caller)
                    .and_then(|row| id(row, "_businessunitid_value"))
                    .unwrap_or(ROOT_UNIT);
                Ok(Reply::odata(
                    200,
                    &json!({"@odata.context": context(name), "BusinessUnitId": unit, "UserId": self.caller, "OrganizationId": ORGANIZATION}),
                ))
            }
            "RetrieveVersion" => {
                let version = if self.old() { OLD_VERSION } else { VERSION };
                Ok(Reply::odata(200, &json!({"@odata.context": context(name), "Version": version})))
            }
            "RetrieveCurrentOrganization" => Ok(Reply::odata(
                200,
                &json!({"@odata.context": context(name), "Detail": {"OrganizationId": ORGANIZATION, "FriendlyName": "dvpack sandbox", "OrganizationVersion": if self.old() { OLD_VERSION } else { VERSION }, "EnvironmentId": ORGANIZATION, "Geo": "NA", "TenantId": TENANT, "UrlName": "sandbox", "UniqueName": "unqsandbox", "State": "Enabled", "Endpoints": {"Count": 1, "IsReadOnly": false, "Keys": ["WebApplication"], "Values": [format!("{}/", self.service.url)]}}}),
            )),
            "RetrieveRolePrivilegesRole" => {
                let role = need_id("RoleId")?;
                world.get("role", role).ok_or_else(|| Fault::absent("role", role))?;
                let list = Self::role_privileges(world, &world.privileges_of_role(role));
                Ok(Reply::odata(200, &json!({"@odata.context": context(name), "RolePrivileges": list})))
            }
            "RetrieveDependenciesForUninstall" | "RetrieveMissingDependencies" => {
                let solution = need("SolutionUniqueName")?;
                let list = if name == "RetrieveMissingDependencies" {
                    Vec::new()
                } else {
                    uninstall::dependents(world, &solution)
                };
                Ok(Reply::odata(
                    200,
                    &json!({"@odata.context": format!("{}/$metadata#dependencies", self.api), "value": list}),
                ))
            }
            "RetrieveSolutionImportResult" if !self.old() => {
                import_result::result(world, self.service.options, need_id("ImportJobId")?, self.api)
            }
            "RetrieveFormattedImportJobResults" => {
                import_result::formatted_result(world, need_id("ImportJobId")?, self.api)
            }
            set => {
                let table = Self::table(world, set)?;
                if matches!(table.logical.as_str(), "asyncoperation" | "importjob") {
                    solutions::look_at_all(world, self.service.options);
                    self.vanish(world, &table, inside);
                }
                world.demand(self.caller, &format!("prvRead{}", table.privilege_name()), &table.logical)?;
                let Some(key) = inside else {
                    return match parts.get(1) {
                        None => read::list(world, self.request, &table, self.api, None),
                        Some(&"$count") => {
                            Ok(Reply::text(200, "text/plain", world.table_rows(&table.logical).count().to_string()))
                        }
                        Some(other) => Err(Fault::unknown_segment(other)),
                    };
                };
                let id = Self::key(world, &table, key)?;
                match parts.get(1) {
                    None => read::one(world, self.request, &table, self.api, id),
                    Some(next) => self.inside(world, &table, id, next),
                }
            }
        }
    }

    /// `set(id)/next`
    fn inside(&self, world: &World, table: &Table, own: Uuid, next: &str) -> Answer {
        let row = world.get(&table.logical, own).ok_or_else(|| Fault::absent(&table.logical, own))?;
        let (name, _) = keyed(next);
        if name.trim_start_matches("Microsoft.Dynamics.CRM.") == "RetrieveUserPrivileges"
            && table.logical == "systemuser"
        {
            let list = Self::role_privileges(world, &world.privileges_of(own));
            return Ok(Reply::odata(
                200,
                &json!({"@odata.context": format!("{}/$metadata#Microsoft.Dynamics.CRM.RetrieveUserPrivilegesResponse", self.api), "RolePrivileges": list}),
            ));
        }
        if let Some(many) = table.many(name) {
            let target = world.table(&many.target).ok_or_else(|| Fault::unknown_segment(name))?;
            return read::list(world, self.request, target, self.api, Some(&read::related(world, table, row, name)));
        }
        if let Some(lookup) = table.lookup(name) {
            let target = if lookup.target == "principal" { "systemuser" } else { &lookup.target };
            let (Some(target), Some(id)) = (world.table(target), id(row, &lookup.property)) else {
                return Ok(Reply::empty(204));
            };
            return read::one(world, self.request, target, self.api, id);
        }
        if table.has(name) {
            let value = row.get(name).cloned().unwrap_or(Value::Null);
            if value.is_null() {
                return Ok(Reply::empty(204));
            }
            return Ok(Reply::odata(
                200,
                &json!({"@odata.context": format!("{}/$metadata#{}({own})/{name}", self.api, table.set), "value": value}),
            ));
        }
        Err(Fault::unknown_segment(name))
    }

    fn role_privileges(world: &World, held: &std::collections::BTreeMap<String, String>) -> Vec<Value> {
        let id = |name: &str| world.privileges.get(&name.to_lowercase());
        held.iter()
            .filter_map(|(name, depth)| Some(json!({"Depth": depth, "PrivilegeId": id(name)?, "BusinessUnitId": ROOT_UNIT, "PrivilegeName": name})))
            .collect()
    }

    fn old(&self) -> bool {
        self.service.options.scenarios.contains(&Scenario::OldServerVersion)
    }

    /// A system job that is gone although its work was done.
    fn vanish(&self, world: &mut World, table: &Table, key: Option<&str>) {
        if self.service.options.scenarios.contains(&Scenario::JobVanishes)
            && table.logical == "asyncoperation"
            && let Some(job) = key.and_then(|key| Uuid::try_parse(key).ok())
            && world.count(&format!("look {job}")) > 1
        {
            world.remove("asyncoperation", job);
        }
    }

    fn change(&self, world: &mut World, path: &str) -> Answer {
        let parts = segments(path);
        let first =
            *parts.first().ok_or_else(|| Fault::new(405, "0x80060888", "The service document cannot be changed."))?;
        let (name, inside) = keyed(first);
        let options = self.service.options;
        if self.request.method == "POST" && inside.is_none() && parts.len() == 1 {
            match name {
                "StageSolution" | "ImportSolutionAsync" | "StageAndUpgradeAsync" | "StageAndUpgrade" if self.old() => {
                    return Err(Fault::unknown_segment(name));
                }
                "StageSolution" => {
                    return solutions::stage(world, options, self.caller, &self.request.json()?, self.api);
                }
                "ImportSolution"
                | "ImportSolutionAsync"
                | "StageAndUpgrade"
                | "StageAndUpgradeAsync"
                | "DeleteAndPromote"
                | "DeleteAndPromoteAsync"
                | "UninstallSolutionAsync" => {
                    return solutions::start(world, options, self.caller, name, &self.request.json()?, self.api);
                }
                "PublishAllXml" | "PublishXml" => return Ok(Reply::empty(204)),
                "applicationusers" => {
                    return Err(Fault::new(
                        403,
                        "0x80040220",
                        "Create of ApplicationUser is only allowed in FirstPartySolutionContext",
                    ));
                }
                _ => {}
            }
        }
        let table = Self::table(world, name)?;
        let method = self.request.method.as_str();
        let Some(key) = inside else {
            return match (method, parts.get(1)) {
                ("POST", None) => write::create(world, options, self.caller, self.request, &table, self.api),
                ("POST", Some(&"Microsoft.Dynamics.CRM.CreateMultiple")) => self.create_multiple(world, &table),
                _ => Err(Fault::new(405, "0x80060888", format!("The method {method} is not supported here."))),
            };
        };
        let own = Self::key(world, &table, key)?;
        match (method, &parts[1..]) {
            ("PATCH", []) => write::patch(world, options, self.caller, self.request, &table, self.api, own),
            ("DELETE", []) => write::delete(world, self.caller, self.request, &table, own),
            ("PUT", [column]) if table.column(column).is_some() => {
                let value = self.request.json()?.get("value").cloned().unwrap_or(Value::Null);
                let columns =
                    write::columns(world, &table, json!({*column: value}).as_object().cloned().unwrap_or_default())?;
                world.update(&table.logical, own, columns);
                Ok(Reply::empty(204))
            }
            ("POST" | "PUT", [navigation, "$ref"]) => {
                let body = self.request.json()?;
                let other = body.get("@odata.id").and_then(Value::as_str).and_then(write::reference_id);
                write::reference(world, self.caller, &table, own, navigation, other, true)
            }
            ("DELETE", [navigation, "$ref"]) => {
                let (navigation, other) = keyed(navigation);
                let other = other.and_then(|key| Uuid::try_parse(key).ok());
                let other = other.or_else(|| self.request.parameter("$id").and_then(write::reference_id));
                write::reference(world, self.caller, &table, own, navigation, other, false)
            }
            _ => Err(Fault::new(405, "0x80060888", format!("The method {method} is not supported here."))),
        }
    }

    fn create_multiple(&self, world: &mut World, table: &Table) -> Answer {
        let body = self.request.json()?;
        let targets = body.get("Targets").and_then(Value::as_array).cloned().unwrap_or_default();
        let before = world.clone();
        let mut ids = Vec::new();
        for target in targets {
            let payload = target.as_object().cloned().unwrap_or_default();
            match write::insert(world, self.service.options, self.caller, table, payload, None) {
                Ok(id) => ids.push(id),
                Err(fault) => {
                    *world = before;
                    return Err(fault);
                }
            }
        }
        Ok(Reply::odata(
            200,
            &json!({"@odata.context": format!("{}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse", self.api), "Ids": ids}),
        ))
    }
}

/// The throttling answer of a scenario.
pub(super) fn throttled(scenario: Scenario) -> Option<Reply> {
    let (code, wait, message) = match scenario {
        Scenario::ThrottledRequests => {
            ("0x80072322", "1", "Number of requests exceeded the limit of 6000 over time window of 300 seconds.")
        }
        Scenario::ThrottledTime => (
            "0x80072321",
            "1",
            "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.",
        ),
        Scenario::ThrottledConcurrency => {
            ("0x80072326", "1", "Number of concurrent requests exceeded the limit of 52.")
        }
        _ => return None,
    };
    let mut fault = Fault::new(429, code, message);
    fault.headers.push(("Retry-After".into(), wait.into()));
    fault.headers.push(("OData-Version".into(), "4.0".into()));
    Some(fault.reply())
}
