//! Writing rows: create, update, upsert, delete, associate, with the conditions of the Web API
//! (`If-Match`, `If-None-Match`, `Prefer: return=representation`).

use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::{Answer, Fault, Reply, Request};
use super::options::Options;
use super::row::{Row, id, row};
use super::schema::Table;
use super::world::World;
use super::{install, read, users};

/// Turns a payload into stored columns: `x@odata.bind` becomes `_x_value`; names are checked.
pub(super) fn columns(world: &World, table: &Table, payload: serde_json::Map<String, Value>) -> Result<Row, Fault> {
    let mut out = Row::new();
    for (name, value) in payload {
        if let Some(navigation) = name.strip_suffix("@odata.bind") {
            let Some(lookup) = table.lookups.iter().find(|lookup| lookup.name == navigation) else {
                return Err(Fault::bad_request(format!(
                    "An undeclared property '{navigation}' which only has property annotations in the payload but no property value was found in the payload."
                )));
            };
            let target = if lookup.target == "principal" { "systemuser" } else { &lookup.target };
            let value = match value.as_str() {
                None => Value::Null,
                Some(reference) => {
                    let id = reference_id(reference)
                        .ok_or_else(|| Fault::bad_request(format!("'{reference}' is not a reference to a row")))?;
                    if world.get(target, id).is_none() {
                        return Err(Fault::absent(target, id));
                    }
                    json!(id)
                }
            };
            out.insert(lookup.property.clone(), value);
        } else if name.contains('@') {
            // Annotations such as @odata.type carry no data.
        } else if name.starts_with('_') && name.ends_with("_value") {
            return Err(Fault::bad_request(format!(
                "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead. ('{name}')"
            )));
        } else if let Some(column) = table.column(&name) {
            check_type(&column.kind, &name, &value)?;
            out.insert(name, value);
        } else {
            return Err(Fault::new(
                400,
                "0x80048d19",
                format!(
                    "Error identified in Payload provided by the user for Entity :'{}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: An undeclared property '{name}' which only has property annotations in the payload but no property value was found in the payload.",
                    table.set
                ),
            ));
        }
    }
    Ok(out)
}

fn check_type(kind: &str, name: &str, value: &Value) -> Result<(), Fault> {
    let fits = match (kind, value) {
        (_, Value::Null) | ("managed", _) => true,
        ("guid", Value::String(text)) => Uuid::try_parse(text).is_ok(),
        ("string" | "datetime" | "date" | "binary", value) => value.is_string(),
        ("int" | "bigint" | "choice", value) => value.is_i64() || value.is_u64(),
        ("double" | "decimal", value) => value.is_number(),
        ("bool", value) => value.is_boolean(),
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(Fault::new(
            400,
            "0x80048d19",
            format!("Cannot convert the literal '{value}' to the expected type of '{name}' ({kind})."),
        ))
    }
}

/// The identifier in `/accounts(…)` or a complete address.
pub(super) fn reference_id(text: &str) -> Option<Uuid> {
    let inside = text.rsplit_once('(')?.1.strip_suffix(')')?;
    Uuid::try_parse(inside).ok()
}

/// `POST set`
pub(super) fn create(
    world: &mut World,
    options: &Options,
    caller: Uuid,
    request: &Request,
    table: &Table,
    api: &str,
) -> Answer {
    let id = insert(world, options, caller, table, request.json()?, None)?;
    created(world, request, table, api, id)
}

/// Creates a row of a payload.
pub(super) fn insert(
    world: &mut World,
    options: &Options,
    caller: Uuid,
    table: &Table,
    payload: serde_json::Map<String, Value>,
    with_id: Option<Uuid>,
) -> Result<Uuid, Fault> {
    world.demand(caller, &format!("prvCreate{}", table.privilege_name()), &table.logical)?;
    let mut columns = columns(world, table, payload)?;
    let new = with_id.or_else(|| id(&columns, &table.key)).unwrap_or_else(Uuid::new_v4);
    if world.get(&table.logical, new).is_some() {
        return Err(Fault::new(412, "0x80040237", "A record with matching key values already exists."));
    }
    columns.remove(&table.key);
    match table.logical.as_str() {
        "systemuser" => users::create(world, options, new, &columns)?,
        "privilege"
        | "asyncoperation"
        | "importjob"
        | "dependency"
        | "msdyn_solutionhistory"
        | "roleprivileges"
        | "organization" => {
            return Err(Fault::new(
                405,
                "0x80040800",
                format!("The 'Create' method does not support entities of type '{}'.", table.logical),
            ));
        }
        "role" => {
            let name = columns.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            world.add_role(new, &name, false, 1, None);
        }
        _ => {
            if table.lookup("ownerid").is_some() {
                columns.entry("_ownerid_value").or_insert(json!(caller));
                columns.entry("_owninguser_value").or_insert(json!(caller));
                columns.entry("_owningbusinessunit_value").or_insert(json!(super::world::ROOT_UNIT));
            }
            if table.column("statecode").is_some() {
                columns.entry("statecode").or_insert(json!(0));
                columns.entry("statuscode").or_insert(json!(1));
            }
            if table.logical == "businessunit" {
                columns.entry("_parentbusinessunitid_value").or_insert(json!(super::world::ROOT_UNIT));
            }
            world.insert(&table.logical, new, columns);
            if table.logical == "businessunit" {
                world.copy_roles();
            }
        }
    }
    Ok(new)
}

fn created(world: &World, request: &Request, table: &Table, api: &str, id: Uuid) -> Answer {
    let location = format!("{api}/{}({id})", table.set);
    let reply = if request.prefers("return=representation") {
        let mut body = read::representation(world, request, table, api, id)?;
        body["@odata.context"] = json!(format!("{api}/$metadata#{}/$entity", table.set));
        Reply::odata(201, &body).with("Preference-Applied", "return=representation")
    } else {
        Reply::empty(204)
    };
    Ok(reply.with("Location", location.clone()).with("OData-EntityId", location))
}

/// `PATCH set(id)`: update, or create if the row does not exist and the conditions allow it.
pub(super) fn patch(
    world: &mut World,
    options: &Options,
    caller: Uuid,
    request: &Request,
    table: &Table,
    api: &str,
    id: Uuid,
) -> Answer {
    let current = world.get(&table.logical, id).map(read::etag);
    match (&current, request.header("if-match"), request.header("if-none-match")) {
        (None, Some(_), _) => return Err(Fault::absent(&table.logical, id)),
        (Some(_), _, Some("*")) => {
            return Err(Fault::new(412, "0x80040237", "A record with matching key values already exists."));
        }
        (Some(tag), Some(wanted), _) if wanted != "*" && wanted != tag => return Err(stale()),
        (None, None, _) => {
            insert(world, options, caller, table, request.json()?, Some(id))?;
            return created(world, request, table, api, id);
        }
        _ => {}
    }
    update(world, caller, table, id, request.json()?)?;
    let location = format!("{api}/{}({id})", table.set);
    if request.prefers("return=representation") {
        let body = read::representation(world, request, table, api, id)?;
        return Ok(Reply::odata(200, &body).with("Preference-Applied", "return=representation"));
    }
    Ok(Reply::empty(204).with("OData-EntityId", location))
}

/// Changes columns of a row that is there.
pub(super) fn update(
    world: &mut World,
    caller: Uuid,
    table: &Table,
    id: Uuid,
    payload: serde_json::Map<String, Value>,
) -> Result<(), Fault> {
    world.demand(caller, &format!("prvWrite{}", table.privilege_name()), &table.logical)?;
    let columns = columns(world, table, payload)?;
    if table.logical == "workflow" && columns.get("statecode") == Some(&json!(1)) {
        connected(world, id)?;
    }
    match table.logical.as_str() {
        "systemuser" => users::update(world, caller, id, columns)?,
        "role" if world.root_role(id) != id => {
            return Err(Fault::new(400, "0x80044152", "Inherited roles cannot be modified."));
        }
        "asyncoperation" | "importjob" | "privilege" => {
            return Err(Fault::new(
                405,
                "0x80040800",
                format!("The 'Update' method does not support entities of type '{}'.", table.logical),
            ));
        }
        _ => world.update(&table.logical, id, columns),
    }
    Ok(())
}

/// A cloud flow is turned on only with all its connections. The code is the one that flows report the refusals of their
/// own service with; the text of the message is an assumption.
fn connected(world: &World, flow: Uuid) -> Result<(), Fault> {
    let names = world.installed.values().find_map(|package| package.flow_connections.get(&flow));
    let Some(name) = names.and_then(|names| install::unconnected(world, names)) else { return Ok(()) };
    let details = format!("The connection reference '{name}' has no connection.");
    let message = format!("Flow client error returned with status code \"BadRequest\" and details \"{details}\".");
    Err(Fault::new(400, "0x80060467", message))
}

/// `PATCH set(name='x')` of a key that no row has.
pub(super) fn upsert(
    world: &mut World,
    options: &Options,
    caller: Uuid,
    request: &Request,
    table: &Table,
    api: &str,
    key: Row,
) -> Answer {
    let mut payload = key;
    payload.extend(request.json()?);
    let id = insert(world, options, caller, table, payload, None)?;
    created(world, request, table, api, id)
}

fn stale() -> Fault {
    Fault::new(412, "0x80060882", "The version of the existing record doesn't match the RowVersion property provided.")
}

/// `DELETE set(id)`
pub(super) fn delete(world: &mut World, caller: Uuid, request: &Request, table: &Table, id: Uuid) -> Answer {
    world.demand(caller, &format!("prvDelete{}", table.privilege_name()), &table.logical)?;
    let current = world.get(&table.logical, id).ok_or_else(|| Fault::absent(&table.logical, id))?;
    if request.header("if-match").is_some_and(|wanted| wanted != "*" && wanted != read::etag(current)) {
        return Err(stale());
    }
    match table.logical.as_str() {
        "systemuser" => users::delete(world, id)?,
        "solution" if current.get("ismanaged") == Some(&json!(true)) => {
            super::uninstall::uninstall_row(world, id)?;
        }
        "privilege" | "asyncoperation" | "importjob" | "organization" => {
            return Err(Fault::new(
                405,
                "0x80040800",
                format!("The 'Delete' method does not support entities of type '{}'.", table.logical),
            ));
        }
        _ => {
            world.remove(&table.logical, id);
        }
    }
    Ok(Reply::empty(204))
}

/// `POST set(id)/navigation/$ref` and `DELETE …/$ref`, both forms.
pub(super) fn reference(
    world: &mut World,
    caller: Uuid,
    table: &Table,
    own: Uuid,
    navigation: &str,
    other: Option<Uuid>,
    add: bool,
) -> Answer {
    if world.get(&table.logical, own).is_none() {
        return Err(Fault::absent(&table.logical, own));
    }
    let other_required = || {
        other.ok_or_else(|| {
            Fault::bad_request("the reference names no row: `@odata.id` or `$id` is missing or malformed")
        })
    };
    match (table.logical.as_str(), navigation) {
        ("systemuser", "systemuserroles_association") if add => users::assign(world, caller, own, other_required()?)?,
        ("role", "systemuserroles_association") if add => users::assign(world, caller, other_required()?, own)?,
        ("systemuser" | "role", "systemuserroles_association") => {
            world.demand(caller, "prvAssignRole", "role")?;
            let other = other_required()?;
            let pair = if table.logical == "role" { (other, own) } else { (own, other) };
            world.user_roles.remove(&pair);
            world.version += 1;
        }
        ("systemuser" | "fieldsecurityprofile", "systemuserprofiles_association") => {
            let other = other_required()?;
            let (user, profile) = if table.logical == "systemuser" { (own, other) } else { (other, own) };
            users::relate_profile(world, caller, user, profile, add)?;
        }
        _ if table.many(navigation).is_some_and(|many| many.property.is_some()) => {
            // One to many: the other row has the reference.
            let (target, property) = table
                .many(navigation)
                .and_then(|many| Some((many.target.clone(), many.property.clone()?)))
                .ok_or_else(|| Fault::unknown_segment(navigation))?;
            let other = other_required()?;
            let found = world.get(&target, other).ok_or_else(|| Fault::absent(&target, other))?;
            if add || id(found, &property) == Some(own) {
                let value = if add { json!(own) } else { Value::Null };
                world.update(&target, other, row(json!({property: value})));
            }
        }
        _ => {
            let lookup = table.lookup(navigation).ok_or_else(|| Fault::unknown_segment(navigation))?;
            let value = if add { json!(other_required()?) } else { Value::Null };
            let property = lookup.property.clone();
            world.update(&table.logical, own, row(json!({property: value})));
        }
    }
    Ok(Reply::empty(204))
}
