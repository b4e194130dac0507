//! What an installed solution has, as far as the environment says: kinds, identifiers and names, no content.
//!
//! Facts: the columns are those of the service description. Whoever lists solutions (Power Apps itself) reads the
//! virtual table `msdyn_solutioncomponentsummary` for names. That it also lists the parts of a table which comes whole,
//! with `msdyn_primaryentityname`, is an assumption; users report that `solutioncomponent` has no rows for them.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::dataverse::row::{Row, any_of};
use crate::dataverse::{ApiError, Client, Request};

/// Ids in one filter: keeps the URL below what proxies take.
const CHUNK: usize = 60;

/// A component that a solution has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolutionComponent {
    /// The number of its kind.
    pub kind: u32,
    /// The component's id.
    pub id: Uuid,
    /// The row that says so.
    pub row: Option<Uuid>,
    /// The row of the component that this one is a part of.
    pub root: Option<Uuid>,
    /// Of a root: whether its parts come along, too.
    pub is_whole: bool,
}

/// The components of a solution.
pub async fn of_solution(client: &Client, solution: Uuid) -> Result<Vec<SolutionComponent>, ApiError> {
    let columns = "solutioncomponentid,componenttype,objectid,rootcomponentbehavior,rootsolutioncomponentid";
    let path = format!("solutioncomponents?$select={columns}&$filter=_solutionid_value eq {solution}");
    let doing = "read what the solution contains";
    let rows = client.rows(Request::get(path, doing)).await?;
    let read = |row: Row<'_>| {
        Some(SolutionComponent {
            kind: u32::try_from(row.number("componenttype")?).ok()?,
            id: row.id("objectid")?,
            row: row.id("solutioncomponentid"),
            root: row.id("rootsolutioncomponentid").filter(|id| !id.is_nil()),
            is_whole: matches!(row.number("rootcomponentbehavior"), None | Some(0)),
        })
    };
    // A component of which nothing can be said must not pass for none.
    let all: Option<Vec<_>> = rows.iter().map(|row| read(Row(row))).collect();
    all.ok_or_else(|| ApiError::Malformed { doing: doing.into(), why: "a component has no type or id".into() })
}

/// What the environment lists of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The number of its kind.
    pub kind: u32,
    /// The component's id.
    pub id: Uuid,
    /// Its names, the best first.
    pub names: Vec<String>,
    /// What people know it by.
    pub shown: Option<String>,
    /// The logical name of the table that it is a part of.
    pub table: Option<String>,
    /// The table that describes such components, such as `connectionreference`.
    pub described_by: Option<String>,
}

/// The components of a solution with their names.
pub async fn summaries(client: &Client, solution: Uuid) -> Result<Vec<Summary>, ApiError> {
    let columns = "msdyn_objectid,msdyn_componenttype,msdyn_name,msdyn_schemaname,msdyn_uniquename,msdyn_displayname,msdyn_primaryentityname,msdyn_componentlogicalname";
    let path = format!("msdyn_solutioncomponentsummaries?$select={columns}&$filter=msdyn_solutionid eq {solution}");
    let rows = client.rows(Request::get(path, "list what the solution contains")).await?;
    let read = |row: Row<'_>| {
        let number = row.0.get("msdyn_componenttype")?;
        // A decimal number, which some servers write as text.
        let number = number.as_f64().or_else(|| number.as_str()?.parse().ok())?;
        let names = ["msdyn_schemaname", "msdyn_name", "msdyn_uniquename"];
        Some(Summary {
            kind: format!("{number:.0}").parse().ok()?,
            id: row.id("msdyn_objectid")?,
            names: names.iter().filter_map(|name| row.text(name)).collect(),
            shown: row.text("msdyn_displayname"),
            table: row.text("msdyn_primaryentityname"),
            described_by: row.text("msdyn_componentlogicalname"),
        })
    };
    Ok(rows.iter().filter_map(|row| read(Row(row))).collect())
}

/// A solution that has a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Unique name.
    pub name: String,
    /// Managed or not.
    pub managed: bool,
    /// Its id.
    pub id: Option<Uuid>,
}

/// The solutions that have these components.
pub async fn holders(client: &Client, ids: &[Uuid]) -> Result<BTreeMap<Uuid, BTreeSet<Holder>>, ApiError> {
    let mut holders: BTreeMap<Uuid, BTreeSet<Holder>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let filter = any_of("objectid", some.iter().map(Uuid::to_string));
        let path = format!(
            "solutioncomponents?$select=objectid&$expand=solutionid($select=solutionid,uniquename,ismanaged)&$filter={filter}"
        );
        for row in client.rows(Request::get(path, "look for other solutions that have the components")).await? {
            let solution = Row(&row).object("solutionid");
            if let (Some(id), Some(solution)) = (Row(&row).id("objectid"), solution)
                && let Some(name) = solution.text("uniquename")
            {
                let managed = solution.flag("ismanaged").unwrap_or(false);
                holders.entry(id).or_default().insert(Holder { name, managed, id: solution.id("solutionid") });
            }
        }
    }
    Ok(holders)
}
