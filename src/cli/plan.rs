//! `dvpack plan`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::cli::accepted;
use crate::cli::allow_value::{AllowArgs, Values};
use crate::cli::apply::PLAN_LIMIT;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::target::{self, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::accepted::List;
use crate::deploy::plan::{Mode, Options, Plan, plan};
use crate::deploy::{observed, report};
use crate::files;
use crate::secret;
use crate::text::harmless_json;

/// Show what `apply` would do in an environment
///
/// Reads the live environment and changes nothing. Exit code 0: nothing to do; 10: changes pending; 9: nothing to do, but
/// the environment differs from the bundle.
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    allow: AllowArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Save the plan, to be approved and then applied with `dvpack apply --plan FILE`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What a person may choose.
#[derive(Clone, Debug, Args)]
pub struct ChoiceArgs {
    /// How to import over an earlier version [default: upgrade]
    #[arg(long, value_enum)]
    mode: Option<ModeChoice>,
    /// Take other roles from the application user: those that the bundle does not declare
    #[arg(long)]
    only_declared_roles: bool,
    /// Differences that are accepted as they were found, such as `dvpack status --write-accepted FILE` writes them
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
}

/// How to import over an earlier version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeChoice {
    /// Remove what the new version no longer has
    Upgrade,
    /// Keep what the new version no longer has
    Update,
    /// Put the new version beside the old one; the next apply finishes the upgrade
    Stage,
}

impl ChoiceArgs {
    /// Whether the command line asks for roles to be taken away.
    #[must_use]
    pub fn takes_roles(&self) -> bool {
        self.only_declared_roles
    }

    /// What is accepted: by the file that was named, or in an approved plan. Both must say the same.
    pub fn accepted(&self, approved: Option<&Plan>) -> Result<List, Failure> {
        let list = self.accepted.as_deref().map(accepted::read).transpose()?;
        match (list, approved.map(|plan| &plan.consents.accepted)) {
            (Some(list), Some(approved)) if list != *approved => Err(accepted::changed()),
            (list, approved) => Ok(list.or_else(|| approved.cloned()).unwrap_or_default()),
        }
    }

    /// For planning.
    #[must_use]
    pub fn options(&self) -> Options {
        let mode = self.mode.map(|mode| match mode {
            ModeChoice::Upgrade => Mode::Upgrade,
            ModeChoice::Update => Mode::Update,
            ModeChoice::Stage => Mode::Stage,
        });
        Options { mode, only_declared_roles: self.only_declared_roles, ..Options::default() }
    }
}

/// What a plan that is not carried out ends with.
pub(super) fn exit(plan: &Plan) -> Exit {
    match (plan.is_same(), plan.is_empty()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Differs,
        (false, false) => Exit::Pending,
    }
}

/// Runs `dvpack plan`.
pub fn run(args: PlanArgs, shell: &Shell) -> Result<Exit, Failure> {
    target::run(async {
        let accepted = args.choice.accepted(None)?;
        let mut session = args
            .target
            .session_with(Values::Compared(&args.allow), args.look.timeout, shell, &Voice::new(shell))
            .await?;
        session.desired.accepted = accepted;
        let seen = observed::observe(&session.client, &session.desired).await?;
        let organization = session.organization().await;
        let plan = plan(&session.url, &session.desired, &seen, args.choice.options())?;
        let mut plan = plan.with_deletions(&session.client, &session.desired, &seen).await?;
        plan.organization_name = organization.as_ref().and_then(|organization| organization.name.clone());
        if let Some(path) = &args.output {
            // An approval is for one environment, also if its address should get another one some day.
            plan.organization = session.organization_id(organization.as_ref()).await?;
            let mut value = serde_json::to_value(&plan).unwrap_or_default();
            secret::hide_in(&mut value);
            let text = harmless_json(&format!("{value:#}"));
            let is_plan = |bytes: &[u8]| {
                serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|plan| plan.get("steps").is_some())
            };
            if !files::replaceable(path, PLAN_LIMIT, is_plan)? {
                let message = format!("`{}` is there already, and is no plan", path.display());
                return Err(Failure::new(Exit::Failed, message).help("move it away, or name another file"));
            }
            files::write(path, format!("{text}\n").as_bytes())?;
        }
        if shell.verbosity() > 0 {
            shell.result(&report::facts_text(&plan));
        }
        shell.summary(
            &format!(
                "# dvpack plan\n\nEnvironment: {}\n{}",
                report::place(&plan.environment, plan.organization_name.as_deref()),
                report::plan_markdown(&plan)
            ),
            None,
        );
        shell.result(&report::plan_text(&plan, shell.color()));
        shell.json(&json!({ "ok": true, "pending": !plan.is_empty(), "plan": plan }));
        Ok(exit(&plan))
    })
}
