//! `dvpack status`

use clap::Args;
use serde_json::json;

use crate::cli::allow_value::{AllowArgs, Values};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::target::{self, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::plan::{Options, plan};
use crate::deploy::verify::{beyond, verify};
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
}

/// Runs `dvpack status`.
pub fn run(args: StatusArgs, shell: &Shell) -> Result<Exit, Failure> {
    target::run(async {
        let session = args
            .target
            .session_with(Values::Compared(&args.allow), args.look.timeout, shell, &Voice::new(shell))
            .await?;
        let seen = observed::observe(&session.client, &session.desired).await?;
        let mut checks = verify(&session.desired, &seen, &[]);
        checks.extend(beyond(&session.desired, &seen));
        // What hinders an apply is drift, too; it must not hide the rest of the list.
        let (warnings, hindrance) = match plan(&session.url, &session.desired, &seen, Options::default()) {
            Ok(plan) => (plan.warnings, None),
            Err(failure) => (Vec::new(), Some(failure)),
        };
        let ok = checks.iter().all(|check| check.ok) && hindrance.is_none();
        let organization = session.organization().await.and_then(|organization| organization.name);
        let place = report::place(&session.url, organization.as_deref());
        let mut text = format!("Status of {place}\n{}", report::checks_text(&checks, shell.color()));
        for warning in &warnings {
            text.push_str(&format!("  warning: {warning}\n"));
        }
        if let Some(failure) = &hindrance {
            text.push_str(&format!("  in the way of an apply: {}\n", failure.message));
            text.extend(failure.details.iter().map(|detail| format!("    {detail}\n")));
            text.extend(failure.help.iter().map(|help| format!("    help: {help}\n")));
        }
        text.push_str(if ok {
            "as the bundle says\n"
        } else {
            "differs from the bundle: `dvpack plan` shows what to do\n"
        });
        shell.result(&text);
        let hindrance = hindrance.map(|failure| failure.message);
        shell.json(&json!({
            "ok": ok, "environment": session.url, "organization": organization, "checks": checks, "warnings": warnings,
            "hindrance": hindrance,
        }));
        Ok(if ok { Exit::Done } else { Exit::Differs })
    })
}
