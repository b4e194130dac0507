//! `dvpack init --from`: a project made from an existing solution.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::archive::Timestamp;
use crate::bundle::{self, LIMIT};
use crate::cli::document::{Document, Ending};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::wrong_file;
use crate::diagnostic::{Diagnostic, Record, Severity, has_errors};
use crate::files::{self, FileError};
use crate::manifest::{self, FILE_NAME, Request};
use crate::solution::{self, adopt, role};

/// What a new project consists of.
const PARTS: [&str; 3] = [FILE_NAME, "solution", "web"];

/// The project that was made.
#[derive(Serialize, JsonSchema)]
pub struct AdoptDocument {
    /// The manifest.
    manifest: String,
    /// How many components it declares, by list.
    declared: BTreeMap<&'static str, usize>,
    /// Components that stay in the folder although their kind can be declared.
    kept: Vec<String>,
    /// Whether `dvpack build` builds the project as it is.
    builds: bool,
    /// What the project has otherwise than the solution, and what a build says.
    diagnostics: Vec<Record>,
}

impl Document for AdoptDocument {
    const VERB: &'static str = "init";

    fn ending(&self) -> Ending {
        if self.builds {
            return Ending::default();
        }
        let help = "correct what is wrong with the solution in the project, then run `dvpack build`";
        Ending::of(Exit::Invalid, DOES_NOT_BUILD).help(vec![help.to_owned()])
    }
}

/// The solution itself has mistakes.
const DOES_NOT_BUILD: &str = "the project is written, but does not build yet";

/// Writes a project for the solution at `from` into `folder`.
pub fn run(from: &Path, folder: &Path, shell: &Shell) -> Result<Exit, Failure> {
    if let Some(there) = PARTS.iter().find(|part| folder.join(part).exists()) {
        return Err(Failure::usage(format!("`{}` already exists", folder.join(there).display()))
            .help("name a folder without a project"));
    }
    let zip = if from.is_dir() { None } else { Some(files::read(from, LIMIT)?) };
    if let Some(bytes) = &zip {
        wrong_file::for_solution(from, bytes, "dvpack init DIR --from")?;
    }
    let read = || match &zip {
        Some(bytes) => solution::read_zip(bytes, &from.display().to_string()),
        None => solution::read_folder(from),
    };
    let package = read().map_err(Failure::invalid)?;
    let (name, version) = (package.unique_name(), package.version_text());
    let mut findings = package.findings.clone();
    let mut refused = role::review_solution(&role::Collected::of(&package), &package);
    refused.extend(package.findings.iter().filter(|finding| finding.severity == Severity::Error).cloned());
    if has_errors(&refused) {
        return Err(Failure::invalid(refused));
    }
    std::fs::create_dir_all(folder).map_err(|error| FileError::new("create", folder, error))?;
    // Written beside the final place and moved when complete, so that an interruption leaves nothing half done.
    let making = tempfile::Builder::new()
        .prefix(".dvpack-init-")
        .tempdir_in(folder)
        .map_err(|error| FileError::new("create a folder in", folder, error))?;
    let adopted = adopt::adopt(package, read, making.path()).map_err(Failure::invalid)?;
    for part in PARTS {
        let (made, wanted) = (making.path().join(part), folder.join(part));
        if made.exists() {
            std::fs::rename(&made, &wanted).map_err(|error| FileError::new("write", &wanted, error))?;
        }
    }
    findings.extend(adopted.findings);
    // What it was read from is no longer needed, and a build takes memory.
    drop(zip);
    findings.extend(built(folder));
    let builds = !has_errors(&findings);
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
    let first = if builds { "" } else { "  correct the errors above, which are those of the solution itself\n" };
    if !builds {
        text.push_str(&format!("{DOES_NOT_BUILD}\n"));
    }
    text.push_str(&format!(
        "Next:\n{first}  name your application in {FILE_NAME}\n  dvpack check{tail}\n  dvpack build{tail}\n"
    ));
    shell.findings(&findings);
    let document = AdoptDocument {
        manifest: folder.join(FILE_NAME).display().to_string(),
        declared: adopted.declared,
        kept: adopted.kept,
        builds,
        diagnostics: findings.iter().map(Diagnostic::to_record).collect(),
    };
    let exit = document.ending().exit;
    shell.json(&document);
    shell.result(&text);
    Ok(exit)
}

/// What `dvpack build` says of the project in `folder`.
fn built(folder: &Path) -> Vec<Diagnostic> {
    let loaded = match manifest::load(&Request::new(folder)) {
        Ok(loaded) => loaded,
        Err(findings) => return findings,
    };
    let mut findings = loaded.findings;
    match solution::assemble(&loaded.package) {
        Ok(assembled) => {
            findings.extend(assembled.findings);
            let built = bundle::build(&loaded.package, &assembled.zip, &assembled.roles, Timestamp::FIRST);
            if let Err(error) = built {
                findings.extend(error.findings());
            }
        }
        Err(errors) => findings.extend(errors),
    }
    findings
}
