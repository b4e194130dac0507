//! Hosts that stand in a text without slashes before them: in addresses of mail, and in connection strings.
//!
//! Facts: RFC 6068 (`mailto:` with several recipients, and more in its query); the keywords of `SqlConnection` and OLE DB
//! for a server, with or without a protocol before its name.

use std::collections::BTreeSet;

use memchr::memchr_iter;

use super::address::{Least, hosts_at};

/// What a server is called in a connection string.
const SERVER: [&str; 6] = ["server", "data source", "address", "addr", "network address", "host"];

/// Protocols before the name of a server.
const PROTOCOLS: [&str; 3] = ["tcp:", "admin:", "np:"];

/// What else is in a connection string: without any of it, `server = a.b;` is a program.
const OTHERS: [&str; 14] = [
    "database",
    "initial catalog",
    "user id",
    "uid",
    "user",
    "password",
    "pwd",
    "trusted_connection",
    "integrated security",
    "encrypt",
    "port",
    "provider",
    "authentication",
    "persist security info",
];

/// How long a name of a part of a connection string may be.
const LONGEST: usize = 24;

/// How much of an address of mail is looked at.
const FARTHEST: usize = 512;

/// The hosts of both.
pub(super) fn unslashed_hosts(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for colon in memchr_iter(b':', text.as_bytes()) {
        let is_mail = colon.checked_sub("mailto".len()).and_then(|start| text.get(start..colon));
        if is_mail.is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto")) {
            mail(&text[colon + 1..], &mut found);
        }
    }
    for sign in memchr_iter(b'=', text.as_bytes()) {
        if SERVER.contains(&&*name_before(&text[..sign])) {
            server(&text[sign + 1..], &mut found);
        }
    }
    found
}

/// The recipients of `mailto:`.
fn mail(rest: &str, found: &mut BTreeSet<String>) {
    let near = &rest[..boundary(rest, FARTHEST)];
    let end = near.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | ')'));
    let address = percent_encoding::percent_decode_str(&near[..end.unwrap_or(near.len())]).decode_utf8_lossy();
    for host in address.split('@').skip(1) {
        found.extend(hosts_at(host, Least::Dot));
    }
}

/// The value of a server, if that is one.
fn server(rest: &str, found: &mut BTreeSet<String>) {
    let value = rest.trim_start_matches([' ', '\t', '"', '\'']);
    let lower = value[..boundary(value, LONGEST)].to_ascii_lowercase();
    let protocol = PROTOCOLS.iter().find(|protocol| lower.starts_with(*protocol));
    let host = value[protocol.map_or(0, |protocol| protocol.len())..].trim_start_matches('\\');
    if protocol.is_some() || is_followed(value) {
        found.extend(hosts_at(host, if protocol.is_some() { Least::Name } else { Least::Domain }));
    }
}

/// Whether another part of a connection string comes behind a value.
fn is_followed(value: &str) -> bool {
    let near = &value[..boundary(value, FARTHEST)];
    let parts = near.split(['\r', '\n', '<', '>', '"']).next().unwrap_or_default().split(';').skip(1);
    let name = |part: &str| part.split_once('=').map(|(name, _)| name.trim().to_ascii_lowercase());
    parts.filter_map(name).any(|name| OTHERS.contains(&&*name))
}

/// The name that ends a text, in lower case and with single blanks.
fn name_before(text: &str) -> String {
    let is_of_name = |c: &char| c.is_ascii_alphabetic() || matches!(c, ' ' | '_');
    let name: String = text.chars().rev().take(LONGEST).take_while(is_of_name).collect();
    name.chars().rev().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

/// The last boundary of a character up to a length.
fn boundary(text: &str, length: usize) -> usize {
    (0..=length.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_mail_and_of_connection_strings_are_found() {
        for (text, host) in [
            ("<a href=\"mailto:a@evil.example\">", "evil.example"),
            ("'MAILTO:a%40evil.example?subject=x'", "evil.example"),
            ("mailto:?to=a@evil.example&body=x", "evil.example"),
            ("Server=tcp:evil.example,1433;Database=x", "evil.example"),
            ("server = TCP:evil.example", "evil.example"),
            ("Server=tcp:evil;Database=x", "evil"),
            ("Data Source=evil.example;Initial Catalog=x", "evil.example"),
            ("Provider=x;Data  Source=evil.example,1433;User ID=a", "evil.example"),
            ("Server=np:\\\\evil.example\\pipe\\sql", "evil.example"),
            ("Server=evil.example\\instance;Integrated Security=true", "evil.example"),
            ("Host=evil.example;Port=5432;Database=x", "evil.example"),
        ] {
            assert_eq!(unslashed_hosts(text), BTreeSet::from([host.to_owned()]), "{text}");
        }
        let all = unslashed_hosts("mailto:a@one.example,b@two.example?cc=c@three.example");
        assert_eq!(all, BTreeSet::from(["one.example", "two.example", "three.example"].map(str::to_owned)));
    }

    #[test]
    fn programs_have_no_connection_strings() {
        for text in [
            "var server = settings.name; var x = 1;",
            "host=window.location.host;",
            "server=this.server;database()",
            "address=a.b",
            "mailto:",
            "observer=tcp:evil.example",
            "a@b.example",
        ] {
            assert_eq!(unslashed_hosts(text), BTreeSet::new(), "{text}");
        }
    }
}
