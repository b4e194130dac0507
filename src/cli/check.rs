//! `dvpack check`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Check a manifest and report every mistake at once
#[derive(Debug, Args)]
pub struct CheckArgs {}

/// Runs `dvpack check`.
pub fn run(_args: CheckArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack check` is not built yet"))
}
