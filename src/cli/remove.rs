//! `dvpack remove`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Undo what `apply` did, and only that
#[derive(Debug, Args)]
pub struct RemoveArgs {}

/// Runs `dvpack remove`.
pub fn run(_args: RemoveArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack remove` is not built yet"))
}
