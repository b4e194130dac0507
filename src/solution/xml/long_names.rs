//! How long a name may be. Whoever reads a solution repeats names, such as a table's for each of its columns and forms: a
//! long one with many children would fill the memory out of a small zip.

use memchr::{memchr, memchr3};

/// How many characters a name, an id or a code may have: what an attribute or element is called so ends in `name` or `id`.
/// The longest of real packages has 179, the assembly-qualified name of a plug-in type.
const LONGEST_NAME: usize = 1_000;
/// How many any other attribute may have. The longest of real packages has 814, a description.
const LONGEST_ATTRIBUTE: usize = 16_000;
/// How many bytes an element or attribute may be called. The longest of real packages has 47.
const LONGEST_TAG: usize = 250;
/// How many bytes an element and all around it may be called together: that is its path.
const LONGEST_PATH: usize = 4_000;

/// An element that is open.
struct Open {
    /// How long its text is so far, where that is a name.
    text: Option<usize>,
    /// How long its path is.
    path: usize,
}

/// Where a name is too long, and what to say: found by a scan that needs no memory, before the parser takes any. It ends
/// behind `most` elements and attributes, of which nobody reads more.
#[must_use]
pub fn long_name(text: &str, most: usize) -> Option<(usize, String)> {
    let (mut at, mut left) = (0, most);
    let mut open: Vec<Open> = Vec::new();
    while let Some(step) = memchr(b'<', &text.as_bytes()[at..]) {
        let start = at + step;
        if let Some(refused) = add(&mut open, &text[at..start]) {
            return Some((at, refused));
        }
        let rest = &text[start..];
        let skip = |end: &str| rest.find(end).map_or(text.len(), |found| start + found + end.len());
        if rest.starts_with("<!--") {
            at = skip("-->");
        } else if rest.starts_with("<![CDATA[") {
            at = skip("]]>");
            if let Some(refused) = add(&mut open, &text[start..at]) {
                return Some((start, refused));
            }
        } else if rest.starts_with("<?") {
            at = skip("?>");
        } else if rest.starts_with("</") {
            open.pop();
            at = skip(">");
        } else {
            let (length, refused) = tag(rest, &mut left);
            if let Some(refused) = refused {
                return Some((start, refused));
            }
            if left == 0 {
                return None;
            }
            at = start + length;
            let name = called(rest);
            let path = open.last().map_or(0, |around| around.path) + name.len();
            if path > LONGEST_PATH {
                return Some((start, format!("the path of an element has more than {LONGEST_PATH} characters")));
            }
            if !rest[..length].ends_with("/>") {
                open.push(Open { text: is_name(name).then_some(0), path });
            }
        }
    }
    None
}

/// What an element is called whose tag begins here.
fn called(tag: &str) -> &str {
    let name = tag[1..].split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).next();
    name.unwrap_or_default()
}

/// Adds text to the open element; what to say where it has become too long for a name.
fn add(open: &mut [Open], text: &str) -> Option<String> {
    let length = open.last_mut()?.text.as_mut()?;
    *length += text.trim().chars().count();
    (*length > LONGEST_NAME).then(|| refusal("a name or id", LONGEST_NAME))
}

fn refusal(what: &str, most: usize) -> String {
    format!("{what} has more than {most} characters")
}

/// The length of the tag at the head of a text, and what is too long in it. What it looks at is taken from `left`.
fn tag(text: &str, left: &mut usize) -> (usize, Option<String>) {
    let bytes = text.as_bytes();
    let refused = |at: usize, what: &str, most: usize| (at, Some(refusal(what, most)));
    if called(text).len() > LONGEST_TAG {
        return refused(0, "what an element is called", LONGEST_TAG);
    }
    let mut at = 0;
    loop {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return (at, None);
        }
        let Some(quote) = memchr3(b'>', b'"', b'\'', &bytes[at..]).map(|found| at + found) else {
            return (bytes.len(), None);
        };
        if bytes[quote] == b'>' {
            return (quote + 1, None);
        }
        let Some(length) = memchr(bytes[quote], &bytes[quote + 1..]) else { return (bytes.len(), None) };
        let before = text[at..quote].trim_end_matches(['=', ' ', '\t', '\r', '\n']);
        let name = before.rsplit(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
        if name.len() > LONGEST_TAG {
            return refused(at, "what an attribute is called", LONGEST_TAG);
        }
        let value = &text[quote + 1..quote + 1 + length];
        let is_short = is_name(name) || ends(name, "code");
        let most = if is_short { LONGEST_NAME } else { LONGEST_ATTRIBUTE };
        if value.len() > most && value.chars().count() > most {
            return refused(at, if is_short { "a name or id" } else { "an attribute" }, most);
        }
        at = quote + 1 + length + 1;
    }
}

fn is_name(called: &str) -> bool {
    ends(called, "name") || ends(called, "id")
}

fn ends(text: &str, with: &str) -> bool {
    let start = text.len().checked_sub(with.len());
    start.and_then(|start| text.as_bytes().get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(with.as_bytes()))
}

#[cfg(test)]
mod tests;
