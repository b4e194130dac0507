//! Names of parts. The model keeps them as the zip has them; they are decoded only where a file is written to a disk.
//! Source: `System.IO.Packaging` on .NET 10, asked with names made by hand: it decodes nothing, compares without case,
//! and passes over names that are not valid part names of ECMA-376-2 without a word.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;

/// The part with a solution's identity and root components.
pub(super) const MANIFEST: &str = "solution.xml";
/// The part with a solution's components.
pub(super) const CUSTOMIZATIONS: &str = "customizations.xml";

/// What may stand raw in a part name: RFC 3986 `pchar` and `/`, and the brackets that .NET leaves.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'[')
    .remove(b']')
    .remove(b'/');

/// What stands raw in the name under which Dataverse looks for the file of a column.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The name under which Dataverse looks for the file of a column: of ASCII, only letters, digits and `-._~` stay raw.
/// Source: the error of an import, which lists where it searched (`/botcomponents/…/filedata/Orders%2C%20Subscriptions.docx`).
#[must_use]
pub fn encode_file(name: &str) -> String {
    utf8_percent_encode(name, UNRESERVED).to_string()
}

/// Whether the last piece of a part's name is the file that a column names. Whether the column has the name as people
/// read it or as the part has it is not known, so both count; two parts for one name are refused as a collision.
#[must_use]
pub fn is_file(piece: &str, written: &str) -> bool {
    let file = decode_name(piece);
    piece == written || file == written || file == decode_name(written)
}

/// What a part is found by where XML names it: its name in lower case, however it is encoded. Two parts with one key are
/// refused in bundles ([`collisions`]).
#[must_use]
pub fn key(part: &str) -> String {
    encode_name(&decode_name(part)).to_lowercase()
}

/// The name of the part for a file of this name.
#[must_use]
pub fn encode_name(name: &str) -> String {
    utf8_percent_encode(name, ENCODED).to_string()
}

/// The name of the file for a part of this name.
#[must_use]
pub fn decode_name(part: &str) -> String {
    percent_decode_str(part).decode_utf8().map_or_else(|_| part.to_owned(), std::borrow::Cow::into_owned)
}

/// The valid name of a part whose name is a file's as it is: with raw characters that part names percent-encode, and
/// nothing that could be encoded already. Nothing where it is valid, or where it could mean two names.
#[must_use]
pub fn encoded(part: &str) -> Option<String> {
    let is_file_name = problem(part).is_some() && !part.contains(['%', '\\']);
    Some(encode_name(part)).filter(|encoded| is_file_name && problem(encoded).is_none())
}

/// Why Dataverse's reader passes over a part of this name, or could take it for another one.
#[must_use]
pub fn problem(part: &str) -> Option<&'static str> {
    let raw = |byte: u8| {
        !matches!(byte, 0x21..=0x7e)
            || matches!(byte, b'"' | b'#' | b'<' | b'>' | b'?' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    if part.bytes().any(raw) {
        return Some("it has a character that part names must percent-encode, so that Dataverse ignores the part");
    }
    let mut rest = part;
    while let Some((_, after)) = rest.split_once('%') {
        let code = after.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) else {
            return Some("it has a `%` that encodes nothing, so that Dataverse ignores the part");
        };
        match byte {
            b'/' | b'\\' | 0 => return Some("it encodes a separator"),
            _ if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                return Some(
                    "it encodes a character that part names have as it is, so that Dataverse ignores the part",
                );
            }
            _ => {}
        }
        rest = &after[2..];
    }
    let segments = |segment: &str| segment.is_empty() || segment.ends_with('.');
    if part.split('/').any(segments) {
        return Some("it has a part that is empty or ends with a dot");
    }
    None
}

/// A form in which two names are equal if any reader or file system could take them for one.
fn fold(part: &str) -> String {
    decode_name(part).nfkc().collect::<String>().to_uppercase().to_lowercase().nfkc().collect()
}

/// Pairs of names that are equal without case, after decoding, or in a normal form.
pub fn collisions<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut met: HashMap<String, &str> = HashMap::new();
    names.into_iter().filter_map(|name| met.insert(fold(name), name).map(|other| (other, name))).collect()
}

#[cfg(test)]
mod tests;
