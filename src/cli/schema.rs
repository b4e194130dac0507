//! `dvpack schema`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Print the JSON Schema of the manifest
#[derive(Debug, Args)]
pub struct SchemaArgs {}

/// Runs `dvpack schema`.
pub fn run(_args: SchemaArgs, _shell: &Shell) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "`dvpack schema` is not built yet"))
}
