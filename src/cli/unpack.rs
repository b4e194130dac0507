//! `dvpack unpack`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Unpack a solution zip into a folder in SolutionPackager layout
#[derive(Debug, Args)]
pub struct UnpackArgs {}

/// Runs `dvpack unpack`.
pub fn run(_args: UnpackArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack unpack` is not built yet"))
}
