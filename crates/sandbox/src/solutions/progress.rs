//! How a job moves on, and how it ends.

use serde_json::{Value, json};
use uuid::Uuid;

use super::findings::{missing, number, problems};
use crate::import_result::{escape, import_log};
use crate::install::commit;
use crate::job::{Job, Kind};
use crate::options::{Options, Scenario};
use crate::row::{now, row};
use crate::uninstall::uninstall_row;
use crate::world::World;

/// Somebody looks at the jobs: each running one moves on by a step.
pub(crate) fn look_at_all(world: &mut World, options: &Options) {
    let running: Vec<Uuid> = world.jobs.iter().filter(|(_, job)| !job.done).map(|(id, _)| *id).collect();
    for job in running {
        look(world, options, job);
    }
}

/// How much of a job is done after so many looks, in percent.
fn share(looks: u32, needed: u32) -> f64 {
    f64::from(looks) / (f64::from(needed) + 1.0) * 100.0
}

/// Somebody looks at this job.
pub(super) fn look(world: &mut World, options: &Options, operation: Uuid) {
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
    judge(world, options, &mut job);
    if job.kind == Kind::Uninstall
        && let Some((id, _)) = world.solution(&job.solution)
        && let Err(fault) = uninstall_row(world, id)
    {
        job.errors.push((fault.code, fault.message));
    }
    carry_out(world, options, &mut job);
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

/// What the environment says against the package of a job.
fn judge(world: &World, options: &Options, job: &mut Job) {
    let Some(package) = job.package.clone().filter(|_| job.kind != Kind::Promote) else { return };
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

/// Does what the job is for, unless something speaks against it.
fn carry_out(world: &mut World, options: &Options, job: &mut Job) {
    let Some(package) = job.package.clone().filter(|_| job.errors.is_empty()) else { return };
    let before = world.clone();
    match (job.kind, commit(world, options, &package, &job.parameters, job.kind != Kind::Import)) {
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

fn plain(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
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
