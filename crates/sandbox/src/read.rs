//! Reading rows: one row or many, their number, references to them; paging by `Prefer: odata.maxpagesize`,
//! annotations, entity tags.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::depth::depth_rank;
use super::exchange::{Answer, Fault, Reply, Request};
use super::filter::{self, Reads};
use super::package::Package;
use super::query::Query;
use super::row::{Row, id, named};
use super::schema::{Many, Table};
use super::world::World;

/// The rows that a query asks for, in their order.
fn found<'a>(world: &World, table: &Table, rows: Rows<'a>, within: Option<&[Uuid]>, query: &Query) -> Vec<&'a Row> {
    let mut found: Vec<&Row> = rows
        .filter(|(id, _)| within.is_none_or(|ids| ids.contains(id)))
        .map(|(_, row)| row)
        .filter(|row| query.filter.as_ref().is_none_or(|filter| filter.matches(&At { world, table, row })))
        .collect();
    for (path, descending) in query.order.iter().rev() {
        found.sort_by(|a, b| {
            let (a, b) = (value_at(world, table, a, path), value_at(world, table, b, path));
            let order = filter::order(&a, &b).unwrap_or_else(|| b.is_null().cmp(&a.is_null()));
            if *descending { order.reverse() } else { order }
        });
    }
    found
}

type Rows<'a> = Box<dyn Iterator<Item = (&'a Uuid, &'a Row)> + 'a>;

/// The rows of a table. Some are not kept as rows, and are made of what is.
fn rows<'a>(world: &'a World, table: &Table, made: Option<&'a BTreeMap<Uuid, Row>>) -> Rows<'a> {
    match made {
        Some(made) => Box::new(made.iter()),
        None => Box::new(world.table_rows(&table.logical).collect::<Vec<_>>().into_iter()),
    }
}

/// Which role a user has, which privilege a role has, and what was staged, as rows.
fn made(world: &World, table: &str) -> Option<BTreeMap<Uuid, Row>> {
    let made = |columns: Value| match columns {
        Value::Object(columns) => columns,
        _ => Row::new(),
    };
    match table {
        "systemuserroles" => {
            let row = |(user, role): &(Uuid, Uuid)| {
                let id = named(&format!("role {role} of user {user}"));
                (id, made(json!({"systemuserroleid": id, "systemuserid": user, "roleid": role, "versionnumber": 1})))
            };
            Some(world.user_roles.iter().map(row).collect())
        }
        "stagesolutionupload" => {
            let row = |(id, package): (&Uuid, &Package)| {
                (
                    *id,
                    made(
                        json!({"stagesolutionuploadid": id, "name": package.unique_name, "solutionuniquename": package.unique_name, "versionnumber": 1}),
                    ),
                )
            };
            Some(world.uploads.iter().map(row).collect())
        }
        "msdyn_solutioncomponentsummary" => Some(super::components::summaries(world)),
        "roleprivileges" => {
            let mut rows = BTreeMap::new();
            for (role, _) in world.table_rows("role") {
                for (name, depth) in world.privileges_of_role(*role) {
                    let Some(privilege) = world.privileges.get(&name.to_lowercase()) else { continue };
                    let id = named(&format!("privilege {privilege} of role {role}"));
                    // Basic 1, Local 2, Deep 4, Global 8.
                    let mask = 1 << depth_rank(&depth).saturating_sub(1);
                    let columns = json!({"roleprivilegeid": id, "roleid": role, "privilegeid": privilege, "privilegedepthmask": mask, "ismanaged": false, "versionnumber": 1});
                    rows.insert(id, made(columns));
                }
            }
            Some(rows)
        }
        _ => None,
    }
}

/// How many rows there are (`/$count`): text, at most 5000.
pub(super) fn count(world: &World, request: &Request, table: &Table, within: Option<&[Uuid]>) -> Answer {
    let query = Query::of(&request.query)?;
    query.check(world, table)?;
    let made = made(world, &table.logical);
    let number = found(world, table, rows(world, table, made.as_ref()), within, &query).len().min(5000);
    Ok(Reply::text(200, "text/plain", number.to_string()))
}

/// References to rows (`/$ref`).
pub(super) fn references(table: &Table, api: &str, ids: &[Uuid], many: bool) -> Answer {
    let reference = |id: &Uuid| json!({"@odata.id": format!("{api}/{}({id})", table.set)});
    if many {
        let context = format!("{api}/$metadata#Collection($ref)");
        let values: Vec<Value> = ids.iter().map(reference).collect();
        return Ok(Reply::odata(200, &json!({"@odata.context": context, "value": values})));
    }
    let Some(id) = ids.first() else { return Ok(Reply::empty(204)) };
    let mut body = json!({"@odata.context": format!("{api}/$metadata#$ref")});
    body["@odata.id"] = reference(id)["@odata.id"].take();
    Ok(Reply::odata(200, &body))
}

/// A row, as filters read it.
struct At<'a> {
    world: &'a World,
    table: &'a Table,
    row: &'a Row,
}

impl Reads for At<'_> {
    fn value(&self, path: &str) -> Value {
        value_at(self.world, self.table, self.row, path)
    }

    fn rows(&self, navigation: &str) -> Vec<Box<dyn Reads + '_>> {
        let target = self.table.many(navigation).and_then(|many| self.world.table(&many.target));
        let Some(table) = target else { return Vec::new() };
        related(self.world, self.table, self.row, navigation)
            .iter()
            .filter_map(|id| self.world.get(&table.logical, *id))
            .map(|row| Box::new(At { world: self.world, table, row }) as Box<dyn Reads>)
            .collect()
    }
}

/// A page of rows.
pub(super) fn list(world: &World, request: &Request, table: &Table, api: &str, within: Option<&[Uuid]>) -> Answer {
    let query = Query::of(&request.query)?;
    query.check(world, table)?;
    let made = made(world, &table.logical);
    let rows = found(world, table, rows(world, table, made.as_ref()), within, &query);
    let total = rows.len();
    let start: usize = request.parameter("$skiptoken").and_then(|text| text.parse().ok()).unwrap_or(0);
    let page: usize =
        request.preference("odata.maxpagesize").and_then(|n| n.parse().ok()).unwrap_or(5000).clamp(1, 5000);
    let end = query.top.unwrap_or(usize::MAX).min(total);
    let stop = start.saturating_add(page).min(end);
    let values: Vec<Value> = rows
        .get(start.min(stop)..stop)
        .unwrap_or_default()
        .iter()
        .map(|row| shape(world, table, row, &query, annotated(request)))
        .collect();
    let mut body = json!({"@odata.context": format!("{api}/$metadata#{}{}", table.set, query.context())});
    if query.count {
        body["@odata.count"] = json!(total);
    }
    body["value"] = json!(values);
    if stop < end {
        let mut next: Vec<(String, String)> = request.query.clone();
        next.retain(|(key, _)| key != "$skiptoken");
        next.push(("$skiptoken".into(), stop.to_string()));
        let text: Vec<String> = next.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        body["@odata.nextLink"] = json!(format!("{}{}?{}", request.origin, request.path, text.join("&")));
    }
    let mut applied = Vec::new();
    if request.preference("odata.maxpagesize").is_some() {
        applied.push(format!("odata.maxpagesize={page}"));
    }
    applied.extend(annotations_applied(request));
    let reply = Reply::odata(200, &body);
    Ok(if applied.is_empty() { reply } else { reply.with("Preference-Applied", applied.join(",")) })
}

fn annotations_applied(request: &Request) -> Option<String> {
    request.preference("odata.include-annotations").map(|names| format!("odata.include-annotations=\"{names}\""))
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn annotated(request: &Request) -> bool {
    request.preference("odata.include-annotations").is_some()
}

/// One row.
pub(super) fn one(world: &World, request: &Request, table: &Table, api: &str, id: Uuid) -> Answer {
    let query = Query::of(&request.query)?;
    query.check(world, table)?;
    let made = made(world, &table.logical);
    let row = made.as_ref().map_or_else(|| world.get(&table.logical, id), |made| made.get(&id));
    let row = row.ok_or_else(|| Fault::absent(&table.logical, id))?;
    let tag = etag(row);
    if query.expand.is_empty()
        && !annotated(request)
        && request.header("if-none-match").is_some_and(|known| known == tag)
    {
        return Ok(Reply::empty(304));
    }
    let reply = Reply::odata(200, &entity(world, table, row, &query, api, annotated(request))).with("ETag", tag);
    Ok(match annotations_applied(request) {
        Some(applied) => reply.with("Preference-Applied", applied),
        None => reply,
    })
}

/// A complete row with its context, as `Prefer: return=representation` gives it.
pub(super) fn representation(
    world: &World,
    request: &Request,
    table: &Table,
    api: &str,
    id: Uuid,
) -> Result<Value, Fault> {
    let query = Query::of(&request.query)?;
    query.check(world, table)?;
    let row = world.get(&table.logical, id).ok_or_else(|| Fault::absent(&table.logical, id))?;
    Ok(entity(world, table, row, &query, api, annotated(request)))
}

fn entity(world: &World, table: &Table, row: &Row, query: &Query, api: &str, annotated: bool) -> Value {
    let mut body = Row::new();
    body.insert("@odata.context".into(), json!(format!("{api}/$metadata#{}{}/$entity", table.set, query.context())));
    if let Value::Object(columns) = shape(world, table, row, query, annotated) {
        body.extend(columns);
    }
    Value::Object(body)
}

pub(super) fn etag(row: &Row) -> String {
    format!("W/\"{}\"", row.get("versionnumber").and_then(Value::as_u64).unwrap_or_default())
}

/// A row as it is sent.
fn shape(world: &World, table: &Table, row: &Row, query: &Query, annotated: bool) -> Value {
    let mut out = Row::new();
    out.insert("@odata.etag".into(), json!(etag(row)));
    let value = |name: &str| row.get(name).cloned().unwrap_or(Value::Null);
    let names: Vec<&str> = if query.select.is_empty() {
        table.properties().collect()
    } else {
        // The key is always sent; so is the owner identifier that is the key of `principal`.
        let mut names: Vec<&str> = query.select.iter().map(String::as_str).collect();
        for key in [table.key.as_str(), if table.logical == "systemuser" { "ownerid" } else { "" }] {
            if !key.is_empty() && !names.contains(&key) {
                names.push(key);
            }
        }
        names
    };
    for name in names {
        let name = table.lookup(name).filter(|_| table.column(name).is_none()).map_or(name, |l| l.property.as_str());
        if annotated
            && let Some(lookup) = table.lookups.iter().find(|l| l.property == name)
            && row.get(name).is_some_and(|v| !v.is_null())
        {
            let target = if lookup.target == "principal" { "systemuser" } else { &lookup.target };
            out.insert(format!("{name}@Microsoft.Dynamics.CRM.lookuplogicalname"), json!(target));
            let label = id(row, name).and_then(|id| Some((world.table(target)?.name.clone()?, world.get(target, id)?)));
            if let Some(text) = label.and_then(|(column, row)| row.get(&column).cloned()) {
                out.insert(format!("{name}@OData.Community.Display.V1.FormattedValue"), text);
            }
        }
        if annotated
            && let Some(column) = table.column(name)
            && let Some(label) = column.options.iter().find(|(v, _)| row.get(name).and_then(Value::as_i64) == Some(*v))
        {
            out.insert(format!("{name}@OData.Community.Display.V1.FormattedValue"), json!(label.1));
        }
        out.insert(name.to_owned(), value(name));
    }
    for (name, inner) in &query.expand {
        if let Some(lookup) = table.lookup(name) {
            let target = if lookup.target == "principal" { "systemuser" } else { &lookup.target };
            let found = id(row, &lookup.property).and_then(|id| Some((world.table(target)?, world.get(target, id)?)));
            let value = found.map_or(Value::Null, |(target, row)| shape(world, target, row, inner, annotated));
            out.insert(name.clone(), value);
        } else if let Some(many) = table.many(name)
            && let Some(target) = world.table(&many.target)
        {
            let ids = related(world, table, row, name);
            let rows: Rows<'_> = Box::new(world.table_rows(&target.logical).collect::<Vec<_>>().into_iter());
            let values: Vec<Value> = found(world, target, rows, Some(&ids), inner)
                .into_iter()
                .take(inner.top.unwrap_or(usize::MAX))
                .map(|row| shape(world, target, row, inner, annotated))
                .collect();
            out.insert(name.clone(), json!(values));
        }
    }
    Value::Object(out)
}

/// The identifiers of the rows behind a collection-valued navigation property.
pub(super) fn related(world: &World, table: &Table, row: &Row, name: &str) -> Vec<Uuid> {
    let Some(own) = id(row, &table.key) else { return Vec::new() };
    let by_lookup = |target: &str, column: &str| -> Vec<Uuid> {
        world.table_rows(target).filter(|(_, row)| id(row, column) == Some(own)).map(|(id, _)| *id).collect()
    };
    match (table.logical.as_str(), name) {
        ("systemuser", "systemuserroles_association") => {
            world.user_roles.iter().filter(|(user, _)| *user == own).map(|(_, role)| *role).collect()
        }
        ("role", "systemuserroles_association") => {
            world.user_roles.iter().filter(|(_, role)| *role == own).map(|(user, _)| *user).collect()
        }
        ("systemuser", "systemuserprofiles_association") => {
            world.user_profiles.iter().filter(|(user, _)| *user == own).map(|(_, profile)| *profile).collect()
        }
        ("fieldsecurityprofile", "systemuserprofiles_association") => {
            world.user_profiles.iter().filter(|(_, profile)| *profile == own).map(|(user, _)| *user).collect()
        }
        ("role", "roleprivileges_association") => {
            let held = world.privileges_of_role(own);
            held.keys().filter_map(|name| world.privileges.get(&name.to_lowercase()).copied()).collect()
        }
        _ => match table.many(name) {
            Some(Many { target, property: Some(property), .. }) => by_lookup(target, property),
            _ => Vec::new(),
        },
    }
}

/// The value at a path such as `name`, `parentbusinessunitid` or `publisherid/uniquename`.
fn value_at(world: &World, table: &Table, row: &Row, path: &str) -> Value {
    match path.split_once('/') {
        Some((head, rest)) => {
            let Some(lookup) = table.lookup(head) else { return Value::Null };
            let target = if lookup.target == "principal" { "systemuser" } else { &lookup.target };
            match id(row, &lookup.property).and_then(|id| Some((world.table(target)?, world.get(target, id)?))) {
                Some((target, row)) => value_at(world, target, row, rest),
                None => Value::Null,
            }
        }
        None if table.column(path).is_some() => row.get(path).cloned().unwrap_or(Value::Null),
        None => {
            let name = table.lookup(path).map_or(path, |lookup| lookup.property.as_str());
            row.get(name).cloned().unwrap_or(Value::Null)
        }
    }
}
