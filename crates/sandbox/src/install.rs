//! What an import leaves behind: rows of the solution, its publisher, roles with their copies, tables
//! with their privileges, environment variables, connection references, processes, web resources.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::components::{self, Brought, column_id};
use super::options::{Options, Scenario};
use super::package::{Package, Role};
use super::solutions;
use super::world::{DEPTHS, ORGANIZATION, ROOT_UNIT, World, allows, depth_rank, id, named, now, row, text};

/// The first of these connection references that has no connection.
pub(super) fn unconnected<'a>(world: &World, names: &'a [String]) -> Option<&'a str> {
    let connected = |name: &str| {
        let is_it = |row: &super::world::Row| text(row, "connectionreferencelogicalname").eq_ignore_ascii_case(name);
        let reference = world.find("connectionreference", is_it);
        reference.is_some_and(|(_, row)| !text(row, "connectionid").is_empty())
    };
    names.iter().map(String::as_str).find(|name| !connected(name))
}

/// Puts a package into the environment. `upgrade`: components that it no longer has are removed.
pub(super) fn commit(
    world: &mut World,
    options: &Options,
    package: &Package,
    parameters: &[Value],
    upgrade: bool,
) -> Result<Vec<String>, (String, String)> {
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
    let mut brought: Vec<Brought> = Vec::new();
    let publisher = world
        .find("publisher", |row| text(row, "uniquename").eq_ignore_ascii_case(&package.publisher))
        .map(|(id, _)| id);
    let publisher = publisher.unwrap_or_else(|| named(&format!("publisher {}", package.publisher.to_lowercase())));
    world.insert("publisher", publisher, row(json!({"uniquename": package.publisher, "friendlyname": package.publisher_name, "customizationprefix": package.prefix, "customizationoptionvalueprefix": package.option_prefix})));
    let solution = world.solution(&package.unique_name).map(|(id, _)| id);
    let solution = solution.unwrap_or_else(|| named(&format!("solution {}", package.unique_name.to_lowercase())));
    let columns = json!({"uniquename": package.unique_name, "friendlyname": package.friendly_name, "description": package.description, "version": package.version, "ismanaged": package.managed, "isvisible": true, "_publisherid_value": publisher, "_organizationid_value": ORGANIZATION, "solutionpackageversion": "9.2", "isapimanaged": false, "installedon": now()});
    world.insert("solution", solution, row(columns));
    for table in &package.tables {
        brought.push(Brought::table(package, &table.logical));
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
            world.add_privilege(
                &format!("prv{right}{}", table.schema),
                None,
                if table.user_owned { "BLDG" } else { "G" },
            );
        }
    }
    for role in &package.roles {
        brought.push(Brought::root(20, role.id));
        warnings.extend(self::role(world, options, package, role)?);
    }
    let given = |key: &str, name: &str| {
        parameters.iter().find(|p| p.get(key).and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name)))
    };
    for definition in &package.definitions {
        let known = world
            .find("environmentvariabledefinition", |row| text(row, "schemaname") == definition.schema_name)
            .map(|(id, _)| id);
        let key = known.unwrap_or_else(|| named(&format!("definition {}", definition.schema_name)));
        brought.push(Brought::root(380, key));
        let columns = json!({"schemaname": definition.schema_name, "displayname": definition.display_name, "type": definition.kind, "defaultvalue": definition.default, "ismanaged": package.managed, "statecode": 0, "statuscode": 1});
        world.insert("environmentvariabledefinition", key, row(columns));
        let value = given("schemaname", &definition.schema_name)
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
    }
    for (name, display, connector) in &package.connections {
        let key = named(&format!("connection reference {name}"));
        brought.push(Brought::root(10_112, key));
        let mut columns = json!({"connectionreferencelogicalname": name, "connectionreferencedisplayname": display, "connectorid": connector, "ismanaged": package.managed, "statecode": 0, "statuscode": 1});
        if let Some(connection) = given("connectionreferencelogicalname", name).and_then(|p| p.get("connectionid")) {
            columns["connectionid"] = connection.clone();
        }
        world.insert("connectionreference", key, row(columns));
    }
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
    for (key, name, description) in &package.profiles {
        brought.push(Brought::root(70, *key));
        let columns = json!({"name": name, "description": description, "ismanaged": package.managed, "solutionid": solution, "componentstate": 0});
        world.insert("fieldsecurityprofile", *key, row(columns));
    }
    brought.extend(package.web_resources.iter().map(|(key, _)| Brought::root(61, *key)));
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
    brought.extend(components::parts(package));
    if upgrade {
        components::release(world, solution, &brought);
    }
    components::write(world, solution, &brought);
    let mut left = package.clone();
    if let Some(old) = world.installed.get(&package.unique_name.to_lowercase()).filter(|_| !upgrade) {
        left.keep(old);
    }
    world.installed.insert(package.unique_name.to_lowercase(), left);
    Ok(warnings)
}

/// A role with its privileges; a warning where the environment does not know one of them.
fn role(
    world: &mut World,
    options: &Options,
    package: &Package,
    role: &Role,
) -> Result<Option<String>, (String, String)> {
    if options.scenarios.contains(&Scenario::DuplicateRoleName) && world.get("role", role.id).is_none() {
        world.add_role(named(&format!("duplicate {}", role.name)), &role.name, false, 1, None);
    }
    world.add_role(role.id, &role.name, package.managed, role.inherited, None);
    let mut held = BTreeMap::new();
    let mut unknown = Vec::new();
    for (name, depth) in &role.privileges {
        let Some(privilege) = world.privileges.get(&name.to_lowercase()).copied() else {
            unknown.push(name.clone());
            continue;
        };
        world.check_depth(privilege, depth)?;
        if !solutions::is_baseline(name) {
            held.extend(world.get("privilege", privilege).map(|row| (text(row, "name").to_owned(), depth.clone())));
        }
    }
    world.under_layer(role.id, &mut held);
    let mut changed = held.clone();
    world.role_privileges.insert(role.id, held.clone().into_iter().collect());
    by_hand(world, options, &mut changed);
    let names: Vec<String> = held.keys().chain(changed.keys()).cloned().collect();
    for name in names.into_iter().filter(|name| held.get(name) != changed.get(name)) {
        world.change_role(role.id, &name, changed.get(&name).cloned());
    }
    if unknown.is_empty() { Ok(None) } else { solutions::unknown(options, &role.name, &unknown).map(Some) }
}

/// What somebody in the environment changes in a role right after its import.
fn by_hand(world: &World, options: &Options, held: &mut BTreeMap<String, String>) {
    let has = |scenario| options.scenarios.contains(&scenario);
    let added = |held: &BTreeMap<String, String>, names: &[&str]| {
        names.iter().find(|name| !held.contains_key(**name)).map(|name| ((*name).to_owned(), "Global".to_owned()))
    };
    if has(Scenario::PrivilegeAdded) {
        held.extend(added(held, &["prvWriteContact", "prvDeleteContact", "prvAssignContact"]));
    }
    if has(Scenario::ReadPrivilegeAdded) {
        held.extend(added(held, &["prvReadLead", "prvReadContact", "prvReadTeam"]));
    }
    if has(Scenario::PrivilegeTaken) {
        let first = held.keys().next().cloned();
        first.and_then(|name| held.remove(&name));
    }
    if has(Scenario::PrivilegeShallower) {
        for (name, depth) in held.iter_mut() {
            let row = world.privileges.get(&name.to_lowercase()).and_then(|id| world.get("privilege", *id));
            let shallowest = DEPTHS.into_iter().find(|depth| row.is_some_and(|row| allows(row, depth)));
            if let Some(shallower) = shallowest.filter(|shallower| depth_rank(shallower) < depth_rank(depth)) {
                shallower.clone_into(depth);
                return;
            }
        }
    }
    if has(Scenario::PrivilegeDeepened) {
        let deepest = |name: &str| {
            let row = world.privileges.get(&name.to_lowercase()).and_then(|id| world.get("privilege", *id))?;
            DEPTHS.into_iter().rev().find(|depth| allows(row, depth))
        };
        for (name, depth) in held.iter_mut() {
            if let Some(deeper) = deepest(name).filter(|deeper| depth_rank(deeper) > depth_rank(depth)) {
                deeper.clone_into(depth);
                return;
            }
        }
    }
}

/// Takes a component away.
pub(super) fn remove(world: &mut World, kind: i64, object: Uuid) {
    match kind {
        1 => {
            let Some(table) = world.tables.iter().find(|t| named(&format!("table {}", t.logical)) == object).cloned()
            else {
                return;
            };
            world.tables.retain(|known| known.logical != table.logical);
            world.rows.remove(&table.logical);
            for right in ["Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share"] {
                let name = format!("prv{right}{}", table.schema);
                if let Some(privilege) = world.privileges.remove(&name.to_lowercase()) {
                    world.remove("privilege", privilege);
                }
                for held in world.role_privileges.values_mut() {
                    held.remove(&name);
                }
            }
        }
        2 => {
            let of = |table: &&mut super::shared::Shared<super::schema::Table>| {
                components::names(table).into_iter().any(|name| column_id(table, name) == object)
            };
            let Some(table) = world.tables.iter_mut().find(of) else { return };
            let mut left = (**table).clone();
            left.columns.retain(|column| column_id(table, &column.name) != object);
            left.lookups.retain(|lookup| {
                let name = lookup.property.trim_start_matches('_').trim_end_matches("_value");
                column_id(table, name) != object
            });
            *table = left.into();
        }
        20 => {
            let copies: Vec<Uuid> = world
                .table_rows("role")
                .filter(|(_, row)| id(row, "_parentrootroleid_value") == Some(object))
                .map(|(id, _)| *id)
                .collect();
            for copy in copies {
                world.remove("role", copy);
            }
            world.role_privileges.remove(&object);
            world.remove_layer(object);
        }
        380 => {
            let values: Vec<Uuid> = world
                .table_rows("environmentvariablevalue")
                .filter(|(_, row)| id(row, "_environmentvariabledefinitionid_value") == Some(object))
                .map(|(id, _)| *id)
                .collect();
            for value in values {
                world.remove("environmentvariablevalue", value);
            }
            world.remove("environmentvariabledefinition", object);
        }
        29 => {
            world.remove("workflow", object);
        }
        70 => {
            world.remove("fieldsecurityprofile", object);
        }
        92 => {
            world.remove("sdkmessageprocessingstep", object);
        }
        10_112 => {
            world.remove("connectionreference", object);
        }
        _ => {}
    }
}
