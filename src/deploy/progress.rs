//! What a run reports while it works, and how it waits.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::dataverse::Client;
use crate::deploy::failure::{Failure, FailureKind};
use crate::http::retry::LONGER;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A step begins.
    Step {
        /// From 1 on.
        number: usize,
        /// How many there are.
        of: usize,
        /// In words.
        what: String,
    },
    /// A step has ended, successfully or not.
    StepEnded(Ran),
    /// Worth a line.
    Note(String),
    /// The run waits for an earlier job.
    Watching(Uuid),
    /// The start of a job is being sent: from now on it may be running on the server.
    JobStarting,
    /// The server is working on a job; it continues there even if this program stops.
    JobStarted(Uuid),
    /// How far the import is, in percent.
    Importing(f64),
    /// The job has ended.
    JobEnded,
}

/// A step that was carried out, or tried.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ran {
    /// In words, as the plan has it.
    pub what: String,
    /// How long it took.
    pub seconds: f64,
    /// Whether it was carried out.
    pub done: bool,
}

/// Receives what happens.
pub trait Progress: Send + Sync {
    /// Called for each event.
    fn event(&self, event: Event);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: Event) {}
}

/// What every step needs.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The environment.
    pub client: &'a Client,
    /// Who listens.
    pub progress: &'a dyn Progress,
}

impl Context<'_> {
    /// Reports an event.
    pub fn note(&self, text: impl Into<String>) {
        self.progress.event(Event::Note(text.into()));
    }

    /// Sleeps, or fails when time is up. `running` says what still continues then.
    pub async fn wait(&self, duration: Duration, running: &str) -> Result<(), Failure> {
        self.client.time().pause(duration).await.map_err(|_| time_up(running))
    }

    /// Sleeps until the next look at what continues without this program: shorter if time is nearly up, so that what
    /// ends before that is seen.
    pub async fn poll(&self, duration: Duration, running: &str) -> Result<(), Failure> {
        self.client.time().poll(duration).await.map_err(|_| time_up(running))
    }
}

/// Time is up while something still continues.
#[must_use]
pub fn time_up(running: &str) -> Failure {
    Failure::new(FailureKind::Inconclusive, format!("time is up; {running}"))
        .help("run the same command again: it waits for what is running, and does not start it twice")
        .help(LONGER)
}
