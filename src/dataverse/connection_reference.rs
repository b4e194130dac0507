//! Connection references: which connection of the environment a connector uses.

use serde_json::json;
use uuid::Uuid;

use crate::dataverse::change::{activating, change};
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
    /// Whether the row is inactive. What Dataverse then does is in no source that we have seen: it never counts as right.
    pub inactive: bool,
}

impl Reference {
    /// The connection that is in force for sure: that of an active row.
    #[must_use]
    pub fn active_connection(&self) -> Option<&str> {
        self.connection.as_deref().filter(|_| !self.inactive)
    }
}

/// The references of these logical names, as far as they exist.
pub async fn find(client: &Client, names: &[&str]) -> Result<Vec<Reference>, ApiError> {
    let filter = any_of("connectionreferencelogicalname", names.iter().map(|name| quoted(name)));
    let path = format!(
        "connectionreferences?$select=connectionreferenceid,connectionreferencelogicalname,connectionid,statecode\
         &$filter={filter}"
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
                inactive: row.is_inactive(),
            })
        })
        .collect())
}

/// Sets the connection; `inactive`: whether the row is, and must be activated.
pub async fn set(client: &Client, id: Uuid, name: &str, connection: &str, inactive: bool) -> Result<(), ApiError> {
    let doing = format!("set connection reference `{name}`");
    let path = format!("connectionreferences({id})");
    change(client, &path, activating(json!({ "connectionid": connection }), inactive), &doing).await
}
