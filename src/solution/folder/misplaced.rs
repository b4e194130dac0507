//! Files whose root is an element of a section of customizations.xml: they are merged from their place, and copied from none.
//! As a part of the zip, Dataverse would not see them.

use super::layout::{SKELETON, home};
use crate::diagnostic::Diagnostic;
use crate::solution::xml;

/// Whether a file's root is looked at: what is XML by its name.
pub fn is_xml(name: &str) -> bool {
    name.len() > 4 && name.is_char_boundary(name.len() - 4) && name[name.len() - 4..].eq_ignore_ascii_case(".xml")
}

/// Whether a part has an element of a section as its root.
pub fn is_misplaced(part: &str, bytes: &[u8]) -> bool {
    is_xml(part) && xml::root_name(bytes).is_some_and(|root| home(&root).is_some())
}

/// The finding for a file that is not merged, though it has an element of a section; `name` is its own in the folder.
pub fn misplaced(origin: &str, name: &str, bytes: &[u8]) -> Option<Diagnostic> {
    let root = xml::root_name(bytes)?;
    let (section, place) = home(&root)?;
    let (message, help) = if place == SKELETON {
        let message = format!("its `<{root}>` is packed only from `<{section}>` in `{place}`");
        (message, "move the element there, or remove the file")
    } else {
        (format!("its `<{root}>` is packed only from `{place}`"), "move or rename the file, or remove it")
    };
    let finding = Diagnostic::error("misplaced-component", message).in_file(format!("{origin}/{name}"), None);
    Some(finding.help(help))
}

/// The finding for a file that is merged, and whose root is another than the one that belongs there.
pub fn wrong_root(file: &str, line: usize, found: &str, wanted: &str) -> Diagnostic {
    let message = format!("it starts with `<{found}>`; a file in this place has a `<{wanted}>`");
    Diagnostic::error("misplaced-component", message)
        .in_file(file, Some((line, 1)))
        .help("correct the element, or move the file out of this folder")
}
