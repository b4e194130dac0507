//! `dvpack pack`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files;
use crate::solution::{PackageType, check, read_folder, read_folder_as, write_zip};

/// Pack a folder in SolutionPackager layout into a solution zip
#[derive(Debug, Args)]
pub struct PackArgs {
    /// The folder that holds Other/Solution.xml
    folder: PathBuf,
    /// The zip to write; an existing one is replaced
    zip: PathBuf,
    /// What to write; without it, what the folder says (`both` adds `<name>_managed.zip`)
    #[arg(long = "type", value_enum)]
    package_type: Option<Type>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Type {
    /// To be installed by others
    Managed,
    /// To be developed on
    Unmanaged,
    /// One of each
    Both,
}

/// The managed zip that stands beside an unmanaged one.
pub(super) fn managed_name(zip: &Path) -> PathBuf {
    let stem = zip.file_stem().unwrap_or_default().to_string_lossy();
    zip.with_file_name(format!("{stem}_managed.zip"))
}

/// Runs `dvpack pack`.
pub fn run(args: PackArgs, shell: &Shell) -> Result<Exit, Failure> {
    let targets = match args.package_type {
        None => vec![(None, args.zip.clone())],
        Some(Type::Managed) => vec![(Some(PackageType::Managed), args.zip.clone())],
        Some(Type::Unmanaged) => vec![(Some(PackageType::Unmanaged), args.zip.clone())],
        Some(Type::Both) => {
            vec![
                (Some(PackageType::Unmanaged), args.zip.clone()),
                (Some(PackageType::Managed), managed_name(&args.zip)),
            ]
        }
    };
    let mut ready = Vec::new();
    let mut findings: Vec<Diagnostic> = Vec::new();
    for (package_type, path) in targets {
        let read = match package_type {
            Some(package_type) => read_folder_as(&args.folder, package_type),
            None => read_folder(&args.folder),
        };
        let package = read.map_err(Failure::invalid)?;
        for finding in package.findings.iter().cloned().chain(check::check(&package)) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        ready.push((path, package));
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Failure::invalid(findings));
    }
    shell.findings(&findings);
    let mut written = Vec::new();
    for (path, package) in ready {
        let bytes = write_zip(&package).map_err(Failure::invalid)?;
        files::write(&path, &bytes)?;
        written.push(serde_json::json!({
            "path": path.display().to_string(),
            "solution": package.unique_name(),
            "version": package.version_text(),
            "managed": package.managed(),
            "bytes": bytes.len(),
            "parts": package.files.len() + 3,
        }));
    }
    for one in &written {
        let kind = if one["managed"] == true { "managed" } else { "unmanaged" };
        let text = |key: &str| one[key].as_str().unwrap_or_default();
        let (solution, version, path) = (text("solution"), text("version"), text("path"));
        shell
            .result(&format!("{solution} {version} {kind}: {path} ({} parts, {} bytes)\n", one["parts"], one["bytes"]));
    }
    shell.json(&serde_json::json!({ "packages": written }));
    Ok(Exit::Done)
}
