//! Installed solutions.

use uuid::Uuid;

use crate::dataverse::async_operation;
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};
use crate::version::Version;

/// A solution in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Row id.
    pub id: Option<Uuid>,
    /// Unique name.
    pub name: String,
    /// Version, when it is understood.
    pub version: Option<Version>,
    /// Managed or not.
    pub managed: bool,
}

/// The solutions of these unique names, as far as they are installed.
pub async fn find(client: &Client, names: &[&str], strong: bool) -> Result<Vec<Installed>, ApiError> {
    let filter = any_of("uniquename", names.iter().map(|name| quoted(name)));
    let path = format!("solutions?$select=solutionid,uniquename,version,ismanaged&$filter={filter}");
    let request = Request::get(path, "read the installed solutions");
    let rows = client.rows(if strong { request.strong() } else { request }).await?;
    Ok(rows.iter().filter_map(|row| read(Row(row))).collect())
}

fn read(row: Row<'_>) -> Option<Installed> {
    Some(Installed {
        id: row.id("solutionid"),
        name: row.text("uniquename")?,
        version: row.raw("version").and_then(|text| text.parse().ok()),
        managed: row.flag("ismanaged").unwrap_or(false),
    })
}

/// Starts the removal of a managed solution; the id of the job.
pub async fn uninstall(client: &Client, name: &str) -> Result<Uuid, ApiError> {
    let body = serde_json::json!({ "SolutionUniqueName": name });
    let doing = format!("uninstall solution `{name}`");
    let request = Request::post("UninstallSolutionAsync", body, &doing).report_lock();
    async_operation::started(&client.send(request).await?, &doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_row_is_read() {
        let row = serde_json::json!({"@odata.etag": "W/\"2227400\"", "solutionid": "86928ed8-df37-4ce2-add5-47030a833bff",
            "uniquename": "TerraformTestSolution", "version": "1.1.0.0", "ismanaged": false, "thumbprint": null});
        let installed = read(Row(&row)).expect("a solution");
        assert_eq!(installed.version, Some(Version::new(1, 1, 0, 0)));
        assert!(!installed.managed);
        assert_eq!(read(Row(&serde_json::json!({"version": 7}))), None);
    }
}
