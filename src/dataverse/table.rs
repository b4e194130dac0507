//! The columns of a table, and its relationships of many to many rows.
//!
//! Power Apps itself expands `ManyToManyRelationships` beside `Attributes` (recorded requests and answers); the published description
//! of 2020 names it so in its bindings only.

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

/// A table by its id.
pub async fn read(client: &Client, id: Uuid) -> Result<Option<Table>, ApiError> {
    let path = format!(
        "EntityDefinitions({id})?$select=LogicalName\
         &$expand=Attributes($select=MetadataId,LogicalName,AttributeOf,IsCustomAttribute,IsManaged,IsPrimaryId),\
         ManyToManyRelationships($select=MetadataId,SchemaName,IsCustomRelationship,IsManaged)"
    );
    let answer = client.send(Request::get(path, "read the columns of a table")).await?;
    let row = answer.row();
    let part = |row: Row<'_>, name: &str, custom: &str| {
        let is_brought = row.flag(custom) == Some(true) && row.flag("IsManaged") != Some(false);
        Some(Part { id: row.id("MetadataId")?, name: row.text(name)?, is_brought })
    };
    let is_own = |row: &Row<'_>| row.text("AttributeOf").is_none() && row.flag("IsPrimaryId") != Some(true);
    let columns = row.rows("Attributes").filter(is_own);
    let relationships = row.rows("ManyToManyRelationships");
    Ok(row.text("LogicalName").map(|name| Table {
        name,
        columns: columns.filter_map(|row| part(row, "LogicalName", "IsCustomAttribute")).collect(),
        many_to_many: relationships.filter_map(|row| part(row, "SchemaName", "IsCustomRelationship")).collect(),
    }))
}
