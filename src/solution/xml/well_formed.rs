//! What XML forbids and the parser lets pass.

use memchr::{memchr_iter, memmem};
use roxmltree::Document;

use super::start_tag::referenced;
use crate::diagnostic::Diagnostic;

/// What XML forbids and the parser lets pass: references to characters that are none, and an XML declaration in the
/// middle. Written again they would be refused.
pub(super) fn ill_formed(document: &Document<'_>, text: &str) -> Option<(usize, String)> {
    // A declaration has small letters and a blank; anything else at the beginning is an instruction.
    let declared = text.strip_prefix("<?xml").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()));
    let behind = &text.as_bytes()[usize::from(declared)..];
    if memmem::find(behind, b"&#").is_none() && memmem::find(behind, b"<?").is_none() {
        return None;
    }
    let stray = |value: &str| {
        value.chars().find(is_stray).map(|c| format!("a reference to `{c:?}`, which is not a character of XML"))
    };
    document.descendants().find_map(|node| {
        let message = match node.pi() {
            Some(pi) if pi.target.eq_ignore_ascii_case("xml") => Some(
                "an XML declaration that is not at the beginning, has no version, or is not called `xml`".to_owned(),
            ),
            Some(pi) => unended(&text[node.range()], pi.target),
            None if node.is_text() => {
                node.text().and_then(|value| stray(value).or_else(|| half(value, &text[node.range()])))
            }
            None => node.attributes().find_map(|attribute| {
                stray(attribute.value()).or_else(|| half(attribute.value(), &text[attribute.range_value()]))
            }),
        };
        message.map(|message| (node.range().start, message))
    })
}

/// A target of an instruction that neither a blank nor the end of the instruction follows.
fn unended(raw: &str, target: &str) -> Option<String> {
    let behind = raw.strip_prefix("<?").and_then(|raw| raw.strip_prefix(target)).unwrap_or_default();
    let ends = behind.starts_with("?>") || behind.starts_with(|c: char| c.is_ascii_whitespace());
    (!ends).then(|| format!("the instruction `{target}`, whose name ends with neither a blank nor `?>`"))
}

/// A reference to half of a character, which the parser replaces.
fn half(value: &str, raw: &str) -> Option<String> {
    let mut references = raw.split("&#").skip(1).filter_map(|rest| Some(rest.split_once(';')?.0));
    let is_none = |number: &&str| referenced(&format!("#{number}")).is_none();
    let number = value.contains('\u{fffd}').then(|| references.find(is_none))??;
    Some(format!("a reference `&#{number};`, which stands for no character"))
}

/// Whether it is none of XML's characters, not even as a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that `find` on characters wants")]
fn is_stray(c: &char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Refuses a file that cannot become the text of an element; `file` names it in the error.
pub fn check_text(bytes: &[u8], file: &str) -> Result<(), Box<Diagnostic>> {
    let refuse = |message: String, before: &[u8]| {
        let line = memchr_iter(b'\n', before).count() + 1;
        Err(Box::new(Diagnostic::error("malformed-xml", message).in_file(file, Some((line, 1)))))
    };
    match std::str::from_utf8(bytes) {
        Err(error) => refuse("it is not UTF-8 text".to_owned(), &bytes[..error.valid_up_to()]),
        Ok(text) => match text.char_indices().find(|(_, c)| is_stray(c)) {
            Some((at, c)) => {
                refuse(format!("`{c:?}` is not a character of XML, which the text becomes part of"), &bytes[..at])
            }
            None => Ok(()),
        },
    }
}

/// Names that begin with a colon, attributes that the parser would take for a declaration of the default namespace
/// (`a:xmlns`), and two such declarations.
pub(super) fn misnamed(name: &str, attributes: &[(String, String)]) -> Option<String> {
    let mut names = std::iter::once(name).chain(attributes.iter().map(|(name, _)| name.as_str()));
    if let Some(bad) = names.find(|name| name.starts_with(':')) {
        return Some(format!("the name `{bad}`, which begins with a colon"));
    }
    if let Some((bad, _)) = attributes.iter().find(|(name, _)| name.ends_with(":xmlns")) {
        return Some(format!("the attribute `{bad}`: a namespace is declared by `xmlns` or `xmlns:prefix`"));
    }
    let defaults = attributes.iter().filter(|(name, _)| name == "xmlns").count();
    (defaults > 1).then(|| "`xmlns` is there twice".to_owned())
}
