//! `dvpack init --from`: a project made from a solution that exists.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::bundle::LIMIT;
use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::wrong_file;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::files::{self, FileError};
use crate::manifest::FILE_NAME;
use crate::solution::{self, SolutionPackage, adopt, role};

/// What a project made here consists of.
const PARTS: [&str; 3] = [FILE_NAME, "solution", "web"];

/// The project that was made.
#[derive(Serialize, JsonSchema)]
pub struct AdoptDocument {
    /// The manifest.
    manifest: String,
    /// How many components it declares, by list.
    declared: BTreeMap<&'static str, usize>,
    /// Components that stay in the folder, though their kind can be declared.
    kept: Vec<String>,
}

impl Document for AdoptDocument {
    const VERB: &'static str = "init";
}

/// Writes a project for the solution at `from` into `folder`.
pub fn run(from: &Path, folder: &Path, shell: &Shell) -> Result<Exit, Failure> {
    if let Some(there) = PARTS.iter().find(|part| folder.join(part).exists()) {
        return Err(Failure::usage(format!("`{}` already exists", folder.join(there).display()))
            .help("name a folder without a project"));
    }
    let package = if from.is_dir() {
        solution::read_folder(from).map_err(Failure::invalid)?
    } else {
        let bytes = files::read(from, LIMIT)?;
        wrong_file::for_solution(from, &bytes, "dvpack init DIR --from")?;
        solution::read_zip(&bytes, &from.display().to_string()).map_err(Failure::invalid)?
    };
    let (name, version) = (package.unique_name(), package.version_text());
    let mut findings = role::review_solution(&role::Collected::of(&package), &package);
    if has_errors(&findings) {
        return Err(Failure::invalid(findings));
    }
    std::fs::create_dir_all(folder).map_err(|error| FileError::new("create", folder, error))?;
    // Written beside the final place, and moved when complete: an interruption leaves nothing half done.
    let making = tempfile::Builder::new()
        .prefix(".dvpack-init-")
        .tempdir_in(folder)
        .map_err(|error| FileError::new("create a folder in", folder, error))?;
    let adopted = adopt::adopt(package, || read_again(from), making.path()).map_err(Failure::invalid)?;
    for part in PARTS {
        let (made, wanted) = (making.path().join(part), folder.join(part));
        if made.exists() {
            std::fs::rename(&made, &wanted).map_err(|error| FileError::new("write", &wanted, error))?;
        }
    }
    let declared: Vec<String> = adopted.declared.iter().map(|(list, count)| format!("{count} {list}")).collect();
    let declared = if declared.is_empty() { "nothing".to_owned() } else { declared.join(", ") };
    let mut text = format!("{name} {version}: {declared} in {FILE_NAME}, the rest in solution/src\n");
    if !adopted.kept.is_empty() {
        text.push_str(&format!(
            "kept in solution/src, since a manifest would change them: {}\n",
            adopted.kept.join(", ")
        ));
    }
    let tail = if folder == Path::new(".") { String::new() } else { format!(" {}", folder.display()) };
    text.push_str(&format!(
        "Next:\n  name your application in {FILE_NAME}\n  dvpack check{tail}\n  dvpack build{tail}\n"
    ));
    findings.extend(adopted.findings);
    shell.findings(&findings);
    shell.json(&AdoptDocument {
        manifest: folder.join(FILE_NAME).display().to_string(),
        declared: adopted.declared,
        kept: adopted.kept,
    });
    shell.result(&text);
    Ok(Exit::Done)
}

/// The solution at `from`, which was read before.
fn read_again(from: &Path) -> Result<SolutionPackage, Vec<Diagnostic>> {
    if from.is_dir() {
        return solution::read_folder(from);
    }
    let bytes = files::read(from, LIMIT).map_err(|error| vec![Diagnostic::error("cannot-read", error.to_string())])?;
    solution::read_zip(&bytes, &from.display().to_string())
}
