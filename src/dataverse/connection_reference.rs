//! Connection references: which connection of the environment a connector uses.

use serde_json::json;
use uuid::Uuid;

use crate::dataverse::change::change;
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};

/// A connection reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Row id.
    pub id: Uuid,
    /// Logical name.
    pub name: String,
    /// The connection, when one is set.
    pub connection: Option<String>,
}

/// The references of these logical names, as far as they exist.
pub async fn find(client: &Client, names: &[&str]) -> Result<Vec<Reference>, ApiError> {
    let filter = any_of("connectionreferencelogicalname", names.iter().map(|name| quoted(name)));
    let path = format!(
        "connectionreferences?$select=connectionreferenceid,connectionreferencelogicalname,connectionid&$filter={filter}"
    );
    let rows = client.rows(Request::get(path, "read the connection references").strong()).await?;
    Ok(rows
        .iter()
        .map(Row)
        .filter_map(|row| {
            Some(Reference {
                id: row.id("connectionreferenceid")?,
                name: row.text("connectionreferencelogicalname")?,
                connection: row.text("connectionid"),
            })
        })
        .collect())
}

/// Sets the connection.
pub async fn set(client: &Client, id: Uuid, name: &str, connection: &str) -> Result<(), ApiError> {
    let doing = format!("set connection reference `{name}`");
    let path = format!("connectionreferences({id})");
    change(client, &path, json!({ "connectionid": connection }), &doing).await
}
