//! `dvpack verify`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Check that a bundle is whole and unchanged, offline
#[derive(Debug, Args)]
pub struct VerifyArgs {}

/// Runs `dvpack verify`.
pub fn run(_args: VerifyArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack verify` is not built yet"))
}
