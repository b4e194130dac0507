//! The query options of a read, checked against the table: `$select`, `$filter`, `$expand`, `$orderby`, `$top`, `$count`.

use super::exchange::Fault;
use super::filter::{self, Filter};
use super::schema::Table;
use super::split::split;
use super::world::World;

/// What a query asks for.
#[derive(Default)]
pub(super) struct Query {
    pub select: Vec<String>,
    pub filter: Option<Filter>,
    pub expand: Vec<(String, Query)>,
    pub order: Vec<(String, bool)>,
    pub top: Option<usize>,
    pub count: bool,
}

impl Query {
    pub fn of(parameters: &[(String, String)]) -> Result<Self, Fault> {
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
                "fetchXml" | "savedQuery" | "userQuery" | "sql" => {
                    return Err(Fault::bad_request(format!("The sandbox does not serve queries by {key}.")));
                }
                other if other.starts_with('$') && !matches!(other, "$skiptoken" | "$id") => {
                    return Err(Fault::bad_request(format!("The query parameter {other} is not supported.")));
                }
                _ => {}
            }
        }
        Ok(query)
    }

    pub fn check(&self, world: &World, table: &Table) -> Result<(), Fault> {
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
        for (navigation, variable, inner) in self.filter.iter().flat_map(Filter::lambdas) {
            let many = table.many(navigation).ok_or_else(|| Fault::unknown_property(navigation, &table.logical))?;
            let target = world.table(&many.target);
            for path in inner.map(Filter::paths).unwrap_or_default() {
                let head = filter::of_variable(path, variable).and_then(|path| path.split('/').next());
                if let (Some(head), Some(target)) = (head, target)
                    && !target.has(head)
                    && target.lookup(head).is_none()
                {
                    return Err(Fault::unknown_property(head, &target.logical));
                }
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

    pub fn context(&self) -> String {
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
