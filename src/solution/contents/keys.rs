//! Hosts without a scheme, identified by their key: `"url": "api.contoso.com/v1"` of an API's description,
//! `<domain>…</domain>` of a code component, `Host = "…"` of a program, `Server=…` of a connection string.

use std::collections::BTreeSet;

use memchr::memchr3_iter;

use super::host::{Hosts, Least};

/// What such a key ends with, in lower case.
const KEYS: [&str; 12] = [
    "url",
    "uri",
    "host",
    "hostname",
    "domain",
    "server",
    "endpoint",
    "newpath",
    "origin",
    "baseaddress",
    "namespaceaddress",
    "defaultvalue",
];

/// Keys of connection strings, whose values have no quotes.
const CONNECTION_KEYS: [&str; 3] = ["server", "data source", "host"];

/// What ends the names of files, and no host: none is a top-level domain.
const FILES: [&str; 41] = [
    "html", "htm", "js", "mjs", "jsx", "tsx", "css", "scss", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "json",
    "xml", "xsd", "xsl", "xslt", "xaml", "aspx", "ashx", "asmx", "resx", "txt", "csv", "pdf", "docx", "xlsx", "pptx",
    "map", "php", "woff", "ttf", "eot", "dll", "exe", "xap", "yaml", "yml",
];

const QUOTES: [&str; 5] = ["\\\"", "\"", "'", "`", "&quot;"];

/// How long a key is at most.
const LONGEST: usize = 40;

/// The hosts that keys name.
pub(super) fn hosts_by_key(text: &str) -> BTreeSet<String> {
    let mut hosts = Hosts::of(text);
    for mark in memchr3_iter(b':', b'=', b'>', text.as_bytes()) {
        let (before, behind) = (&text[..mark], &text[mark + 1..]);
        let Some((key, is_element)) = key(before, text.as_bytes()[mark]) else { continue };
        let value = trimmed(behind);
        let quoted = QUOTES.iter().find_map(|quote| value.strip_prefix(quote)).map(trimmed);
        let value = match quoted {
            Some(value) => value,
            None if is_element => value,
            None if is_of_connection(before) && text.as_bytes()[mark] == b'=' => value,
            None => continue,
        };
        if KEYS.iter().any(|it| key.ends_with(it)) || is_of_connection(before) {
            let start = text.len() - value.len();
            if is_whole(value) {
                hosts.read(start, Least::Domain);
            }
        }
    }
    hosts.found()
}

/// Without the blanks between a mark and its value.
fn trimmed(text: &str) -> &str {
    let blanks = text.bytes().take(LONGEST).take_while(u8::is_ascii_whitespace).count();
    &text[blanks..]
}

/// The key before a mark in lower case, and whether it is the name of an element.
fn key(before: &str, mark: u8) -> Option<(String, bool)> {
    let bytes = before.as_bytes();
    let blanks = bytes.iter().rev().take(LONGEST).take_while(|byte| byte.is_ascii_whitespace()).count();
    let before = &before[..before.len() - blanks];
    let before = QUOTES.iter().find_map(|quote| before.strip_suffix(quote)).unwrap_or(before);
    let bytes = before.as_bytes();
    let length =
        bytes.iter().rev().take(LONGEST).take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'_').count();
    let key = before[before.len() - length..].to_ascii_lowercase();
    let is_element = mark == b'>';
    let is_opened = || bytes.get(before.len().wrapping_sub(length + 1)) == Some(&b'<');
    (length > 0 && (!is_element || is_opened())).then_some((key, is_element))
}

/// Whether the key before a mark is one of a connection string.
fn is_of_connection(before: &str) -> bool {
    let before = before.as_bytes().trim_ascii_end();
    CONNECTION_KEYS.iter().any(|key| {
        let start = before.len().checked_sub(key.len());
        start.is_some_and(|start| before[start..].eq_ignore_ascii_case(key.as_bytes()))
    })
}

/// Whether a value is a host, with a port, path or more of a connection string behind it; not the name of a file or the
/// member of an object.
fn is_whole(value: &str) -> bool {
    let length = value.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(value.len());
    let (name, behind) = value.split_at(length);
    let last = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let ends = ['/', '\\', '?', '#', ':', '"', '\'', '`', '<', '&', ',', ';', '@'];
    name.contains('.') && !FILES.contains(&&*last) && (behind.is_empty() || trimmed(behind).starts_with(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_that_its_value_is_a_host() {
        for text in [
            r#"{"servers":[{"url":"evil.example/"}]}"#,
            r#"{"servers":[{"url" : "evil.example"}]}"#,
            r#"{\"newPath\":\"evil.example/x\"}"#,
            "{&quot;tokenUrl&quot;:&quot;evil.example/token&quot;}",
            "<external-service-usage><domain>evil.example</domain></external-service-usage>",
            "<domain>\n  evil.example\n</domain>",
            "new UriBuilder { Host = \"evil.example\" }",
            "{ hostname: 'evil.example:8443' }",
            "Server=evil.example,1433;Database=x",
            "Data Source = evil.example;",
            "<NamespaceAddress>evil.example</NamespaceAddress>",
            "\"parameters\":{\"u\":{\"defaultValue\":\"evil.example\"}}",
            "{\"host\":\"user.name@evil.example\"}",
        ] {
            assert!(hosts_by_key(text).contains("evil.example"), "{text}");
        }
        for text in [
            "{\"url\":\"page.html\"}",
            "{\"url\":\"/api/data\"}",
            "{ url: this.url }",
            "url = form.context;",
            "{\"name\":\"a.b\"}",
            "var server = new x.y();",
            "{\"url\":\"a.method()\"}",
            "<a href=\"x\">some.text</a>",
        ] {
            assert_eq!(hosts_by_key(text), BTreeSet::new(), "{text}");
        }
    }
}
