//! Names of elements and attributes, as readers understand them and as people see them.

use std::borrow::Cow;

use super::row::Row;
use super::table::row;
use crate::solution::xml::Element;
use crate::text::shortened;

/// Characters of a step in a path.
const LONGEST_STEP: usize = 120;

/// Blanks as XML defines them; others are invisible text.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// What people know an element by: a name, or else an id.
#[must_use]
pub fn name_of(element: &Element) -> Option<String> {
    named(element, |_| true, |_| true)
}

/// The same of an element of a place: where the table has a row for it, no other attribute or child is its name.
#[must_use]
pub fn name_in(element: &Element, place: &str) -> Option<String> {
    let Some(row) = row(place) else { return name_of(element) };
    let is_attribute = |name: &str| row.attributes.iter().any(|(known, _)| *known == name);
    named(element, is_attribute, |name| row.children.iter().any(|it| it.name == name))
}

fn named(element: &Element, is_attribute: impl Fn(&str) -> bool, is_child: impl Fn(&str) -> bool) -> Option<String> {
    const ATTRIBUTES: [&str; 8] =
        ["Name", "name", "SchemaName", "UniqueName", "connectionreferencelogicalname", "FullName", "id", "Id"];
    const CHILDREN: [&str; 5] = ["UniqueName", "SchemaName", "Name", "name", "FormId"];
    let mut attributes = ATTRIBUTES.iter().filter(|name| is_attribute(name));
    let mut children = CHILDREN.iter().filter(|name| is_child(name));
    let found = attributes.find_map(|name| element.attribute(name).map(str::to_owned));
    found.or_else(|| children.find_map(|name| element.child_text(name)))
}

/// Whether an attribute that the row does not have has the name of one of its children.
#[must_use]
pub fn passes_for_child(row: &Row, attribute: &str) -> bool {
    let is_own = row.attributes.iter().any(|(known, _)| *known == attribute);
    !is_own && row.children.iter().any(|it| same_word(it.name, attribute))
}

/// Whether a child that the row does not have has the name of one of its attributes.
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
