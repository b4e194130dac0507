//! Files that components name, and files that were not meant to ship.

use std::collections::BTreeSet;

use super::facts::Facts;
use crate::diagnostic::Diagnostic;
use crate::files::{is_build_output, is_tools_own};
use crate::solution::components;
use crate::solution::package::SolutionPackage;
use crate::solution::part_name::decode_name;
use crate::solution::profile::{Named, PartName, part_names};

/// Whether a component is nothing without what it names: in all 312 exports that were looked at the files are there, but older
/// tools leave some out of a folder.
fn is_needed(name: &PartName) -> bool {
    name.named == Named::Once
}

pub(super) fn payloads<'a>(
    facts: &Facts,
    package: &SolutionPackage,
    parts: impl Iterator<Item = &'a str>,
    findings: &mut Vec<Diagnostic>,
) {
    let known: BTreeSet<String> = parts.map(|part| decode_name(part).to_lowercase()).collect();
    let missing = |file: &str| !known.contains(&file.trim_start_matches('/').to_lowercase());
    let mut missing: Vec<_> = facts.payloads.iter().filter(|(_, file, ..)| missing(file)).collect();
    missing.sort_by_key(|(rank, ..)| *rank);
    for (rank, file, name, place) in missing {
        let message = format!("the file `{file}` of `{name}` is missing");
        let needed = part_names().get(*rank).is_none_or(is_needed);
        let finding = if needed { Diagnostic::error } else { Diagnostic::warning }("missing-payload", message)
            .help("restore the file, or remove the component");
        findings.push(place.mark(finding, &package.origin));
    }
}

/// Folders of the zip that real solutions have; others are shipped all the same, but said.
pub(super) fn accidents<'a>(
    package: &SolutionPackage,
    parts: impl Iterator<Item = &'a str>,
    findings: &mut Vec<Diagnostic>,
) {
    // Of a project, not of its solution.
    const FOLDERS: [&str; 3] = [".github", "docs", "data"];
    const ENDINGS: [&str; 12] =
        [".cs", ".csproj", ".sln", ".xlsx", ".zip", ".pfx", ".snk", ".pdb", ".env", ".pem", ".key", ".user"];
    let top = |path: &str| path.split('/').next().unwrap_or_default().to_lowercase();
    let places = components::all().into_iter().flat_map(|kind| [kind.place(), kind.folder()]);
    // `Other` is where unpacked folders have what becomes no part.
    let known: BTreeSet<String> = places.map(top).filter(|place| place != "other").collect();
    for name in parts.map(decode_name) {
        let lower = name.to_lowercase();
        let beside = |piece: &str| is_tools_own(piece) || is_build_output(piece) || FOLDERS.contains(&piece);
        let inside = lower.split('/').any(beside);
        let carried = lower.contains('/') && known.contains(&top(&lower));
        if !carried && (inside || ENDINGS.iter().any(|ending| lower.ends_with(ending))) {
            let message = format!("`{name}` looks like a file that was not meant to ship");
            findings.push(
                Diagnostic::warning("accidental-file", message)
                    .in_file(package.origin.as_str(), None)
                    .help("move it out of the solution's folder"),
            );
        }
    }
}
