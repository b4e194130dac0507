//! Starting a job: import, upgrade, promote, uninstall, in the forms that answer at once and those that wait.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::payload::{file, only};
use super::progress::{look, look_at_all};
use super::surprise::surprise;
use crate::exchange::{Answer, Fault, Reply};
use crate::job::{Job, Kind};
use crate::options::{Options, Scenario};
use crate::package::{self, Package};
use crate::row::row;
use crate::world::{ORGANIZATION, ROOT_UNIT, World};

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

/// An operation that was asked for.
struct Asked<'a> {
    operation: &'a str,
    payload: &'a Map<String, Value>,
    kind: Kind,
    /// Whether the answer comes only when the job has ended.
    waits: bool,
    caller: Uuid,
}

/// Starts a job: `ImportSolutionAsync`, `StageAndUpgradeAsync`, `DeleteAndPromoteAsync`, `UninstallSolutionAsync`
/// and their forms that wait.
pub(crate) fn start(
    world: &mut World,
    options: &Options,
    caller: Uuid,
    operation: &str,
    payload: &Map<String, Value>,
    api: &str,
) -> Answer {
    let asked = Asked::new(operation, payload, caller);
    asked.check()?;
    world.demand(caller, asked.privilege(), "solution")?;
    let (package, solution) = asked.subject(world, options)?;
    let locked = options.scenarios.contains(&Scenario::Locked) && world.count("locked") <= 3;
    look_at_all(world, options);
    if locked || world.jobs.values().any(|job| !job.done) {
        return Err(busy());
    }
    let (id, import) = asked.begin(world, options, solution.clone(), package);
    if asked.waits { asked.waited(world, options, id, &solution, api) } else { Ok(asked.begun(id, import, api)) }
}

impl<'a> Asked<'a> {
    fn new(operation: &'a str, payload: &'a Map<String, Value>, caller: Uuid) -> Self {
        let kind = match operation.trim_end_matches("Async") {
            "ImportSolution" if payload.get("HoldingSolution") == Some(&json!(true)) => Kind::Hold,
            "ImportSolution" => Kind::Import,
            "StageAndUpgrade" => Kind::Upgrade,
            "DeleteAndPromote" => Kind::Promote,
            _ => Kind::Uninstall,
        };
        Self { operation, payload, kind, waits: !operation.ends_with("Async"), caller }
    }

    /// Whether it brings a solution file.
    fn imports(&self) -> bool {
        matches!(self.kind, Kind::Import | Kind::Hold | Kind::Upgrade)
    }

    fn privilege(&self) -> &'static str {
        if self.imports() || self.kind == Kind::Promote { "prvImportCustomization" } else { "prvDeleteSolution" }
    }

    /// Refuses parameters that the operation does not have.
    fn check(&self) -> Result<(), Fault> {
        let mut known: Vec<&str> = match self.kind {
            Kind::Import | Kind::Hold => IMPORT.to_vec(),
            Kind::Upgrade => IMPORT[..IMPORT.len() - 1].to_vec(),
            Kind::Promote => vec!["UniqueName"],
            Kind::Uninstall => vec!["SolutionUniqueName"],
        };
        if self.waits && self.imports() {
            known.push("ImportJobId");
        }
        only(self.operation, self.payload, &known)
    }

    fn name(&self, key: &str) -> Result<String, Fault> {
        let name = self.payload.get(key).and_then(Value::as_str).map(str::to_owned);
        name.ok_or_else(|| Fault::bad_request(format!("{key} is missing")))
    }

    /// The package that the job is about, where it has one, and the name of its solution.
    fn subject(&self, world: &mut World, options: &Options) -> Result<(Option<Package>, String), Fault> {
        match self.kind {
            Kind::Promote => {
                let name = self.name("UniqueName")?;
                let package = world.pending.get(&name.to_lowercase()).cloned();
                let package = package.ok_or_else(|| {
                    Fault::new(400, "0x8004853b", format!("The solution '{name}' has no pending upgrade."))
                })?;
                Ok((Some(package), name))
            }
            Kind::Uninstall => {
                let name = self.name("SolutionUniqueName")?;
                if world.solution(&name).is_none() {
                    let message = format!("solution With Unique Name = {name} Does Not Exist");
                    return Err(Fault::new(404, "0x80040217", message));
                }
                Ok((None, name))
            }
            Kind::Import | Kind::Hold | Kind::Upgrade => {
                let package = self.package(world)?;
                surprise(world, options, &package);
                let name = package.unique_name.clone();
                Ok((Some(package), name))
            }
        }
    }

    /// The package of an import: a file, or one that was staged before.
    fn package(&self, world: &World) -> Result<Package, Fault> {
        let missing =
            |name: &str| Fault::bad_request(format!("The parameter '{name}' of '{}' is required.", self.operation));
        for required in ["OverwriteUnmanagedCustomizations", "PublishWorkflows"] {
            if !self.payload.get(required).is_some_and(Value::is_boolean) {
                return Err(missing(required));
            }
        }
        if self.waits && self.payload.get("ImportJobId").and_then(Value::as_str).is_none() {
            return Err(missing("ImportJobId"));
        }
        let parameters = self.payload.get("SolutionParameters");
        let upload = parameters.and_then(|p| p.get("StageSolutionUploadId")).and_then(Value::as_str);
        match (file(self.payload)?, upload.and_then(|text| Uuid::try_parse(text).ok())) {
            (Some(bytes), _) => package::open(&bytes),
            (None, Some(upload)) => {
                world.uploads.get(&upload).cloned().ok_or_else(|| Fault::absent("stagesolutionupload", upload))
            }
            (None, None) => Err(Fault::bad_request("CustomizationFile is missing")),
        }
    }

    /// Puts the job among those of the environment; its own identifier, and that of its import job.
    fn begin(&self, world: &mut World, options: &Options, solution: String, package: Option<Package>) -> (Uuid, Uuid) {
        let import = self.payload.get("ImportJobId").and_then(Value::as_str);
        let import = import.and_then(|text| Uuid::try_parse(text).ok()).unwrap_or_else(Uuid::new_v4);
        let id = Uuid::new_v4();
        let parameters = self.payload.get("ComponentParameters").and_then(Value::as_array);
        let job = Job {
            import,
            kind: self.kind,
            solution,
            package,
            parameters: parameters.cloned().unwrap_or_default(),
            looks: 0,
            needed: if self.waits { 0 } else { options.job_polls },
            started: jiff::Timestamp::now().as_second(),
            done: false,
            errors: Vec::new(),
            warnings: Vec::new(),
            caller: self.caller,
        };
        world.jobs.insert(id, job);
        let caller = self.caller;
        let (message, number) = self.kind.message();
        let columns = json!({"name": message.trim_end_matches("Async"), "messagename": message, "operationtype": number, "statecode": 0, "statuscode": 0, "depth": 1, "retrycount": 0, "sequence": 1, "iswaitingforevent": false, "retainjobhistory": false, "correlationid": Uuid::new_v4(), "dependencytoken": format!("SolutionOperation_{{{ORGANIZATION}}}"), "_ownerid_value": caller, "_owninguser_value": caller, "_createdby_value": caller, "_owningbusinessunit_value": ROOT_UNIT});
        world.insert("asyncoperation", id, row(columns));
        (id, import)
    }

    /// The answer once the job has ended.
    fn waited(&self, world: &mut World, options: &Options, id: Uuid, solution: &str, api: &str) -> Answer {
        look(world, options, id);
        let errors = world.jobs.get(&id).map(|job| job.errors.clone()).unwrap_or_default();
        world.remove("asyncoperation", id);
        if let Some((code, message)) = errors.first() {
            return Err(Fault::new(500, if code == "0x8004801d" { "0x80048033" } else { code }, message.clone()));
        }
        match self.kind {
            Kind::Import | Kind::Hold | Kind::Uninstall => Ok(Reply::empty(204)),
            Kind::Upgrade | Kind::Promote => {
                let mut body = self.response(api);
                body["SolutionId"] = json!(world.solution(solution).map(|(id, _)| id));
                Ok(Reply::odata(200, &body))
            }
        }
    }

    /// The answer while the job runs.
    fn begun(&self, id: Uuid, import: Uuid, api: &str) -> Reply {
        let mut body = self.response(api);
        if self.imports() {
            body["ImportJobKey"] = json!(import.to_string());
        }
        body["AsyncOperationId"] = json!(id);
        Reply::odata(200, &body)
    }

    fn response(&self, api: &str) -> Value {
        json!({"@odata.context": format!("{api}/$metadata#Microsoft.Dynamics.CRM.{}Response", self.operation)})
    }
}

/// Another solution operation is running.
fn busy() -> Fault {
    Fault::new(
        429,
        "0x80071151",
        "Microsoft.Crm.ObjectModel.CustomizationLockException: Cannot start the requested operation [Import] because there is another [Import] running at this moment. Use Solution History for more details. -- The solution installation or removal failed due to the installation or removal of another solution at the same time. Please try again later.",
    )
}
