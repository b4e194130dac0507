//! `dvpack inspect`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Show what a bundle, a solution zip or a source folder holds
#[derive(Debug, Args)]
pub struct InspectArgs {}

/// Runs `dvpack inspect`.
pub fn run(_args: InspectArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack inspect` is not built yet"))
}
