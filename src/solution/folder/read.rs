//! Reading an unpacked folder into the model: its plan, carried out in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use super::open::{FolderOptions, Opened, open};
use super::plan::{Plan, SORTED};
use super::tree::Tree;
use crate::diagnostic::Diagnostic;
use crate::solution::package::{PackageType, SolutionPackage};

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

/// Reads the files of a folder; `findings` are what was noticed before.
pub(super) fn read_tree(
    tree: Tree,
    origin: &str,
    findings: Vec<Diagnostic>,
    wanted: Option<PackageType>,
) -> Result<SolutionPackage, Vec<Diagnostic>> {
    read(Plan::of(tree, origin.to_owned(), findings, wanted)?)
}

fn read(mut plan: Plan) -> Result<SolutionPackage, Vec<Diagnostic>> {
    for (section, pieces) in std::mem::take(&mut plan.sections) {
        let loaded: Vec<_> = pieces.par_iter().map(|piece| piece.load(&plan.tree, &plan.origin)).collect();
        let mut all = Vec::new();
        for (piece, part) in pieces.iter().zip(loaded) {
            match part {
                Ok(part) => {
                    plan.routes.payloads.extend(piece.payload(&part.nodes));
                    all.extend(part.nodes);
                    plan.findings.extend(part.warnings);
                }
                Err(findings) => plan.findings.extend(findings),
            }
        }
        if section == SORTED {
            plan.relationships.sort(&mut all);
            if !plan.failed() {
                plan.faults.extend(plan.relationships.compare(&all, &plan.origin));
            }
        }
        if let Some(target) = plan.skeleton.find_mut(section) {
            target.children.extend(all);
        }
    }
    if plan.failed() {
        return Err(plan.findings);
    }
    let mut met = BTreeSet::new();
    for section in plan.skeleton.elements().filter(|section| met.insert(section.name.as_str())) {
        section.elements().for_each(|element| plan.routes.see(&section.name, element));
    }
    let routed = plan.routes.parts(&plan.tree, &plan.origin);
    let parts: Vec<_> = routed.parts.iter().collect();
    let files: Result<BTreeMap<String, Vec<u8>>, _> =
        parts.into_par_iter().map(|(name, id)| plan.tree.read(*id).map(|bytes| (name.clone(), bytes))).collect();
    let files = files.map_err(|finding| vec![*finding])?;
    let misplaced = files.iter().filter_map(|(name, bytes)| routed.misplaced(name, &plan.tree, &plan.origin, bytes));
    let misplaced: Vec<_> = misplaced.collect();
    let Plan { origin, manifest, skeleton, mut findings, faults, .. } = plan;
    findings.extend(faults);
    findings.extend(routed.findings);
    findings.extend(misplaced);
    Ok(SolutionPackage { origin, manifest, customizations: skeleton, files, findings })
}
