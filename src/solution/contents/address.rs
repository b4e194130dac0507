//! Addresses in a text: the hosts that somebody who follows them would call, in whatever way they are written, and the
//! ids of connectors. An address that a program puts together while it runs cannot be seen.
//!
//! Facts: RFC 3986, 3.2; the URL standard of browsers, which takes `\` for `/`, passes over tabs and line ends, needs no
//! second slash and maps names (`。` is a dot); what `System.Uri` of .NET takes is less.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use memchr::{memchr_iter, memmem};
use url::Host;

const NOT_HOSTS: &str = include_str!("../../../manifests/catalog/not_hosts.tsv");

/// Names of namespaces and schemas that look like addresses.
static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    NOT_HOSTS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next()).collect()
});

/// Schemes of browsers, for which one slash or none is enough.
const SPECIAL: [&str; 5] = ["https", "http", "wss", "ws", "ftp"];

/// Others by which data goes somewhere; of any other scheme only a host with a dot is taken for one.
const SCHEMES: [&str; 17] = [
    "sb", "amqps", "amqp", "ftps", "sftp", "net.tcp", "net.pipe", "net.msmq", "mssql", "ldaps", "ldap", "smb", "mqtts",
    "mqtt", "tcp", "udp", "redis",
];

/// How long a scheme may be.
const LONGEST: usize = 24;

/// The connectors whose ids stand in a text: `/providers/Microsoft.PowerApps/apis/shared_sql`.
pub(super) fn connectors_in(text: &str) -> BTreeSet<String> {
    const IDS: [&str; 2] = ["/providers/microsoft.powerapps/apis/", "/managedapis/"];
    let mut found = BTreeSet::new();
    let lower = text.to_ascii_lowercase();
    for id in IDS {
        for (at, _) in lower.match_indices(id) {
            let rest = &text[at + id.len()..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')));
            let name = rest[..end.unwrap_or(rest.len())].to_lowercase();
            found.extend((!name.is_empty()).then_some(name));
        }
    }
    found
}

/// The hosts of the addresses in a text.
pub(super) fn hosts_in(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    with_scheme(text, &mut found);
    without_scheme(text, &mut found);
    found
}

/// `https://host`, and whatever a reader takes for it.
fn with_scheme(text: &str, found: &mut BTreeSet<String>) {
    let bytes = text.as_bytes();
    for colon in memchr_iter(b':', bytes) {
        let is_of_scheme =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b'\t' | b'\r' | b'\n');
        let length = bytes[..colon].iter().rev().take(LONGEST).take_while(|byte| is_of_scheme(byte)).count();
        let start = colon - length;
        let may_be = match bytes.get(colon + 1) {
            Some(b'/' | b'\\' | b'\t' | b'\r' | b'\n') => true,
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric() && is_introduced(&text[..start]),
            next => next.is_some(),
        };
        if !may_be {
            continue;
        }
        let passed = |c: &char| !matches!(c, '\t' | '\r' | '\n');
        let scheme: String = text[start..colon].chars().filter(passed).map(|c| c.to_ascii_lowercase()).collect();
        if scheme.is_empty() {
            continue;
        }
        let is_special = SPECIAL.iter().any(|known| scheme.ends_with(known));
        let is_known = is_special || SCHEMES.iter().any(|known| scheme.ends_with(known));
        let behind = &text[colon + 1..];
        // Tabs and line ends do not count in an address.
        let rest = behind.trim_start_matches(|c: char| matches!(c, '/' | '\\' | '\t' | '\r' | '\n') || is_ignored(c));
        let between = &behind[..behind.len() - rest.len()];
        let slashes = between.bytes().filter(|byte| matches!(byte, b'/' | b'\\')).count();
        let needed = match is_special {
            false => 2,
            true if slashes == between.len() && is_introduced(&text[..start]) => 0,
            true => 1,
        };
        if slashes >= needed {
            // `https:\u002f` begins with an escape of JSON.
            let is_sure = is_known && slashes > 0 && between.trim_matches(['\t', '\r', '\n']) != "\\";
            let least = if is_sure { Least::Name } else { Least::Dot };
            found.extend(hosts_at(rest, least));
        }
    }
}

/// `src="//cdn.contoso.com/…"`, which has the scheme of the page.
fn without_scheme(text: &str, found: &mut BTreeSet<String>) {
    for slashes in ["//", "\\\\", "/\\", "\\/"] {
        for at in memmem::find_iter(text.as_bytes(), slashes) {
            if at > 0 && is_introduced(&text[..at]) {
                let rest = text[at..].trim_start_matches(['/', '\\']);
                found.extend(hosts_at(rest, Least::Domain));
            }
        }
    }
}

/// Whether an address may begin behind a text: in quotes, as the value of an attribute or the text of an element.
fn is_introduced(before: &str) -> bool {
    const MARKS: [&str; 9] = ["\"", "'", "`", "(", "=", ">", "&quot;", "&apos;", "&gt;"];
    before.is_empty() || MARKS.iter().any(|mark| before.ends_with(mark))
}

/// Characters that nobody sees and that names are mapped to nothing with.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// How much of an address is looked at; what is hidden behind so much is called [`TOO_LONG`].
const FARTHEST: usize = 512;

/// Stands for the host of an address that nobody could read.
const TOO_LONG: &str = "an address that is too long to be read";

/// What a host consists of at least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Least {
    /// One name, as in an intranet.
    Name,
    /// Two with a dot between them.
    Dot,
    /// The same, of which the last has letters: what stands behind a quote is often something else.
    Domain,
}

/// The hosts at the head of an address without its scheme: the one that is called, and what stands before an `@` where
/// that looks like a host: nearly every character may stand there, and a person reads the first name (RFC 3986, 3.2).
pub(super) fn hosts_at(rest: &str, least: Least) -> BTreeSet<String> {
    let is_name = |host: &str, behind: &str| NAMES.contains(host) && !has_query(behind);
    all_hosts_at(rest, least, is_name)
}

/// The hosts of an address to which data is known to go, whatever else it names.
pub(super) fn called_hosts(address: &str) -> BTreeSet<String> {
    let starts = address.match_indices("//").map(|(at, _)| at + 2);
    starts.flat_map(|start| all_hosts_at(&address[start..], Least::Name, |_, _| false)).collect()
}

/// `is_name`: whether a host with what stands behind it is a name only, to which nothing goes.
fn all_hosts_at(rest: &str, least: Least, is_name: impl Fn(&str, &str) -> bool) -> BTreeSet<String> {
    let is_end = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '"' | '<' | '>' | '`');
    let cut = |text: &str| text.split(is_end).next().unwrap_or_default().to_owned();
    let end = (0..=FARTHEST.min(rest.len())).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or_default();
    let near = &rest[..end];
    let whole = cut(near);
    let mut found = BTreeSet::new();
    if whole.len() == near.len() && near.len() < rest.len() && least == Least::Name {
        found.insert(TOO_LONG.to_owned());
    }
    let (head, tail) = whole.split_once('\\').unwrap_or((&whole, ""));
    // Browsers take `\` for a slash, other readers do not.
    let behind = tail.contains('@').then(|| tail.to_owned());
    // A browser passes over tabs and line ends in the middle.
    let joined = near[whole.len()..].starts_with(['\t', '\r', '\n']).then(|| {
        let passed = |c: &char| !matches!(c, '\t' | '\r' | '\n');
        cut(&near.chars().filter(passed).collect::<String>())
    });
    for authority in [Some(head.to_owned()), behind, joined].iter().flatten() {
        let mut parts: Vec<&str> = parts(authority).collect();
        // A brace that is never closed is no expression.
        parts.extend(authority.rsplit('@').next());
        for (at, part) in parts.iter().enumerate() {
            // A single name before the `@` is that of a user.
            let is_last = at + 1 == parts.len();
            let host = host(part, if is_last { least } else { least.max(Least::Dot) });
            found.extend(host.filter(|host| !is_name(host, &near[whole.len()..])));
        }
    }
    found
}

/// Whether the address goes on to a query, by which data goes along. A namespace has none.
fn has_query(rest: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | ')');
    rest.split(is_end).next().is_some_and(|path| path.contains('?'))
}

/// The parts of an authority between `@`; not those of an expression such as `@{variables('Site')}`.
fn parts(authority: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    authority.split(move |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '@' && depth == 0
    })
}

/// The host at the head of a part of an address, as it is called: in lower case, decoded and mapped.
fn host(part: &str, least: Least) -> Option<String> {
    let part = filled(part);
    let name = match part.strip_prefix('[') {
        Some(inside) => format!("[{}]", inside.split(']').next()?),
        None => {
            let is_of_name = |c: char| {
                c.is_alphanumeric()
                    || matches!(c, '.' | '-' | '_' | '%' | FILLED | '\u{3002}' | '\u{ff61}' | '\u{ff0e}')
                    || is_ignored(c)
            };
            let end = part.find(|c: char| !is_of_name(c)).unwrap_or(part.len());
            let name = percent_encoding::percent_decode_str(&part[..end]).decode_utf8_lossy();
            // What reads names of C ends there.
            name.split(char::is_control).next().unwrap_or_default().to_owned()
        }
    };
    let host = match Host::parse(&name) {
        Ok(Host::Domain(domain)) => domain,
        Ok(Host::Ipv4(address)) => return Some(address.to_string()).filter(|it| least == Least::Name || name == *it),
        Ok(Host::Ipv6(address)) => return Some(address.to_string()),
        Err(_) if name.starts_with('[') => name.trim_matches(['[', ']']).to_lowercase(),
        Err(_) => name.chars().filter(|c| !is_ignored(*c) && !c.is_control()).collect::<String>().to_lowercase(),
    };
    let host = host.replace(FILLED, "*");
    let host = host.trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let is_name = !host.is_empty() && labels.iter().all(|label| !label.is_empty());
    let is_enough = match least {
        _ if host == "*" => false,
        Least::Name => host.contains(char::is_alphanumeric),
        Least::Dot => labels.len() > 1,
        Least::Domain => {
            let last = labels.last().copied().unwrap_or_default();
            labels.len() > 1 && last.len() > 1 && last.starts_with(|c: char| c.is_ascii_alphabetic())
        }
    };
    (is_name && is_enough).then(|| host.to_owned())
}

/// Stands for what a program puts in; shown as `*`.
const FILLED: char = '\u{e000}';

/// With one mark for each thing that a program puts in: `{region}`, `${region}`.
fn filled(part: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0_usize);
    for c in part.chars() {
        match c {
            '{' => {
                if depth == 0 {
                    let length = out.trim_end_matches(['$', FILLED]).len();
                    out.truncate(length);
                    out.push(FILLED);
                }
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connectors_are_found_in_every_way_of_writing_an_id() {
        for (text, connector) in [
            ("<apiid>/providers/Microsoft.PowerApps/apis/shared_sql</apiid>", "shared_sql"),
            ("{\"id\":\"/PROVIDERS/microsoft.powerapps/aPis/shared_Mail\"}", "shared_mail"),
            ("/providers/Microsoft.PowerApps/apis/shared_a-5fb/connections/x", "shared_a-5fb"),
            (
                "/subscriptions/s/providers/Microsoft.Web/locations/westeurope/managedApis/sharepointonline",
                "sharepointonline",
            ),
        ] {
            assert_eq!(connectors_in(text), BTreeSet::from([connector.to_owned()]), "{text}");
        }
        for text in ["/apis/x", "/providers/Microsoft.PowerApps/apis/", "shared_sql"] {
            assert_eq!(connectors_in(text), BTreeSet::new(), "{text}");
        }
    }

    #[test]
    fn hosts_are_found_in_every_way_of_writing_an_address() {
        for (text, host) in [
            ("fetch('https://api.contoso.com/v1')", "api.contoso.com"),
            ("<Url>HTTP://Hook.Contoso.com:8443/x?y</Url>", "hook.contoso.com"),
            ("sb://contoso.servicebus.windows.net/queue", "contoso.servicebus.windows.net"),
            ("new WebSocket(`wss://user:word@ws.contoso.com`)", "ws.contoso.com"),
            ("<script src=\"//cdn.contoso.com/a.js\">", "cdn.contoso.com"),
            ("<script src=//cdn.contoso.com/a.js>", "cdn.contoso.com"),
            ("<Url>//cdn.contoso.com</Url>", "cdn.contoso.com"),
            ("{&quot;u&quot;:&quot;//cdn.contoso.com&quot;}", "cdn.contoso.com"),
            ("fetch(`//cdn.contoso.com`)", "cdn.contoso.com"),
            ("href=\"\\\\cdn.contoso.com\"", "cdn.contoso.com"),
            ("href=\"/\\cdn.contoso.com\"", "cdn.contoso.com"),
            ("http://192.0.2.7/x", "192.0.2.7"),
            ("http://3232235777/x", "192.168.1.1"),
            ("http://0x7f.1/", "127.0.0.1"),
            ("https://[2001:db8::1]:443/", "2001:db8::1"),
            ("http://localhost:8080", "localhost"),
            ("https://intranet/x", "intranet"),
            ("'https://xn--e1afmkfd.example.'", "xn--e1afmkfd.example"),
            ("https:\\\\evil.example\\x", "evil.example"),
            ("https:/evil.example/x", "evil.example"),
            ("'https:evil.example/x'", "evil.example"),
            ("https:\t//evil.example", "evil.example"),
            ("https\t://evil.example", "evil.example"),
            ("htt\nps:/evil.example", "evil.example"),
            ("https://{@evil.example", "evil.example"),
            ("https://\u{200b}evil.example", "evil.example"),
            ("https:\u{200b}//evil.example", "evil.example"),
            ("https://ev\u{ad}il.example", "evil.example"),
            ("https://evil\u{3002}example/x", "evil.example"),
            ("https://evil\u{ff0e}example/x", "evil.example"),
            ("https://\u{ff45}vil.example/x", "evil.example"),
            ("https://evil%2Eexample/x", "evil.example"),
            ("https://%65vil.example/x", "evil.example"),
            ("https://evil.example%00.contoso.com/x", "evil.example"),
            ("https://\u{430}pi.contoso.com/x", "xn--pi-6kc.contoso.com"),
            ("net.tcp://evil.example/x", "evil.example"),
            ("net.pipe://evil/x", "evil"),
            ("odd+scheme://evil.example/x", "evil.example"),
            ("mssql://evil:1433", "evil"),
            ("https://${region}.evil.example/x", "*.evil.example"),
            ("https://@{variables('Org')}.evil.example/x", "*.evil.example"),
            ("https://api.{0}.evil.example/x", "api.*.evil.example"),
            ("https://my_host.evil.example/x", "my_host.evil.example"),
        ] {
            assert_eq!(hosts_in(text), BTreeSet::from([host.to_owned()]), "{text}");
        }
        let both = BTreeSet::from(["api.contoso.com".to_owned(), "evil.example".to_owned()]);
        for mark in ["!", ";", "$", "~", ",", "&", "=", "+", "*", "(", "'", "", "\\", ":x", "\n", "\\\\"] {
            let found = hosts_in(&format!("https://api.contoso.com{mark}@evil.example/in"));
            assert!(found.is_superset(&both), "{mark}: {found:?}");
        }
        for text in ["https://ev\til.example", "https://ev\r\nil.example", "ht\ntps://evil.example"] {
            assert!(hosts_in(text).contains("evil.example"), "{text}");
        }
    }

    #[test]
    fn what_is_hidden_behind_many_characters_is_said() {
        let found = hosts_in(&format!("https://api.contoso.com{}@evil.example", "x".repeat(1000)));
        assert!(found.contains(TOO_LONG), "{found:?}");
    }

    #[test]
    fn what_is_no_address_gives_no_host() {
        for text in [
            "// a comment",
            "a//b",
            "xmlns='http://www.w3.org/2000/svg'",
            "file:///c",
            "http://",
            "x = y // https",
            "https://${host}/x",
            "https://{org}/x",
            "{http:a.http,https:a.https}",
            "at 12:30 we",
            "clr-namespace:System.Activities;assembly=System.Activities",
            "x=//this is a comment",
            "f(\"\\\\d+\\\\.\\\\w\")",
            "\"\\\\.js$\"",
            "C:\\\\Program Files\\\\x.y",
            "http://..",
            "https://-",
        ] {
            assert_eq!(hosts_in(text), BTreeSet::new(), "{text}");
        }
    }
}
