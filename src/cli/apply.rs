//! `dvpack apply`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Apply a bundle to an environment, safely, again and again
#[derive(Debug, Args)]
pub struct ApplyArgs {}

/// Runs `dvpack apply`.
pub fn run(_args: ApplyArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack apply` is not built yet"))
}
