//! Staging and importing solutions.
//!
//! `ImportJobId` is never sent: Microsoft's own client removes it, and takes the id from `ImportJobKey`.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::dataverse::async_operation;
use crate::dataverse::error::parse_code;
use crate::dataverse::row::Row;
use crate::dataverse::{ApiError, Client, Request};
use crate::version::Version;

/// The member that contains the solution.
const FILE: &str = "CustomizationFile";

/// How long the upload of so many bytes may take: five minutes for the work, and a second for each 100 KB of the line.
fn upload_time(bytes: usize) -> Duration {
    Duration::from_secs(5 * 60) + Duration::from_secs(u64::try_from(bytes / 100_000).unwrap_or(0))
}

/// What `StageSolution` says about a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// To import what was uploaded, without a second upload.
    pub upload: Option<Uuid>,
    /// Whether the package may be imported.
    pub passed: bool,
    /// The version of this solution that was installed when it was staged.
    pub installed: Option<Version>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// Errors of the validation.
    pub errors: Vec<String>,
    /// Warnings of the validation.
    pub warnings: Vec<String>,
}

/// A component that a solution needs and the environment lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// The component.
    pub component: String,
    /// The solution that owns it.
    pub solution: Option<String>,
    /// What needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<String>,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.component)?;
        if let Some(solution) = &self.solution {
            write!(f, " of solution `{solution}`")?;
        }
        if let Some(by) = &self.needed_by {
            write!(f, ", needed by `{by}`")?;
        }
        Ok(())
    }
}

/// A started import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The job.
    pub job: Uuid,
    /// The import job, for the result.
    pub import_job: Option<Uuid>,
    /// The service's id of the request that started it.
    pub request_id: Option<String>,
}

/// How an import is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `ImportSolutionAsync`: first install, or update.
    Import,
    /// `ImportSolutionAsync` with `HoldingSolution`.
    Hold,
    /// `StageAndUpgradeAsync`.
    Upgrade,
}

/// Uploads a solution and has it checked.
pub async fn stage(client: &Client, zip: &Arc<[u8]>) -> Result<Staged, ApiError> {
    // A second upload does no harm: it is checked and left.
    let request = Request::post("StageSolution", json!({}), "stage the solution").repeatable();
    let request = request.with_file(FILE, zip.clone()).timeout(upload_time(zip.len()));
    let answer = client.send(request).await?;
    let results = answer.row().object("StageSolutionResults").ok_or_else(|| ApiError::Malformed {
        doing: "stage the solution".into(),
        why: "there is no `StageSolutionResults`".into(),
    })?;
    Ok(staged(results))
}

fn staged(results: Row<'_>) -> Staged {
    let mut staged = Staged {
        upload: results.id("StageSolutionUploadId").filter(|id| !id.is_nil()),
        passed: results.text("StageSolutionStatus").as_deref() == Some("Passed")
            || results.number("StageSolutionStatus") == Some(1),
        installed: results
            .object("SolutionDetails")
            .and_then(|details| details.text("PreviousSolutionVersion"))
            .and_then(|text| text.parse().ok()),
        ..Staged::default()
    };
    for row in results.rows("MissingDependencies") {
        let name = row.text("RequiredComponentSchemaName").or_else(|| row.text("RequiredComponentDisplayName"));
        let parent = row.text("RequiredComponentParentSchemaName");
        let component = match (parent, name) {
            (Some(parent), Some(name)) => format!("{parent}.{name}"),
            (parent, name) => name.or(parent).unwrap_or_else(|| "a component without a name".into()),
        };
        let needed_by = row.text("DependentComponentSchemaName").or_else(|| row.text("DependentComponentDisplayName"));
        staged.missing.push(Missing { component, solution: row.text("RequiredSolutionName"), needed_by });
    }
    for row in results.rows("SolutionValidationResults") {
        let message = row.text("Message").unwrap_or_else(|| "the server gave no reason".into());
        match (row.text("SolutionValidationResultType").as_deref(), row.number("SolutionValidationResultType")) {
            (Some("Error"), _) | (_, Some(2)) => staged.errors.push(message),
            (Some("Warning"), _) | (_, Some(1)) => staged.warnings.push(message),
            _ => {}
        }
    }
    staged
}

/// Starts an import of what was staged, or of `zip` where the server gave no upload id.
pub async fn start(
    client: &Client,
    action: Action,
    upload: Option<Uuid>,
    zip: &Arc<[u8]>,
    parameters: Vec<Value>,
) -> Result<Started, ApiError> {
    let mut body = json!({ "OverwriteUnmanagedCustomizations": false, "PublishWorkflows": true });
    if action == Action::Hold {
        body["HoldingSolution"] = true.into();
    }
    if !parameters.is_empty() {
        body["ComponentParameters"] = parameters.into();
    }
    if let Some(id) = upload {
        body["SolutionParameters"] = json!({ "StageSolutionUploadId": id });
    }
    let name = if action == Action::Upgrade { "StageAndUpgradeAsync" } else { "ImportSolutionAsync" };
    let doing = "start the import";
    let time = upload_time(if upload.is_some() { 0 } else { zip.len() });
    let mut request = Request::post(name, body, doing).report_lock().timeout(time);
    if upload.is_none() {
        request = request.with_file(FILE, zip.clone());
    }
    let answer = client.send(request).await?;
    let job = async_operation::started(&answer, doing)?;
    Ok(Started { job, import_job: answer.row().id("ImportJobKey"), request_id: answer.request_id.clone() })
}

/// Starts the second half of a staged upgrade.
pub async fn promote(client: &Client, name: &str) -> Result<Started, ApiError> {
    let doing = "apply the staged upgrade";
    let request = Request::post("DeleteAndPromoteAsync", json!({ "UniqueName": name }), doing);
    let answer = client.send(request.report_lock()).await?;
    let job = async_operation::started(&answer, doing)?;
    Ok(Started { job, import_job: None, request_id: answer.request_id })
}

/// How an import ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Only `Status` says so.
    pub passed: bool,
    /// Errors.
    pub errors: Vec<String>,
    /// Warnings.
    pub warnings: Vec<String>,
}

/// The result of an import; `None` while the server does not know it yet, or does not say how it ended.
pub async fn result(client: &Client, import_job: Uuid) -> Result<Option<Outcome>, ApiError> {
    let path = format!("RetrieveSolutionImportResult(ImportJobId={import_job})");
    match client.send(Request::get(path, "read the result of the import")).await {
        Ok(answer) => Ok(answer.row().object("SolutionOperationResult").and_then(outcome)),
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
    }
}

fn outcome(result: Row<'_>) -> Option<Outcome> {
    let texts = |name: &str| -> Vec<String> {
        let list = result.0.get(name).and_then(Value::as_array).into_iter().flatten();
        list.map(|item| {
            let text = item.as_str().map(str::to_owned).or_else(|| Row(item).text("Message"));
            crate::dataverse::error::clean(&text.unwrap_or_else(|| item.to_string()))
        })
        .collect()
    };
    let errors = texts("ErrorMessages");
    // Recorded answers have the word. What is neither word proves nothing; the installed version then does.
    let passed = match result.text("Status").map(|status| status.to_ascii_lowercase()).as_deref() {
        Some("passed") => true,
        Some("failed") => false,
        _ if errors.is_empty() => return None,
        _ => false,
    };
    Some(Outcome { passed, errors, warnings: texts("WarningMessages") })
}

/// The missing components named in a server message that embeds `<MissingDependencies>` XML.
#[must_use]
pub fn missing_in(message: &str) -> Vec<Missing> {
    let end = "</MissingDependencies>";
    let Some(from) = message.find("<MissingDependencies>") else { return Vec::new() };
    let Some(to) = message[from..].find(end) else { return Vec::new() };
    let Ok(document) = roxmltree::Document::parse(&message[from..from + to + end.len()]) else { return Vec::new() };
    let name = |node: roxmltree::Node<'_, '_>| {
        ["schemaName", "displayName", "id"]
            .iter()
            .filter_map(|attribute| node.attribute(*attribute))
            .find(|text| !text.is_empty() && *text != "...")
            .map(str::to_owned)
    };
    let mut missing: Vec<Missing> = document
        .descendants()
        .filter(|node| node.has_tag_name("MissingDependency"))
        .filter_map(|node| {
            let required = node.children().find(|child| child.has_tag_name("Required"))?;
            let dependent = node.children().find(|child| child.has_tag_name("Dependent"));
            Some(Missing {
                component: name(required)?,
                solution: required.attribute("solution").filter(|text| !text.is_empty()).map(str::to_owned),
                needed_by: dependent.and_then(name),
            })
        })
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

/// A code that stands in a text, such as `0x8004801D`.
#[must_use]
pub fn code_in(text: &str) -> Option<u32> {
    let at = text.find("0x")?;
    parse_code(text.get(at..at + 10)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_staging_names_what_is_missing_and_whose_it_is() {
        let results = json!({"StageSolutionUploadId": "00000000-0000-0000-0000-000000000000",
            "StageSolutionStatus": "Failed", "SolutionDetails": null,
            "MissingDependencies": [{"RequiredComponentSchemaName": "msdyn_x", "RequiredSolutionName": "msdyn_Base"}],
            "SolutionValidationResults": [{"SolutionValidationResultType": "Error", "Message": "no", "ErrorCode": -1}]});
        let staged = staged(Row(&results));
        assert!(!staged.passed && staged.upload.is_none());
        assert_eq!(staged.missing[0].to_string(), "`msdyn_x` of solution `msdyn_Base`");
        assert_eq!(staged.errors, ["no"]);
    }

    #[test]
    fn missing_dependencies_are_read_from_the_message() {
        let message = "The missing dependencies are : <MissingDependencies><MissingDependency><Required type=\"1\" \
            schemaName=\"msdyn_x\" solution=\"msdyn_Base (9.0.0.0)\" /><Dependent type=\"60\" schemaName=\"f\" />\
            </MissingDependency></MissingDependencies> , ProductUpdatesOnly : False";
        assert_eq!(missing_in(message)[0].to_string(), "`msdyn_x` of solution `msdyn_Base (9.0.0.0)`, needed by `f`");
        assert!(missing_in("<MissingDependencies><oops").is_empty());
    }

    #[test]
    fn only_passed_is_success() {
        let read = |status: Value, errors: Value| {
            outcome(Row(&json!({"Status": status, "ErrorMessages": errors, "WarningMessages": null})))
        };
        assert!(read("Passed".into(), Value::Null).is_some_and(|outcome| outcome.passed));
        assert!(read("Failed".into(), Value::Null).is_some_and(|outcome| !outcome.passed));
        assert_eq!(read(Value::Null, json!(["e"])).expect("a result").errors, ["e"]);
        assert!(read(Value::Null, json!(["e"])).is_some_and(|outcome| !outcome.passed));
        for silent in [Value::Null, 0.into(), 1.into(), "".into()] {
            assert_eq!(read(silent, json!([])), None);
        }
    }
}
