//! The components of installed solutions: which rows say so, what the environment lists of them, and what is deleted
//! when a solution no longer has them.
//!
//! Facts: the columns of `solutioncomponent` and `msdyn_solutioncomponentsummary` are those of the published service
//! description. That the parts of a table which a solution contains completely (`rootcomponentbehavior` 0) have no row
//! is reported by users; that the summary lists them all the same is an assumption.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::package::Package;
use super::row::{Row, id, named, row, text};
use super::schema::Table;
use super::world::World;

/// A solution contains the table completely: its parts have no rows.
pub(super) const WHOLE: i64 = 0;

/// A component that a package brings.
pub(super) struct Brought {
    pub kind: i64,
    pub object: Uuid,
    /// Of a table: how much of it the solution contains.
    behavior: i64,
    /// The table that it is a part of.
    table: Option<Uuid>,
}

impl Brought {
    pub fn root(kind: i64, object: Uuid) -> Self {
        Self { kind, object, behavior: WHOLE, table: None }
    }

    pub fn table(package: &Package, logical: &str) -> Self {
        let behavior = package.behaviors.get(logical).copied().unwrap_or(WHOLE);
        Self { behavior, ..Self::root(1, named(&format!("table {logical}"))) }
    }
}

/// The identifier of a column.
pub(super) fn column_id(table: &Table, column: &str) -> Uuid {
    named(&format!("column {} {column}", table.logical))
}

/// Whether somebody made the column: those of the platform have no prefix.
pub(super) fn is_custom(table: &Table, column: &str) -> bool {
    table.custom && column.contains('_')
}

/// The parts of tables that a solution contains only in part, which are components by themselves.
pub(super) fn parts(package: &Package) -> Vec<Brought> {
    let mut found = Vec::new();
    let of = |logical: &str| Brought::table(package, logical);
    for table in &package.tables {
        let root = of(&table.logical);
        if root.behavior != WHOLE {
            let columns = names(table).into_iter().filter(|name| is_custom(table, name) && **name != table.key);
            let part = |name: &str| Brought { table: Some(root.object), ..Brought::root(2, column_id(table, name)) };
            found.extend(columns.map(part));
        }
    }
    for part in &package.parts {
        let root = of(&part.table);
        if root.behavior != WHOLE {
            found.push(Brought { table: Some(root.object), ..Brought::root(part.kind, part.id) });
        }
    }
    found
}

/// The names of all columns, lookups too.
pub(super) fn names(table: &Table) -> Vec<&str> {
    let lookups = table.lookups.iter().filter_map(|it| it.property.strip_prefix('_')?.strip_suffix("_value"));
    table.columns.iter().map(|column| column.name.as_str()).chain(lookups).collect()
}

/// Says which components a solution has.
pub(super) fn write(world: &mut World, solution: Uuid, components: &[Brought]) {
    let key = |kind: i64, object: Uuid| named(&format!("{solution} has {kind} {object}"));
    for it in components {
        let root = it.table.map(|table| key(1, table));
        let columns = json!({"componenttype": it.kind, "objectid": it.object, "_solutionid_value": solution, "ismetadata": matches!(it.kind, 1 | 2 | 10 | 14), "rootcomponentbehavior": if root.is_some() { Value::Null } else { json!(it.behavior) }, "rootsolutioncomponentid": root});
        world.insert("solutioncomponent", key(it.kind, it.object), row(columns));
    }
}

/// A table after an import: an update keeps the columns that the new version no longer has, an upgrade takes them away
/// with their values, unless another solution has them.
pub(super) fn merge(world: &mut World, package: &Package, new: &Table, upgrade: bool) {
    let Some(known) = world.tables.iter().position(|known| known.logical == new.logical) else { return };
    let old = world.tables[known].clone();
    let elsewhere = |column: &str| {
        let others = world.installed.values().filter(|it| !it.unique_name.eq_ignore_ascii_case(&package.unique_name));
        others.flat_map(|it| &it.tables).any(|it| it.logical == new.logical && names(it).contains(&column))
    };
    let mut merged = new.clone();
    let kept = |column: &str| !names(new).contains(&column) && (!upgrade || elsewhere(column));
    merged.columns.extend(old.columns.iter().filter(|it| kept(&it.name)).cloned());
    let of_lookup = |property: &str| property.trim_start_matches('_').trim_end_matches("_value").to_owned();
    merged.lookups.extend(old.lookups.iter().filter(|it| kept(&of_lookup(&it.property))).cloned());
    let gone: Vec<String> = old.properties().filter(|name| !merged.has(name)).map(str::to_owned).collect();
    for row in world.rows.get_mut(&new.logical).into_iter().flat_map(BTreeMap::values_mut) {
        for name in &gone {
            row.remove(name);
        }
    }
    world.tables[known] = merged.into();
}

/// `msdyn_solutioncomponentsummaries`: the components of each solution with their names, including those of complete
/// tables.
pub(super) fn summaries(world: &World) -> BTreeMap<Uuid, Row> {
    let mut rows = BTreeMap::new();
    let mut add = |solution: Uuid, kind: i64, object: Uuid, (logical, table, name): (&str, Option<&str>, &str)| {
        let key = named(&format!("{solution} sums up {kind} {object}"));
        let columns = json!({"msdyn_solutioncomponentsummaryid": key, "msdyn_solutionid": solution, "msdyn_componenttype": kind, "msdyn_objectid": object, "msdyn_componentlogicalname": logical, "msdyn_primaryentityname": table, "msdyn_name": name, "msdyn_schemaname": name, "msdyn_displayname": name, "msdyn_uniquename": null, "msdyn_ismanaged": "true"});
        rows.insert(key, row(columns));
    };
    for (_, component) in world.table_rows("solutioncomponent") {
        let (Some(solution), Some(object)) = (id(component, "_solutionid_value"), id(component, "objectid")) else {
            continue;
        };
        let kind = component.get("componenttype").and_then(Value::as_i64).unwrap_or_default();
        let package = world.get("solution", solution).map(|row| text(row, "uniquename").to_lowercase());
        let package = package.and_then(|name| world.installed.get(&name));
        let name = name(world, package, kind, object).unwrap_or_default();
        let root = id(component, "rootsolutioncomponentid");
        let root = root.and_then(|root| world.get("solutioncomponent", root)).and_then(|row| id(row, "objectid"));
        let of = world.all_tables().find(|table| root == Some(named(&format!("table {}", table.logical))));
        add(solution, kind, object, (logical(kind), of.map(|table| table.logical.as_str()), &name));
        let table = world.tables.iter().find(|table| kind == 1 && named(&format!("table {}", table.logical)) == object);
        let whole = component.get("rootcomponentbehavior") == Some(&json!(WHOLE));
        let (Some(table), Some(package), true) = (table, package, whole) else { continue };
        let brought = package.tables.iter().find(|it| it.logical == table.logical);
        for column in brought.into_iter().flat_map(|it| names(it)) {
            add(solution, 2, column_id(table, column), (logical(2), Some(&table.logical), column));
        }
        for part in package.parts.iter().filter(|part| part.table == table.logical) {
            add(solution, part.kind, part.id, (logical(part.kind), Some(&table.logical), &part.name));
        }
    }
    rows
}

/// The table that describes a kind of component.
fn logical(kind: i64) -> &'static str {
    match kind {
        1 => "entity",
        2 => "attribute",
        9 => "optionset",
        10 => "entityrelationship",
        14 => "entitykey",
        20 => "role",
        26 => "savedquery",
        29 => "workflow",
        59 => "savedqueryvisualization",
        60 => "systemform",
        61 => "webresource",
        80 => "appmodule",
        91 => "pluginassembly",
        92 => "sdkmessageprocessingstep",
        380 => "environmentvariabledefinition",
        10_112 => "connectionreference",
        _ => "",
    }
}

/// What a component is called.
fn name(world: &World, package: Option<&Package>, kind: i64, object: Uuid) -> Option<String> {
    let of_row = |table: &str, column: &str| world.get(table, object).map(|row| text(row, column).to_owned());
    let root = || {
        let roots = package.into_iter().flat_map(|package| &package.roots);
        let mut same = roots.filter(|(number, ..)| i64::from(*number) == kind);
        let object_of = |id: Option<&String>, schema: Option<&String>| {
            id.and_then(|text| Uuid::try_parse(text).ok())
                .unwrap_or_else(|| named(&format!("component {kind} {}", schema.map_or("", String::as_str))))
        };
        same.find(|(_, id, schema)| object_of(id.as_ref(), schema.as_ref()) == object)?.2.clone()
    };
    match kind {
        1 => {
            world.all_tables().find(|it| named(&format!("table {}", it.logical)) == object).map(|it| it.logical.clone())
        }
        2 => {
            // Columns that a solution adds to a table of the platform are not kept there.
            let tables = world.tables.iter().chain(package.into_iter().flat_map(|package| &package.tables));
            let mut columns = tables.flat_map(|table| names(table).into_iter().map(move |name| (table, name)));
            columns.find(|(table, name)| column_id(table, name) == object).map(|(_, name)| name.to_owned())
        }
        20 => of_row("role", "name"),
        29 => of_row("workflow", "name"),
        70 => of_row("fieldsecurityprofile", "name"),
        92 => of_row("sdkmessageprocessingstep", "name"),
        380 => of_row("environmentvariabledefinition", "schemaname"),
        10_112 => of_row("connectionreference", "connectionreferencelogicalname"),
        61 => package?.web_resources.iter().find(|(id, _)| *id == object).map(|(_, name)| name.clone()),
        _ => {
            let part = package?.parts.iter().find(|part| part.id == object).map(|part| part.name.clone());
            part.or_else(root)
        }
    }
}
