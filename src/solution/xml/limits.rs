//! How large and how deep a document may be, found before the parser takes any memory.

use memchr::{memchr, memchr3, memmem};

/// How deep elements may nest; the deepest form in real packages stays below 60.
const MAX_DEPTH: usize = 256;

/// How many attributes a tag may have, and how many namespaces may be declared at one place: the parser compares each
/// with all the others. Real packages have at most 15 and 3.
pub(super) const MOST_AT_ONCE: usize = 256;

/// How many nodes a document may have at most (a customizations.xml of 95 MB has about 8 million).
pub(super) const MAX_NODES: u32 = 16_000_000;

/// How many nodes a document out of a zip of `size` bytes may have, so that a small zip cannot fill the memory; in
/// no real one are elements and attributes more than a third of the zip's bytes.
#[must_use]
pub fn node_limit(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(MAX_NODES).saturating_mul(4).saturating_add(250_000).min(MAX_NODES)
}

/// Where a document is nested too deep, has more elements and attributes than `nodes`, or too many attributes or
/// namespaces at one place, and what to say: found by a scan that needs no memory, before the parser takes any.
#[must_use]
pub fn too_much(text: &str, nodes: u32) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let (mut at, mut count) = (0, 0_usize);
    // How many namespaces are declared in each open element and around it.
    let mut declared: Vec<usize> = Vec::new();
    let declarations = memmem::Finder::new("xmlns");
    while let Some(step) = text[at..].find('<') {
        let start = at + step;
        let rest = &text[start..];
        let skip = |end: &str| rest.find(end).map_or(bytes.len(), |found| start + found + end.len());
        if rest.starts_with("<!--") {
            at = skip("-->");
        } else if rest.starts_with("<![CDATA[") {
            at = skip("]]>");
        } else if rest.starts_with("<?") {
            at = skip("?>");
        } else if rest.starts_with("</") {
            declared.pop();
            at = skip(">");
        } else {
            let (end, attributes) = tag_end(bytes, start);
            count += 1 + attributes;
            if count > nodes as usize {
                return Some((start, format!("it has more than {nodes} elements and attributes")));
            }
            if attributes > MOST_AT_ONCE {
                return Some((start, format!("an element has more than {MOST_AT_ONCE} attributes")));
            }
            let around = declared.last().copied().unwrap_or_default();
            let names = around + declarations.find_iter(&bytes[start..end]).count().min(attributes);
            if names > MOST_AT_ONCE {
                return Some((start, format!("more than {MOST_AT_ONCE} namespaces are declared for one element")));
            }
            if bytes.get(end.saturating_sub(2)) != Some(&b'/') {
                declared.push(names);
                if declared.len() > MAX_DEPTH {
                    return Some((start, format!("elements are nested deeper than {MAX_DEPTH}")));
                }
            }
            at = end;
        }
    }
    None
}

/// The offset after the `>` of the tag that starts at `start`, and how many attributes it has.
pub(super) fn tag_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut attributes) = (start, 0);
    while let Some(step) = memchr3(b'>', b'"', b'\'', &bytes[at..]) {
        let found = at + step;
        if bytes[found] == b'>' {
            return (found + 1, attributes);
        }
        let Some(length) = memchr(bytes[found], &bytes[found + 1..]) else { break };
        attributes += 1;
        at = found + 1 + length + 1;
    }
    (bytes.len(), attributes)
}
