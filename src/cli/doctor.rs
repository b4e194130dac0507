//! `dvpack doctor`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Tell in one screen whether `apply` would succeed
#[derive(Debug, Args)]
pub struct DoctorArgs {}

/// Runs `dvpack doctor`.
pub fn run(_args: DoctorArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack doctor` is not built yet"))
}
