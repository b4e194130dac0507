//! `dvpack init`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Write a new manifest
#[derive(Debug, Args)]
pub struct InitArgs {}

/// Runs `dvpack init`.
pub fn run(_args: InitArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack init` is not built yet"))
}
