//! Reading a folder back before it is written: what the layout would lose, whatever the reason, is
//! then kept in another way. So unpacking loses nothing, even of packages that no one has thought of.

use std::collections::{BTreeMap, BTreeSet};

use super::files::Content;
use crate::solution::folder::column_files;
use crate::solution::folder::read::read_tree;
use crate::solution::folder::tree::Tree;
use crate::solution::package::{PackageType, SolutionPackage};
use crate::solution::xml::{Node, write_fragment};

/// What does not come back as it was.
#[derive(Debug, Default)]
pub struct Loss {
    /// Sections of customizations.xml.
    pub sections: BTreeSet<String>,
    /// Parts of the zip.
    pub parts: BTreeSet<String>,
    /// More than can be told.
    pub all: bool,
}

impl Loss {
    /// Whether all comes back.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.parts.is_empty() && !self.all
    }
}

/// Reads `files` as a folder and compares. The content of a part is its name here, so that large ones
/// need not be copied and each is known again; only records that name files are what they are.
pub fn loss(package: &SolutionPackage, files: &BTreeMap<String, Content>) -> Loss {
    let everything = Loss { all: true, ..Loss::default() };
    let records: BTreeSet<&String> =
        package.files.keys().filter_map(|name| column_files::record_of(&package.files, name)).collect();
    let stand_in = |part: &String| {
        let record = package.files.get(part).filter(|_| records.contains(part));
        record.map_or_else(|| part.clone().into_bytes(), Clone::clone)
    };
    let content = |content: &Content| match content {
        Content::Made(bytes) => bytes.clone(),
        Content::Part(part) => stand_in(part),
    };
    let Ok(tree) = Tree::of(files.iter().map(|(name, of)| (name.clone(), content(of)))) else { return everything };
    let package_type = if package.managed() { PackageType::Managed } else { PackageType::Unmanaged };
    let Ok(again) = read_tree(tree, &package.origin, Vec::new(), Some(package_type)) else { return everything };
    let mut loss = Loss::default();
    let (ours, theirs) = (&package.customizations, &again.customizations);
    if ours.attributes != theirs.attributes || ours.children.len() != theirs.children.len() {
        return everything;
    }
    for (one, other) in ours.children.iter().zip(&theirs.children) {
        match (one, other) {
            (Node::Element(one), Node::Element(other)) => {
                if write_fragment(one) != write_fragment(other) {
                    loss.sections.insert(one.name.clone());
                }
            }
            (one, other) if one == other => {}
            _ => return everything,
        }
    }
    for name in package.files.keys() {
        if again.files.get(name).is_none_or(|bytes| *bytes != stand_in(name)) {
            loss.parts.insert(name.clone());
        }
    }
    // A file that became a part by mistake belongs to some section; all are kept whole then.
    loss.all = again.files.len() > package.files.len();
    loss
}
