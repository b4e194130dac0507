//! A start tag as it is written: prefixes, declarations of namespaces, blanks in values.

use memchr::{memchr3, memmem};

/// The qualified names of a well-formed start tag, which is `raw`; values come decoded from the parser.
pub(super) fn start_tag(node: roxmltree::Node<'_, '_>, text: &str, raw: &str) -> (String, Vec<(String, String)>) {
    let ends_name = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'=');
    let name_length = |raw: &str| raw.bytes().position(ends_name).unwrap_or(raw.len());
    let raw = &raw[1..];
    let (name, mut rest) = raw.split_at(name_length(raw));
    let name = name.to_owned();
    let mut known = node.attributes();
    if memmem::find(rest.as_bytes(), b"xmlns").is_none() {
        let attribute = |known: roxmltree::Attribute<'_, '_>| {
            (text[known.range_qname()].to_owned(), attribute_value(known, &text[known.range_value()]))
        };
        let mut attributes = Vec::with_capacity(known.clone().count());
        attributes.extend(known.map(attribute));
        return (name, attributes);
    }
    // The parser keeps the declarations of namespaces apart.
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with(['>', '/']) {
            return (name, attributes);
        }
        let (key, after) = rest.split_at(name_length(rest));
        let after = after.trim_start().trim_start_matches('=').trim_start();
        let Some(quote) = after.chars().next() else { return (name, attributes) };
        let value = &after[1..];
        let length = value.find(quote).unwrap_or(value.len());
        rest = value.get(length + 1..).unwrap_or_default();
        let declared = key.strip_prefix("xmlns").filter(|prefix| prefix.is_empty() || prefix.starts_with(':'));
        let value = match declared {
            Some(prefix) => node.lookup_namespace_uri(prefix.strip_prefix(':')).unwrap_or_default(),
            None => &known.next().map(|it| attribute_value(it, &text[it.range_value()])).unwrap_or_default(),
        };
        attributes.push((key.to_owned(), value.to_owned()));
    }
}

/// The value of an attribute with its line ends and tabs, as .NET keeps them; the parser makes blanks of them.
fn attribute_value(attribute: roxmltree::Attribute<'_, '_>, raw: &str) -> String {
    if memchr3(b'\n', b'\r', b'\t', raw.as_bytes()).is_none() {
        return attribute.value().to_owned();
    }
    let mut written = raw.chars().peekable();
    let mut value = String::with_capacity(raw.len());
    while let Some(c) = written.next() {
        if c != '&' {
            value.push(c);
            continue;
        }
        let reference: String = written.by_ref().take_while(|c| *c != ';').collect();
        value.push(referenced(&reference).unwrap_or('\u{fffd}'));
    }
    value
}

/// The character that a reference stands for; documents have no entities of their own.
pub(super) fn referenced(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}
