//! Jobs of the environment: waiting for those that run, and following one's own to its end.

use std::time::Duration;

use uuid::Uuid;

use super::outcome::{Ended, judge};
use crate::dataverse::ApiError;
use crate::dataverse::async_operation::{self, Job, State};
use crate::dataverse::error::words;
use crate::dataverse::import_job;
use crate::deploy::desired::Package;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::meanwhile::is_there;
use crate::deploy::progress::{Context, Event, time_up};
use crate::deploy::step::Mode;

/// The first wait between two looks at a job, and the longest.
const POLL: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));
/// How often a job may be missing before it counts as vanished.
const VANISHED: u32 = 5;

/// Waits until no solution operation runs; whether there was one.
pub(super) async fn wait_for_others(context: Context<'_>) -> Result<bool, Failure> {
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

/// After a lost answer: `true` when the import turns out to be done, `false` when nothing of it can be seen.
pub(super) async fn settle(context: Context<'_>, package: &Package, mode: Mode) -> Result<bool, Failure> {
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
pub(super) async fn follow(
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
