//! Files that components name, files that none names, and files that were not meant to ship.

use std::collections::{BTreeMap, BTreeSet};

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
    parts: impl Iterator<Item = &'a str> + Clone,
    findings: &mut Vec<Diagnostic>,
) {
    let known: BTreeSet<String> = parts.clone().map(|part| decode_name(part).to_lowercase()).collect();
    let missing = |file: &str| !known.contains(&part_of(file));
    let mut missing: Vec<_> = facts.payloads.iter().filter(|(_, file, ..)| missing(file)).collect();
    missing.sort_by_key(|(rank, ..)| *rank);
    for (rank, file, name, place) in missing {
        let message = format!("the file `{file}` of `{name}` is missing");
        let needed = part_names().get(*rank).is_none_or(is_needed);
        let finding = if needed { Diagnostic::error } else { Diagnostic::warning }("missing-component-source", message)
            .help("restore the file, or remove the component");
        findings.push(place.mark(finding, &package.origin));
    }
    unnamed(facts, package, parts, findings);
}

/// The part, in lower case, that a component names as `/Folder/file`.
fn part_of(file: &str) -> String {
    file.trim_start_matches('/').to_lowercase()
}

/// Folders of the zip whose files belong to a component that names them.
const NAMED_FOLDERS: [&str; 8] =
    ["canvasapps", "connector", "connectors", "controls", "pluginassemblies", "reports", "webresources", "workflows"];

/// A warning for each of those folders that has files that no component names.
fn unnamed<'a>(
    facts: &Facts,
    package: &SolutionPackage,
    parts: impl Iterator<Item = &'a str>,
    findings: &mut Vec<Diagnostic>,
) {
    let named: BTreeSet<String> = facts.payloads.iter().map(|(_, file, ..)| part_of(file)).collect();
    // A code component names its manifest, which names the files beside it.
    let controls: BTreeSet<&str> = named
        .iter()
        .filter(|file| file.starts_with("controls/"))
        .filter_map(|file| Some(file.rsplit_once('/')?.0))
        .collect();
    let is_beside = |file: &str| file.match_indices('/').any(|(at, _)| controls.contains(&file[..at]));
    let mut unnamed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for part in parts.map(decode_name) {
        let lower = part.to_lowercase();
        let top = lower.split('/').next().unwrap_or_default();
        if let Some(folder) = NAMED_FOLDERS.iter().find(|folder| **folder == top && lower.len() > top.len())
            && !named.contains(&lower)
            && !is_beside(&lower)
        {
            unnamed.entry(folder).or_default().push(part);
        }
    }
    for (_, parts) in unnamed {
        let shown = parts.iter().take(NAMED).map(|part| format!("`{part}`")).collect::<Vec<_>>().join(", ");
        let more = if parts.len() > NAMED { format!(" and {} more", parts.len() - NAMED) } else { String::new() };
        let message = format!("in the package, but no component names it: {shown}{more}");
        let finding = Diagnostic::warning("unnamed-part", message).in_file(package.origin.as_str(), None);
        findings
            .push(finding.help("restore what names it (in a folder: the `.data.xml` beside it), or remove the file"));
    }
}

/// How many files a finding names.
const NAMED: usize = 5;

/// The findings for files that components of a package name and that it does not have.
#[must_use]
pub fn missing_sources(package: &SolutionPackage) -> Vec<Diagnostic> {
    let mut facts = Facts::default();
    let mut met = BTreeSet::new();
    for section in package.customizations.elements().filter(|section| met.insert(section.name.as_str())) {
        section.elements().for_each(|element| facts.see_files(&section.name, element));
    }
    let mut findings = Vec::new();
    payloads(&facts, package, package.files.keys().map(String::as_str), &mut findings);
    findings
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
