//! What can be read after an import: its log, and the results made of it. Shapes are those of the recorded
//! responses.

use serde_json::json;
use uuid::Uuid;

use super::exchange::{Answer, Fault, Reply};
use super::job::Job;
use super::options::{Options, Scenario};
use super::world::World;

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The import log, in the documented form.
pub(super) fn import_log(job: &Job) -> String {
    let Some(package) = &job.package else { return String::new() };
    let failed = job.errors.first();
    let root =
        failed.map_or(String::new(), |(_, message)| format!(" succeeded=\"failure\" status=\"{}\"", escape(message)));
    let result = failed.map_or_else(
        || "<result result=\"success\" errorcode=\"0\" errortext=\"\" datetime=\"00:00:00.00\" datetimeticks=\"0\"/>".to_owned(),
        |(code, message)| format!("<result result=\"failure\" errorcode=\"{code}\" errortext=\"{}\" datetime=\"00:00:00.00\" datetimeticks=\"0\"/>", escape(message)),
    );
    let warnings: String = job
        .warnings
        .iter()
        .map(|w| format!("<result result=\"warning\" errorcode=\"0x0\" errortext=\"{}\"/>", escape(w)))
        .collect();
    let roles: String = package.roles.iter().map(|r| format!("<securityrole id=\"{{{}}}\" LocalizedName=\"{}\" processed=\"{}\"><result result=\"{}\" errorcode=\"0\" errortext=\"\"/>{warnings}</securityrole>", r.id, escape(&r.name), failed.is_none(), if failed.is_none() { "success" } else { "unprocessed" })).collect();
    format!(
        "<importexportxml start=\"0\" stop=\"0\" progress=\"{}\" processed=\"true\"{root}><solutionManifests><solutionManifest languagecode=\"1033\" id=\"{name}\" LocalizedName=\"{}\" processed=\"true\"><UniqueName>{name}</UniqueName><Version>{}</Version><Managed>{}</Managed><results/>{result}</solutionManifest></solutionManifests><entities/><nodes/><settings/><dashboards/><securityroles>{roles}</securityroles><workflows/><webResources/><rootComponents/><dependencies/></importexportxml>",
        if failed.is_none() { 100 } else { 50 },
        escape(&package.friendly_name),
        escape(&package.version),
        u8::from(package.managed),
        name = escape(&package.unique_name),
    )
}

/// `RetrieveSolutionImportResult`
pub(super) fn result(world: &World, options: &Options, import: Uuid, api: &str) -> Answer {
    let job = world
        .jobs
        .values()
        .find(|job| job.import == import && job.looks > 0)
        .ok_or_else(|| Fault::absent("importjob", import))?;
    let lie = options.scenarios.contains(&Scenario::ImportResultFailed);
    let mut errors: Vec<String> = job.errors.iter().map(|(_, message)| message.clone()).collect();
    if lie {
        errors.push("The sandbox was asked to report a failure here.".into());
    }
    let status = if job.done && errors.is_empty() { "Passed" } else { "Failed" };
    Ok(Reply::odata(
        200,
        &json!({"@odata.context": format!("{api}/$metadata#Microsoft.Dynamics.CRM.RetrieveSolutionImportResultResponse"), "SolutionOperationResult": {"FormattedResults": formatted(job), "Type": "Import", "Status": status, "WarningMessages": job.warnings, "ErrorMessages": errors, "ActionLink": {"Label": null, "Target": null}}}),
    ))
}

/// `RetrieveFormattedImportJobResults`
pub(super) fn formatted_result(world: &World, import: Uuid, api: &str) -> Answer {
    let job = world
        .jobs
        .values()
        .find(|job| job.import == import && job.looks > 0)
        .ok_or_else(|| Fault::absent("importjob", import))?;
    Ok(Reply::odata(
        200,
        &json!({"@odata.context": format!("{api}/$metadata#Microsoft.Dynamics.CRM.RetrieveFormattedImportJobResultsResponse"), "FormattedResults": formatted(job)}),
    ))
}

fn formatted(job: &Job) -> String {
    let line = |text: &str| format!("<Row><Cell><Data ss:Type=\"String\">{}</Data></Cell></Row>", escape(text));
    let rows: String = job
        .errors
        .iter()
        .map(|(code, message)| line(&format!("{code} {message}")))
        .chain(job.warnings.iter().map(|w| line(w)))
        .collect();
    format!(
        "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"Solution\"><Table>{}{rows}</Table></Worksheet></Workbook>",
        line(&job.solution)
    )
}
