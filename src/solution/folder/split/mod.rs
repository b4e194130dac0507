//! Splitting a package into the files of SolutionPackager's layout. Each section that has a place in
//! it leaves its empty element in `Other/Customizations.xml`; everything else stays there.
//! Names come from outside: a section whose elements would leave the folder or share a file stays whole.

mod both;
mod document;
mod files;
mod parts;
mod pattern;
mod relationships;
mod sections;
mod tables;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use super::misplaced::is_misplaced;
use super::{PARTS, column_files, order};
use crate::archive::SafeNames;
use crate::files::is_tools_own;
use crate::solution::package::SolutionPackage;
use crate::solution::part_name::{decode_name, encode_name};
use crate::solution::xml::{Element, Node};

pub use both::{Side, split as split_both};
pub use document::document_with_xsi;
pub use files::Content;

/// The files of the folder by name.
pub fn split(package: &SolutionPackage) -> BTreeMap<String, Content> {
    let (kept, files) = keep(package);
    files.unwrap_or_else(|| attempt(package, &kept))
}

/// What reading the folder back would lose if it had files of its own; and the files, where they are made already.
fn keep(package: &SolutionPackage) -> (Kept, Option<BTreeMap<String, Content>>) {
    let mut kept = Kept::default();
    for _ in 0..3 {
        let files = attempt(package, &kept);
        let loss = trial::loss(package, &files);
        if loss.is_empty() {
            return (kept, Some(files));
        }
        kept.all |= loss.all;
        kept.sections.extend(loss.sections);
        kept.parts.extend(loss.parts);
    }
    (Kept { all: true, ..kept }, None)
}

/// What an attempt must not give a file of its own.
#[derive(Default)]
struct Kept {
    sections: BTreeSet<String>,
    parts: BTreeSet<String>,
    all: bool,
}

fn attempt(package: &SolutionPackage, kept: &Kept) -> BTreeMap<String, Content> {
    let mut files: BTreeMap<String, Content> = BTreeMap::new();
    let mut names = SafeNames::default();
    for name in ["Other/Customizations.xml", "Other/Solution.xml", order::FILE] {
        names.take(name);
    }
    let mut order = order::Order::default();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut customizations = package.customizations.clone();
    let twice: BTreeSet<String> = repeated(&customizations);
    for section in customizations.elements_mut() {
        if kept.all || kept.sections.contains(&section.name) || twice.contains(&section.name) || section.is_empty() {
            continue;
        }
        let mut rest = section.clone();
        let mut noted = order.clone();
        let moved = match section.name.as_str() {
            "Entities" => tables::split(&mut rest, &mut noted),
            "EntityRelationships" => relationships::split(&mut rest),
            _ => sections::split(&mut rest),
        };
        let Some(moved) = moved else { continue };
        // Names that reading passes over on a disk, such as `node_modules`, are no place for anything.
        let seen = |name: &str| !name.split('/').any(is_tools_own);
        if !moved.iter().all(|(name, _)| seen(name) && names.take(name)) {
            continue;
        }
        if !matches!(section.name.as_str(), "Entities" | "EntityRelationships" | "Templates") {
            noted.note(moved.iter().map(|(name, _)| name.as_str()));
        }
        order = noted;
        done.insert(section.name.clone());
        *section = rest;
        files.extend(moved.into_iter().map(|(name, bytes)| (name, Content::Made(bytes))));
    }
    let places = parts::Places::new(package, &done);
    for (part, bytes) in &package.files {
        let file = decode_name(part);
        // A name that another one would come back from stays as the zip has it.
        let comes_back =
            || column_files::part_among(&package.files, &file).unwrap_or_else(|| encode_name(&file)) == *part;
        let place = places.of(&file).filter(|_| !kept.all && !kept.parts.contains(part) && comes_back());
        // A component that the zip carries as a part would be one in the wrong place.
        let place = place.filter(|_| places.is_payload(&file) || !is_misplaced(part, bytes));
        let name = place.filter(|name| names.take(name)).unwrap_or_else(|| format!("{PARTS}{part}"));
        files.insert(name, Content::Part(part.clone()));
    }
    if let Some(bytes) = order.write() {
        files.insert(order::FILE.to_owned(), Content::Made(bytes.into()));
    }
    files.insert("Other/Customizations.xml".to_owned(), Content::Made(document::document(&customizations)));
    files.insert("Other/Solution.xml".to_owned(), Content::Made(document::document(&package.manifest)));
    files
}

/// The names of sections that are there more than once, which reading back could not tell apart.
fn repeated(customizations: &Element) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let elements = customizations.children.iter().filter_map(|node| match node {
        Node::Element(element) => Some(element.name.clone()),
        _ => None,
    });
    elements.filter(|name| !seen.insert(name.clone())).collect()
}
