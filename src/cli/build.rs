//! `dvpack build`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Build the managed solution and the release bundle
#[derive(Debug, Args)]
pub struct BuildArgs {}

/// Runs `dvpack build`.
pub fn run(_args: BuildArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack build` is not built yet"))
}
