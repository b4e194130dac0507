//! What runs by itself: cloud flows, classic processes, SDK message processing steps. Each is on or off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::dataverse::change::change;
use crate::dataverse::row::{Row, any_of};
use crate::dataverse::{ApiError, Client, Request};

/// Ids in one filter: keeps the URL below what proxies take.
const CHUNK: usize = 60;

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A cloud flow (`workflow`, category 5).
    CloudFlow,
    /// A classic workflow, business rule, action or business process flow (`workflow`).
    Process,
    /// An SDK message processing step (`sdkmessageprocessingstep`).
    Step,
}

impl Kind {
    /// In words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CloudFlow => "cloud flow",
            Self::Process => "process",
            Self::Step => "plug-in step",
        }
    }

    /// Entity set, key column, and the state in which it works.
    const fn table(self) -> (&'static str, &'static str, i64) {
        match self {
            Self::CloudFlow | Self::Process => ("workflows", "workflowid", 1),
            Self::Step => ("sdkmessageprocessingsteps", "sdkmessageprocessingstepid", 0),
        }
    }
}

/// The state of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Row id.
    pub id: Uuid,
    /// Whether it is on.
    pub on: bool,
}

/// The states of these processes, as far as they are there.
pub async fn states(client: &Client, wanted: &[(Kind, Uuid)]) -> Result<Vec<State>, ApiError> {
    let mut states = Vec::new();
    for is_step in [false, true] {
        let ids: Vec<Uuid> =
            wanted.iter().filter(|(kind, _)| (*kind == Kind::Step) == is_step).map(|(_, id)| *id).collect();
        let (set, key, on) = if is_step { Kind::Step.table() } else { Kind::Process.table() };
        for chunk in ids.chunks(CHUNK) {
            let filter = any_of(key, chunk.iter().map(Uuid::to_string));
            let path = format!("{set}?$select={key},name,statecode&$filter={filter}");
            let doing = if is_step { "read the plug-in steps" } else { "read the flows and processes" };
            for row in client.rows(Request::get(path, doing).strong()).await? {
                if let (Some(id), Some(state)) = (Row(&row).id(key), Row(&row).number("statecode")) {
                    states.push(State { id, on: state == on });
                }
            }
        }
    }
    Ok(states)
}

/// Turns a process on. When the answer is lost, the row shows whether it was done.
pub async fn turn_on(client: &Client, kind: Kind, id: Uuid, name: &str) -> Result<(), ApiError> {
    let (set, _, on) = kind.table();
    // 2 is Activated of a workflow; 1 is Enabled of a step.
    let status = if kind == Kind::Step { 1 } else { 2 };
    let doing = format!("turn on {} `{name}`", kind.word());
    let body = json!({ "statecode": on, "statuscode": status });
    change(client, &format!("{set}({id})"), body, &doing).await
}
