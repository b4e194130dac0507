//! Reading an unpacked folder into the model: its plan, carried out in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use super::fill::fill;
use super::open::{FolderOptions, Opened, open};
use super::plan::Plan;
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

fn read(mut plan: Plan) -> Result<SolutionPackage, Vec<Diagnostic>> {
    for (section, pieces) in std::mem::take(&mut plan.sections) {
        let mut all = Vec::new();
        let filling = fill(&plan, section, &pieces, usize::MAX, |nodes| all.extend(nodes));
        plan.routes.payloads.extend(filling.payloads);
        plan.findings.extend(filling.findings);
        if !plan.failed() {
            plan.faults.extend(filling.faults);
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
