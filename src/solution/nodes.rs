//! How many nodes the documents of a zip may have, whatever kind they are: elements and attributes of XML, values and
//! members of JSON. Each takes some 200 bytes of memory, and a small zip inflates to millions of them. And how long their
//! names may be, which readers repeat for what is inside.

use super::part_name::CUSTOMIZATIONS;
use super::profile::is_in_files;
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
        // Nobody looks for names in a file of a component, but for the definition of a flow.
        let has_names = !is_in_files(&entry.name) || is_flow(&entry.name);
        if is_xml(&entry.name) {
            let text = xml::decode_data(&entry.bytes).ok()?;
            // The nodes of this one are counted where it is read, piece by piece.
            let is_counted = !entry.name.eq_ignore_ascii_case(CUSTOMIZATIONS);
            let nodes = is_counted.then(|| xml::too_much(&text, most)).flatten();
            let names = || has_names.then(|| xml::long_name(&text, most as usize + 1)).flatten();
            let (_, message) = nodes.or_else(names)?;
            return Some(refuse("malformed-xml", &entry.name, message));
        }
        let measure = json::may_be(&entry.bytes).then(|| json::measure(&entry.bytes))?;
        let longest = json::LONGEST_MEMBER;
        let message = if measure.values > most {
            format!("it has more than {most} values and members")
        } else if has_names && measure.longest_member > longest {
            format!("the name of a member has more than {longest} bytes")
        } else {
            return None;
        };
        Some(refuse("too-large", &entry.name, message))
    };
    entries.into_iter().filter_map(of_entry).collect()
}

/// Whether a file is the definition of a flow.
fn is_flow(name: &str) -> bool {
    name.split('/').next().is_some_and(|folder| folder.eq_ignore_ascii_case("Workflows"))
}

fn is_xml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("xml"))
}
