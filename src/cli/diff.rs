//! `dvpack diff`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Compare two manifests, bundles or solutions
#[derive(Debug, Args)]
pub struct DiffArgs {}

/// Runs `dvpack diff`.
pub fn run(_args: DiffArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack diff` is not built yet"))
}
