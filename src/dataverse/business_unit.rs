//! Business units. The root is the one without a parent.

use uuid::Uuid;

use crate::dataverse::row::{Row, quoted};
use crate::dataverse::{ApiError, Client, Request};

/// A business unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessUnit {
    /// Row id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

/// Which one is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// The one without a parent.
    Root,
    /// By id.
    Id(Uuid),
    /// By name.
    Name(&'a str),
}

/// All that fit; a name need not be unique.
pub async fn find(client: &Client, wanted: Wanted<'_>) -> Result<Vec<BusinessUnit>, ApiError> {
    let filter = match wanted {
        Wanted::Root => "parentbusinessunitid eq null".to_owned(),
        Wanted::Id(id) => format!("businessunitid eq {id}"),
        Wanted::Name(name) => format!("name eq {}", quoted(name)),
    };
    let path = format!("businessunits?$select=businessunitid,name&$filter={filter}");
    let rows = client.rows(Request::get(path, "find the business unit")).await?;
    Ok(rows
        .iter()
        .map(Row)
        .filter_map(|row| {
            Some(BusinessUnit { id: row.id("businessunitid")?, name: row.text("name").unwrap_or_default() })
        })
        .collect())
}
