//! `dvpack sign`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Sign a bundle
#[derive(Debug, Args)]
pub struct SignArgs {}

/// Runs `dvpack sign`.
pub fn run(_args: SignArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack sign` is not built yet"))
}
