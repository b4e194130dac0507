//! What is wrong with a solution before the server says so: root components against definitions,
//! payloads, files that were not meant to ship.

use std::collections::{BTreeMap, BTreeSet};

use super::components;
use super::draft::root_key;
use super::package::SolutionPackage;
use super::xml::Element;
use crate::diagnostic::Diagnostic;

/// All findings.
#[must_use]
pub fn check(package: &SolutionPackage) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    root_components(package, &mut findings);
    payloads(package, &mut findings);
    accidents(package, &mut findings);
    findings
}

/// Types whose components must have a root component, by the key that it names them with.
const ROOTED: [(u32, &str, &str, &str); 5] = [
    (1, "Entities", "Name", "table"),
    (9, "optionsets", "@Name", "choice"),
    (20, "Roles", "@id", "security role"),
    (29, "Workflows", "@WorkflowId", "process"),
    (61, "WebResources", "Name", "web resource"),
];

fn root_components(package: &SolutionPackage, findings: &mut Vec<Diagnostic>) {
    let at = |finding: Diagnostic| finding.in_file(format!("{}: solution.xml", package.origin), None);
    let mut roots: BTreeMap<(u32, String), usize> = BTreeMap::new();
    for root in package.root_components() {
        *roots.entry(root_key(root)).or_default() += 1;
    }
    for ((kind, key), _) in roots.iter().filter(|((_, key), count)| **count > 1 && !key.is_empty()) {
        let message = format!("the root component `{key}` of type {kind} is there more than once");
        findings.push(at(Diagnostic::error("duplicate-root-component", message)));
    }
    for (kind, section, id, label) in ROOTED {
        let key = |element: &Element| match id.strip_prefix('@') {
            Some(name) => element.attribute(name).map(str::to_owned),
            None => element.child_text(id),
        };
        let defined: BTreeSet<String> =
            package.section(section).filter_map(key).map(|key| key.trim_matches(['{', '}']).to_lowercase()).collect();
        for key in defined.iter().filter(|key| !roots.contains_key(&(kind, (*key).clone()))) {
            // Tables also come along as parts of relationships; the server exports them without a root.
            if kind != 1 {
                let message = format!("the {label} `{key}` has no root component");
                let finding = Diagnostic::warning("missing-root-component", message);
                findings.push(at(finding).help(format!("add a RootComponent of type {kind} to solution.xml")));
            }
        }
        for (_, key) in roots.keys().filter(|(found, key)| *found == kind && !defined.contains(key)) {
            let message = format!("the root component `{key}` ({label}) has no definition in the solution");
            let finding = Diagnostic::warning("undefined-root-component", message);
            findings.push(at(finding).help("add the component, or remove its RootComponent"));
        }
    }
}

fn payloads(package: &SolutionPackage, findings: &mut Vec<Diagnostic>) {
    let known: BTreeSet<String> = package.files.keys().map(|name| name.to_lowercase()).collect();
    let sections = [
        ("WebResources", "FileName"),
        ("Workflows", "JsonFileName"),
        ("Workflows", "XamlFileName"),
        ("SolutionPluginAssemblies", "FileName"),
        ("CustomControls", "FileName"),
        ("CanvasApps", "DocumentUri"),
        ("CanvasApps", "BackgroundImageUri"),
        ("Connectors", "openapidefinition"),
    ];
    for (section, field) in sections {
        for element in package.section(section) {
            let Some(file) = element.child_text(field).filter(|file| file.starts_with('/')) else { continue };
            let plain = file.trim_start_matches('/').to_lowercase();
            if !known.contains(&plain) {
                let name = element.attribute("Name").map(str::to_owned).or_else(|| element.child_text("Name"));
                let message = format!("the file `{file}` of `{}` is missing", name.unwrap_or_default());
                findings.push(
                    Diagnostic::error("missing-payload", message)
                        .in_file(package.origin.as_str(), None)
                        .help("restore the file, or remove the component"),
                );
            }
        }
    }
}

/// Folders of the zip that real solutions have; others are shipped all the same, but said.
fn accidents(package: &SolutionPackage, findings: &mut Vec<Diagnostic>) {
    const FOLDERS: [&str; 7] = ["bin", "obj", "node_modules", ".git", ".vs", "docs", "data"];
    const ENDINGS: [&str; 8] = [".cs", ".csproj", ".sln", ".xlsx", ".zip", ".pfx", ".snk", ".pdb"];
    let place = |kind: &dyn components::Kind| kind.place().to_lowercase();
    let known: BTreeSet<String> = components::all().into_iter().map(place).collect();
    for name in package.files.keys() {
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
