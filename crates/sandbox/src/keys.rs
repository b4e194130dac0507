//! Which row a key in an address means: an identifier, or an alternate key such as `(schemaname='x')`, of one or
//! more columns. Facts: “use an alternate key to reference a record” of the product documentation. The sandbox accepts
//! any columns as a key; a real environment accepts those that are defined as one.

use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::Fault;
use super::filter;
use super::row::Row;
use super::schema::Table;
use super::split::split;
use super::world::World;

/// A key.
pub(super) enum Key {
    /// The row's identifier; there need be no such row.
    Id(Uuid),
    /// Columns and values that no row has.
    Absent(Row),
}

impl Key {
    /// The row's identifier, or the answer that there is none.
    pub fn existing(self) -> Result<Uuid, Fault> {
        match self {
            Self::Id(id) => Ok(id),
            Self::Absent(_) => Err(Fault::new(
                404,
                "0x80060891",
                "A record with the specified key values does not exist in the entity.",
            )),
        }
    }
}

/// Reads a key and looks for its row.
pub(super) fn resolve(world: &World, table: &Table, key: &str) -> Result<Key, Fault> {
    if let Ok(id) = Uuid::try_parse(key.trim_matches('\'')) {
        return Ok(Key::Id(id));
    }
    let mut columns = Row::new();
    for pair in split(key, ',') {
        let Some((column, value)) = pair.split_once('=') else {
            return Err(Fault::bad_request(format!("Error in query syntax: '{key}' is no key.")));
        };
        let column = column.trim();
        if column != table.key && !table.has(column) {
            return Err(Fault::new(
                400,
                "0x80060888",
                format!("The key '{column}' is not defined for entity '{}'.", table.logical),
            ));
        }
        columns.insert(column.to_owned(), literal(value.trim()));
    }
    let own = columns.get(&table.key).and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok());
    if let (Some(id), 1) = (own, columns.len()) {
        return Ok(Key::Id(id));
    }
    let equal =
        |a: Option<&Value>, b: &Value| a.is_some_and(|a| filter::order(a, b) == Some(std::cmp::Ordering::Equal));
    let found = world.find(&table.logical, |row| columns.iter().all(|(name, value)| equal(row.get(name), value)));
    Ok(found.map_or_else(|| Key::Absent(columns), |(id, _)| Key::Id(id)))
}

fn literal(text: &str) -> Value {
    match text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(text) => json!(text.replace("''", "'")),
        None => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
    }
}
