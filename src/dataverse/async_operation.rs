//! Jobs of the server. Recorded imports have message name `ImportSolutionAsync` and operation type 54.

use uuid::Uuid;

use crate::dataverse::error::{LOCKED, LOCKED_CONCURRENT};
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{Answer, ApiError, Client, Request};

/// Messages that hold the customization lock.
const SOLUTION_MESSAGES: [&str; 6] = [
    "ImportSolutionAsync",
    "StageAndUpgradeAsync",
    "DeleteAndPromoteAsync",
    "UninstallSolutionAsync",
    "ImportSolution",
    "StageAndUpgrade",
];
const COLUMNS: &str =
    "asyncoperationid,name,messagename,statecode,statuscode,createdon,completedon,errorcode,message,friendlymessage";

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Row id.
    pub id: Uuid,
    /// The operation, such as `ImportSolutionAsync`.
    pub message_name: String,
    /// Its state.
    pub state: State,
    /// When it was made, as the server writes it.
    pub created: Option<String>,
    /// Why it failed, in the server's words.
    pub message: Option<String>,
    /// The error code.
    pub code: Option<u32>,
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waiting or running.
    Running,
    /// Ended well; what it did must still be looked at.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Somebody stopped it.
    Canceled,
}

impl Job {
    /// Whether it did nothing, since another operation held the customization lock.
    #[must_use]
    pub fn was_locked_out(&self) -> bool {
        self.state == State::Failed
            && (self.code.is_some_and(|code| [LOCKED, LOCKED_CONCURRENT].contains(&code))
                || self.message.as_ref().is_some_and(|message| message.contains("CustomizationLockException")))
    }
}

/// One job; `None` when it has vanished.
pub async fn read(client: &Client, id: Uuid) -> Result<Option<Job>, ApiError> {
    let path = format!("asyncoperations({id})?$select={COLUMNS}");
    match client.send(Request::get(path, "read the state of the job")).await {
        Ok(answer) => Ok(job(answer.row())),
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The job that an answer names. Without one, the work may be running all the same.
pub(super) fn started(answer: &Answer, doing: &str) -> Result<Uuid, ApiError> {
    let why = || "the answer has no `AsyncOperationId`";
    answer.row().id("AsyncOperationId").ok_or_else(|| ApiError::ambiguous(doing, why()))
}

/// Solution operations that have not ended.
pub async fn running(client: &Client) -> Result<Vec<Job>, ApiError> {
    let names = any_of("messagename", SOLUTION_MESSAGES.iter().map(|name| quoted(name)));
    let path = format!("asyncoperations?$select={COLUMNS}&$filter=statecode ne 3 and ({names})");
    let rows = client.rows(Request::get(path, "look for running solution operations").strong()).await?;
    Ok(rows.iter().filter_map(|row| job(Row(row))).collect())
}

fn job(row: Row<'_>) -> Option<Job> {
    let state = match (row.number("statecode"), row.number("statuscode")) {
        (_, Some(30)) => State::Succeeded,
        (_, Some(32)) => State::Canceled,
        (_, Some(31)) | (Some(3), _) => State::Failed,
        _ if row.text("completedon").is_some() => State::Succeeded,
        _ => State::Running,
    };
    Some(Job {
        id: row.id("asyncoperationid")?,
        message_name: row.text("messagename").unwrap_or_default(),
        state,
        created: row.text("createdon"),
        // The long message holds the missing dependencies; the friendly one often only says that it failed.
        message: row.text("message").or_else(|| row.text("friendlymessage")),
        code: row.number("errorcode").and_then(|code| i32::try_from(code).ok()).map(i32::cast_unsigned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_read_from_both_codes() {
        let state = |state: i64, status: i64| {
            let row = serde_json::json!({"asyncoperationid": "310799b8-dc6c-ee11-9ae7-000d3aaae21d",
                "statecode": state, "statuscode": status, "errorcode": null, "message": null});
            job(Row(&row)).expect("a job").state
        };
        assert_eq!(state(3, 30), State::Succeeded);
        assert_eq!(state(3, 31), State::Failed);
        assert_eq!(state(3, 32), State::Canceled);
        assert_eq!(state(0, 0), State::Running);
        assert_eq!(state(2, 20), State::Running);
    }
}
