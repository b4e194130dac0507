//! `dvpack status`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::accepted;
use crate::cli::allow_value::{AllowArgs, Values};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::plan::ChoiceArgs;
use crate::cli::shell::Shell;
use crate::cli::target::{self, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::accepted::List;
use crate::deploy::difference::{Difference, compare};
use crate::deploy::{observed, report};

/// Show whether an environment still is as a bundle says
///
/// Reads only. Exit code 0: it is; 9: it differs.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    allow: AllowArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Write all differences that `apply` does not mend to this file, to accept them with `--accepted FILE`; reasons that
    /// stand there already are kept
    #[arg(long, value_name = "FILE")]
    write_accepted: Option<PathBuf>,
}

/// Runs `dvpack status`.
pub fn run(args: StatusArgs, shell: &Shell) -> Result<Exit, Failure> {
    target::run(async {
        let accepted = args.choice.accepted(None)?;
        let before = args.write_accepted.as_deref().map(accepted::replaceable).transpose()?;
        let mut session = args
            .target
            .session_with(Values::Compared(&args.allow), args.look.timeout, shell, &Voice::new(shell))
            .await?;
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
        // What hinders an apply differs, too; it must not hide the rest of the list.
        let hindrance = compared.hindrance();
        let ok = compared.is_same() && hindrance.is_none();
        let organization = session.organization().await.and_then(|organization| organization.name);
        let place = report::place(&session.url, organization.as_deref());
        let text = report::comparison_text(&compared.checks, &compared.differences, shell.color());
        let mut text = format!("Status of {place}\n{text}");
        text.push_str(&report::accepted_text(&compared.accepted, &compared.idle, true, shell.color()));
        for note in &compared.notes {
            text.push_str(&format!("  warning: {note}\n"));
        }
        if let Some(failure) = &hindrance {
            text.push_str(&format!("  in the way of an apply: {}\n", failure.message));
            text.extend(failure.details.iter().map(|detail| format!("    {detail}\n")));
            text.extend(failure.help.iter().map(|help| format!("    help: {help}\n")));
        }
        let verdict = match (ok, compared.differences.iter().any(Difference::has_step)) {
            (true, _) => format!("as the bundle says{}\n", report::apart_from(compared.accepted.len())),
            (false, true) => "differs from the bundle: `dvpack plan` shows what to do\n".into(),
            (false, false) => {
                "differs from the bundle, and `dvpack apply` does not mend it: see above who can\n".into()
            }
        };
        text.push_str(&verdict);
        shell.result(&text);
        let hindrance = hindrance.map(|failure| failure.message);
        shell.json(&json!({
            "ok": ok, "environment": session.url, "organization": organization, "checks": compared.checks,
            "differences": compared.differences, "accepted": compared.accepted, "idle": compared.idle, "warnings": compared.notes, "hindrance": hindrance,
        }));
        Ok(if ok { Exit::Done } else { Exit::Differs })
    })
}
