//! `dvpack schema`

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::files;
use crate::manifest::schema;

/// Print the JSON Schema of the manifest
///
/// Editors that know YAML (such as VS Code with the YAML extension) use it to complete and explain
/// keys: put `# yaml-language-server: $schema=FILE` in the first line of the manifest.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Write it to a file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs `dvpack schema`.
pub fn run(args: SchemaArgs, shell: &Shell) -> Result<Exit, Failure> {
    let Some(path) = args.output else {
        shell.document(&schema::schema());
        return Ok(Exit::Done);
    };
    files::write(&path, schema::text().as_bytes())?;
    shell.status("Wrote", &path.display().to_string());
    Ok(Exit::Done)
}
