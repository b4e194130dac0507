//! `dvpack consent`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Print or open the admin consent link, and wait for the answer
#[derive(Debug, Args)]
pub struct ConsentArgs {}

/// Runs `dvpack consent`.
pub fn run(_args: ConsentArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack consent` is not built yet"))
}
