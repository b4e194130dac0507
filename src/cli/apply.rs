//! `dvpack apply`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::plan::ChoiceArgs;
use crate::cli::shell::Shell;
use crate::cli::target::{self, Session, TargetArgs, interruptible};
use crate::deploy::plan::plan;
use crate::deploy::report::{self, Report};
use crate::deploy::{Plan, apply, observed};
use crate::files;

/// The largest plan that is read.
const PLAN_LIMIT: u64 = 4 << 20;

/// Apply a bundle to an environment, safely, again and again
///
/// Imports the solution, sets its settings, creates or adopts the application user and assigns its role, then reads
/// everything back. Running it again does nothing; after an interruption it goes on where it was.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Do not ask before changing the environment
    #[arg(short, long)]
    yes: bool,
    /// Only show the plan, as `dvpack plan` does
    #[arg(long)]
    dry_run: bool,
    /// Apply just this plan, and refuse if the environment has changed since it was made
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    plan: Option<PathBuf>,
    /// Stop waiting after this many minutes; the import goes on at the server
    #[arg(long, value_name = "MINUTES", default_value_t = 120)]
    timeout: u64,
    /// Write the result to a file; its ending decides the form: .md, .json, .xml (`JUnit`)
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Runs `dvpack apply`.
pub fn run(args: ApplyArgs, shell: &Shell) -> Result<Exit, Failure> {
    if let Some(path) = &args.report
        && form(path).is_none()
    {
        return Err(Failure::usage(format!("`{}` ends in none of .md, .json, .xml", path.display())));
    }
    target::run(async {
        let session = args.target.session(shell).await?;
        let mut report = Report {
            ok: false,
            verdict: String::new(),
            signed_in: session.signed_in.clone(),
            plan: None,
            verification: Vec::new(),
            warnings: Vec::new(),
            errors: Vec::new(),
            help: Vec::new(),
            request_id: None,
            requests: 0,
            writes: 0,
        };
        let outcome = work(&args, &session, shell, &mut report).await;
        (report.requests, report.writes) = session.client.requests();
        if let Err(failure) = &outcome {
            report.errors = failure.message.lines().map(|line| line.trim().to_owned()).collect();
            report.help.clone_from(&failure.help);
            report.verdict = "failed".into();
        }
        if let Some(path) = &args.report {
            write(path, &report)?;
        }
        let exit = outcome?;
        shell.result(&format!("{}\n", report.verdict));
        shell.json(&report);
        Ok(exit)
    })
}

async fn work(args: &ApplyArgs, session: &Session, shell: &Shell, report: &mut Report) -> Result<Exit, Failure> {
    let seen = observed::observe(&session.client, &session.desired).await?;
    let now = plan(&session.url, &session.desired, &seen, args.choice.options())?;
    if let Some(path) = &args.plan {
        let text = files::read_text(path, PLAN_LIMIT)?;
        let approved: Plan = serde_json::from_str(&text)
            .map_err(|error| Failure::new(Exit::Invalid, format!("`{}` is not a plan: {error}", path.display())))?;
        approved.check_approved(&now)?;
    }
    shell.result(&report::plan_text(&now, shell.color()));
    report.warnings.clone_from(&now.warnings);
    report.plan = Some(now.clone());
    if args.dry_run {
        report.ok = true;
        report.verdict =
            if now.is_empty() { "nothing to do".into() } else { format!("{} steps pending", now.steps.len()) };
        return Ok(if now.is_empty() { Exit::Done } else { Exit::Pending });
    }
    if !now.is_empty()
        && !args.yes
        && args.plan.is_none()
        && !session.in_sandbox
        && shell.can_ask()
        && !confirmed(shell, "Apply this plan?")
    {
        return Err(Failure::new(Exit::Interrupted, "not applied; nothing was changed"));
    }
    let context = session.context(Some(Duration::from_secs(args.timeout.saturating_mul(60))));
    let applied = interruptible(&session.voice, apply::apply(context, &session.desired, &now, &seen)).await?;
    shell.result(&format!("Verified in the environment\n{}", report::checks_text(&applied.checks, shell.color())));
    for warning in &applied.warnings {
        shell.status("warning", warning);
    }
    report.ok = applied.is_verified();
    report.warnings.extend(applied.warnings);
    report.verification = applied.checks;
    report.verdict = match (report.ok, applied.steps) {
        (true, 0) => "nothing to do: the environment is as the bundle says; no write was made".into(),
        (true, 1) => "applied and verified: 1 step".into(),
        (true, steps) => format!("applied and verified: {steps} steps"),
        (false, 0) => "nothing was changed, but the environment differs from the bundle".into(),
        (false, _) => "applied, but what was read back differs from the bundle".into(),
    };
    Ok(if report.ok { Exit::Done } else { Exit::Differs })
}

/// Asks; anything but yes is no.
pub fn confirmed(shell: &Shell, question: &str) -> bool {
    shell.say(&format!("{question} [y/N]"));
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).is_ok() && matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

fn form(path: &Path) -> Option<String> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    matches!(ending.as_str(), "md" | "json" | "xml").then_some(ending)
}

fn write(path: &Path, report: &Report) -> Result<(), Failure> {
    let text = match form(path).as_deref() {
        Some("md") => report.markdown(),
        Some("xml") => report.junit(),
        _ => format!("{}\n", serde_json::to_string_pretty(report).unwrap_or_default()),
    };
    Ok(files::write(path, text.as_bytes())?)
}
