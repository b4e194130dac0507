//! The YAML source layout of Dataverse's Git integration and newer `pac` versions.
//! Facts: its documentation (folders, manifests, publisher.yml, components that are missing), and public trees
//! that Dataverse wrote (`places.rs`).

mod canvas;
mod components;
mod convert;
mod listed;
mod places;
mod read;
mod reader;
mod tables;
mod to_yaml;
mod write;

use std::path::Path;

pub use self::write::split;

use self::read::read_tree;
use super::folder::tree::Tree;
use super::package::{PackageType, SolutionPackage};
use crate::diagnostic::Diagnostic;
use crate::files;

/// The solutions of a folder in this layout; none if it is in another.
pub fn solutions(folder: &Path) -> Vec<String> {
    let Ok(entries) = files::entries(&folder.join("solutions")) else { return Vec::new() };
    let named = entries.iter().filter(|entry| files::is_file(&entry.path.join("solution.yml")));
    named.filter_map(|entry| entry.name().to_str().map(str::to_owned)).collect()
}

/// Reads a solution of the folder; `name` tells which, where there are several.
pub fn read(
    folder: &Path,
    name: Option<&str>,
    wanted: Option<PackageType>,
) -> Result<SolutionPackage, Vec<Diagnostic>> {
    let origin = folder.display().to_string();
    let all = solutions(folder);
    let name = match (name, all.as_slice()) {
        (Some(name), all) if all.iter().any(|other| other == name) => name.to_owned(),
        (None, [only]) => only.clone(),
        (wanted, _) => {
            let message = match wanted {
                Some(name) => format!("it has no solution `{name}`"),
                None => "it contains several solutions".to_owned(),
            };
            let finding = Diagnostic::error("which-solution", message).in_file(origin, None);
            return Err(vec![finding.help(format!("name one with `--solution`: {}", all.join(", ")))]);
        }
    };
    let mut findings = Vec::new();
    let tree = Tree::list(folder, None, &mut findings).map_err(|finding| vec![*finding])?;
    let mut package = read_tree(tree, &origin, &name, wanted, findings)?;
    package.findings.push(
        Diagnostic::note("yaml-source", "the YAML source layout is read as far as it is documented")
            .in_file(origin.as_str(), None)
            .help("compare the zip with an export before you rely on it: `dvpack diff`"),
    );
    Ok(package)
}
