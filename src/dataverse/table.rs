//! The columns of a table, and its relationships of many to many rows.
//!
//! Power Apps itself expands `ManyToManyRelationships` beside `Attributes` (recorded requests and answers); the published description
//! of 2020 names it so in its bindings only.

use serde_json::Value;
use uuid::Uuid;

use crate::dataverse::row::Row;
use crate::dataverse::{ApiError, Client, Request};

/// A column or relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its id.
    pub id: Uuid,
    /// Logical name of a column, schema name of a relationship.
    pub name: String,
    /// Whether a solution brought it.
    pub is_brought: bool,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Logical name.
    pub name: String,
    /// Its columns, without its key and those that are made for another column.
    pub columns: Vec<Part>,
    /// Its relationships of many to many rows.
    pub many_to_many: Vec<Part>,
}

/// A table by its id. An answer that leaves something out is none: nobody must take it for a table with less.
pub async fn read(client: &Client, id: Uuid) -> Result<Table, ApiError> {
    let path = format!(
        "EntityDefinitions({id})?$select=LogicalName\
         &$expand=Attributes($select=MetadataId,LogicalName,AttributeOf,IsCustomAttribute,IsManaged,IsPrimaryId),\
         ManyToManyRelationships($select=MetadataId,SchemaName,IsCustomRelationship,IsManaged)"
    );
    let doing = "read the columns of a table";
    let answer = client.send(Request::get(path, doing)).await?;
    of_row(answer.row())
        .ok_or_else(|| ApiError::Malformed { doing: doing.into(), why: "the answer leaves something out".into() })
}

fn of_row(row: Row<'_>) -> Option<Table> {
    let part = |row: Row<'_>, name: &str, custom: &str| {
        let is_brought = row.flag(custom) != Some(false) && row.flag("IsManaged") != Some(false);
        Some(Part { id: row.id("MetadataId")?, name: row.text(name)?, is_brought })
    };
    let is_whole = |name: &str| {
        row.0.get(name).is_some_and(Value::is_array) && row.0.get(format!("{name}@odata.nextLink")).is_none()
    };
    if !is_whole("Attributes") || !is_whole("ManyToManyRelationships") {
        return None;
    }
    let is_own = |row: &Row<'_>| row.text("AttributeOf").is_none() && row.flag("IsPrimaryId") != Some(true);
    let columns = row.rows("Attributes").filter(is_own);
    Some(Table {
        name: row.text("LogicalName")?,
        columns: columns.map(|row| part(row, "LogicalName", "IsCustomAttribute")).collect::<Option<_>>()?,
        many_to_many: row
            .rows("ManyToManyRelationships")
            .map(|row| part(row, "SchemaName", "IsCustomRelationship"))
            .collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_leaves_something_out_is_no_table_with_less() {
        let column = json!({"MetadataId": Uuid::from_u128(1), "LogicalName": "a_x", "IsCustomAttribute": true});
        let whole = json!({"LogicalName": "a_b", "Attributes": [column], "ManyToManyRelationships": []});
        let table = of_row(Row(&whole)).expect("a table");
        assert_eq!((table.name.as_str(), table.columns.len()), ("a_b", 1));
        for (key, value) in [
            ("LogicalName", Value::Null),
            ("Attributes", Value::Null),
            ("ManyToManyRelationships", Value::Null),
            ("Attributes", json!([{"LogicalName": "a_x"}])),
            ("Attributes@odata.nextLink", json!("https://contoso.crm.dynamics.com/api/data/v9.2/more")),
        ] {
            let mut less = whole.clone();
            less[key] = value;
            assert_eq!(of_row(Row(&less)), None, "{less}");
        }
    }
}
