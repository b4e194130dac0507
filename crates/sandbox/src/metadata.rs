//! What the sandbox says about itself: `$metadata` (CSDL, XML only) and `EntityDefinitions`. Both are
//! written from the tables that are served, so they cannot promise what is not there.

use std::fmt::Write as _;

use serde_json::{Value, json};
use uuid::Uuid;

use super::components;
use super::exchange::{Answer, Fault, Reply, Request};
use super::filter;
use super::row::named;
use super::schema::{self, Column, Table};
use super::world::World;

/// The operations that are served.
const OPERATIONS: &str = include_str!("data/operations.xml");

/// The service description.
pub(super) fn csdl(world: &World) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"Microsoft.Dynamics.CRM\" Alias=\"mscrm\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\n<EntityType Name=\"crmbaseentity\" Abstract=\"true\"/>\n<EntityType Name=\"principal\" BaseType=\"mscrm.crmbaseentity\"><Key><PropertyRef Name=\"ownerid\"/></Key><Property Name=\"ownerid\" Type=\"Edm.Guid\" Nullable=\"false\"/></EntityType>\n",
    );
    for table in world.all_tables() {
        // `systemuser` and `team` are principals: their key is `ownerid`.
        let principal = matches!(table.logical.as_str(), "systemuser" | "team");
        let base = if principal { "principal" } else { "crmbaseentity" };
        let _ = writeln!(out, "<EntityType Name=\"{}\" BaseType=\"mscrm.{base}\">", table.logical);
        if !principal {
            let _ = writeln!(out, "<Key><PropertyRef Name=\"{}\"/></Key>", table.key);
        }
        for name in table.properties().filter(|name| !(principal && *name == "ownerid")) {
            let kind = table.column(name).map_or("guid", |column| column.kind.as_str());
            let _ = writeln!(out, "<Property Name=\"{name}\" Type=\"{}\"/>", edm(kind));
        }
        for lookup in &table.lookups {
            let _ = writeln!(
                out,
                "<NavigationProperty Name=\"{}\" Type=\"mscrm.{}\"><ReferentialConstraint Property=\"{}\" ReferencedProperty=\"{}\"/></NavigationProperty>",
                lookup.name,
                lookup.target,
                lookup.property,
                key_of(world, &lookup.target)
            );
        }
        for many in &table.many {
            let _ = writeln!(
                out,
                "<NavigationProperty Name=\"{}\" Type=\"Collection(mscrm.{})\"/>",
                many.name, many.target
            );
        }
        out.push_str("</EntityType>\n");
    }
    let (declared, imported) = OPERATIONS.split_once("<!-- container -->").unwrap_or((OPERATIONS, ""));
    out.push_str(declared);
    out.push_str("<EntityContainer Name=\"System\">\n");
    for table in world.all_tables() {
        let _ = writeln!(out, "<EntitySet Name=\"{}\" EntityType=\"mscrm.{}\"/>", table.set, table.logical);
    }
    out.push_str(imported);
    out.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>\n");
    out
}

fn key_of(world: &World, table: &str) -> String {
    match table {
        "principal" | "systemuser" | "team" => "ownerid".into(),
        other => world.table(other).map_or_else(|| format!("{other}id"), |table| table.key.clone()),
    }
}

fn edm(kind: &str) -> &'static str {
    match kind {
        "guid" => "Edm.Guid",
        "int" | "choice" => "Edm.Int32",
        "bigint" => "Edm.Int64",
        "double" => "Edm.Double",
        "decimal" => "Edm.Decimal",
        "bool" => "Edm.Boolean",
        "datetime" => "Edm.DateTimeOffset",
        "date" => "Edm.Date",
        "binary" => "Edm.Binary",
        "managed" => "mscrm.BooleanManagedProperty",
        _ => "Edm.String",
    }
}

fn definition(table: &Table) -> Value {
    json!({
        "MetadataId": named(&format!("table {}", table.logical)), "LogicalName": table.logical, "SchemaName": table.schema, "EntitySetName": table.set,
        "LogicalCollectionName": table.set, "PrimaryIdAttribute": table.key, "PrimaryNameAttribute": table.name, "IsCustomEntity": table.custom,
        "OwnershipType": if table.user_owned { "UserOwned" } else { "OrganizationOwned" },
        "DisplayName": {"UserLocalizedLabel": {"Label": table.display, "LanguageCode": 1033}},
    })
}

fn attribute(table: &Table, column: &Column) -> Value {
    let kind = match column.kind.as_str() {
        "guid" => "Uniqueidentifier",
        "int" => "Integer",
        "bigint" => "BigInt",
        "double" => "Double",
        "decimal" => "Decimal",
        "bool" => "Boolean",
        "datetime" | "date" => "DateTime",
        "choice" => "Picklist",
        "managed" => "ManagedProperty",
        "lookup" => "Lookup",
        _ => "String",
    };
    json!({"@odata.type": format!("#Microsoft.Dynamics.CRM.{kind}AttributeMetadata"), "MetadataId": components::column_id(table, &column.name), "LogicalName": column.name, "SchemaName": column.name, "AttributeType": kind, "AttributeOf": null, "IsCustomAttribute": components::is_custom(table, &column.name), "IsManaged": table.custom, "EntityLogicalName": table.logical, "IsPrimaryId": column.name == table.key, "IsPrimaryName": table.name.as_deref() == Some(&column.name), "AttributeTypeName": {"Value": format!("{kind}Type")}})
}

/// All columns, lookups too.
fn columns(table: &Table) -> Vec<Column> {
    let lookups = components::names(table).into_iter().filter(|name| table.column(name).is_none());
    table.columns.iter().cloned().chain(lookups.map(|name| schema::column("lookup", name))).collect()
}

/// The relationships of many to many rows that solutions have brought.
fn many_to_many(world: &World, table: &Table) -> Value {
    let parts = world.installed.values().flat_map(|package| &package.parts);
    let own = parts.filter(|part| part.kind == 10 && part.table == table.logical);
    own.map(
        |part| json!({"MetadataId": part.id, "SchemaName": part.name, "IsCustomRelationship": true, "IsManaged": true}),
    )
    .collect()
}

fn option_set(column: &Column) -> Value {
    let options: Vec<Value> = column.options.iter().map(|(value, label)| json!({"Value": value, "Label": {"LocalizedLabels": [{"Label": label, "LanguageCode": 1033}], "UserLocalizedLabel": {"Label": label, "LanguageCode": 1033}}})).collect();
    json!({"Options": options})
}

/// Keeps the selected members, and those that start with `@`.
fn select(request: &Request, value: Value) -> Value {
    let (Some(names), Value::Object(mut map)) = (request.parameter("$select"), value.clone()) else { return value };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    map.retain(|key, _| {
        key.starts_with('@')
            || matches!(key.as_str(), "MetadataId" | "OptionSet" | "Attributes" | "ManyToManyRelationships")
            || names.contains(&key.as_str())
    });
    Value::Object(map)
}

fn listed(request: &Request, context: &str, values: Vec<Value>) -> Answer {
    let filter = request.parameter("$filter").map(filter::parse).transpose().map_err(Fault::bad_request)?;
    let matches = |value: &Value| filter.as_ref().is_none_or(|f| f.matches(&|path: &str| value[path].clone()));
    let values: Vec<Value> = values.into_iter().filter(matches).map(|value| select(request, value)).collect();
    Ok(Reply::odata(200, &json!({"@odata.context": context, "value": values})))
}

/// `EntityDefinitions…`
pub(super) fn definitions(world: &World, request: &Request, api: &str, parts: &[&str]) -> Answer {
    let context = format!("{api}/$metadata#EntityDefinitions");
    let inside =
        |segment: &str| segment.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).map(str::to_owned);
    let Some(key) = inside(parts[0]) else {
        return listed(request, &context, world.all_tables().map(|table| definition(table)).collect());
    };
    let name = key.strip_prefix("LogicalName='").map(|text| text.trim_end_matches('\'').to_owned());
    let by_id = Uuid::try_parse(&key).ok();
    let table = world.all_tables().find(|table| {
        name.as_deref() == Some(&table.logical) || by_id == Some(named(&format!("table {}", table.logical)))
    });
    let table = table.ok_or_else(|| {
        Fault::new(404, "0x80060888", format!("Could not find an entity with name {key} and id {}.", Uuid::nil()))
    })?;
    match parts.get(1) {
        None => {
            let mut value = definition(table);
            let expand = request.parameter("$expand").unwrap_or_default();
            if expand.starts_with("Attributes") {
                value["Attributes"] = columns(table).iter().map(|column| attribute(table, column)).collect();
            }
            if expand.contains("ManyToManyRelationships") {
                value["ManyToManyRelationships"] = many_to_many(world, table);
            }
            value["@odata.context"] = json!(format!("{context}/$entity"));
            Ok(Reply::odata(200, &select(request, value)))
        }
        Some(next) if next.starts_with("Attributes") => {
            let wanted = inside(next)
                .and_then(|key| key.strip_prefix("LogicalName='").map(|text| text.trim_end_matches('\'').to_owned()));
            let choices = parts.get(2).is_some_and(|cast| cast.ends_with("PicklistAttributeMetadata"));
            let all = columns(table);
            let columns = all
                .iter()
                .filter(|column| wanted.as_deref().is_none_or(|w| w == column.name))
                .filter(|c| !choices || c.kind == "choice");
            let mut values: Vec<Value> = columns
                .map(|column| {
                    let mut value = attribute(table, column);
                    if choices {
                        value["OptionSet"] = option_set(column);
                    }
                    value
                })
                .collect();
            if let Some(wanted) = wanted {
                let value = values.pop().ok_or_else(|| {
                    Fault::new(404, "0x80060888", format!("Could not find an attribute with name {wanted}."))
                })?;
                return Ok(Reply::odata(200, &select(request, value)));
            }
            listed(request, &format!("{context}('{}')/Attributes", table.logical), values)
        }
        Some(other) => Err(Fault::unknown_segment(other)),
    }
}
