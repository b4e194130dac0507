//! Components that are deleted: those that a solution no longer has, unless another solution has them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::components::{Brought, WHOLE, column_id, names};
use super::package::Package;
use super::row::{Row, id, named, text};
use super::schema::Table;
use super::shared::Shared;
use super::world::World;

/// Removes from a solution what is not in `kept`. What another managed solution also has stays in the environment.
pub(super) fn release(world: &mut World, solution: Uuid, kept: &[Brought]) {
    let number = |row: &Row| row.get("componenttype").and_then(Value::as_i64).unwrap_or_default();
    let own = world.table_rows("solutioncomponent").filter(|(_, row)| id(row, "_solutionid_value") == Some(solution));
    let own: Vec<(Uuid, i64, Uuid)> =
        own.map(|(key, row)| (*key, number(row), id(row, "objectid").unwrap_or_default())).collect();
    for (key, kind, object) in own {
        if kept.iter().any(|it| (it.kind, it.object) == (kind, object)) {
            continue;
        }
        let was_whole =
            world.get("solutioncomponent", key).and_then(|row| row.get("rootcomponentbehavior")) == Some(&json!(WHOLE));
        world.remove("solutioncomponent", key);
        if !is_held(world, kind, object) {
            remove(world, kind, object);
        } else if kind == 1 && was_whole {
            release_columns(world, solution, object);
        }
    }
}

/// A table that a solution contained completely leaves it and stays for others: the columns of this solution alone are
/// deleted.
fn release_columns(world: &mut World, solution: Uuid, object: Uuid) {
    let own = world.get("solution", solution).map(|row| text(row, "uniquename").to_lowercase()).unwrap_or_default();
    let is_it = |table: &Table| named(&format!("table {}", table.logical)) == object;
    let of = |package: &Package| -> Vec<(String, Uuid)> {
        let table = package.tables.iter().find(|table| is_it(table));
        table
            .into_iter()
            .flat_map(|it| names(it).into_iter().map(|name| (name.to_owned(), column_id(it, name))))
            .collect()
    };
    let brought = world.installed.get(&own).map(&of).unwrap_or_default();
    let others: Vec<Uuid> = world
        .installed
        .iter()
        .filter(|(name, _)| **name != own)
        .flat_map(|(_, package)| of(package).into_iter().map(|(_, id)| id))
        .collect();
    let Some(logical) = world.tables.iter().find(|table| is_it(table)).map(|table| table.logical.clone()) else {
        return;
    };
    for (name, id) in brought.into_iter().filter(|(_, id)| !others.contains(id)) {
        remove(world, 2, id);
        for row in world.rows.get_mut(&logical).into_iter().flat_map(BTreeMap::values_mut) {
            row.remove(&name);
        }
    }
}

/// Whether a managed solution has a component.
fn is_held(world: &World, kind: i64, object: Uuid) -> bool {
    let holds = |row: &Row| row.get("componenttype") == Some(&json!(kind)) && id(row, "objectid") == Some(object);
    let managed = |row: &Row| {
        let solution = id(row, "_solutionid_value").and_then(|solution| world.get("solution", solution));
        solution.is_some_and(|solution| solution.get("ismanaged") == Some(&json!(true)))
    };
    world.table_rows("solutioncomponent").any(|(_, row)| holds(row) && managed(row))
}

/// Takes a component away.
fn remove(world: &mut World, kind: i64, object: Uuid) {
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
            let of = |table: &&mut Shared<Table>| names(table).into_iter().any(|name| column_id(table, name) == object);
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
