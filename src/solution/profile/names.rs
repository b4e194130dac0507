//! Names of elements and attributes, as readers take them and as people see them.

use std::borrow::Cow;

use super::row::Row;
use super::table::row;
use crate::solution::xml::{Element, Node};
use crate::text::shortened;

/// Characters of a step in a path.
const LONGEST_STEP: usize = 120;

/// Blanks as XML knows them; others are text that nobody sees.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// What a person knows an element by: a name, else an id.
#[must_use]
pub fn name_of(element: &Element) -> Option<String> {
    const ATTRIBUTES: [&str; 8] =
        ["Name", "name", "SchemaName", "UniqueName", "connectionreferencelogicalname", "FullName", "id", "Id"];
    const CHILDREN: [&str; 5] = ["UniqueName", "SchemaName", "Name", "name", "FormId"];
    let found = ATTRIBUTES.iter().find_map(|name| element.attribute(name).map(str::to_owned));
    found.or_else(|| CHILDREN.iter().find_map(|name| element.child_text(name)))
}

/// The same of an element of a place: what passes there for the attribute or child that readers take is no name.
#[must_use]
pub fn name_in(element: &Element, place: &str) -> Option<String> {
    let Some(row) = row(place) else { return name_of(element) };
    let is_decoy = |name: &str| passes_for_child(row, name);
    if !element.attributes.iter().any(|(name, _)| is_decoy(name)) && !has_attribute_as_child(element, row) {
        return name_of(element);
    }
    let mut bare = element.clone();
    bare.attributes.retain(|(name, _)| !is_decoy(name));
    bare.children.retain(|node| match node {
        Node::Element(child) => !passes_for_attribute(row, &child.name),
        _ => true,
    });
    name_of(&bare)
}

fn has_attribute_as_child(element: &Element, row: &Row) -> bool {
    element.elements().any(|child| passes_for_attribute(row, &child.name))
}

/// Whether an attribute that the row does not have is called like one of its children.
#[must_use]
pub fn passes_for_child(row: &Row, attribute: &str) -> bool {
    let is_own = row.attributes.iter().any(|(known, _)| *known == attribute);
    !is_own && row.children.iter().any(|it| same_word(it.name, attribute))
}

/// Whether a child that the row does not have is called like one of its attributes.
#[must_use]
pub fn passes_for_attribute(row: &Row, child: &str) -> bool {
    let is_own = row.children.iter().any(|it| it.name == child);
    !is_own && row.attributes.iter().any(|(known, _)| same_word(known, child))
}

/// A name as a step of a path.
pub(super) fn step(name: &str) -> Cow<'_, str> {
    shortened(name, LONGEST_STEP)
}

/// Whether a name is a known one in another case or with a prefix.
pub(super) fn same_word(known: &str, name: &str) -> bool {
    known.eq_ignore_ascii_case(local(name))
}

/// A name without its case and prefix.
pub(super) fn word(name: &str) -> String {
    local(name).to_ascii_lowercase()
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name).trim()
}

/// A name without a prefix, of ASCII letters, digits, `_`, `-` and `.`.
pub(super) fn is_plain(name: &str) -> bool {
    name != "xmlns" && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
