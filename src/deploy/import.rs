//! Importing one solution: never started twice, however the attempt before ended.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::bundle::descriptor::SettingKind;
use crate::dataverse::ApiError;
use crate::dataverse::async_operation::{self, Job, State};
use crate::dataverse::error::words;
use crate::dataverse::import::{self as service, Action as Start, Missing, Outcome};
use crate::dataverse::import_job::{self, Findings};
use crate::deploy::desired::{Desired, Package, Wanted};
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::fitting;
use crate::deploy::meanwhile::{self, Basis, Look};
use crate::deploy::plan::Mode;
use crate::deploy::progress::{Context, Event, time_up};
use crate::deploy::reading;

/// The first wait between two looks at a job, and the longest.
const POLL: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));
/// How often a start whose outcome is unknown may be followed by another one.
const STARTS: u32 = 3;
/// How often a job may be missing before it counts as vanished.
const VANISHED: u32 = 5;

/// What the environment's own check said of the packages of a plan.
#[derive(Clone, Debug, Default)]
pub struct Checked(BTreeMap<String, service::Staged>);

impl Checked {
    /// The answer for a solution, once.
    pub fn take(&mut self, solution: &str) -> Option<service::Staged> {
        self.0.remove(solution)
    }
}

/// Has the environment check every package that a plan imports, before anything lasting is written.
///
/// What a package needs of one that is imported before it cannot be there yet: it is checked at its own turn.
pub async fn check(context: Context<'_>, desired: &Desired, basis: Basis<'_>) -> Result<Checked, Failure> {
    let mut checked = Checked::default();
    let mut before: Vec<&str> = Vec::new();
    let uploaded: Vec<_> = fitting::uploaded(desired, &basis.plan.steps).collect();
    // What a running import brings must be there before it is asked for. It may be the one of a killed run, too.
    let waited = !uploaded.is_empty() && wait_for_others(context).await?;
    for (package, mode) in uploaded {
        let name = package.solution.name.as_str();
        if waited {
            let look = meanwhile::look(context, package, mode).await?;
            if look.there {
                continue;
            }
            meanwhile::check(context, basis, (package, mode), &look, waited).await?;
        }
        let staged = service::stage(context.client, &package.zip).await?;
        if staged.passed {
            checked.0.insert(name.to_owned(), staged);
        } else if !comes_before(&staged, &before) && !is_there(context, package, mode).await? {
            return Err(not_staged(name, &staged));
        }
        before.push(name);
    }
    Ok(checked)
}

/// Whether everything that a package lacks belongs to packages that are imported before it, and so can come with them.
fn comes_before(staged: &service::Staged, before: &[&str]) -> bool {
    let of_earlier = |missing: &Missing| {
        let owner = missing.solution.as_deref().and_then(|owner| owner.split(' ').next());
        owner.is_some_and(|owner| before.iter().any(|name| name.eq_ignore_ascii_case(owner)))
    };
    !staged.missing.is_empty() && staged.missing.iter().all(of_earlier)
}

/// Imports a package, which was checked already as a rule; warnings of the server.
pub async fn import(
    context: Context<'_>,
    desired: &Desired,
    basis: Basis<'_>,
    package: &Package,
    (mode, settings): (Mode, &[String]),
    mut checked: Option<service::Staged>,
) -> Result<Vec<String>, Failure> {
    let parameters = parameters(desired, settings)?;
    let name = &package.solution.name;
    let mut locked_for = Duration::ZERO;
    let mut unknown = 0;
    let mut lost = false;
    let mut waited = false;
    loop {
        if checked.is_none() && mode != Mode::Promote {
            // Ours may be among them: killed runs leave their import running.
            waited |= wait_for_others(context).await?;
            if is_there(context, package, mode).await? {
                return Ok(done_meanwhile(context));
            }
            let staged = service::stage(context.client, &package.zip).await?;
            if !staged.passed {
                return Err(not_staged(name, &staged));
            }
            checked = Some(staged);
        }
        waited |= wait_for_others(context).await?;
        // An import that ran while the environment was observed, or while this one was uploaded and checked, may have
        // ended before anybody looked for it; an upgrade that was finished since leaves nothing to promote.
        let look = meanwhile::look(context, package, mode).await?;
        if look.there {
            return Ok(done_meanwhile(context));
        }
        meanwhile::check(context, basis, (package, mode), &look, waited).await?;
        let started = if mode == Mode::Promote {
            context.progress.event(Event::JobStarting);
            service::promote(context.client, name).await.and_then(|job| match job {
                Some(job) => Ok(service::Started { job, import_job: None, request_id: None }),
                None => Err(ApiError::Ambiguous {
                    doing: "apply the staged upgrade".into(),
                    why: "no job was named".into(),
                }),
            })
        } else {
            let upload = checked.take().and_then(|staged| staged.upload);
            let start = match mode {
                Mode::Upgrade => Start::Upgrade,
                Mode::Stage => Start::Hold,
                _ => Start::Import,
            };
            context.progress.event(Event::JobStarting);
            service::start(context.client, start, upload, &package.zip, parameters.clone()).await
        };
        let ended = match started {
            Ok(started) => {
                let followed = follow(context, package, mode, started.job, started.import_job).await;
                followed.map_err(|mut failure| {
                    failure.request_id = failure.request_id.or(started.request_id);
                    failure
                })?
            }
            Err(error) if error.is_lock() => {
                context.progress.event(Event::JobEnded);
                Ended::Locked
            }
            // What was uploaded for the check is not kept for ever.
            Err(error) if error.is_absent() && !lost && mode != Mode::Promote => {
                lost = true;
                context.progress.event(Event::JobEnded);
                continue;
            }
            Err(error @ ApiError::Ambiguous { .. }) => {
                unknown += 1;
                if unknown >= STARTS {
                    return Err(error.into());
                }
                context.note("the answer to the start of the import was lost; looking whether it runs");
                if settle(context, package, mode).await? {
                    return Ok(Vec::new());
                }
                context.progress.event(Event::JobEnded);
                continue;
            }
            Err(error) => {
                context.progress.event(Event::JobEnded);
                return Err(server_failure(name, error));
            }
        };
        match ended {
            Ended::Imported(warnings) => return Ok(warnings),
            Ended::Locked => {
                let patience = context.client.patience();
                if locked_for + patience.lock_wait > patience.lock_total {
                    return Err(Failure::not_ready("another solution operation holds the environment's lock")
                        .detail(format!("waited {}", words(locked_for)))
                        .help("see the solution history of the environment, and run again when it has ended"));
                }
                locked_for += patience.lock_wait;
                context.note("another solution operation is running in the environment; waiting for it");
                context.wait(patience.lock_wait, "another solution operation is still running").await?;
            }
        }
    }
}

/// Somebody else's import, or that of a killed run, did the work.
fn done_meanwhile(context: Context<'_>) -> Vec<String> {
    context.note("the solution was imported in the meantime");
    Vec::new()
}

enum Ended {
    Imported(Vec<String>),
    Locked,
}

/// Waits until no solution operation runs; whether there was one.
async fn wait_for_others(context: Context<'_>) -> Result<bool, Failure> {
    let patience = context.client.patience();
    let mut waited = Duration::ZERO;
    let mut wait = POLL.0;
    loop {
        let running = async_operation::running(context.client).await?;
        let Some(job) = running.first() else {
            if !waited.is_zero() {
                context.progress.event(Event::JobEnded);
            }
            return Ok(!waited.is_zero());
        };
        context.progress.event(Event::Watching(job.id));
        if waited > patience.lock_total {
            return Err(Failure::not_ready(format!(
                "{} has been running for longer than {}",
                told(job),
                words(waited)
            ))
            .help("see the solution history of the environment, and run again when it has ended"));
        }
        if waited.is_zero() {
            context.note(format!("{} is running already; waiting for it", told(job)));
        }
        context.wait(wait, &format!("{} still runs on the server", told(job))).await?;
        waited += wait;
        wait = (wait * 2).min(POLL.1);
    }
}

fn told(job: &Job) -> String {
    format!("`{}` ({})", job.message_name, job.id)
}

/// Whether the wanted version is installed (or staged) by now.
async fn is_there(context: Context<'_>, package: &Package, mode: Mode) -> Result<bool, Failure> {
    let Look { there, .. } = meanwhile::look(context, package, mode).await?;
    Ok(there)
}

/// After a lost answer: `true` when the import turns out to be done, `false` when nothing of it can be seen.
async fn settle(context: Context<'_>, package: &Package, mode: Mode) -> Result<bool, Failure> {
    let mut wait = POLL.0;
    for _ in 0..4 {
        context.wait(wait, "whether the import runs is not known").await?;
        wait = (wait * 2).min(POLL.1);
        wait_for_others(context).await?;
        if is_there(context, package, mode).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Follows a job to its end and judges it.
async fn follow(
    context: Context<'_>,
    package: &Package,
    mode: Mode,
    job: Uuid,
    import_job: Option<Uuid>,
) -> Result<Ended, Failure> {
    context.progress.event(Event::JobStarted(job));
    let running = format!("the import (job {job}) still runs on the server");
    let mut wait = POLL.0;
    let mut vanished = 0;
    let ended = loop {
        let look = async_operation::read(context.client, job).await.map_err(|error| unseen(error, &running))?;
        match look {
            Some(found) if found.state != State::Running => break found,
            Some(_) => {
                if let Some(id) = import_job
                    && let Ok(Some(percent)) = import_job::progress(context.client, id).await
                {
                    context.progress.event(Event::Importing(percent.clamp(0.0, 100.0)));
                }
            }
            None => {
                vanished += 1;
                if vanished >= VANISHED {
                    context.progress.event(Event::JobEnded);
                    if is_there(context, package, mode).await? {
                        return Ok(Ended::Imported(Vec::new()));
                    }
                    return Err(Failure::new(
                        FailureKind::Inconclusive,
                        format!("job {job} has vanished from the server"),
                    )
                    .help("see the solution history of the environment, and run the same command again"));
                }
            }
        }
        context.wait(wait, &running).await?;
        wait = (wait * 3 / 2).min(POLL.1);
    };
    context.progress.event(Event::JobEnded);
    judge(context, package, mode, &ended, import_job).await
}

/// A job cannot be looked at, but goes on.
fn unseen(error: ApiError, running: &str) -> Failure {
    match error {
        ApiError::TimeUp { .. } => time_up(running),
        ApiError::Network { .. } | ApiError::Malformed { .. } => {
            let mut failure = Failure::from(error);
            failure.kind = FailureKind::Inconclusive;
            failure.details.push(running.to_owned());
            failure.help("run the same command again: it waits for what is running, and does not start it twice")
        }
        other => other.into(),
    }
}

/// The job's own state is no proof of success: the result's status is, or the installed version.
async fn judge(
    context: Context<'_>,
    package: &Package,
    mode: Mode,
    job: &Job,
    import_job: Option<Uuid>,
) -> Result<Ended, Failure> {
    let name = &package.solution.name;
    if job.state != State::Succeeded {
        let message = job.message.clone().unwrap_or_default();
        let locked = [crate::dataverse::error::LOCKED, crate::dataverse::error::LOCKED_CONCURRENT];
        if job.code.is_some_and(|code| locked.contains(&code)) || message.contains("CustomizationLockException") {
            return Ok(Ended::Locked);
        }
        if job.state == State::Canceled {
            return Err(Failure::new(
                FailureKind::Failed,
                format!("the import of `{name}` was canceled in the environment"),
            ));
        }
    }
    let mut outcome = Outcome::default();
    let mut known = false;
    if let Some(id) = import_job {
        // The row of the result may come a little after the end of the job.
        for wait in [1, 2, 4] {
            if let Some(found) = service::result(context.client, id).await? {
                outcome = found;
                known = true;
                break;
            }
            context.wait(Duration::from_secs(wait), "the result of the import is not known yet").await?;
        }
    }
    if job.state == State::Succeeded {
        if known && outcome.passed {
            return Ok(Ended::Imported(outcome.warnings));
        }
        if !known && is_there(context, package, mode).await? {
            return Ok(Ended::Imported(Vec::new()));
        }
    }
    let log = match import_job {
        // A log that cannot be read must not hide the failure itself.
        Some(id) => import_job::findings(context.client, id).await.ok().flatten().unwrap_or_default(),
        None => Findings::default(),
    };
    let mut texts: Vec<String> = job.message.iter().cloned().collect();
    texts.extend(outcome.errors);
    let mut failure = import_failure(name, &texts, &log, job.code);
    reading::name_users(context.client, &mut failure).await;
    Err(failure)
}

/// The root cause first: what is missing, else the components that failed, else the server's words.
fn import_failure(name: &str, texts: &[String], log: &Findings, code: Option<u32>) -> Failure {
    let logged = log.failures.iter().map(|trouble| trouble.message.as_str());
    let mut missing: Vec<Missing> =
        texts.iter().map(String::as_str).chain(logged).flat_map(service::missing_in).collect();
    missing.sort();
    missing.dedup();
    if !missing.is_empty() {
        return missing_failure(name, &missing);
    }
    let mut failure = Failure::new(FailureKind::Failed, format!("the import of solution `{name}` failed"));
    failure.details.extend(log.failures.iter().map(|trouble| format!("{}: {}", trouble.component, trouble.message)));
    for text in texts {
        if !failure.details.iter().any(|detail| detail.contains(text.as_str())) {
            failure.details.push(text.clone());
        }
    }
    let said = failure.details.clone();
    if reading::interpret(&mut failure, &said) {
        return failure;
    }
    let code = code.or_else(|| failure.details.iter().find_map(|text| service::code_in(text)));
    let advice = code.and_then(crate::catalog::error_codes::error_code).map(|known| known.advice.to_owned());
    failure.help.extend(advice);
    failure
}

fn missing_failure(name: &str, missing: &[Missing]) -> Failure {
    let mut failure =
        Failure::not_ready(format!("solution `{name}` needs components that the environment does not have"));
    failure.details.extend(missing.iter().map(|missing| format!("missing: {missing}")));
    failure.missing = missing.to_vec();
    let mut owners: Vec<&str> = missing.iter().filter_map(|missing| missing.solution.as_deref()).collect();
    owners.sort_unstable();
    owners.dedup();
    failure.help.extend(owners.iter().map(|owner| format!("install or update solution `{owner}`, then run again")));
    failure
}

fn not_staged(name: &str, staged: &service::Staged) -> Failure {
    if !staged.missing.is_empty() {
        let mut failure = missing_failure(name, &staged.missing);
        failure.details.extend(staged.errors.iter().cloned());
        return failure;
    }
    let missing: Vec<Missing> = staged.errors.iter().flat_map(|text| service::missing_in(text)).collect();
    if !missing.is_empty() {
        return missing_failure(name, &missing);
    }
    let mut failure = Failure::new(FailureKind::Failed, format!("the environment refuses solution `{name}`"));
    failure.details.extend(staged.errors.iter().cloned());
    reading::interpret(&mut failure, &staged.errors);
    failure
}

fn server_failure(name: &str, error: ApiError) -> Failure {
    let missing = error.server().map(|server| service::missing_in(&server.message)).unwrap_or_default();
    if !missing.is_empty() {
        return missing_failure(name, &missing);
    }
    let Some(said) = error.server().map(ToString::to_string) else { return error.into() };
    let doing = error.doing().unwrap_or("go on").to_owned();
    let failure = Failure::from(error);
    reading::reworded(failure, &format!("cannot {doing}"), said)
}

/// `ComponentParameters`: the settings that are given along.
fn parameters(desired: &Desired, names: &[String]) -> Result<Vec<Value>, Failure> {
    desired.settings.iter().filter(|setting| names.contains(&setting.name)).map(parameter).collect()
}

fn parameter(setting: &Wanted) -> Result<Value, Failure> {
    let value = setting.to_send()?;
    Ok(match setting.kind {
        SettingKind::EnvironmentVariable => json!({
            "@odata.type": "Microsoft.Dynamics.CRM.environmentvariablevalue",
            "schemaname": setting.name,
            "value": value,
        }),
        SettingKind::ConnectionReference => json!({
            "@odata.type": "Microsoft.Dynamics.CRM.connectionreference",
            "connectionreferencelogicalname": setting.name,
            "connectorid": setting.connector,
            "connectionid": value,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_earlier_packages_can_bring_all_of_is_waited_for() {
        let missing = |owner: &str| Missing { component: "a_b".into(), solution: Some(owner.into()), needed_by: None };
        let comes = |owners: &[&str]| {
            let missing = owners.iter().map(|owner| missing(owner)).collect();
            comes_before(&service::Staged { missing, ..service::Staged::default() }, &["First"])
        };
        assert!(comes(&["First (1.0)"]) && comes(&["first"]));
        assert!(!comes(&["First (1.0)", "Absent (2.0)"]) && !comes(&["Absent"]) && !comes(&[]));
        let nobody = Missing { component: "a_b".into(), ..Missing::default() };
        assert!(!comes_before(&service::Staged { missing: vec![nobody], ..service::Staged::default() }, &["First"]));
    }
}
