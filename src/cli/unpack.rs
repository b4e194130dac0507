//! `dvpack unpack`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use crate::bundle::LIMIT;
use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::pack::{Type, managed_name};
use crate::cli::shell::Shell;
use crate::cli::wrong_file;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files::{self, FileError};
use crate::solution::{SolutionPackage, Unpacked, check, read_zip};

/// Unpack a solution zip into a folder in SolutionPackager layout
///
/// `dvpack pack` turns the folder back into the same zip, with the same names of its entries. Parts that have no place in
/// the layout are kept in Other/Parts/ and Other/Order.txt, which SolutionPackager ignores.
#[derive(Debug, Args)]
pub struct UnpackArgs {
    /// The solution zip
    zip: PathBuf,
    /// The folder to write; it must be empty or not exist
    folder: PathBuf,
    /// What the zip is; `both` also unpacks `<name>_managed.zip` beside it into the same folder
    #[arg(long = "type", value_enum)]
    package_type: Option<Type>,
    /// The layout of the folder; `yaml` is experimental: no other program can verify what it writes
    #[arg(long, value_enum, default_value = "packager")]
    layout: Layout,
    /// Replace the whole folder, whatever is in it
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// SolutionPackager's: XML
    Packager,
    /// That of Dataverse's Git integration: YAML
    Yaml,
}

/// What was unpacked.
#[derive(Serialize, JsonSchema)]
pub struct UnpackDocument {
    /// The solution's unique name.
    solution: String,
    /// The version as written.
    version: String,
    /// Whether it is managed.
    managed: bool,
    /// The folder.
    folder: String,
    /// How many files were written.
    files: usize,
}

impl Document for UnpackDocument {
    const VERB: &'static str = "unpack";
}

/// Runs `dvpack unpack`.
pub fn run(args: UnpackArgs, shell: &Shell) -> Result<Exit, Failure> {
    let folder = &args.folder;
    let occupied = match files::entries(folder) {
        Ok(entries) => !entries.is_empty(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(FileError::new("read", folder, error).into()),
    };
    if occupied && !args.force {
        let message = format!("the folder `{}` is not empty", folder.display());
        return Err(Failure::new(Exit::Failed, message).help("name another folder, or replace this one with --force"));
    }
    if args.layout == Layout::Yaml && args.package_type == Some(Type::Both) {
        return Err(Failure::usage(
            "a folder in the YAML layout holds one package: leave `--type both` or `--layout` out",
        ));
    }
    let package = read(&args.zip)?;
    let managed = match args.package_type {
        Some(Type::Both) => Some(read(&managed_name(&args.zip))?),
        _ => None,
    };
    pair(&package, managed.as_ref(), args.package_type)?;
    let unpacked = match (args.layout, managed.as_ref()) {
        (Layout::Yaml, _) => Unpacked::yaml(&package).map_err(Failure::invalid)?,
        (Layout::Packager, None) => Unpacked::new(&package),
        (Layout::Packager, Some(managed)) => Unpacked::both(&package, managed),
    };
    shell.findings(&package.findings);
    shell.findings(&unpacked.findings);
    // The folder has what the zip has; that it cannot be packed as it is should not come as a surprise.
    let mut missing = check::missing_sources(&package);
    for finding in &mut missing {
        finding.severity = Severity::Warning;
    }
    shell.findings(&missing);
    let count = replace(folder, |temporary| unpacked.write(temporary))?;
    let (solution, version) = (package.unique_name(), package.version_text());
    shell.result(&format!("{solution} {version}: {count} files in {}\n", folder.display()));
    shell.json(&UnpackDocument {
        solution,
        version,
        managed: package.managed(),
        folder: folder.display().to_string(),
        files: count,
    });
    Ok(Exit::Done)
}

fn read(zip: &Path) -> Result<SolutionPackage, Failure> {
    let bytes = files::read(zip, LIMIT)?;
    wrong_file::for_solution(zip, &bytes, "dvpack unpack")?;
    read_zip(&bytes, &zip.display().to_string()).map_err(Failure::invalid)
}

/// Checks that the packages are what `--type` says.
fn pair(package: &SolutionPackage, managed: Option<&SolutionPackage>, wanted: Option<Type>) -> Result<(), Failure> {
    let mut findings = Vec::new();
    let mut want = |package: &SolutionPackage, managed: bool| {
        if package.managed() != managed {
            let word = if managed { "unmanaged" } else { "managed" };
            let finding =
                Diagnostic::error("wrong-package-type", format!("it is {word}, which `--type` says it is not"));
            findings.push(finding.in_file(package.origin.as_str(), None));
        }
    };
    match wanted {
        None => {}
        Some(wanted) => want(package, wanted == Type::Managed),
    }
    if let Some(managed) = managed {
        want(managed, true);
        let facts = |package: &SolutionPackage| format!("{} {}", package.unique_name(), package.version_text());
        if facts(package) != facts(managed) {
            let message = format!("it is {}, but the unmanaged one is {}", facts(managed), facts(package));
            let finding = Diagnostic::error("not-a-pair", message).in_file(managed.origin.as_str(), None);
            findings.push(finding.help("export both from one version of the solution"));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Failure::invalid(findings)) }
}

/// Fills a temporary folder beside `folder` and renames it; the old folder is kept until then.
fn replace<T>(folder: &Path, fill: impl FnOnce(&Path) -> Result<T, FileError>) -> Result<T, Failure> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    files::create_folder(parent)?;
    let temporary = tempfile::Builder::new()
        .prefix(".dvpack-")
        .tempdir_in(parent)
        .map_err(|error| FileError::new("create", parent, error))?;
    let (fresh, old) = (temporary.path().join("new"), temporary.path().join("old"));
    let done = fill(&fresh)?;
    let had = files::exists(folder);
    if had {
        files::rename(folder, &old).map_err(|error| FileError::new("replace", folder, error))?;
    }
    if let Err(error) = files::rename(&fresh, folder) {
        if had {
            // Put back what was there; the first error is the one that matters.
            let _ = files::rename(&old, folder);
        }
        return Err(FileError::new("create", folder, error).into());
    }
    files::sync_folder(parent);
    Ok(done)
}
