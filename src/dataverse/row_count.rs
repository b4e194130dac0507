//! How many rows tables have, cheaply: one request for all tables' names, and one for each table.
//!
//! The service counts up to 5,000 rows with `$count`. Its other way, `RetrieveTotalRecordCount`, answers from a snapshot
//! that is up to a day old, and so can miss rows that are there. Source: Microsoft, “Count number of rows” (Web API).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};
use crate::text;

/// More tables than this are not counted one by one.
const TABLES: usize = 100;

/// A table and its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowCount {
    /// Its name, as the environment has it.
    pub table: String,
    /// How many rows the caller can see; [`text::MOST_ROWS`] stands for that many or more. Absent: it could not be found out.
    pub rows: Option<u64>,
}

impl std::fmt::Display for RowCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "table `{}`: {}", self.table, text::rows(self.rows))
    }
}

/// Counts the rows of these tables, by schema name. A table that the environment does not have is left out; what the
/// environment does not say is not known, and nothing here stops the work.
pub async fn of_tables(client: &Client, tables: &[String]) -> Result<Vec<RowCount>, ApiError> {
    let sets = match sets(client, tables).await {
        Ok(sets) => Some(sets),
        Err(ApiError::Server { .. } | ApiError::Malformed { .. }) => None,
        Err(error) => return Err(error),
    };
    let mut counts = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let rows = match sets.as_ref().map(|sets| sets.get(&table.to_lowercase())) {
            Some(None) => continue,
            Some(Some((set, key))) if index < TABLES => match count(client, set, key).await {
                Ok(rows) => rows,
                Err(ApiError::Server { .. } | ApiError::Malformed { .. }) => None,
                Err(error) => return Err(error),
            },
            _ => None,
        };
        counts.push(RowCount { table: table.clone(), rows });
    }
    Ok(counts)
}

/// Entity set and key column by logical name.
async fn sets(client: &Client, tables: &[String]) -> Result<BTreeMap<String, (String, String)>, ApiError> {
    let mut sets = BTreeMap::new();
    // An address has a largest length.
    for some in tables.chunks(20) {
        let filter = any_of("LogicalName", some.iter().map(|table| quoted(&table.to_lowercase())));
        let path = format!("EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute&$filter={filter}");
        for row in client.rows(Request::get(path, "read the names of the tables")).await? {
            let row = Row(&row);
            let names = (row.text("LogicalName"), row.text("EntitySetName"), row.text("PrimaryIdAttribute"));
            if let (Some(logical), Some(set), Some(key)) = names {
                sets.insert(logical, (set, key));
            }
        }
    }
    Ok(sets)
}

async fn count(client: &Client, set: &str, key: &str) -> Result<Option<u64>, ApiError> {
    let path = format!("{set}?$select={key}&$top=1&$count=true");
    let answer = client.send(Request::get(path, format!("count the rows of `{set}`"))).await?;
    Ok(answer.body.get("@odata.count").and_then(Value::as_u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_told_as_far_as_it_is_known() {
        let told = |rows| RowCount { table: "contoso_Widget".into(), rows }.to_string();
        assert_eq!(told(Some(0)), "table `contoso_Widget`: 0 rows");
        assert_eq!(told(Some(1)), "table `contoso_Widget`: 1 row");
        assert_eq!(told(Some(999)), "table `contoso_Widget`: 999 rows");
        assert_eq!(told(Some(1004)), "table `contoso_Widget`: 1,004 rows");
        assert_eq!(told(Some(5000)), "table `contoso_Widget`: 5,000 rows or more");
        assert_eq!(told(None), "table `contoso_Widget`: how many rows it has could not be found out");
    }
}
