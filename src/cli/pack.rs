//! `dvpack pack`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files::{self, Pending};
use crate::process_env;
use crate::solution::{FileMap, FolderOptions, MAX_ZIP, PackageType, Packed, UNWRITTEN, identify, pack_folder};
use crate::version::Version;

/// Pack a folder in SolutionPackager layout into a solution zip
///
/// Reads folders that SolutionPackager, `pac solution` or `dvpack unpack` wrote, also in the newer YAML
/// layout as far as it is documented. Reports files in the folder that are not packed.
#[derive(Debug, Args)]
pub struct PackArgs {
    /// The folder that contains Other/Solution.xml or solutions/
    folder: PathBuf,
    /// The zip to write; an existing one is replaced
    zip: PathBuf,
    /// What to write; by default, what the folder says (`both` adds `<name>_managed.zip`)
    #[arg(long = "type", value_enum)]
    package_type: Option<Type>,
    /// A map file, as for SolutionPackager's `/map`: read some files from elsewhere, for example from a build's output
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Which solution to pack, if a folder in the YAML layout contains several
    #[arg(long, value_name = "NAME")]
    solution: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Type {
    /// For others to install
    Managed,
    /// For further development
    Unmanaged,
    /// One of each
    Both,
}

/// The managed zip beside an unmanaged one.
pub(super) fn managed_name(zip: &Path) -> PathBuf {
    let stem = zip.file_stem().unwrap_or_default().to_string_lossy();
    zip.with_file_name(format!("{stem}_managed.zip"))
}

/// Reports that a zip replaces a later version of the same solution.
fn downgrade(path: &Path, packed: &Packed) -> Option<Diagnostic> {
    let (name, there) = identify(&files::read(path, MAX_ZIP as u64).ok()?)?;
    let own = packed.version.parse::<Version>().ok()?;
    if name != packed.unique_name || own >= there {
        return None;
    }
    let message = format!("version {own} takes the place of version {there}");
    let finding = Diagnostic::warning("version-downgrade", message).in_file(path.display().to_string(), None);
    Some(finding.help("an update needs a later version: raise `<Version>` in `Other/Solution.xml`"))
}

/// What was packed.
#[derive(Serialize, JsonSchema)]
pub struct PackDocument {
    /// A zip each.
    packages: Vec<PackedFile>,
}

impl Document for PackDocument {
    const VERB: &'static str = "pack";
}

/// A solution zip.
#[derive(Serialize, JsonSchema)]
struct PackedFile {
    /// Where.
    path: String,
    /// The solution's unique name.
    solution: String,
    /// The version as written.
    version: String,
    /// Whether it is managed.
    managed: bool,
    /// Its size.
    bytes: usize,
    /// How many parts it has.
    parts: usize,
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
    let variable = process_env::text;
    let map = args.map.as_ref().map(|path| FileMap::read(path, &args.folder, &variable));
    let map = map.transpose().map_err(Failure::invalid)?;
    let mut ready = Vec::new();
    let mut findings: Vec<Diagnostic> = Vec::new();
    for (package_type, path) in targets {
        let options = FolderOptions { package_type, map: map.as_ref(), solution: args.solution.as_deref() };
        let mut pending = Pending::new(&path)?;
        let mut packed = pack_folder(&args.folder, options, pending.file()).map_err(|findings| {
            match findings.iter().find(|finding| finding.code == UNWRITTEN) {
                Some(finding) => Failure::new(Exit::Failed, format!("`{}`: {}", path.display(), finding.message)),
                None => Failure::invalid(findings),
            }
        })?;
        // A packed zip may be for storage or comparison; `build`, which makes zips for Dataverse, refuses this.
        if packed.bytes > MAX_ZIP {
            let message = format!("the solution has {} bytes; Dataverse takes at most 95 MB", packed.bytes);
            packed.findings.push(
                Diagnostic::warning("solution-too-large", message)
                    .in_file(path.display().to_string(), None)
                    .help("take large web resources out, or split the solution"),
            );
        }
        for finding in &packed.findings {
            if !findings.contains(finding) {
                findings.push(finding.clone());
            }
        }
        ready.push((path, pending, packed));
    }
    findings.extend(ready.iter().filter_map(|(path, _, packed)| downgrade(path, packed)));
    // Nothing has its final name yet, so either everything is written or nothing.
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Failure::invalid(findings));
    }
    shell.findings(&findings);
    let mut packages = Vec::new();
    for (path, pending, packed) in ready {
        pending.keep()?;
        let (solution, version, managed, bytes, parts) =
            (packed.unique_name, packed.version, packed.managed, packed.bytes, packed.parts);
        packages.push(PackedFile { path: path.display().to_string(), solution, version, managed, bytes, parts });
    }
    for one in &packages {
        let PackedFile { path, solution, version, managed, bytes, parts } = one;
        let kind = if *managed { "managed" } else { "unmanaged" };
        shell.result(&format!("{solution} {version} {kind}: {path} ({parts} parts, {bytes} bytes)\n"));
    }
    shell.json(&PackDocument { packages });
    Ok(Exit::Done)
}
