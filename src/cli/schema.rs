//! `dvpack schema`

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::outputs;
use crate::cli::shell::Shell;
use crate::files;
use crate::manifest::schema;

/// Print the JSON Schema of the manifest, or of what a verb prints
///
/// Editors that know YAML (for example VS Code with the YAML extension) use it to complete and explain
/// keys: put `# yaml-language-server: $schema=FILE` in the first line of the manifest. With
/// `--output VERB`, prints the schema of that verb's `--format json` instead.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Print the schema of what this verb prints with `--format json`
    #[arg(long, value_name = "VERB", value_parser = PossibleValuesParser::new(outputs::verbs()))]
    output: Option<String>,
    /// Write to this file instead of stdout
    #[arg(short = 'o', long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs `dvpack schema`.
pub fn run(args: SchemaArgs, shell: &Shell) -> Result<Exit, Failure> {
    let schema = args.output.as_deref().map_or_else(schema::schema, outputs::schema);
    let Some(path) = args.file else {
        shell.document(&schema);
        return Ok(Exit::Done);
    };
    files::write(&path, format!("{schema:#}\n").as_bytes())?;
    shell.status("Wrote", &path.display().to_string());
    Ok(Exit::Done)
}
