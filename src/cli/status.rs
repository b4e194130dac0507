//! `dvpack status`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Show what is applied in an environment and what has drifted
#[derive(Debug, Args)]
pub struct StatusArgs {}

/// Runs `dvpack status`.
pub fn run(_args: StatusArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack status` is not built yet"))
}
