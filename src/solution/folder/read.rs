//! Reading an unpacked folder into the model: its plan, carried out in memory.

use std::path::Path;

use rayon::prelude::*;

use super::open::{FolderOptions, Opened, open};
use super::plan::{Plan, SORTED};
use crate::diagnostic::Diagnostic;
use crate::solution::package::{PackageType, SolutionPackage};
use crate::solution::xml::Element;

/// Reads a folder as what it says it is; one that can be both is read as unmanaged.
///
/// # Errors
/// Findings if the folder is not that of a solution, or a file of it cannot be read.
pub fn read_folder(path: &Path) -> Result<SolutionPackage, Vec<Diagnostic>> {
    read_folder_with(path, FolderOptions::default())
}

/// Reads a folder as managed or unmanaged.
///
/// # Errors
/// Findings if the folder is not that of a solution, or a file of it cannot be read.
pub fn read_folder_as(path: &Path, package_type: PackageType) -> Result<SolutionPackage, Vec<Diagnostic>> {
    read_folder_with(path, FolderOptions { package_type: Some(package_type), ..FolderOptions::default() })
}

/// Reads a folder.
pub fn read_folder_with(path: &Path, options: FolderOptions<'_>) -> Result<SolutionPackage, Vec<Diagnostic>> {
    match open(path, options)? {
        Opened::Planned(plan) => read(*plan),
        Opened::Read(package) => Ok(*package),
    }
}

fn read(mut plan: Plan) -> Result<SolutionPackage, Vec<Diagnostic>> {
    for (section, pieces) in std::mem::take(&mut plan.sections) {
        let loaded: Vec<_> = pieces.par_iter().map(|piece| piece.load(&plan.tree, &plan.origin)).collect();
        let mut all = Vec::new();
        for (piece, part) in pieces.iter().zip(loaded) {
            match part {
                Ok(nodes) => {
                    plan.routes.payloads.extend(piece.payload(&nodes));
                    all.extend(nodes);
                }
                Err(findings) => plan.findings.extend(findings),
            }
        }
        if section == SORTED {
            plan.sort(&mut all);
        }
        if let Some(target) = plan.skeleton.find_mut(section) {
            target.children.extend(all);
        }
    }
    if plan.failed() {
        return Err(plan.findings);
    }
    for section in ["WebResources", "Workflows"] {
        for element in plan.skeleton.find(section).into_iter().flat_map(Element::elements) {
            plan.routes.see(section, element);
        }
    }
    let (parts, notes) = plan.routes.parts(&plan.tree, &plan.origin);
    plan.findings.extend(notes);
    let parts: Vec<_> = parts.into_iter().collect();
    let files: Result<_, _> =
        parts.into_par_iter().map(|(name, id)| plan.tree.read(id).map(|bytes| (name, bytes))).collect();
    let files = files.map_err(|finding| vec![*finding])?;
    let Plan { origin, manifest, skeleton, findings, .. } = plan;
    Ok(SolutionPackage { origin, manifest, customizations: skeleton, files, findings })
}
