//! `dvpack doctor`

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::target::{self, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::{doctor, report};

/// Say on one screen whether `apply` would succeed
///
/// Changes nothing; the solution is uploaded for the environment's own check of its dependencies.
/// Exit code 0: it would; 7: something is in the way.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// Runs `dvpack doctor`.
pub fn run(args: DoctorArgs, shell: &Shell) -> Result<Exit, Failure> {
    target::run(async {
        let session = args.target.session_within(args.look.timeout, shell, &Voice::new(shell)).await?;
        let checks = doctor::examine(session.context(), &session.url, &session.desired).await?;
        let ok = checks.iter().all(|check| check.ok);
        let verdict = if ok { "an apply should succeed" } else { "something is in the way of an apply" };
        let text = report::checks_text(&checks, shell.color()).replace("differs", "PROBLEM");
        shell.result(&format!("Signed in by {} to {}\n{text}{verdict}\n", session.signed_in, session.url));
        shell.json(&json!({ "ok": ok, "environment": session.url, "checks": checks }));
        Ok(if ok { Exit::Done } else { Exit::NotReady })
    })
}
