//! Relationships: the list of their names, and a file for each table that they start from.

use std::collections::BTreeMap;

use super::document::document_with_xsi;
use super::files::Files;
use super::pattern;
use crate::solution::folder::layout::{RELATIONSHIP_NAMES, RELATIONSHIPS};
use crate::solution::xml::{Element, Node};

/// The files; the section is then empty.
pub fn split(section: &mut Element) -> Option<Files> {
    let mut names = Element::new("EntityRelationships");
    let mut by_table: BTreeMap<String, (String, Element)> = BTreeMap::new();
    for node in &section.children {
        let Node::Element(relationship) = node else { return None };
        if relationship.name != "EntityRelationship" {
            return None;
        }
        // 1:N starts from the table that is referenced, N:N from the first one.
        let table =
            relationship.child_text("ReferencedEntityName").or_else(|| relationship.child_text("FirstEntityName"));
        let table = pattern::piece(&table?)?;
        names.push(Element::new("EntityRelationship").with("Name", relationship.attribute("Name")?));
        let (_, file) = by_table
            .entry(table.to_lowercase())
            .or_insert_with(|| (format!("{RELATIONSHIPS}{table}.xml"), Element::new("EntityRelationships")));
        file.children.push(node.clone());
    }
    let mut files = vec![(RELATIONSHIP_NAMES.to_owned(), document_with_xsi(names))];
    files.extend(by_table.into_values().map(|(name, element)| (name, document_with_xsi(element))));
    section.children.clear();
    section.long_empty = false;
    Some(files)
}
