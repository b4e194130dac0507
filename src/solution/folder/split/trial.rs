//! Reading a folder back before it is written: what the layout would lose, whatever the reason, is
//! then kept in another way. So unpacking loses nothing, even of packages that no one has thought of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::files::Content;
use crate::diagnostic::has_errors;
use crate::solution::folder::column_files;
use crate::solution::folder::fill::fill;
use crate::solution::folder::piece::Piece;
use crate::solution::folder::plan::Plan;
use crate::solution::folder::route::Routes;
use crate::solution::folder::tree::Tree;
use crate::solution::package::{PackageType, SolutionPackage};
use crate::solution::xml::{Element, Node, indents, write_node};

/// How many bytes are read back at a time.
const BATCH_BYTES: usize = 1 << 20;

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

/// Reads `files` as a folder and compares, a few components at a time. The content of a part is its name here, so that
/// large ones need not be copied and each is known again; only records that name files are what they are.
pub fn loss(package: &SolutionPackage, files: &BTreeMap<String, Content>) -> Loss {
    try_loss(package, files).unwrap_or(Loss { all: true, ..Loss::default() })
}

/// The same; none where the folder cannot be read, or its sections are not those of the package.
fn try_loss(package: &SolutionPackage, files: &BTreeMap<String, Content>) -> Option<Loss> {
    let records: BTreeSet<&String> =
        package.files.keys().filter_map(|name| column_files::record_of(&package.files, name)).collect();
    let stand_in = |part: &String| -> Arc<[u8]> {
        let record = package.files.get(part).filter(|_| records.contains(part));
        record.map_or(part.as_bytes(), Vec::as_slice).into()
    };
    let content = |content: &Content| match content {
        Content::Made(bytes) => bytes.clone(),
        Content::Part(part) => stand_in(part),
    };
    let tree = Tree::of(files.iter().map(|(name, of)| (name.clone(), content(of)))).ok()?;
    let package_type = if package.managed() { PackageType::Managed } else { PackageType::Unmanaged };
    let mut plan = Plan::of(tree, package.origin.clone(), Vec::new(), Some(package_type)).ok()?;
    let (ours, theirs) = (&package.customizations, std::mem::take(&mut plan.skeleton));
    let mut routes = std::mem::take(&mut plan.routes);
    if plan.failed() || ours.attributes != theirs.attributes || ours.children.len() != theirs.children.len() {
        return None;
    }
    let mut loss = Loss::default();
    let mut met = BTreeSet::new();
    for (one, other) in ours.children.iter().zip(&theirs.children) {
        match (one, other) {
            (Node::Element(one), Node::Element(other)) => {
                // Of sections with one name, the first is filled.
                let mut pieces = &[][..];
                if met.insert(other.name.as_str()) {
                    other.elements().for_each(|element| routes.see(&other.name, element));
                    let filled = plan.sections.iter().find(|(name, _)| *name == other.name);
                    pieces = filled.map_or(pieces, |(_, found)| found);
                }
                if !comes_back(one, other, pieces, &plan, &mut routes)? {
                    loss.sections.insert(one.name.clone());
                }
            }
            (one, other) if one == other => {}
            _ => return None,
        }
    }
    let parts = routes.parts(&plan.tree, &plan.origin).parts;
    for name in package.files.keys() {
        let read = parts.get(name).and_then(|id| plan.tree.read(*id).ok());
        if read.is_none_or(|bytes| *bytes != *stand_in(name)) {
            loss.parts.insert(name.clone());
        }
    }
    // A file that became a part by mistake belongs to some section; all are kept whole then.
    loss.all = parts.len() > package.files.len();
    Some(loss)
}

/// Whether a section is what the folder makes of it: `there`, filled with what is in the pieces; none if one cannot be
/// read.
fn comes_back(section: &Element, there: &Element, pieces: &[Piece], plan: &Plan, routes: &mut Routes) -> Option<bool> {
    let ends_alike = !section.children.is_empty() || section.long_empty == there.long_empty;
    let mut is_same = section.name == there.name && section.attributes == there.attributes && ends_alike;
    let inside = indents(section, false);
    let mut ours = section.children.as_slice();
    let mut compare = |theirs: &[Node]| {
        let (now, later) = ours.split_at(theirs.len().min(ours.len()));
        ours = later;
        is_same &= now.len() == theirs.len();
        is_same &= now.par_iter().zip(theirs).all(|(one, other)| text(one, inside) == text(other, inside));
    };
    compare(&there.children);
    let filling = fill(plan, &section.name, pieces, BATCH_BYTES, |nodes| {
        let elements = nodes.iter().filter_map(|node| if let Node::Element(it) = node { Some(it) } else { None });
        elements.for_each(|element| routes.see(&section.name, element));
        compare(&nodes);
    });
    if has_errors(&filling.findings) {
        return None;
    }
    routes.payloads.extend(filling.payloads);
    Some(is_same && ours.is_empty())
}

fn text(node: &Node, pretty: bool) -> String {
    let mut text = String::new();
    write_node(node, 1, pretty, &mut text);
    text
}
