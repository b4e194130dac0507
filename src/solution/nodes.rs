//! How many nodes the documents of a zip may have, whatever kind they are: elements and attributes of XML, values and
//! members of JSON. Each takes some 200 bytes of memory, and a small zip inflates to millions of them.

use super::{json, xml};
use crate::archive::Entry;
use crate::diagnostic::Diagnostic;

/// What is refused among the parts of a zip of `size` bytes, which is called `name`.
#[must_use]
pub fn refusals<'a>(entries: impl IntoIterator<Item = &'a Entry>, size: usize, name: &str) -> Vec<Diagnostic> {
    let most = xml::node_limit(size);
    let refuse = |code, part: &str, message: String| {
        let finding = Diagnostic::error(code, message).in_file(format!("{name}: {part}"), None);
        finding.help("give the solution as Dataverse exported it")
    };
    let of_entry = |entry: &Entry| {
        if is_xml(&entry.name) {
            let text = xml::decode_data(&entry.bytes).ok()?;
            let (_, message) = xml::too_much(&text, most)?;
            return Some(refuse("malformed-xml", &entry.name, message));
        }
        (json::may_be(&entry.bytes) && json::count(&entry.bytes) > most)
            .then(|| refuse("too-large", &entry.name, format!("it has more than {most} values and members")))
    };
    // That one is counted where it is read, piece by piece.
    let others = entries.into_iter().filter(|entry| !entry.name.eq_ignore_ascii_case("customizations.xml"));
    others.filter_map(of_entry).collect()
}

fn is_xml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("xml"))
}
