//! `dvpack plan`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::cli::accepted;
use crate::cli::allow_value::{AllowArgs, Values};
use crate::cli::document::{Document, Ending, value};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::report::{Account, Ended, ReportArgs, json};
use crate::cli::running;
use crate::cli::shell::Shell;
use crate::cli::stopped::located;
use crate::cli::target::{Here, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::accepted::{Accepted, Idle, List};
use crate::deploy::consent::Consents;
use crate::deploy::deletions::Deletion;
use crate::deploy::difference::Difference;
use crate::deploy::plan::{Mode, Options, Plan, Step, plan};
use crate::deploy::report::Notes;
use crate::deploy::report::junit::{self, Case, Outcome, deletion, different};
use crate::deploy::session::Session;
use crate::deploy::{observed, report};
use crate::files;

/// The largest plan that is read.
pub(super) const PLAN_LIMIT: u64 = 4 << 20;

/// Show what `apply` would do in an environment
///
/// Reads the live environment and changes nothing. Exit code 0: nothing to do; 10: changes pending; 9: nothing to do,
/// but the environment differs from the bundle.
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    target: TargetArgs<Here>,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    allow: AllowArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Save the plan, for approval and `dvpack apply --plan FILE`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
}

/// What an apply would do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanDocument {
    /// The environment.
    environment: Url,
    /// The organization's name, where the environment says it.
    organization: Option<String>,
    /// Whether there is something to do.
    pending: bool,
    /// What would be done, in this order.
    steps: Vec<Step>,
    /// What differs from the bundle, and what mends it.
    differences: Vec<Difference>,
    /// What differs and is accepted.
    accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    idle: Vec<Idle>,
    /// What an upgrade would delete.
    deletions: Vec<Deletion>,
    /// What a person should look at.
    warnings: Vec<String>,
    /// The whole plan, as `-o FILE` saves it.
    plan: Plan,
}

impl Document for PlanDocument {
    const VERB: &'static str = "plan";
    const ON_PAGE: bool = true;

    fn ending(&self) -> Ending {
        Ending::of(exit(&self.plan), verdict(&self.plan)).help(report::advice(&self.differences))
    }
}

/// What a person may choose.
#[derive(Clone, Debug, Args)]
pub struct ChoiceArgs {
    /// How to import over an earlier version [default: upgrade]
    #[arg(long, value_enum)]
    mode: Option<ModeChoice>,
    /// Remove roles from the application user that the bundle does not declare
    #[arg(long)]
    only_declared_roles: bool,
    /// Differences that are accepted as they were found: a file from `dvpack status --write-accepted FILE`
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
    /// Install the new version beside the old one; the next apply finishes the upgrade
    Stage,
}

impl ChoiceArgs {
    /// Whether the command line asks to remove roles.
    #[must_use]
    pub fn takes_roles(&self) -> bool {
        self.only_declared_roles
    }

    /// What is accepted, by the named file or the approved plan. If there are both, they must say the same.
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

/// The exit code of a plan that is not carried out.
pub(super) fn exit(plan: &Plan) -> Exit {
    match (plan.is_same(), plan.is_empty()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Differs,
        (false, false) => Exit::Pending,
    }
}

/// A plan that is not carried out, in one line.
pub(super) fn verdict(plan: &Plan) -> String {
    match exit(plan) {
        Exit::Pending if plan.steps.len() == 1 => "1 step pending".into(),
        Exit::Pending => format!("{} steps pending", plan.steps.len()),
        Exit::Differs => "nothing to do, but the environment differs from the bundle".into(),
        _ => "nothing to do".into(),
    }
}

/// Runs `dvpack plan`.
pub fn run(args: PlanArgs, shell: &Shell) -> Result<Exit, Failure> {
    args.report.run(&args.target.name(), shell, || running::run(make(&args, shell)))
}

async fn make(args: &PlanArgs, shell: &Shell) -> Result<Ended<PlanDocument>, Failure> {
    let accepted = args.choice.accepted(None)?;
    let mut session =
        args.target.session_with(Values::Compared(&args.allow), args.look.timeout, shell, &Voice::new(shell)).await?;
    session.desired.accepted = accepted;
    let outcome = planned(args, &session, shell).await;
    located(&session, outcome).await
}

async fn planned(args: &PlanArgs, session: &Session, shell: &Shell) -> Result<Ended<PlanDocument>, Failure> {
    let seen = observed::observe(&session.client, &session.desired).await?;
    let organization = session.organization().await;
    let plan = plan(&session.url, &session.desired, &seen, args.choice.options())?;
    let mut plan = plan.with_deletions(&session.client, &session.desired, &seen).await?;
    plan.organization_name = organization.as_ref().and_then(|organization| organization.name.clone());
    if let Some(path) = &args.output {
        // An approval is for one environment, even if its address belongs to another one some day.
        plan.organization = session.organization_id(organization.as_ref()).await?;
        let is_plan = |bytes: &[u8]| {
            serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|plan| plan.get("steps").is_some())
        };
        if !files::replaceable(path, PLAN_LIMIT, is_plan)? {
            let message = format!("`{}` already exists and is not a plan", path.display());
            return Err(Failure::new(Exit::Failed, message).help("move it away, or name another file"));
        }
        files::write(path, json(&value(&plan)).as_bytes())?;
        shell.status("wrote", &format!("the plan to {}", path.display()));
    }
    if shell.verbosity() > 0 {
        shell.result(&report::facts_text(&plan));
    }
    let place = report::place(&plan.environment, plan.organization_name.as_deref());
    let steps = plan.steps.iter().map(|step| Case::new(&step.what, Outcome::Skipped(format!("due: {}", step.why))));
    let notes = Notes { accepted: &plan.accepted, idle: &plan.idle, warnings: &plan.warnings };
    let deletions = plan.deletions.iter().map(|it| deletion(it, false));
    Ok(Ended {
        exit: exit(&plan),
        text: report::plan_text(&plan, &Consents::default(), shell.color()),
        account: Account {
            subject: place,
            verdict: verdict(&plan),
            cases: steps.chain(deletions).chain(plan.remaining().map(different)).chain(junit::notes(notes)).collect(),
            markdown: report::plan_markdown(&plan, &Consents::default()),
            sarif: None,
        },
        document: PlanDocument {
            environment: plan.environment.clone(),
            organization: plan.organization_name.clone(),
            pending: !plan.is_empty(),
            steps: plan.steps.clone(),
            differences: plan.differences.clone(),
            accepted: plan.accepted.clone(),
            idle: plan.idle.clone(),
            deletions: plan.deletions.clone(),
            warnings: plan.warnings.clone(),
            plan,
        },
    })
}
