//! `dvpack init`

use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::adopt;
use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::question;
use crate::cli::role_from;
use crate::cli::shell::Shell;
use crate::diagnostic::{Source, has_errors};
use crate::files;
use crate::manifest::package::application::PLACEHOLDER;
use crate::manifest::starter::{self, Answers, PLACEHOLDER_CLIENT_ID};
use crate::manifest::{self, FILE_NAME, Request};

/// Write a manifest to start from
///
/// At a terminal, asks for what is not given; otherwise uses sensible defaults.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to write the manifest to
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// How much the manifest contains
    #[arg(long, value_enum, default_value_t)]
    template: Template,
    /// The solution's unique name [default: made from the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// The publisher's unique name
    #[arg(long)]
    publisher: Option<String>,
    /// The publisher's prefix, 2 to 8 letters and digits [default: made from the publisher]
    #[arg(long)]
    prefix: Option<String>,
    /// The application (client) ID of the app registration
    #[arg(long, value_name = "GUID")]
    client_id: Option<String>,
    /// Copy the roles of an exported solution, as the shortest grants that give the same privileges
    #[arg(long, value_name = "ZIP|DIR")]
    role_from: Option<PathBuf>,
    /// With --role-from: copy only the role with this name
    #[arg(long, value_name = "NAME", requires = "role_from")]
    role: Option<String>,
    /// Adopt a whole solution, exported or unpacked: write a manifest that builds the same solution, with roles, web
    /// resources, environment variables and connection references in YAML and the rest in a folder
    #[arg(long, value_name = "ZIP|DIR", conflicts_with_all = ["template", "name", "publisher", "prefix", "client_id", "role_from", "force"])]
    from: Option<PathBuf>,
    /// Overwrite an existing manifest
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Template {
    /// What every package has
    #[default]
    Minimal,
    /// Some of everything, with comments
    Full,
}

/// The manifest that was written.
#[derive(Serialize, JsonSchema)]
pub struct InitDocument {
    /// Where.
    manifest: String,
}

impl Document for InitDocument {
    const VERB: &'static str = "init";
}

/// Runs `dvpack init`.
pub fn run(args: InitArgs, shell: &Shell) -> Result<Exit, Failure> {
    let path = args.folder.join(FILE_NAME);
    if files::exists(&path) && !args.force {
        return Err(Failure::usage(format!("`{}` already exists", path.display())).help("`--force` overwrites it"));
    }
    if let Some(from) = &args.from {
        return adopt::run(from, &args.folder, shell);
    }
    let template = match args.template {
        Template::Minimal => starter::Template::Minimal,
        Template::Full => starter::Template::Full,
    };
    let answers = answers(&args, shell)?;
    let mut text = template.fill(&answers);
    if let Some(from) = &args.role_from {
        text = role_from::take(&text, from, args.role.as_deref(), &answers.prefix)?;
    }
    save(&path, &text, shell)?;
    shell.json(&InitDocument { manifest: path.display().to_string() });
    shell.result(&next_steps(&args.folder, answers.client_id == PLACEHOLDER_CLIENT_ID));
    Ok(Exit::Done)
}

/// Checks a manifest that was made here, and writes it only when it is right.
fn save(path: &Path, text: &str, shell: &Shell) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let source = Source::new(path.display().to_string(), text);
    if let Err(mut findings) = manifest::load_text(&source, folder, &Request::new(path)) {
        // It stays until somebody writes the real one; `check` and `build` ask for it.
        findings.retain(|finding| finding.code != PLACEHOLDER);
        if has_errors(&findings) {
            return Err(Failure::invalid(findings));
        }
    }
    files::write(path, text.as_bytes())?;
    shell.status("Wrote", &path.display().to_string());
    Ok(())
}

fn answers(args: &InitArgs, shell: &Shell) -> Result<Answers, Failure> {
    let folder = std::path::absolute(&args.folder).unwrap_or_else(|_| args.folder.clone());
    let folder_name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ask = |question: &str, given: &Option<String>, proposal: String| match given {
        Some(value) => Ok(value.clone()),
        None if shell.can_ask() => self::ask(question, proposal, shell),
        None => Ok(proposal),
    };
    let name = ask("Solution, unique name", &args.name, starter::unique_name(&folder_name))?;
    let publisher = ask("Publisher, unique name", &args.publisher, "mycompany".into())?;
    let prefix = ask("Publisher, prefix", &args.prefix, starter::prefix(&publisher))?;
    let client_id = ask("Application (client) ID", &args.client_id, PLACEHOLDER_CLIENT_ID.into())?;
    Ok(Answers { name, publisher, prefix, client_id })
}

fn ask(question: &str, proposal: String, shell: &Shell) -> Result<String, Failure> {
    let fail = |error: std::io::Error| Failure::new(Exit::Failed, format!("cannot ask: {error}"));
    if !shell.prompt(&format!("{question} [{proposal}]:")) {
        let help = "name what it asks for as options (`dvpack init --help`)";
        return Err(question::nobody("nothing was written", help));
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(fail)?;
    let answer = line.trim();
    Ok(if answer.is_empty() { proposal } else { answer.to_owned() })
}

fn next_steps(folder: &Path, placeholder: bool) -> String {
    let tail = if folder == Path::new(".") { String::new() } else { format!(" {}", folder.display()) };
    let client = if placeholder { "  write the application's real client ID as `application.clientId`\n" } else { "" };
    let schema = folder.join("dvpack.v1.schema.json");
    format!(
        "Next:\n{client}  dvpack check{tail}\n  dvpack build{tail}\nFor completion in editors: dvpack schema -o {}\n",
        schema.strip_prefix(".").unwrap_or(&schema).display()
    )
}
