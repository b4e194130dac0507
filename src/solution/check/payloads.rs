//! Files that components name, and files that were not meant to ship.

use std::collections::BTreeSet;

use super::Facts;
use crate::diagnostic::Diagnostic;
use crate::solution::components;
use crate::solution::package::SolutionPackage;

/// Sections and the fields that name a file of the package.
pub(super) const PAYLOADS: [(&str, &str); 8] = [
    ("WebResources", "FileName"),
    ("Workflows", "JsonFileName"),
    ("Workflows", "XamlFileName"),
    ("SolutionPluginAssemblies", "FileName"),
    ("CustomControls", "FileName"),
    ("CanvasApps", "DocumentUri"),
    ("CanvasApps", "BackgroundImageUri"),
    ("Connectors", "openapidefinition"),
];

pub(super) fn payloads<'a>(
    facts: &Facts,
    package: &SolutionPackage,
    parts: impl Iterator<Item = &'a str>,
    findings: &mut Vec<Diagnostic>,
) {
    let known: BTreeSet<String> = parts.map(str::to_lowercase).collect();
    let missing = |file: &str| !known.contains(&file.trim_start_matches('/').to_lowercase());
    let mut missing: Vec<_> = facts.payloads.iter().filter(|(_, file, ..)| missing(file)).collect();
    missing.sort_by_key(|(rank, ..)| *rank);
    for (_, file, name, place) in missing {
        let finding = Diagnostic::error("missing-payload", format!("the file `{file}` of `{name}` is missing"))
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
    const FOLDERS: [&str; 10] =
        ["bin", "obj", "node_modules", ".git", ".github", ".vs", ".vscode", ".idea", "docs", "data"];
    const ENDINGS: [&str; 12] =
        [".cs", ".csproj", ".sln", ".xlsx", ".zip", ".pfx", ".snk", ".pdb", ".env", ".pem", ".key", ".user"];
    let place = |kind: &dyn components::Kind| kind.place().to_lowercase();
    let known: BTreeSet<String> = components::all().into_iter().map(place).collect();
    for name in parts {
        let lower = name.to_lowercase();
        let top = lower.split('/').next().unwrap_or_default();
        let inside = lower.split('/').any(|piece| FOLDERS.contains(&piece));
        let carried = known.contains(&format!("{top}/"));
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
