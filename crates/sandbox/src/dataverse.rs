//! The Web API: who calls, which rows or operation an address means, and the headers of the answers.

use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::{Answer, Fault, Reply, Request};
use super::keys::{self, Key};
use super::options::{Options, Scenario};
use super::row::{id, text};
use super::schema::Table;
use super::shared::Shared;
use super::tokens::Tokens;
use super::world::{ORGANIZATION, TENANT, World};
use super::{batch, metadata, read, solutions, write};

/// What a request is answered with, besides the state.
pub(super) struct Service<'a> {
    pub options: &'a Options,
    pub tokens: &'a Tokens,
    /// The environment's own address, no slash at the end.
    pub url: &'a str,
}

/// Answers a request below `/api/data/`.
pub(super) fn answer(service: &Service<'_>, world: &mut World, request: &Request) -> Reply {
    let mut reply = match respond(service, world, request) {
        Ok(reply) => reply,
        Err(fault) => {
            let annotated = request.preference("odata.include-annotations").is_some();
            let mut reply = if annotated { fault.annotated_reply() } else { fault.reply() };
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

/// The challenge that says where to sign in.
fn challenge(service: &Service<'_>) -> Fault {
    let mut fault = Fault::new(401, "", "");
    fault.headers.push((
        "WWW-Authenticate".into(),
        format!("Bearer authorization_uri={url}/{TENANT}/oauth2/authorize, resource_id={url}/", url = service.url),
    ));
    fault
}

/// Whether app access control lets people sign in with an application. Those that sign in by themselves it does not check.
fn is_allowed(world: &World, application: Uuid) -> bool {
    let Some(row) = world.get("organization", ORGANIZATION) else { return true };
    let listed = text(row, "allowedapplicationsfordvaccess").to_lowercase().contains(&application.to_string());
    row.get("applicationbasedaccesscontrolmode") != Some(&json!(1)) || listed
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
    if claims.of_person.is_some_and(|application| !is_allowed(world, application)) {
        let message = "Access to the Dataverse API is restricted for this application ID.";
        return Err(Fault::new(403, "0x80095ffc", message));
    }
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
    if rest == "$batch" {
        if request.method != "POST" {
            return Err(Fault::new(405, "0x80060888", "A batch is sent by POST."));
        }
        return batch::run(world, request, &mut |world, request| answer(service, world, request));
    }
    let api = format!("{}/api/data/{version}", request.origin);
    let rest = percent_encoding::percent_decode_str(rest).decode_utf8_lossy().into_owned();
    let call = Call { service, request, caller, api: &api };
    if request.method == "GET" || request.method == "HEAD" { call.get(world, &rest) } else { call.change(world, &rest) }
}

/// One request of one caller.
pub(super) struct Call<'a> {
    pub service: &'a Service<'a>,
    pub request: &'a Request,
    pub caller: Uuid,
    /// The service's root as the caller knows it, no slash at the end.
    pub api: &'a str,
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
    fn table(world: &World, set: &str) -> Result<Shared<Table>, Fault> {
        world.table_of_set(set).cloned().ok_or_else(|| Fault::unknown_segment(set))
    }

    fn get(&self, world: &mut World, path: &str) -> Answer {
        let parts = segments(path);
        let Some(first) = parts.first() else {
            let sets: Vec<Value> = world
                .all_tables()
                .map(|table| json!({"name": table.set, "kind": "EntitySet", "url": table.set}))
                .collect();
            return Ok(Reply::odata(200, &json!({"@odata.context": format!("{}/$metadata", self.api), "value": sets})));
        };
        let (name, inside) = keyed(first);
        if parts.len() == 1
            && let Some(answer) = self.function(world, name, inside.unwrap_or_default())
        {
            return answer;
        }
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
            set => {
                let table = Self::table(world, set)?;
                if matches!(table.logical.as_str(), "asyncoperation" | "importjob") {
                    solutions::look_at_all(world, self.service.options);
                    self.vanish(world, &table, inside);
                }
                if table.logical == "solution"
                    && let Some(filter) = self.request.parameter("$filter")
                {
                    solutions::surprise_asked(world, self.service.options, filter);
                }
                world.demand(self.caller, &format!("prvRead{}", table.privilege_name()), &table.logical)?;
                let Some(key) = inside else {
                    return match parts.get(1) {
                        None => read::list(world, self.request, &table, self.api, None),
                        Some(&"$count") => read::count(world, self.request, &table, None),
                        Some(other) => Err(Fault::unknown_segment(other)),
                    };
                };
                let id = keys::resolve(world, &table, key)?.existing()?;
                match parts.get(1) {
                    None => read::one(world, self.request, &table, self.api, id),
                    Some(next) => self.inside(world, &table, id, next, parts.get(2).copied()),
                }
            }
        }
    }

    /// `set(id)/next` and `set(id)/next/last`
    fn inside(&self, world: &World, table: &Table, own: Uuid, next: &str, last: Option<&str>) -> Answer {
        let row = world.get(&table.logical, own).ok_or_else(|| Fault::absent(&table.logical, own))?;
        let (name, inside) = keyed(next);
        if table.logical == "systemuser" {
            match name.trim_start_matches("Microsoft.Dynamics.CRM.") {
                "RetrieveUserPrivileges" => return self.user_privileges(world, own),
                "RetrieveUserPrivilegeByPrivilegeName" => {
                    return self.user_privilege(world, own, inside.unwrap_or_default());
                }
                _ => {}
            }
        }
        if let Some(many) = table.many(name) {
            let target = world.table(&many.target).ok_or_else(|| Fault::unknown_segment(name))?;
            let ids = read::related(world, table, row, name);
            return match last {
                None => read::list(world, self.request, target, self.api, Some(&ids)),
                Some("$count") => read::count(world, self.request, target, Some(&ids)),
                Some("$ref") => read::references(target, self.api, &ids, true),
                Some(other) => Err(Fault::unknown_segment(other)),
            };
        }
        if let Some(lookup) = table.lookup(name).filter(|_| table.column(name).is_none()) {
            let target = if lookup.target == "principal" { "systemuser" } else { &lookup.target };
            let (Some(target), Some(id)) = (world.table(target), id(row, &lookup.property)) else {
                return Ok(Reply::empty(204));
            };
            return match last {
                None => read::one(world, self.request, target, self.api, id),
                Some("$ref") => read::references(target, self.api, &[id], false),
                Some(other) => Err(Fault::unknown_segment(other)),
            };
        }
        if table.has(name) {
            let value = row.get(name).cloned().unwrap_or(Value::Null);
            return match last {
                _ if value.is_null() => Ok(Reply::empty(204)),
                None => {
                    let context = format!("{}/$metadata#{}({own})/{name}", self.api, table.set);
                    Ok(Reply::odata(200, &json!({"@odata.context": context, "value": value})))
                }
                Some("$value") => {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    Ok(Reply::text(200, "text/plain", text))
                }
                Some(other) => Err(Fault::unknown_segment(other)),
            };
        }
        Err(Fault::unknown_segment(name))
    }

    pub(super) fn old(&self) -> bool {
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
                ("POST", Some(action)) => match action.trim_start_matches("Microsoft.Dynamics.CRM.") {
                    name @ ("CreateMultiple" | "UpdateMultiple") => self.multiple(world, &table, name),
                    other => Err(Fault::unknown_segment(other)),
                },
                _ => Err(Fault::new(405, "0x80060888", format!("The method {method} is not supported here."))),
            };
        };
        let own = match keys::resolve(world, &table, key)? {
            // An upsert by an alternate key makes a row that has the key.
            Key::Absent(columns)
                if method == "PATCH" && parts.len() == 1 && self.request.header("if-match").is_none() =>
            {
                return write::upsert(world, options, self.caller, self.request, &table, self.api, columns);
            }
            key => key.existing()?,
        };
        match (method, &parts[1..]) {
            ("PATCH", []) => write::patch(world, options, self.caller, self.request, &table, self.api, own),
            ("DELETE", []) => write::delete(world, self.caller, self.request, &table, own),
            ("PUT" | "DELETE", [column]) if table.column(column).is_some() => {
                let value = self.request.json()?.get("value").cloned().unwrap_or(Value::Null);
                let payload = json!({*column: value}).as_object().cloned().unwrap_or_default();
                write::update(world, self.caller, &table, own, payload)?;
                Ok(Reply::empty(204))
            }
            ("POST", [action]) if action.starts_with("Microsoft.Dynamics.CRM.") => {
                self.bound(world, &table, own, action.trim_start_matches("Microsoft.Dynamics.CRM."))
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
