//! `dvpack pack`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Pack a folder in SolutionPackager layout into a solution zip
#[derive(Debug, Args)]
pub struct PackArgs {}

/// Runs `dvpack pack`.
pub fn run(_args: PackArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack pack` is not built yet"))
}
