//! The relationships that `Other/Relationships.xml` names, against those that have a definition.
//! Facts: for a name without a definition, SolutionPackager writes an empty relationship, so that the import fails. A package
//! without it would look complete, and an upgrade to it deletes the lookup column.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{RELATIONSHIP_NAMES, RELATIONSHIPS};
use crate::diagnostic::Diagnostic;
use crate::solution::xml::{Element, Node};

/// The names of a list, in its order.
#[derive(Default)]
pub struct Listed {
    /// The list's file; empty where there is none.
    file: String,
    /// Name as written, and line.
    names: Vec<(String, usize)>,
    /// Lower-case name → its place.
    places: BTreeMap<String, usize>,
}

impl Listed {
    /// Reads the list that stands in `file`.
    pub fn read(list: &Element, file: String) -> Self {
        let mut listed = Self { file, ..Self::default() };
        for (place, element) in list.elements().enumerate() {
            let name = element.attribute("Name").unwrap_or_default();
            listed.places.entry(name.to_lowercase()).or_insert(place);
            listed.names.push((name.to_owned(), element.line));
        }
        listed
    }

    /// Puts relationships in the order of the list; others follow by name.
    pub fn sort(&self, nodes: &mut [Node]) {
        nodes.sort_by_cached_key(|node| {
            let name = name_of(node).to_lowercase();
            (self.places.get(&name).copied().unwrap_or(usize::MAX), name)
        });
    }

    /// Those that have no definition among `nodes`, an error each.
    pub fn missing(&self, nodes: &[Node]) -> Vec<Diagnostic> {
        let defined: BTreeSet<String> = nodes.iter().map(|node| name_of(node).to_lowercase()).collect();
        let missing = self.names.iter().filter(|(name, _)| !defined.contains(&name.to_lowercase()));
        let finding = |(name, line): &(String, usize)| {
            let message = format!("the relationship `{name}` has no definition in `{RELATIONSHIPS}`");
            Diagnostic::error("missing-component-source", message)
                .in_file(self.file.as_str(), Some((*line, 1)))
                .help("restore the file of its table, or remove the line: an upgrade to a package without it deletes its columns")
        };
        missing.map(finding).collect()
    }

    /// What is said of the definitions in `nodes`: those that are missing, and those that the list does not name.
    pub fn compare(&self, nodes: &[Node], origin: &str) -> Vec<Diagnostic> {
        let mut findings = self.missing(nodes);
        if self.file.is_empty() {
            let message = format!("it has no `{RELATIONSHIP_NAMES}`; `{RELATIONSHIPS}` is packed anyway");
            let finding = Diagnostic::warning("unlisted-relationship", message).in_file(origin, None);
            findings.push(finding.help("write the list of their names, as `dvpack unpack` does"));
            return findings;
        }
        for node in nodes {
            let Node::Element(element) = node else { continue };
            let name = name_of(node);
            if self.places.contains_key(&name.to_lowercase()) {
                continue;
            }
            let message =
                format!("`{RELATIONSHIP_NAMES}` does not name the relationship `{name}`; it is packed anyway");
            let finding = Diagnostic::warning("unlisted-relationship", message)
                .help(format!("add `<EntityRelationship Name=\"{name}\" />` there, or remove the definition"));
            let file = element.file.as_deref().unwrap_or(origin);
            findings.push(finding.in_file(file, (element.line > 0).then_some((element.line, 1))));
        }
        findings
    }
}

fn name_of(node: &Node) -> &str {
    match node {
        Node::Element(element) => element.attribute("Name").unwrap_or_default(),
        _ => "",
    }
}
