//! A solution of a tree: its four manifests and the publisher, and its components.

use super::components::{self, Components};
use super::listed::Listed;
use super::reader::Reader;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::solution::folder::tree::Tree;
use crate::solution::package::{PackageType, SolutionPackage};
use crate::solution::skeleton;
use crate::solution::xml::Element;

/// Reads a solution of a tree; `findings` are what was noticed before.
pub fn read_tree(
    tree: Tree,
    origin: &str,
    name: &str,
    wanted: Option<PackageType>,
    findings: Vec<Diagnostic>,
) -> Result<SolutionPackage, Vec<Diagnostic>> {
    let mut reader = Reader { tree, origin: origin.to_owned(), findings };
    let manifest = manifest(&mut reader, name, wanted);
    let listed = Listed::read(&mut reader, name);
    let language = manifest.as_ref().and_then(|manifest| manifest.attribute("languagecode")).unwrap_or("1033");
    let Components { customizations, files } = components::read(&mut reader, &listed, language);
    let Reader { findings, .. } = reader;
    match manifest.filter(|_| !has_errors(&findings)) {
        Some(manifest) => Ok(SolutionPackage { origin: origin.to_owned(), manifest, customizations, files, findings }),
        None => Err(findings),
    }
}

fn manifest(reader: &mut Reader, solution: &str, wanted: Option<PackageType>) -> Option<Element> {
    let below = |file: &str| format!("solutions/{solution}/{file}");
    let mut root = reader.required(&below("solution.yml"))?;
    let roots = reader.required(&below("rootcomponents.yml"));
    let missing = reader.root(&below("missingdependencies.yml"));
    let Some(manifest) = root.find_mut("SolutionManifest") else {
        let finding = Diagnostic::error("not-a-solution", "it has no `SolutionManifest`");
        reader.findings.push(finding.in_file(format!("{}/{}", reader.origin, below("solution.yml")), None));
        return None;
    };
    let publisher = manifest.path(&["Publisher", "UniqueName"]).map(Element::content).unwrap_or_default();
    if let Some(full) = reader.required(&format!("publishers/{}/publisher.yml", publisher.trim()))
        && let Some(place) = manifest.find_mut("Publisher")
    {
        *place = full;
    }
    for (name, part) in [("RootComponents", roots), ("MissingDependencies", missing)] {
        let part = part.unwrap_or_else(|| Element::new(name));
        match manifest.find_mut(name) {
            Some(place) => *place = part,
            None => manifest.push(part),
        }
    }
    if root.attribute("xmlns:xsi").is_none() {
        root.set_attribute("xmlns:xsi", skeleton::XSI);
    }
    let flag = root.path(&["SolutionManifest", "Managed"]).map(Element::content).unwrap_or_default();
    let managed = wanted.map_or(flag.trim() == "1", |wanted| wanted == PackageType::Managed);
    let flag = if managed { PackageType::Managed } else { PackageType::Unmanaged }.flag();
    if let Some(place) = root.find_mut("SolutionManifest").and_then(|manifest| manifest.find_mut("Managed")) {
        place.set_content(flag);
    }
    Some(root)
}
