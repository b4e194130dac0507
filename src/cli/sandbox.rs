//! `dvpack sandbox`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Run a stand-in for Entra ID and Dataverse on this machine
#[derive(Debug, Args)]
pub struct SandboxArgs {}

/// Runs `dvpack sandbox`.
pub fn run(_args: SandboxArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack sandbox` is not built yet"))
}
