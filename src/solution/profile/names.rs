//! Names of elements and attributes, as readers take them and as people see them.

use std::borrow::Cow;

use crate::solution::xml::Element;
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
