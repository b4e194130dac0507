//! `dvpack plan`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Show what `apply` would do to an environment
#[derive(Debug, Args)]
pub struct PlanArgs {}

/// Runs `dvpack plan`.
pub fn run(_args: PlanArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack plan` is not built yet"))
}
