//! `dvpack completions`

use clap::{Args, Command};
use clap_complete::Shell as For;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell that the script is for
    #[arg(value_enum)]
    shell: For,
}

/// Runs `dvpack completions` for the whole command line.
pub fn run(args: CompletionsArgs, command: &mut Command, shell: &Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "dvpack", &mut script);
    shell.raw(&script);
    Ok(Exit::Done)
}
