//! The managed and the unmanaged package of one version in one folder: forms, site maps and apps are
//! there twice, everything else once.
//! Facts: 32 pairs of one version; SolutionPackager writes `X_managed.xml` beside `X.xml` even where the
//! two are equal, and sets `<Managed>` to 2.

use std::collections::{BTreeMap, BTreeSet};

use super::{Content, Kept, attempt, document, keep};
use crate::diagnostic::Diagnostic;
use crate::solution::package::SolutionPackage;

/// What a file of the folder holds, from which of the two.
pub enum Side {
    /// From the unmanaged package, or from both.
    Unmanaged(Content),
    /// From the managed package.
    Managed(Content),
}

/// The files of the folder, and what the layout cannot hold of the managed package.
pub fn split(unmanaged: &SolutionPackage, managed: &SolutionPackage) -> (BTreeMap<String, Side>, Vec<Diagnostic>) {
    let (mut kept, _) = keep(unmanaged);
    let (Kept { sections, parts, all }, _) = keep(managed);
    kept.sections.extend(sections);
    kept.parts.extend(parts);
    kept.all |= all;
    let ours = attempt(unmanaged, &kept);
    let mut theirs = attempt(managed, &kept);
    let mut differing = BTreeSet::new();
    let mut files = BTreeMap::new();
    for (name, content) in ours {
        if let Some(other) = theirs.remove(&name) {
            if let Some(twin) = twin(&name) {
                files.insert(twin, Side::Managed(other));
            } else if name != "Other/Solution.xml" && !same(&content, unmanaged, &other, managed) {
                differing.insert(name.clone());
            }
        } else {
            differing.insert(name.clone());
        }
        files.insert(name, Side::Unmanaged(content));
    }
    for (name, content) in theirs {
        match twin(&name) {
            Some(twin) => {
                files.insert(twin, Side::Managed(content));
            }
            None => {
                differing.insert(name);
            }
        }
    }
    let mut manifest = unmanaged.manifest.clone();
    if let Some(flag) = manifest.find_mut("SolutionManifest").and_then(|manifest| manifest.find_mut("Managed")) {
        flag.set_content("2");
    }
    files.insert("Other/Solution.xml".to_owned(), Side::Unmanaged(Content::Made(document::document(&manifest))));
    let findings = differing.into_iter().map(|name| {
        Diagnostic::warning("differs-in-managed", format!("`{name}` is not the same in the managed package"))
            .in_file(managed.origin.as_str(), None)
            .help("the folder contains the unmanaged one, also for packing managed; export both from one version")
    });
    (files, findings.collect())
}

/// The name of a file's managed twin, for the kinds that have one.
fn twin(name: &str) -> Option<String> {
    let form = name.starts_with("Entities/") && name.split('/').nth(2) == Some("FormXml");
    let app = name.starts_with("AppModules/") || name.starts_with("AppModuleSiteMaps/");
    let stem = name.strip_suffix(".xml")?;
    (form || app || name == "Other/SiteMap.xml").then(|| format!("{stem}_managed.xml"))
}

fn same(one: &Content, from: &SolutionPackage, other: &Content, of: &SolutionPackage) -> bool {
    match (one, other) {
        (Content::Made(one), Content::Made(other)) => one == other,
        (Content::Part(one), Content::Part(other)) => from.files.get(one) == of.files.get(other),
        _ => false,
    }
}
