//! Reading rows: one row or many, with `$select`, `$filter`, `$expand`, `$orderby`, `$top`, `$count`,
//! paging by `Prefer: odata.maxpagesize`, entity tags.

use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::{Answer, Fault, Reply, Request};
use super::filter::{self, Filter};
use super::schema::Table;
use super::world::{Row, World, id};

/// What a query asks for.
#[derive(Default)]
struct Query {
    select: Vec<String>,
    filter: Option<Filter>,
    expand: Vec<(String, Query)>,
    order: Vec<(String, bool)>,
    top: Option<usize>,
    count: bool,
}

/// A page of rows.
pub(super) fn list(world: &World, request: &Request, table: &Table, api: &str, within: Option<&[Uuid]>) -> Answer {
    let query = Query::of(&request.query)?;
    query.check(world, table)?;
    let mut rows: Vec<(Uuid, &Row)> = world
        .table_rows(&table.logical)
        .filter(|(id, _)| within.is_none_or(|ids| ids.contains(id)))
        .filter(|(_, row)| query.filter.as_ref().is_none_or(|f| f.matches(&|path| value_at(world, table, row, path))))
        .map(|(id, row)| (*id, row))
        .collect();
    for (path, descending) in query.order.iter().rev() {
        rows.sort_by(|(_, a), (_, b)| {
            let (a, b) = (value_at(world, table, a, path), value_at(world, table, b, path));
            let order = filter::order(&a, &b).unwrap_or_else(|| b.is_null().cmp(&a.is_null()));
            if *descending { order.reverse() } else { order }
        });
    }
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
        .map(|(_, row)| shape(world, table, row, &query, annotated(request)))
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
    let mut reply = Reply::odata(200, &body);
    if request.preference("odata.maxpagesize").is_some() {
        reply = reply.with("Preference-Applied", format!("odata.maxpagesize={page}"));
    }
    Ok(reply)
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
    let row = world.get(&table.logical, id).ok_or_else(|| Fault::absent(&table.logical, id))?;
    let tag = etag(row);
    if query.expand.is_empty()
        && !annotated(request)
        && request.header("if-none-match").is_some_and(|known| known == tag)
    {
        return Ok(Reply::empty(304));
    }
    Ok(Reply::odata(200, &entity(world, table, row, &query, api, annotated(request))).with("ETag", tag))
}

/// A whole row with its context, as `Prefer: return=representation` gives it.
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
            let values: Vec<Value> = ids
                .iter()
                .filter_map(|id| world.get(&target.logical, *id))
                .filter(|row| {
                    inner.filter.as_ref().is_none_or(|f| f.matches(&|path| value_at(world, target, row, path)))
                })
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
        ("role", "roleprivileges_association") => {
            let held = world.privileges_of_role(own);
            held.keys().filter_map(|name| world.privileges.get(&name.to_lowercase()).copied()).collect()
        }
        ("publisher", _) => by_lookup("solution", "_publisherid_value"),
        ("solution", _) => by_lookup("solutioncomponent", "_solutionid_value"),
        ("environmentvariabledefinition", _) => {
            by_lookup("environmentvariablevalue", "_environmentvariabledefinitionid_value")
        }
        ("businessunit", "business_unit_system_users") => by_lookup("systemuser", "_businessunitid_value"),
        ("businessunit", "business_unit_roles") => by_lookup("role", "_businessunitid_value"),
        _ => Vec::new(),
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

impl Query {
    fn of(parameters: &[(String, String)]) -> Result<Self, Fault> {
        let mut query = Self::default();
        for (key, value) in parameters {
            match key.as_str() {
                "$select" => {
                    query.select = value.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
                }
                "$filter" => query.filter = Some(filter::parse(value).map_err(Fault::bad_request)?),
                "$expand" => query.expand = expands(value)?,
                "$orderby" => {
                    query.order = value
                        .split(',')
                        .map(|item| {
                            let mut words = item.split_whitespace();
                            (words.next().unwrap_or_default().to_owned(), words.next() == Some("desc"))
                        })
                        .collect();
                }
                "$top" => {
                    query.top = Some(value.parse().map_err(|_| {
                        Fault::bad_request(format!("Invalid value '{value}' for $top query option found."))
                    })?);
                }
                "$count" => query.count = value == "true",
                "$skip" => return Err(Fault::new(400, "0x80060888", "Skip Clause is not supported in CRM")),
                other if other.starts_with('$') && other != "$skiptoken" => {
                    return Err(Fault::bad_request(format!("The query parameter {other} is not supported.")));
                }
                _ => {}
            }
        }
        Ok(query)
    }

    fn check(&self, world: &World, table: &Table) -> Result<(), Fault> {
        let known = |name: &str| table.has(name);
        for name in &self.select {
            if !known(name) && table.lookup(name).is_none() {
                return Err(Fault::unknown_property(name, &table.logical));
            }
        }
        let paths = self.filter.iter().flat_map(Filter::paths).chain(self.order.iter().map(|(path, _)| path.as_str()));
        for path in paths {
            let head = path.split('/').next().unwrap_or_default();
            if !known(head) && table.lookup(head).is_none() {
                return Err(Fault::unknown_property(head, &table.logical));
            }
        }
        for (name, inner) in &self.expand {
            let target = table.lookups.iter().find(|l| l.name == *name).map(|l| &l.target);
            let Some(target) = target.or_else(|| table.many(name).map(|m| &m.target)) else {
                return Err(Fault::unknown_property(name, &table.logical));
            };
            let target = if target == "principal" { "systemuser" } else { target };
            if let Some(target) = world.table(target) {
                inner.check(world, target)?;
            }
        }
        Ok(())
    }

    fn context(&self) -> String {
        let mut parts = self.select.clone();
        parts.extend(self.expand.iter().map(|(name, inner)| {
            let context = inner.context();
            if context.is_empty() { format!("{name}()") } else { format!("{name}{context}") }
        }));
        if parts.is_empty() { String::new() } else { format!("({})", parts.join(",")) }
    }
}

/// Splits `a($select=x,y;$filter=…),b` and reads what is inside.
fn expands(text: &str) -> Result<Vec<(String, Query)>, Fault> {
    split(text, ',')
        .into_iter()
        .map(|item| {
            let (name, inside) = item
                .split_once('(')
                .map_or((item, ""), |(name, rest)| (name, rest.trim_end().strip_suffix(')').unwrap_or(rest)));
            let parameters: Vec<(String, String)> = split(inside, ';')
                .into_iter()
                .filter_map(|part| part.split_once('='))
                .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
                .collect();
            Ok((name.trim().to_owned(), Query::of(&parameters)?))
        })
        .collect()
}

/// Splits at a character that stands outside of parentheses and quotes.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut parts) = (0_i32, false, 0, Vec::new());
    for (index, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            c if c == at && depth == 0 && !quoted => {
                parts.push(&text[start..index]);
                start = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}
