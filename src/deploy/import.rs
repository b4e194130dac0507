//! Imports one solution; never starts twice, however the attempt before ended.

mod check;
mod outcome;

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::bundle::descriptor::SettingKind;
use crate::dataverse::ApiError;
use crate::dataverse::error::words;
use crate::dataverse::import::{self as service, Action as Start};
use crate::deploy::desired::{Desired, Package, Wanted};
use crate::deploy::failure::Failure;
use crate::deploy::job::{Goal, follow, settle, vanished, wait_for_others};
use crate::deploy::meanwhile::{self, Basis};
use crate::deploy::progress::{Context, Event};
use crate::deploy::reading;
use crate::deploy::step::Mode;
pub use check::{Checked, check, comes_before};
use outcome::{Ended, judge, not_staged, server_failure};

/// How often a start whose outcome is unknown may be followed by another one.
const STARTS: u32 = 3;

/// The state of the import of one solution.
enum State {
    /// The environment has not checked the package, or no longer has what was uploaded for that.
    Unchecked,
    /// It can start with what was uploaded; a staged upgrade needs nothing.
    Ready(Option<Uuid>),
    /// The server is working on it.
    Started(service::Started),
    /// The answer to the start was lost.
    Unknown(ApiError),
    /// Another operation holds the environment's lock.
    Locked,
    /// It is installed, with the server's warnings.
    Imported(Vec<String>),
}

/// The import of one solution.
struct Import<'a> {
    context: Context<'a>,
    basis: Basis<'a>,
    package: &'a Package,
    mode: Mode,
    parameters: Vec<Value>,
    /// How long it waited for the lock.
    locked_for: Duration,
    /// How often the answer to a start was lost.
    unknown: u32,
    /// Whether what was uploaded was gone once.
    lost: bool,
}

/// Imports a package, which usually has been checked already; returns the server's warnings.
///
/// # Errors
/// If the environment refuses the package, has changed since the plan, or the outcome is not known.
pub async fn import(
    context: Context<'_>,
    desired: &Desired,
    basis: Basis<'_>,
    package: &Package,
    (mode, settings): (Mode, &[String]),
    checked: Option<service::Staged>,
) -> Result<Vec<String>, Failure> {
    let mut import = Import {
        context,
        basis,
        package,
        mode,
        parameters: parameters(desired, settings)?,
        locked_for: Duration::ZERO,
        unknown: 0,
        lost: false,
    };
    let state = checked.map_or_else(|| import.anew(), |staged| State::Ready(staged.upload));
    let ended = import.run(state).await;
    reading::with_users(context.client, ended).await
}

impl Import<'_> {
    async fn run(&mut self, mut state: State) -> Result<Vec<String>, Failure> {
        loop {
            state = match state {
                State::Unchecked => self.check().await?,
                State::Ready(upload) => self.start(upload).await?,
                State::Started(started) => self.follow(started).await?,
                State::Unknown(error) => self.settle(error).await?,
                State::Locked => self.wait_for_lock().await?,
                State::Imported(warnings) => return Ok(warnings),
            };
        }
    }

    /// The beginning of an attempt: an upload serves one start.
    fn anew(&self) -> State {
        if self.mode == Mode::Promote { State::Ready(None) } else { State::Unchecked }
    }

    fn goal(&self) -> Goal<'_> {
        Goal::Import(self.package, self.mode)
    }

    async fn check(&self) -> Result<State, Failure> {
        let Self { context, package, .. } = *self;
        // Ours may be among them: killed runs leave their import running.
        wait_for_others(context).await?;
        if self.goal().is_reached(context).await? {
            return Ok(done_meanwhile(context));
        }
        let staged = service::stage(context.client, &package.zip).await?;
        if staged.passed { Ok(State::Ready(staged.upload)) } else { Err(not_staged(&package.solution.name, &staged)) }
    }

    async fn start(&mut self, upload: Option<Uuid>) -> Result<State, Failure> {
        let Self { context, package, mode, .. } = *self;
        wait_for_others(context).await?;
        // An import that ran while the environment was observed, or while this one was uploaded and checked, may have
        // ended before anybody looked for it; an upgrade that was finished since leaves nothing to promote.
        let look = meanwhile::look(context, package, mode).await?;
        if look.there {
            return Ok(done_meanwhile(context));
        }
        meanwhile::check(context, self.basis, (package, mode), &look).await?;
        context.progress.event(Event::JobStarting);
        let error = match self.send(upload).await {
            Ok(started) => return Ok(State::Started(started)),
            // It may be running: the job is not known to have ended.
            Err(error @ ApiError::Ambiguous { .. }) => return Ok(State::Unknown(error)),
            Err(error) => error,
        };
        context.progress.event(Event::JobEnded);
        if error.is_lock() {
            return Ok(State::Locked);
        }
        // The upload for the check is not kept forever.
        if error.is_absent() && !self.lost && mode != Mode::Promote {
            self.lost = true;
            return Ok(State::Unchecked);
        }
        Err(server_failure(&package.solution.name, error))
    }

    async fn send(&self, upload: Option<Uuid>) -> Result<service::Started, ApiError> {
        let client = self.context.client;
        let start = match self.mode {
            Mode::Promote => return service::promote(client, &self.package.solution.name).await,
            Mode::Upgrade => Start::Upgrade,
            Mode::Stage => Start::Hold,
            Mode::Install | Mode::Update => Start::Import,
        };
        service::start(client, start, upload, &self.package.zip, self.parameters.clone()).await
    }

    async fn follow(&self, started: service::Started) -> Result<State, Failure> {
        let ended = self.ended(&started).await.map_err(|mut failure| {
            failure.request_id = failure.request_id.or(started.request_id);
            failure
        })?;
        Ok(match ended {
            Ended::Imported(warnings) => State::Imported(warnings),
            Ended::Locked => State::Locked,
        })
    }

    async fn ended(&self, started: &service::Started) -> Result<Ended, Failure> {
        let (context, goal) = (self.context, self.goal());
        match follow(context, goal, started.job, started.import_job).await? {
            Some(ended) => judge(context, self.package, goal, &ended, started.import_job).await,
            None if goal.is_reached_by(context, started.job).await? => Ok(Ended::Imported(Vec::new())),
            None => Err(vanished(started.job)),
        }
    }

    async fn settle(&mut self, error: ApiError) -> Result<State, Failure> {
        let Some(error) = settle(self.context, self.goal(), error).await? else {
            return Ok(State::Imported(Vec::new()));
        };
        self.unknown += 1;
        if self.unknown >= STARTS {
            return Err(error.into());
        }
        Ok(self.anew())
    }

    async fn wait_for_lock(&mut self) -> Result<State, Failure> {
        let patience = self.context.client.patience();
        if self.locked_for + patience.lock_wait > patience.lock_total {
            return Err(Failure::not_ready("another solution operation holds the environment's lock")
                .detail(format!("waited {}", words(self.locked_for)))
                .help("see the solution history of the environment, and run again when it has ended"));
        }
        self.locked_for += patience.lock_wait;
        self.context.note("another solution operation is running in the environment; waiting for it");
        self.context.poll(patience.lock_wait, "another solution operation is still running").await?;
        Ok(self.anew())
    }
}

/// Somebody else's import, or that of a killed run, did the work.
fn done_meanwhile(context: Context<'_>) -> State {
    context.note("the solution was imported in the meantime");
    State::Imported(Vec::new())
}

/// `ComponentParameters`: the settings that are passed with the import.
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
