//! What an import leaves behind: rows of the solution, its publisher, roles with their copies, tables
//! with their privileges, environment variables, connection references, processes, web resources.

mod role;

use serde_json::{Value, json};
use uuid::Uuid;

use super::components::{self, Brought};
use super::options::{Options, Scenario};
use super::package::{Definition, Package};
use super::removal::release;
use super::row::{Row, id, named, now, row, text};
use super::schema::Table;
use super::shared::Shared;
use super::world::{ORGANIZATION, ROOT_UNIT, World};

/// An error code and a message.
type Refusal = (String, String);

/// The first of these connection references that has no connection.
pub(super) fn unconnected<'a>(world: &World, names: &'a [String]) -> Option<&'a str> {
    let connected = |name: &str| {
        let is_it = |row: &Row| text(row, "connectionreferencelogicalname").eq_ignore_ascii_case(name);
        let reference = world.find("connectionreference", is_it);
        reference.is_some_and(|(_, row)| !text(row, "connectionid").is_empty())
    };
    names.iter().map(String::as_str).find(|name| !connected(name))
}

/// Puts a package into the environment; warnings. `upgrade`: components that it no longer has are removed.
pub(super) fn commit(
    world: &mut World,
    options: &Options,
    package: &Package,
    parameters: &[Value],
    upgrade: bool,
) -> Result<Vec<String>, Refusal> {
    let mut warnings = check(world, package)?;
    let solution = identity(world, package);
    let mut brought: Vec<Brought> = Vec::new();
    for table in &package.tables {
        brought.push(Brought::table(package, &table.logical));
        self::table(world, package, table, upgrade);
    }
    for role in &package.roles {
        brought.push(Brought::root(20, role.id));
        warnings.extend(role::bring(world, options, package, role)?);
    }
    for definition in &package.definitions {
        brought.push(Brought::root(380, variable(world, package, definition, parameters)));
    }
    for connection in &package.connections {
        brought.push(Brought::root(10_112, self::connection(world, package, connection, parameters)));
    }
    brought.extend(processes(world, options, package));
    for (key, name, description) in &package.profiles {
        brought.push(Brought::root(70, *key));
        let columns = json!({"name": name, "description": description, "ismanaged": package.managed, "solutionid": solution, "componentstate": 0});
        world.insert("fieldsecurityprofile", *key, row(columns));
    }
    brought.extend(package.web_resources.iter().map(|(key, _)| Brought::root(61, *key)));
    roots(package, &mut brought);
    brought.extend(components::parts(package));
    if upgrade {
        release(world, solution, &brought);
    }
    components::write(world, solution, &brought);
    let mut left = package.clone();
    if let Some(old) = world.installed.get(&package.unique_name.to_lowercase()).filter(|_| !upgrade) {
        left.keep(old);
    }
    world.installed.insert(package.unique_name.to_lowercase(), left);
    Ok(warnings)
}

/// What the organization does not accept of a package: refused, or left out with a warning.
fn check(world: &World, package: &Package) -> Result<Vec<String>, Refusal> {
    let mut warnings = Vec::new();
    let organization = |column: &str| {
        let row = world.get("organization", ORGANIZATION)?;
        row.get(column).and_then(Value::as_i64)
    };
    let limit = organization("maxuploadfilesize").and_then(|size| usize::try_from(size).ok());
    if limit.is_some_and(|limit| package.largest_resource > limit) {
        return Err(("0x8004f114".into(), "Webresource content size is too big.".into()));
    }
    let base = organization("languagecode");
    let left_out: Vec<String> =
        package.languages.iter().filter(|code| Some(**code) != base).map(ToString::to_string).collect();
    if !left_out.is_empty() {
        warnings.push(format!("Translated labels for the following languages could not be imported because they have not been enabled for this organization: {}", left_out.join(", ")));
    }
    Ok(warnings)
}

/// The rows of the publisher and of the solution, whose identifier it gives.
fn identity(world: &mut World, package: &Package) -> Uuid {
    let publisher = world
        .find("publisher", |row| text(row, "uniquename").eq_ignore_ascii_case(&package.publisher))
        .map(|(id, _)| id);
    let publisher = publisher.unwrap_or_else(|| named(&format!("publisher {}", package.publisher.to_lowercase())));
    world.insert("publisher", publisher, row(json!({"uniquename": package.publisher, "friendlyname": package.publisher_name, "customizationprefix": package.prefix, "customizationoptionvalueprefix": package.option_prefix})));
    let solution = world.solution(&package.unique_name).map(|(id, _)| id);
    let solution = solution.unwrap_or_else(|| named(&format!("solution {}", package.unique_name.to_lowercase())));
    let columns = json!({"uniquename": package.unique_name, "friendlyname": package.friendly_name, "description": package.description, "version": package.version, "ismanaged": package.managed, "isvisible": true, "_publisherid_value": publisher, "_organizationid_value": ORGANIZATION, "solutionpackageversion": "9.2", "isapimanaged": false, "installedon": now()});
    world.insert("solution", solution, row(columns));
    solution
}

/// A table with its privileges.
fn table(world: &mut World, package: &Package, table: &Shared<Table>, upgrade: bool) {
    if world.tables.iter().any(|known| known.logical == table.logical) {
        if !table.columns.is_empty() {
            components::merge(world, package, table, upgrade);
        }
    } else if world.table(&table.logical).is_none() {
        world.tables.push(table.clone());
    }
    let rights: &[&str] = if table.user_owned {
        &["Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share"]
    } else {
        &["Create", "Read", "Write", "Delete", "Append", "AppendTo"]
    };
    for right in rights {
        world.add_privilege(&format!("prv{right}{}", table.schema), None, if table.user_owned { "BLDG" } else { "G" });
    }
}

/// What the import was given for a component.
fn given<'a>(parameters: &'a [Value], key: &str, name: &str) -> Option<&'a Value> {
    parameters.iter().find(|p| p.get(key).and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name)))
}

/// An environment variable, and its value where the import was given one or the package brings it.
fn variable(world: &mut World, package: &Package, definition: &Definition, parameters: &[Value]) -> Uuid {
    let known = world
        .find("environmentvariabledefinition", |row| text(row, "schemaname") == definition.schema_name)
        .map(|(id, _)| id);
    let key = known.unwrap_or_else(|| named(&format!("definition {}", definition.schema_name)));
    let columns = json!({"schemaname": definition.schema_name, "displayname": definition.display_name, "type": definition.kind, "defaultvalue": definition.default, "ismanaged": package.managed, "statecode": 0, "statuscode": 1});
    world.insert("environmentvariabledefinition", key, row(columns));
    let value = given(parameters, "schemaname", &definition.schema_name)
        .and_then(|p| p.get("value"))
        .cloned()
        .or_else(|| definition.value.clone().map(Value::String));
    if let Some(value) = value {
        let known = world
            .find("environmentvariablevalue", |row| id(row, "_environmentvariabledefinitionid_value") == Some(key))
            .map(|(id, _)| id);
        let own = known.unwrap_or_else(|| named(&format!("value {}", definition.schema_name)));
        world.insert("environmentvariablevalue", own, row(json!({"schemaname": definition.schema_name, "value": value, "_environmentvariabledefinitionid_value": key, "statecode": 0, "statuscode": 1})));
    }
    key
}

/// A connection reference: its logical name, display name and connector.
fn connection(
    world: &mut World,
    package: &Package,
    (name, display, connector): &(String, String, String),
    parameters: &[Value],
) -> Uuid {
    let key = named(&format!("connection reference {name}"));
    let mut columns = json!({"connectionreferencelogicalname": name, "connectionreferencedisplayname": display, "connectorid": connector, "ismanaged": package.managed, "statecode": 0, "statuscode": 1});
    if let Some(connection) =
        given(parameters, "connectionreferencelogicalname", name).and_then(|p| p.get("connectionid"))
    {
        columns["connectionid"] = connection.clone();
    }
    world.insert("connectionreference", key, row(columns));
    key
}

/// Flows, processes and plug-in steps, on or off.
fn processes(world: &mut World, options: &Options, package: &Package) -> Vec<Brought> {
    let mut brought = Vec::new();
    let off = options.scenarios.contains(&Scenario::FlowsOff);
    for (key, name, category, state) in &package.workflows {
        // Without its connections a flow cannot be on: the import leaves it off.
        let unconnected = package.flow_connections.get(key).is_some_and(|names| unconnected(world, names).is_some());
        let state = if off || unconnected { &0 } else { state };
        brought.push(Brought::root(29, *key));
        let columns = json!({"name": name, "category": category, "type": 1, "statecode": state, "statuscode": if *state == 1 { 2 } else { 1 }, "ismanaged": package.managed, "workflowidunique": key, "_owningbusinessunit_value": ROOT_UNIT});
        world.insert("workflow", *key, row(columns));
    }
    for (key, name) in &package.steps {
        brought.push(Brought::root(92, *key));
        world.insert(
            "sdkmessageprocessingstep",
            *key,
            row(
                json!({"name": name, "statecode": i32::from(off), "statuscode": if off { 2 } else { 1 }, "ismanaged": package.managed}),
            ),
        );
    }
    brought
}

/// Root components of kinds that are not looked into.
fn roots(package: &Package, brought: &mut Vec<Brought>) {
    for (kind, key, schema) in &package.roots {
        let own = key.as_deref().and_then(|text| Uuid::try_parse(text).ok());
        let object = own.unwrap_or_else(|| match kind {
            1 => named(&format!("table {}", schema.as_deref().unwrap_or_default())),
            _ => named(&format!("component {kind} {}", schema.as_deref().unwrap_or_default())),
        });
        let kind = i64::from(*kind);
        if kind != 61 && kind != 380 && !brought.iter().any(|it| (it.kind, it.object) == (kind, object)) {
            let table = schema.as_deref().filter(|_| kind == 1);
            brought.push(table.map_or_else(|| Brought::root(kind, object), |name| Brought::table(package, name)));
        }
    }
}
