//! Jobs of solution operations: waits for those that already run, and follows those of this run to their end.
//!
//! One follower for imports, staged upgrades and removals. A job continues on the server whether anybody can look at it
//! or not: if it can no longer be seen, its end is unknown, and the message names the job.

use std::time::Duration;

use uuid::Uuid;

use crate::dataverse::async_operation::{self, Job, State};
use crate::dataverse::error::words;
use crate::dataverse::{ApiError, import_job, solution};
use crate::deploy::desired::Package;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::meanwhile::{self, Look};
use crate::deploy::progress::{Context, Event, time_up};
use crate::deploy::step::Mode;

/// The first wait between two looks at a job, and the longest.
const POLL: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));
/// How often a job may be missing, or a look at it may fail, before that counts.
const GRACE: u32 = 5;
/// How often it checks what became of a lost start.
const LOOKS: u32 = 4;
const AGAIN: &str = "run the same command again: it waits for what is running, and does not start it twice";

/// The goal of a solution operation. Whether it is reached can be read in the environment.
#[derive(Clone, Copy, Debug)]
pub enum Goal<'a> {
    /// The package is installed (or staged).
    Import(&'a Package, Mode),
    /// The solution with this name is gone.
    Removal(&'a str),
}

impl Goal<'_> {
    /// The operation in words.
    fn words(self) -> &'static str {
        match self {
            Self::Import(..) => "the import",
            Self::Removal(_) => "the removal",
        }
    }

    /// Whether it is reached by now.
    pub async fn is_reached(self, context: Context<'_>) -> Result<bool, ApiError> {
        match self {
            Self::Import(package, mode) => {
                let Look { there, .. } = meanwhile::look(context, package, mode).await?;
                Ok(there)
            }
            Self::Removal(name) => Ok(solution::find(context.client, &[name], true).await?.is_empty()),
        }
    }

    /// The same where `job` was to reach it and has ended, or vanished: what cannot be read is unknown, and has not
    /// failed.
    pub async fn is_reached_by(self, context: Context<'_>, job: Uuid) -> Result<bool, Failure> {
        self.is_reached(context).await.map_err(|error| self.unread(error, job))
    }

    /// The job has ended, and how cannot be read.
    pub fn unread(self, error: ApiError, job: Uuid) -> Failure {
        unknown(error, format!("{} (job {job}) has ended, and how it ended cannot be read", self.words()))
    }
}

/// Something about a job cannot be read; that says nothing about the job.
fn unknown(error: ApiError, of_job: String) -> Failure {
    let mut failure = Failure::from(error);
    failure.kind = FailureKind::Inconclusive;
    failure.may_be_done = true;
    failure.details.push(of_job);
    failure.help(AGAIN)
}

/// Waits until no solution operation runs; returns whether there was one.
pub async fn wait_for_others(context: Context<'_>) -> Result<bool, Failure> {
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
        context.poll(wait, &format!("{} still runs on the server", told(job))).await?;
        waited += wait;
        wait = (wait * 2).min(POLL.1);
    }
}

fn told(job: &Job) -> String {
    format!("`{}` ({})", job.message_name, job.id)
}

/// After the answer to a start was lost: nothing where the work turns out to be done, and the loss again where nothing
/// of the work can be seen. Where that cannot be found out, the outcome stays unknown.
pub async fn settle(context: Context<'_>, goal: Goal<'_>, lost: ApiError) -> Result<Option<ApiError>, Failure> {
    context.note(format!("the answer to the start of {} was lost; looking whether it runs", goal.words()));
    let look = async {
        let mut wait = POLL.0;
        for _ in 0..LOOKS {
            context.wait(wait, &format!("whether {} runs is not known", goal.words())).await?;
            wait = (wait * 2).min(POLL.1);
            wait_for_others(context).await?;
            // The job that it waited for may not be the one that was started.
            context.progress.event(Event::JobStarting);
            if goal.is_reached(context).await? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    match look.await {
        Ok(done) => {
            context.progress.event(Event::JobEnded);
            Ok((!done).then_some(lost))
        }
        Err(failure) => Err(Failure::looked_in_vain(lost, failure)),
    }
}

/// Follows a job to its end; `None` where it has vanished.
pub async fn follow(
    context: Context<'_>,
    goal: Goal<'_>,
    job: Uuid,
    import_job: Option<Uuid>,
) -> Result<Option<Job>, Failure> {
    context.progress.event(Event::JobStarted(job));
    let running = format!("{} (job {job}) still runs on the server", goal.words());
    let mut wait = POLL.0;
    let (mut missing, mut failed) = (0, 0);
    let ended = loop {
        match async_operation::read(context.client, job).await {
            Ok(Some(found)) if found.state != State::Running => break Some(found),
            Ok(Some(_)) => {
                failed = 0;
                if let Some(id) = import_job
                    && let Ok(Some(percent)) = import_job::progress(context.client, id).await
                {
                    context.progress.event(Event::Importing(percent.clamp(0.0, 100.0)));
                }
            }
            Ok(None) if missing + 1 < GRACE => missing += 1,
            Ok(None) => break None,
            Err(error) if failed + 1 < GRACE && error.server().is_some_and(|server| server.status >= 500) => {
                failed += 1;
            }
            Err(ApiError::TimeUp { .. }) => return Err(still_running(time_up(&running))),
            Err(error) => {
                return Err(unknown(error, format!("{} (job {job}) may still run on the server", goal.words())));
            }
        }
        context.poll(wait, &running).await.map_err(still_running)?;
        wait = (wait * 3 / 2).min(POLL.1);
    };
    context.progress.event(Event::JobEnded);
    Ok(ended)
}

fn still_running(failure: Failure) -> Failure {
    Failure { may_be_done: true, ..failure }
}

/// A job has vanished without reaching its goal.
pub fn vanished(job: Uuid) -> Failure {
    let failure = Failure::new(FailureKind::Inconclusive, format!("job {job} has vanished from the server"));
    still_running(failure).help("see the solution history of the environment, and run the same command again")
}
