//! `dvpack apply`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::allow_value::{AllowArgs, Values};
use crate::cli::document::{Document, Ending, value, whole};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::plan::{ChoiceArgs, PLAN_LIMIT, exit as plan_exit, verdict as plan_verdict};
use crate::cli::question;
use crate::cli::report::{ReportArgs, Reports, unwritten_only};
use crate::cli::running::{self, duration, interruptible};
use crate::cli::shell::Shell;
use crate::cli::stopped;
use crate::cli::target::{Named, TargetArgs};
use crate::cli::voice::Voice;
use crate::clock;
use crate::deploy::consent::Consents;
use crate::deploy::plan::plan;
use crate::deploy::report::junit::Suite;
use crate::deploy::report::{self, Report};
use crate::deploy::session::Session;
use crate::deploy::{Agreed, Plan, apply, observed};
use crate::diagnostic::Diagnostic;
use crate::files;

/// Apply a bundle to an environment; safe to run again
///
/// Reads the environment first; then creates or adopts the application user, imports the solution, sets its settings,
/// assigns the role, and verifies the result. It is idempotent: a second run changes nothing, and a run after an
/// interruption continues where the first one stopped.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    target: TargetArgs<Named>,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    allow: AllowArgs,
    /// Do not ask before changing the environment; required without a terminal, except with --plan or --sandbox
    #[arg(short, long)]
    yes: bool,
    /// Let upgrades delete what the new version no longer has (`--yes` does not allow it)
    #[arg(long)]
    allow_delete: bool,
    /// Only show the plan, as `dvpack plan` does
    #[arg(long)]
    dry_run: bool,
    /// Apply exactly this plan; refuse if the environment has changed since it was made
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    plan: Option<PathBuf>,
    /// Stop waiting after this time, for example 90s, 30m or 2h (a number alone is seconds); the import continues on
    /// the server
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = duration)]
    timeout: Duration,
    /// If admin consent to the package's application is missing, print the link and wait this long for it, for example
    /// 5m (a number alone is seconds)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    wait_for_consent: Option<Duration>,
    #[command(flatten)]
    report: ReportArgs,
}

impl ApplyArgs {
    /// Whether somebody has to agree to the plan.
    fn asks(&self) -> bool {
        !self.yes && !self.dry_run && self.plan.is_none() && !self.target.is_sandbox()
    }
}

/// The outcome of an apply.
#[derive(Serialize, JsonSchema)]
pub struct ApplyDocument {
    #[serde(flatten)]
    report: Report,
    /// How it ended.
    #[serde(skip)]
    ending: Ending,
}

impl Document for ApplyDocument {
    const VERB: &'static str = "apply";

    fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

/// The verdict of a run whose question was answered with no.
const NOT_APPLIED: &str = "not applied";

/// Nobody can agree to the plan.
fn unattended() -> Failure {
    let help = "add `--yes`, or `--plan FILE` with a plan that somebody has approved (`dvpack plan -o FILE`)";
    question::nobody(NOT_APPLIED, help)
}

/// Runs `dvpack apply`.
pub fn run(args: ApplyArgs, shell: &Shell) -> Result<Exit, Failure> {
    args.report.check("apply")?;
    let voice = Voice::new(shell);
    let mut report = Report::default();
    let started = clock::now();
    // Checked first: how a run ends must not depend on what there is to do.
    let outcome = if args.asks() && !shell.can_ask() {
        Err(unattended())
    } else {
        running::run(interruptible(&voice, work(&args, &voice, shell, &mut report)))
    };
    report.steps = voice.ran();
    if let Err(failure) = &outcome {
        report.verdict = if failure.exit == Exit::Interrupted { "interrupted" } else { "failed" }.into();
        report.errors = vec![failure.headline()];
        report.errors.extend(failure.details.iter().cloned());
        report.errors.extend(failure.findings.iter().map(ToString::to_string));
        report.diagnostics = failure.findings.iter().map(Diagnostic::to_record).collect();
        report.help.clone_from(&failure.help);
        report.missing.clone_from(&failure.missing);
        report.request_id.clone_from(&failure.request_id);
    }
    let mut suite = Suite { seconds: clock::since(started).as_secs_f64(), ..report.suite() };
    if suite.name.is_empty() {
        suite.name = args.target.name();
    }
    let ending = match &outcome {
        Ok(exit) => Ending::of(*exit, report.verdict.as_str()).help(report::advice(&report.differences)),
        Err(failure) => Ending::failed(failure),
    };
    let (markdown, verdict) = (report.markdown(), report.verdict.clone());
    let document = ApplyDocument { report, ending };
    let reports = Reports { suite, markdown, document: value(&whole(&document)), sarif: None };
    // A report that cannot be written must not hide how the work ended.
    let unwritten = args.report.publish(&reports, true, shell);
    match outcome {
        Ok(exit) => {
            shell.result(&format!("{verdict}\n"));
            shell.json(&document);
            unwritten.split_first().map_or(Ok(exit), |(first, more)| Err(unwritten_only(exit, first, more)))
        }
        Err(mut failure) => {
            failure.details.extend(unwritten);
            failure.document = Some(Box::new(reports.document));
            Err(failure)
        }
    }
}

async fn work(args: &ApplyArgs, voice: &Arc<Voice>, shell: &Shell, report: &mut Report) -> Result<Exit, Failure> {
    let approved = args.plan.as_deref().map(read_plan).transpose()?;
    let accepted = args.choice.accepted(approved.as_ref())?;
    let values =
        if args.dry_run { Values::Compared(&args.allow) } else { Values::Needed(&args.allow, approved.as_ref()) };
    let mut session = args.target.session_with(values, args.timeout, shell, voice).await?;
    session.desired.accepted = accepted;
    report.environment = Some(session.url.clone());
    report.signed_in.clone_from(&session.signed_in);
    let result = reconcile(args, approved.as_ref(), &session, shell, report).await;
    if let Err(failure) = &result
        && report.organization.is_none()
    {
        report.organization = stopped::organization(&session, failure).await;
    }
    (report.requests, report.writes) = session.client.requests();
    result
}

async fn reconcile(
    args: &ApplyArgs,
    approved: Option<&Plan>,
    session: &Session,
    shell: &Shell,
    report: &mut Report,
) -> Result<Exit, Failure> {
    let seen = observed::observe(&session.client, &session.desired).await?;
    let mut options = args.choice.options();
    options.wait_for_consent = args.wait_for_consent.unwrap_or_default();
    let options = approved.map_or(options, |approved| approved.options(options));
    let organization = session.organization().await;
    report.organization = organization.as_ref().and_then(|organization| organization.name.clone());
    let now = plan(&session.url, &session.desired, &seen, options)?;
    let mut now = now.with_deletions(&session.client, &session.desired, &seen).await?;
    now.organization_name.clone_from(&report.organization);
    if let Some(approved) = approved {
        now.organization = session.organization_id(organization.as_ref()).await?;
        approved.check_approved(&now)?;
    }
    if shell.verbosity() > 0 {
        shell.result(&report::facts_text(&now));
    }
    report.given = given(args, approved, &now);
    shell.result(&report::plan_text(&now, &report.given, shell.color()));
    report.warnings.clone_from(&now.warnings);
    report.plan = Some(now.clone());
    if args.dry_run {
        report.verdict = plan_verdict(&now);
        let exit = plan_exit(&now);
        report.differences = now.differences;
        report.accepted = now.accepted;
        report.idle = now.idle;
        return Ok(exit);
    }
    let agreed = agreed(args, approved, &now, shell).await?;
    agreed.covers(&session.desired, &now)?;
    if !now.is_empty() && args.asks() {
        match question::confirmed(shell, "Apply this plan?").await {
            Some(true) => {}
            Some(false) => return Err(question::declined(NOT_APPLIED)),
            None => return Err(unattended()),
        }
    }
    let applied = apply::apply(session.context(), &session.desired, &now, &seen, options, agreed).await?;
    let read_back = report::read_back_text(&applied, &now, shell.verbosity() > 0, shell.color());
    shell.result(&format!("Verified in the environment\n{read_back}"));
    for warning in &applied.warnings {
        shell.status("warning", warning);
    }
    let verified = applied.is_verified();
    report.warnings.extend(applied.warnings);
    report.verification = applied.checks;
    report.differences = applied.differences;
    let apart = report::apart_from(applied.accepted.len());
    report.accepted = applied.accepted;
    report.idle = applied.idle;
    report.verdict = match (verified, applied.steps) {
        (true, 0) => format!("nothing to do: the environment matches the bundle{apart}; no write was made"),
        (true, 1) => format!("applied and verified{apart}: 1 step"),
        (true, steps) => format!("applied and verified{apart}: {steps} steps"),
        (false, 0) => "nothing was changed: the environment differs from the bundle, and `dvpack apply` does not mend it; each difference names who can".into(),
        (false, _) => "applied, but what was read back differs from the bundle; each difference names who can mend it".into(),
    };
    Ok(if verified { Exit::Done } else { Exit::Differs })
}

/// What flags and an approved plan agree to. Without consent to the values of the machine and to another environment
/// the session would not be open; the sandbox needs none.
fn agreed_before<'a>(args: &ApplyArgs, approved: Option<&'a Plan>) -> Agreed<'a> {
    Agreed { approved, other_environment: true, roles_taken: args.choice.takes_roles(), deletions: args.allow_delete }
}

/// The consents of a plan that need not be asked for.
fn given(args: &ApplyArgs, approved: Option<&Plan>, now: &Plan) -> Consents {
    if args.dry_run {
        return Consents::default();
    }
    let agreed = agreed_before(args, approved);
    let mut given = now.consents.clone();
    if agreed.covers_roles(now).is_err() {
        given.roles_taken.clear();
    }
    if agreed.covers_deletions(now).is_err() {
        given.deletions.clear();
    }
    given
}

/// What somebody has agreed to: by flags, by an approved plan, or now, at the terminal. `deploy` decides whether that
/// is enough.
async fn agreed<'a>(
    args: &ApplyArgs,
    approved: Option<&'a Plan>,
    now: &Plan,
    shell: &Shell,
) -> Result<Agreed<'a>, Failure> {
    let mut agreed = agreed_before(args, approved);
    if agreed.covers_roles(now).is_err() {
        let taken: Vec<String> = now.taken_roles().iter().map(|name| format!("`{name}`")).collect();
        let question = format!("Take {} away from the application user?", taken.join(", "));
        agreed.roles_taken = answered(question::confirmed(shell, &question).await)?;
        agreed.covers_roles(now)?;
    }
    if approved.is_none() && agreed.covers_deletions(now).is_err() {
        for (solution, words) in now.deleting() {
            let question = format!("The upgrade of solution `{solution}` {words}. It cannot be undone.");
            agreed.deletions = answered(question::named(shell, &question, solution).await)?;
            agreed.covers_deletions(now)?;
        }
    }
    Ok(agreed)
}

/// Whether somebody agreed. If nobody could be asked, nobody did.
fn answered(answer: Option<bool>) -> Result<bool, Failure> {
    match answer {
        Some(false) => Err(question::declined(NOT_APPLIED)),
        answer => Ok(answer.is_some()),
    }
}

fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let text = files::read_text(path, PLAN_LIMIT)?;
    Plan::parse(&text).map_err(|failure| {
        let mut failure = Failure::from(failure);
        failure.message = format!("`{}` is {}", path.display(), failure.message);
        failure
    })
}
