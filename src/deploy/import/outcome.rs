//! How an import ended, and why it failed: the root cause first.

use std::time::Duration;

use uuid::Uuid;

use crate::dataverse::async_operation::{Job, State};
use crate::dataverse::import::{self as service, Missing, Outcome};
use crate::dataverse::import_job::{self, Findings};
use crate::dataverse::{ApiError, Client};
use crate::deploy::desired::Package;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::job::Goal;
use crate::deploy::progress::Context;
use crate::deploy::reading;

/// How an import ended.
pub(super) enum Ended {
    /// With these warnings.
    Imported(Vec<String>),
    /// Another operation holds the lock: nothing was done.
    Locked,
}

/// The job's own state does not prove success: the result's status does, or the installed version.
pub(super) async fn judge(
    context: Context<'_>,
    package: &Package,
    goal: Goal<'_>,
    job: &Job,
    import_job: Option<Uuid>,
) -> Result<Ended, Failure> {
    let name = &package.solution.name;
    if job.state != State::Succeeded {
        if job.was_locked_out() {
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
            let result = service::result(context.client, id).await;
            if let Some(found) = result.map_err(|error| goal.unread(error, job.id))? {
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
        if !known && goal.is_reached_by(context, job.id).await? {
            return Ok(Ended::Imported(Vec::new()));
        }
    }
    let log = match import_job {
        // A log that cannot be read must not hide the failure itself.
        Some(id) => {
            let look = async |client: &Client| import_job::findings(client, id).await.ok().flatten();
            reading::briefly(context.client, look).await.unwrap_or_default()
        }
        None => Findings::default(),
    };
    let mut texts: Vec<String> = job.message.iter().cloned().collect();
    texts.extend(outcome.errors);
    Err(import_failure(name, &texts, &log, job.code))
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

pub(super) fn not_staged(name: &str, staged: &service::Staged) -> Failure {
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

pub(super) fn server_failure(name: &str, error: ApiError) -> Failure {
    let missing = error.server().map(|server| service::missing_in(&server.message)).unwrap_or_default();
    if !missing.is_empty() {
        return missing_failure(name, &missing);
    }
    let Some(said) = error.server().map(ToString::to_string) else { return error.into() };
    let doing = error.doing().unwrap_or("go on").to_owned();
    let failure = Failure::from(error);
    reading::reworded(failure, &format!("cannot {doing}"), said)
}
