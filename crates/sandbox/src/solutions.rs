//! Solution operations: stage, import, upgrade, promote, uninstall, as jobs that somebody can watch.
//! Shapes are those of the recorded responses; refusals carry the published codes.

mod staging;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::exchange::{Answer, Fault, Reply};
use super::import_result::{escape, import_log};
use super::options::{Options, Scenario, UnknownPrivileges};
use super::package::{self, Package};
use super::uninstall::uninstall_row;
use super::world::{BASELINE, ORGANIZATION, ROOT_UNIT, World, now, row, text};

use staging::{missing, number, surprise};
pub(super) use staging::{stage, surprise_asked};

/// A running or finished job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub import: Uuid,
    kind: Kind,
    pub solution: String,
    pub package: Option<Package>,
    parameters: Vec<Value>,
    pub looks: u32,
    needed: u32,
    /// Seconds since 1970.
    started: i64,
    pub done: bool,
    pub errors: Vec<(String, String)>,
    pub warnings: Vec<String>,
    caller: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    Import,
    Hold,
    Upgrade,
    Promote,
    Uninstall,
}

impl Kind {
    fn message(self) -> (&'static str, i64) {
        match self {
            Self::Import | Self::Hold => ("ImportSolutionAsync", 54),
            Self::Upgrade => ("StageAndUpgradeAsync", 54),
            Self::Promote => ("DeleteAndPromoteAsync", 207),
            Self::Uninstall => ("UninstallSolutionAsync", 208),
        }
    }
}

fn file(payload: &Map<String, Value>) -> Result<Option<Vec<u8>>, Fault> {
    use base64::Engine as _;
    let Some(text) = payload.get("CustomizationFile").and_then(Value::as_str) else { return Ok(None) };
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.map(Some).map_err(|_| {
        Fault::new(
            400,
            "0x80048d19",
            "Cannot convert the literal of 'CustomizationFile' to the expected type 'Edm.Binary'.",
        )
    })
}

fn only(operation: &str, payload: &Map<String, Value>, known: &[&str]) -> Result<(), Fault> {
    match payload.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Fault::new(
            400,
            "0x80048d19",
            format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation '{operation}'."
            ),
        )),
    }
}

/// What the environment says against a package.
fn problems(world: &World, package: &Package, kind: Kind) -> Vec<(String, String)> {
    let mut problems = package.problems.clone();
    let mut add = |code: &str, message: String| problems.push((code.to_owned(), message));
    if let Some((_, row)) = world.solution(&package.unique_name) {
        let managed = row.get("ismanaged") == Some(&json!(true));
        if package.managed && !managed {
            add("0x80048040", "The solution is already installed on this system as an unmanaged solution and the package supplied is attempting to install it in managed mode. Import can only update solutions when the modes match. Uninstall the current solution and try again.".into());
        } else if !package.managed && managed {
            add("0x80048041", "The solution is already installed on this system as a managed solution and the package supplied is attempting to install it in unmanaged mode. Import can only update solutions when the modes match. Uninstall the current solution and try again.".into());
        }
        let version = |text: &str| numbers(text);
        if matches!(kind, Kind::Upgrade | Kind::Hold) && version(&package.version) <= version(text(row, "version")) {
            add(
                "0x80048541",
                "The import solution must have a higher version than the existing solution it is upgrading.".into(),
            );
        }
    }
    if let Some(base) = &package.patch_of
        && world.solution(base).is_none()
    {
        add("0x80048540", format!("The base solution '{base}' of the patch is not installed."));
    }
    for role in &package.roles {
        if let Some(row) = world.get("role", role.id)
            && (row.get("ismanaged") == Some(&json!(true))) != package.managed
        {
            add(
                "0x80048017",
                format!(
                    "Cannot import security role. The role with specified role id is not updatable or role name is not unique. ({})",
                    role.name
                ),
            );
        }
    }
    problems
}

/// Starts a job: `ImportSolutionAsync`, `StageAndUpgradeAsync`, `DeleteAndPromoteAsync`, `UninstallSolutionAsync`
/// and their forms that wait.
pub(super) fn start(
    world: &mut World,
    options: &Options,
    caller: Uuid,
    operation: &str,
    payload: &Map<String, Value>,
    api: &str,
) -> Answer {
    const IMPORT: &[&str] = &[
        "OverwriteUnmanagedCustomizations",
        "PublishWorkflows",
        "CustomizationFile",
        "ConvertToManaged",
        "SkipProductUpdateDependencies",
        "SkipQueueRibbonJob",
        "LayerDesiredOrder",
        "AsyncRibbonProcessing",
        "ComponentParameters",
        "SolutionParameters",
        "HoldingSolution",
    ];
    let waits = !operation.ends_with("Async");
    let kind = match operation.trim_end_matches("Async") {
        "ImportSolution" if payload.get("HoldingSolution") == Some(&json!(true)) => Kind::Hold,
        "ImportSolution" => Kind::Import,
        "StageAndUpgrade" => Kind::Upgrade,
        "DeleteAndPromote" => Kind::Promote,
        _ => Kind::Uninstall,
    };
    let mut known: Vec<&str> = match kind {
        Kind::Import | Kind::Hold => IMPORT.to_vec(),
        Kind::Upgrade => IMPORT[..IMPORT.len() - 1].to_vec(),
        Kind::Promote => vec!["UniqueName"],
        Kind::Uninstall => vec!["SolutionUniqueName"],
    };
    if waits && matches!(kind, Kind::Import | Kind::Hold | Kind::Upgrade) {
        known.push("ImportJobId");
    }
    only(operation, payload, &known)?;
    let importing = matches!(kind, Kind::Import | Kind::Hold | Kind::Upgrade);
    world.demand(
        caller,
        if importing || kind == Kind::Promote { "prvImportCustomization" } else { "prvDeleteSolution" },
        "solution",
    )?;
    let name_of = |key: &str| {
        payload
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| Fault::bad_request(format!("{key} is missing")))
    };
    let (package, solution) = match kind {
        Kind::Promote => {
            let name = name_of("UniqueName")?;
            let package = world.pending.get(&name.to_lowercase()).cloned();
            let package = package.ok_or_else(|| {
                Fault::new(400, "0x8004853b", format!("The solution '{name}' has no pending upgrade."))
            })?;
            (Some(package), name)
        }
        Kind::Uninstall => {
            let name = name_of("SolutionUniqueName")?;
            if world.solution(&name).is_none() {
                return Err(Fault::new(
                    404,
                    "0x80040217",
                    format!("solution With Unique Name = {name} Does Not Exist"),
                ));
            }
            (None, name)
        }
        _ => {
            for required in ["OverwriteUnmanagedCustomizations", "PublishWorkflows"] {
                if !payload.get(required).is_some_and(Value::is_boolean) {
                    return Err(Fault::bad_request(format!(
                        "The parameter '{required}' of '{operation}' is required."
                    )));
                }
            }
            if waits && payload.get("ImportJobId").and_then(Value::as_str).is_none() {
                return Err(Fault::bad_request(format!("The parameter 'ImportJobId' of '{operation}' is required.")));
            }
            let upload = payload
                .get("SolutionParameters")
                .and_then(|p| p.get("StageSolutionUploadId"))
                .and_then(Value::as_str)
                .and_then(|t| Uuid::try_parse(t).ok());
            let package = match (file(payload)?, upload) {
                (Some(bytes), _) => package::open(&bytes)?,
                (None, Some(upload)) => {
                    world.uploads.get(&upload).cloned().ok_or_else(|| Fault::absent("stagesolutionupload", upload))?
                }
                (None, None) => return Err(Fault::bad_request("CustomizationFile is missing")),
            };
            surprise(world, options, &package);
            let name = package.unique_name.clone();
            (Some(package), name)
        }
    };
    let locked = options.scenarios.contains(&Scenario::Locked) && world.count("locked") <= 3;
    look_at_all(world, options);
    if locked || world.jobs.values().any(|job| !job.done) {
        return Err(Fault::new(
            429,
            "0x80071151",
            "Microsoft.Crm.ObjectModel.CustomizationLockException: Cannot start the requested operation [Import] because there is another [Import] running at this moment. Use Solution History for more details. -- The solution installation or removal failed due to the installation or removal of another solution at the same time. Please try again later.",
        ));
    }
    let import = payload
        .get("ImportJobId")
        .and_then(Value::as_str)
        .and_then(|t| Uuid::try_parse(t).ok())
        .unwrap_or_else(Uuid::new_v4);
    let operation_id = Uuid::new_v4();
    let parameters = payload.get("ComponentParameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let job = Job {
        import,
        kind,
        solution: solution.clone(),
        package,
        parameters,
        looks: 0,
        needed: options.job_polls,
        started: jiff::Timestamp::now().as_second(),
        done: false,
        errors: Vec::new(),
        warnings: Vec::new(),
        caller,
    };
    world.jobs.insert(operation_id, job);
    let (message, number) = kind.message();
    let columns = json!({"name": message.trim_end_matches("Async"), "messagename": message, "operationtype": number, "statecode": 0, "statuscode": 0, "depth": 1, "retrycount": 0, "sequence": 1, "iswaitingforevent": false, "retainjobhistory": false, "correlationid": Uuid::new_v4(), "dependencytoken": format!("SolutionOperation_{{{ORGANIZATION}}}"), "_ownerid_value": caller, "_owninguser_value": caller, "_createdby_value": caller, "_owningbusinessunit_value": ROOT_UNIT});
    world.insert("asyncoperation", operation_id, row(columns));
    if waits {
        if let Some(job) = world.jobs.get_mut(&operation_id) {
            job.needed = 0;
        }
        look(world, options, operation_id);
        let errors = world.jobs.get(&operation_id).map(|job| job.errors.clone()).unwrap_or_default();
        world.remove("asyncoperation", operation_id);
        if let Some((code, message)) = errors.first() {
            return Err(Fault::new(500, if code == "0x8004801d" { "0x80048033" } else { code }, message.clone()));
        }
        return match kind {
            Kind::Import | Kind::Hold | Kind::Uninstall => Ok(Reply::empty(204)),
            _ => {
                let solution = world.solution(&solution).map(|(id, _)| id);
                Ok(Reply::odata(
                    200,
                    &json!({"@odata.context": format!("{api}/$metadata#Microsoft.Dynamics.CRM.{operation}Response"), "SolutionId": solution}),
                ))
            }
        };
    }
    let mut body = json!({"@odata.context": format!("{api}/$metadata#Microsoft.Dynamics.CRM.{operation}Response")});
    if importing {
        body["ImportJobKey"] = json!(import.to_string());
    }
    body["AsyncOperationId"] = json!(operation_id);
    Ok(Reply::odata(200, &body))
}

/// Somebody looks at the jobs: each running one moves on by a step.
pub(super) fn look_at_all(world: &mut World, options: &Options) {
    let running: Vec<Uuid> = world.jobs.iter().filter(|(_, job)| !job.done).map(|(id, _)| *id).collect();
    for job in running {
        look(world, options, job);
    }
}

/// How much of a job is done after so many looks, in percent.
fn share(looks: u32, needed: u32) -> f64 {
    f64::from(looks) / (f64::from(needed) + 1.0) * 100.0
}

fn look(world: &mut World, options: &Options, operation: Uuid) {
    let Some(mut job) = world.jobs.remove(&operation) else { return };
    job.looks = job.looks.saturating_add(1);
    let imports = job.package.is_some() && job.kind != Kind::Promote;
    let late = jiff::Timestamp::now().as_second() - job.started > options.job_time.as_secs().cast_signed();
    let finished = (job.looks > job.needed || late) && !options.scenarios.contains(&Scenario::JobNeverEnds);
    let progress = if finished { 100.0 } else { share(job.looks, job.needed) };
    if imports && job.looks == 1 {
        let columns = json!({"name": "Customizations", "solutionname": job.solution, "startedon": now(), "progress": 0.0, "importcontext": if job.kind == Kind::Import { "ImportInstall" } else { "ImportUpgrade" }, "operationcontext": "New", "_createdby_value": job.caller});
        world.insert("importjob", job.import, row(columns));
    }
    if !finished {
        world.update("asyncoperation", operation, row(json!({"statecode": 2, "statuscode": 20, "startedon": now()})));
        let backwards = options.scenarios.contains(&Scenario::ProgressBackwards);
        let shown = if backwards { 100.0 - progress } else { progress.min(99.0) };
        world.update("importjob", job.import, row(json!({"progress": shown})));
        world.jobs.insert(operation, job);
        return;
    }
    job.done = true;
    if let Some(package) = job.package.clone().filter(|_| job.kind != Kind::Promote) {
        job.errors = problems(world, &package, job.kind);
        let missing = missing(world, options, &package);
        if !missing.is_empty() {
            let list: String = missing.iter().map(|m| format!("<MissingDependency canResolveMissingDependency=\"False\"><Required type=\"{}\" schemaName=\"{}\" displayName=\"{}\" solution=\"{}\" /><Dependent type=\"{}\" schemaName=\"{}\" /></MissingDependency>", plain(&m["RequiredComponentType"]), plain(&m["RequiredComponentSchemaName"]), plain(&m["RequiredComponentDisplayName"]), plain(&m["RequiredSolutionName"]), plain(&m["DependentComponentType"]), plain(&m["DependentComponentSchemaName"]))).collect();
            job.errors.push(("0x8004801d".into(), format!("Solution manifest import: FAILURE: The following solution cannot be imported: {}. Some dependencies are missing. The missing dependencies are : <MissingDependencies>{list}</MissingDependencies> , ProductUpdatesOnly : False", package.unique_name)));
        }
        if options.scenarios.contains(&Scenario::ImportFails) {
            job.errors.push(("0x80048033".into(), format!("The import of solution: {} failed.", package.unique_name)));
        }
    }
    if job.kind == Kind::Uninstall
        && let Some((id, _)) = world.solution(&job.solution)
        && let Err(fault) = uninstall_row(world, id)
    {
        job.errors.push((fault.code, fault.message));
    }
    if job.errors.is_empty()
        && let Some(package) = job.package.clone()
    {
        let before = world.clone();
        match (job.kind, super::install::commit(world, options, &package, &job.parameters, job.kind != Kind::Import)) {
            (_, Err(error)) => {
                *world = before;
                job.errors.push(error);
            }
            (Kind::Hold, Ok(_)) if before.solution(&package.unique_name).is_some() => {
                *world = before;
                world.pending.insert(package.unique_name.to_lowercase(), package.clone());
                let holding = format!("{}_Upgrade", package.unique_name);
                world.pretend_installed(&holding, &package.version, true);
            }
            (kind, Ok(warnings)) => {
                job.warnings = warnings;
                if kind == Kind::Promote {
                    world.pending.remove(&package.unique_name.to_lowercase());
                    if let Some((id, _)) = world.solution(&format!("{}_Upgrade", package.unique_name)) {
                        world.remove("solution", id);
                    }
                }
            }
        }
    }
    let mut columns = json!({"statecode": 3, "statuscode": 30, "completedon": now(), "startedon": now()});
    if let Some((code, message)) = job.errors.first() {
        columns["statuscode"] = json!(31);
        columns["errorcode"] = json!(number(code));
        columns["message"] = json!(message);
        columns["friendlymessage"] = json!(message);
    }
    world.update("asyncoperation", operation, row(columns));
    if imports {
        world.insert("importjob", job.import, row(json!({"progress": if job.errors.is_empty() { 100.0 } else { 50.0 }, "completedon": now(), "data": import_log(&job)})));
    }
    let history = json!({"msdyn_name": job.solution, "msdyn_solutionversion": job.package.as_ref().map(|p| p.version.clone()), "msdyn_status": 1, "msdyn_result": job.errors.is_empty(), "msdyn_starttime": now(), "msdyn_endtime": now()});
    world.insert("msdyn_solutionhistory", operation, row(history));
    world.jobs.insert(operation, job);
}

fn plain(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// Whether unknown names fail the import.
pub(super) fn unknown(options: &Options, role: &str, names: &[String]) -> Result<String, (String, String)> {
    let message =
        format!("The role '{role}' names privileges that this environment does not know: {}", names.join(", "));
    match options.unknown_privileges {
        UnknownPrivileges::Fail => Err(("0x80048017".into(), message)),
        UnknownPrivileges::Warn => Ok(message),
    }
}

/// The privileges that a role has without being asked.
pub(super) fn is_baseline(name: &str) -> bool {
    BASELINE.contains(&name)
}

/// The numbers of a version, of which the last ones may be missing.
fn numbers(version: &str) -> Option<[u32; 4]> {
    let mut numbers = [0; 4];
    for (index, piece) in version.split('.').enumerate() {
        *numbers.get_mut(index)? = piece.parse().ok()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_needs_the_most_looks_has_a_share_too() {
        assert!(share(1, u32::MAX) > 0.0 && share(u32::MAX, u32::MAX) < 100.0);
        assert!((share(1, 1) - 50.0).abs() < f64::EPSILON);
    }
}
