//! `dvpack status`

use std::path::PathBuf;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::cli::accepted;
use crate::cli::allow_value::{AllowArgs, Values};
use crate::cli::document::{Document, Ending};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::plan::ChoiceArgs;
use crate::cli::report::{Account, Ended, ReportArgs};
use crate::cli::running;
use crate::cli::shell::Shell;
use crate::cli::stopped::located;
use crate::cli::target::{Here, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::accepted::{Accepted, Idle, List};
use crate::deploy::difference::{Check, Difference, compare};
use crate::deploy::report::junit;
use crate::deploy::session::Session;
use crate::deploy::{observed, report};

/// Show whether an environment still matches a bundle
///
/// Changes nothing. Exit code 0: it matches; 9: it differs.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    target: TargetArgs<Here>,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    allow: AllowArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Write all differences that `apply` does not fix to this file, to accept them with `--accepted FILE`; keeps the
    /// reasons that the file already has
    #[arg(long, value_name = "FILE")]
    write_accepted: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
}

/// Whether an environment is as a bundle says.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusDocument {
    /// The environment.
    environment: Url,
    /// The organization's name, where the environment says it.
    organization: Option<String>,
    /// One line.
    verdict: String,
    /// Everything that was looked at.
    checks: Vec<Check>,
    /// What differs from the bundle, and what mends it.
    differences: Vec<Difference>,
    /// What differs and is accepted.
    accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    idle: Vec<Idle>,
    /// What a person should look at, though nothing differs.
    warnings: Vec<String>,
    /// What keeps an apply from beginning.
    hindrance: Option<String>,
    /// How it ended.
    #[serde(skip)]
    ending: Ending,
}

impl Document for StatusDocument {
    const VERB: &'static str = "status";

    fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

/// Runs `dvpack status`.
pub fn run(args: StatusArgs, shell: &Shell) -> Result<Exit, Failure> {
    args.report.run(&args.target.name(), shell, || running::run(look(&args, shell)))
}

async fn look(args: &StatusArgs, shell: &Shell) -> Result<Ended<StatusDocument>, Failure> {
    let accepted = args.choice.accepted(None)?;
    let before = args.write_accepted.as_deref().map(accepted::replaceable).transpose()?;
    let mut session =
        args.target.session_with(Values::Compared(&args.allow), args.look.timeout, shell, &Voice::new(shell)).await?;
    let outcome = compared(args, accepted, before, &mut session, shell).await;
    located(&session, outcome).await
}

async fn compared(
    args: &StatusArgs,
    accepted: List,
    before: Option<List>,
    session: &mut Session,
    shell: &Shell,
) -> Result<Ended<StatusDocument>, Failure> {
    let seen = observed::observe(&session.client, &session.desired).await?;
    session.desired.accepted = accepted;
    let mut compared = compare(&session.desired, &seen, args.choice.options());
    if let (Some(path), Some(before)) = (&args.write_accepted, &before) {
        let list = List::of(compared.acceptable(), &[&session.desired.accepted, before]);
        accepted::write(path, &list)?;
        shell.status("wrote", &accepted::wrote(path, &list, before));
        // The verdict is that of the next run with this file.
        session.desired.accepted = list;
        compared = compare(&session.desired, &seen, args.choice.options());
    }
    // What prevents an apply is a difference, too; it must not hide the rest of the list.
    let hindrance = compared.hindrance();
    let same = compared.is_same() && hindrance.is_none();
    let organization = session.organization().await.and_then(|organization| organization.name);
    let place = report::place(&session.url, organization.as_deref());
    let text = report::comparison_text(&compared.checks, &compared.differences, shell.color());
    let mut text = format!("Status of {place}\n{text}");
    text.push_str(&report::accepted_text(&compared.accepted, &compared.idle, true, shell.color()));
    text.push_str(&report::warnings_text(&compared.notes, shell.color()));
    if let Some(failure) = &hindrance {
        text.push_str(&format!("  prevents an apply: {}\n", failure.message));
        text.extend(failure.details.iter().map(|detail| format!("    {detail}\n")));
        text.extend(failure.help.iter().map(|help| format!("    help: {help}\n")));
    }
    let verdict = match &hindrance {
        Some(failure) => format!("differs from the bundle, and `dvpack apply` cannot begin: {}", failure.message),
        None if same => format!("the environment matches the bundle{}", report::apart_from(compared.accepted.len())),
        None if compared.differences.iter().any(Difference::has_step) => {
            "differs from the bundle: `dvpack plan` shows what to do".into()
        }
        None => "differs from the bundle, and `dvpack apply` does not mend it; each difference names who can".into(),
    };
    text.push_str(&format!("{verdict}\n"));
    let notes = report::Notes { accepted: &compared.accepted, idle: &compared.idle, warnings: &compared.notes };
    let exit = if same { Exit::Done } else { Exit::Differs };
    let ending = Ending::of(exit, verdict.as_str()).help(report::advice(&compared.differences));
    let cases = junit::cases(&compared.checks, &compared.differences).into_iter();
    Ok(Ended {
        exit,
        text,
        account: Account {
            subject: place,
            verdict: verdict.clone(),
            cases: cases.chain(junit::notes(notes)).collect(),
            markdown: report::status_markdown(&compared.checks, &compared.differences, notes),
            sarif: None,
        },
        document: StatusDocument {
            environment: session.url.clone(),
            organization,
            verdict,
            checks: compared.checks,
            differences: compared.differences,
            accepted: compared.accepted,
            idle: compared.idle,
            warnings: compared.notes,
            hindrance: hindrance.map(|failure| failure.message),
            ending,
        },
    })
}
