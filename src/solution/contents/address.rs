//! Addresses in a text: the hosts that a program which follows them would call, however they are written, and the
//! ids of connectors. An address that a program assembles at run time cannot be seen.
//!
//! Facts: RFC 3986, 3.2; the URL standard of browsers, which takes `\` for `/`, passes over tabs and line ends and over
//! blanks before an address, and needs no second slash; what `System.Uri` of .NET takes is less.

use std::collections::BTreeSet;

use memchr::{memchr_iter, memchr2};

use super::host::{Hosts, Least, is_ignored};
use super::keys::hosts_by_key;

/// Schemes of browsers, for which one slash or none is enough.
const SPECIAL: [&str; 5] = ["https", "http", "wss", "ws", "ftp"];

/// Others that send data somewhere; with any other scheme only a name with a dot counts as a host.
const SCHEMES: [&str; 17] = [
    "sb", "amqps", "amqp", "ftps", "sftp", "net.tcp", "net.pipe", "net.msmq", "mssql", "ldaps", "ldap", "smb", "mqtts",
    "mqtt", "tcp", "udp", "redis",
];

/// Those whose addresses have no slashes.
const OPAQUE: [&str; 8] = ["mailto", "sip", "sips", "stun", "stuns", "turn", "turns", "tcp"];

/// How long a scheme may be.
const LONGEST: usize = 24;

/// The connectors whose ids are in a text: `/providers/Microsoft.PowerApps/apis/shared_sql`.
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
    let mut found = with_scheme(text);
    found.append(&mut without_scheme(text));
    found.append(&mut without_slashes(text));
    found.append(&mut hosts_by_key(text));
    found
}

/// The hosts of an address that is known to receive data, whatever else it names.
pub(super) fn called_hosts(address: &str) -> BTreeSet<String> {
    let mut hosts = Hosts::with_names(address);
    address.match_indices("//").for_each(|(at, _)| hosts.read(at + 2, Least::Name));
    hosts.found()
}

/// Tabs and line ends, which do not count in an address.
fn is_passed(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\r' | b'\n')
}

/// The scheme before a colon, in lower case, and where it begins.
fn scheme(text: &str, colon: usize) -> (String, usize) {
    let bytes = text.as_bytes();
    let (mut scheme, mut start) = (Vec::new(), colon);
    while let Some(byte) = start.checked_sub(1).map(|at| bytes[at]) {
        let is_of_scheme = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
        if is_of_scheme && scheme.len() < LONGEST {
            scheme.push(char::from(byte.to_ascii_lowercase()));
        } else if !is_passed(byte) {
            break;
        }
        start -= 1;
    }
    (scheme.into_iter().rev().collect(), start)
}

/// `https://host`, and everything that a reader treats like it.
fn with_scheme(text: &str) -> BTreeSet<String> {
    let mut hosts = Hosts::of(text);
    for colon in memchr_iter(b':', text.as_bytes()) {
        let behind = &text[colon + 1..];
        let Some(next) = behind.chars().next() else { break };
        if next.is_ascii()
            && !matches!(next, '/' | '\\' | '\t' | '\r' | '\n' | '[' | '%' | '@')
            && !next.is_alphanumeric()
        {
            continue;
        }
        let (scheme, start) = scheme(text, colon);
        if scheme.is_empty() {
            continue;
        }
        let is_special = SPECIAL.iter().any(|known| scheme.ends_with(known));
        let is_known = is_special || SCHEMES.iter().any(|known| scheme.ends_with(known));
        let rest = behind.trim_start_matches(|c: char| matches!(c, '/' | '\\' | '\t' | '\r' | '\n') || is_ignored(c));
        let between = &behind[..behind.len() - rest.len()];
        let slashes = between.bytes().filter(|byte| matches!(byte, b'/' | b'\\')).count();
        let needed = match is_special {
            false => 2,
            true if begins_behind(&text[..start]) => 0,
            true => 1,
        };
        if slashes >= needed {
            // `https:\u002f` begins with an escape of JSON.
            let is_sure = is_known && slashes > 0 && between.trim_matches(['\t', '\r', '\n']) != "\\";
            let least = if is_sure { Least::Name } else { Least::Dot };
            hosts.read(text.len() - rest.len(), least);
        }
    }
    hosts.found()
}

/// `src="//cdn.contoso.com/…"`, which has the scheme of the page.
fn without_scheme(text: &str) -> BTreeSet<String> {
    let bytes = text.as_bytes();
    let mut hosts = Hosts::of(text);
    let mut from = 0;
    while let Some(start) = memchr2(b'/', b'\\', &bytes[from..]).map(|at| from + at) {
        let is_of_run = |byte: &u8| matches!(byte, b'/' | b'\\') || is_passed(*byte);
        let end = start + bytes[start..].iter().take_while(|byte| is_of_run(byte)).count();
        from = end;
        let run = &bytes[start..end];
        if run.iter().filter(|byte| !is_passed(**byte)).count() < 2 {
            continue;
        }
        let least = match introduction(&text[..start]) {
            Some(Introduction::Quote) if run.contains(&b'/') && is_address(&text[end..]) => Least::Name,
            Some(Introduction::Quote | Introduction::Mark) => Least::Domain,
            Some(Introduction::Blank) if is_address(&text[end..]) => Least::Domain,
            _ => continue,
        };
        hosts.read(end, least);
    }
    hosts.found()
}

/// `mailto:name@host`, `stun:host`, `tcp:host`.
fn without_slashes(text: &str) -> BTreeSet<String> {
    let mut hosts = Hosts::of(text);
    for colon in memchr_iter(b':', text.as_bytes()) {
        let (scheme, _) = scheme(text, colon);
        if OPAQUE.iter().any(|known| scheme.ends_with(known)) {
            hosts.read(colon + 1, Least::Dot);
        }
    }
    hosts.found()
}

/// What comes before an address without a scheme.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Introduction {
    /// A quote, or nothing.
    Quote,
    /// A mark of a language before a value.
    Mark,
    /// Blanks, after a mark or in a list of addresses: there may be comments, too.
    Blank,
}

/// What may come right before an address: a quote, the mark before an attribute's value or before an element's text.
/// A browser passes over blanks and control characters there.
fn introduction(before: &str) -> Option<Introduction> {
    const QUOTES: [&str; 5] = ["\"", "'", "`", "&quot;", "&apos;"];
    const MARKS: [&str; 4] = ["(", "=", ">", "&gt;"];
    const LISTED: [&str; 3] = [",", ";", ":"];
    let trimmed = before.trim_end_matches(|c: char| c.is_control() || c == ' ');
    let ends = |marks: &[&str]| marks.iter().any(|mark| trimmed.ends_with(mark));
    let has_blank = trimmed.len() < before.len();
    match () {
        () if trimmed.is_empty() || ends(&QUOTES) => Some(Introduction::Quote),
        () if ends(&MARKS) => Some(if has_blank { Introduction::Blank } else { Introduction::Mark }),
        () if has_blank || ends(&LISTED[..2]) => Some(Introduction::Blank),
        () => None,
    }
}

/// Whether an address without a slash, with a browser's scheme, may begin after a text.
fn begins_behind(before: &str) -> bool {
    matches!(introduction(before), Some(Introduction::Quote | Introduction::Mark))
        // `srcset="a.png 1x, https:…"`
        || before.ends_with([' ', '\t', '\n']) && before.trim_end().ends_with([',', ';', '='])
}

/// Whether the text goes on like an address: after the host comes a port, a path or the end.
fn is_address(text: &str) -> bool {
    let is_of_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '%' | '@') || !c.is_ascii();
    let behind = text.trim_start_matches(is_of_host);
    let is_port = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '/' | '\\' | '?' | '#' | '"' | '\'' | '`' | '<' | '>' | ')' | ',' | '&')
    };
    behind.is_empty() || behind.starts_with(ends) || behind.strip_prefix(':').is_some_and(is_port)
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
    fn an_address_is_read_as_browsers_read_it() {
        let far = "\t".repeat(600);
        let long = "a".repeat(520);
        let user = "x".repeat(100_000);
        for (text, host) in [
            (&*format!("fetch('https{far}://evil.example/x')"), "evil.example"),
            (&*format!("fetch('https:{far}//evil.example/x')"), "evil.example"),
            (&*format!("<a href='https://api.contoso.com{far}@evil.example/'>"), "evil.example"),
            (&*format!("<a href='https://api.contoso.com{}@evil.example/'>", " ".repeat(5000)), "evil.example"),
            (&*format!("<script src=\"//{long}@evil.example/x.js\">"), "evil.example"),
            (&*format!("'https://api.contoso.com{user}@intranet/'"), "intranet"),
            ("https://api.contoso.com @evil.example/in", "evil.example"),
            ("\"https://api.contoso.com'@evil.example/in\"", "evil.example"),
            ("'https://api.contoso.com\"@evil.example/in'", "evil.example"),
            ("'https://api.contoso.com @3232235777/in'", "192.168.1.1"),
            ("'https://api.contoso.com<b>@intranet/in'", "intranet"),
            ("'https://api.contoso.com(.evil.example/in'", "api.contoso.com(.evil.example"),
            ("\"https://api.contoso.com'.evil.example/in\"", "api.contoso.com'.evil.example"),
            ("'https://api.contoso.com\u{2122}.evil.example/'", "api.contoso.comtm.evil.example"),
            ("<script src=\" //evil.example/x.js\">", "evil.example"),
            ("<script src=\"\n//evil.example/x.js\">", "evil.example"),
            ("<script src= //evil.example></script>", "evil.example"),
            ("<script src=\n//evil.example></script>", "evil.example"),
            ("fetch(\" //evil.example\")", "evil.example"),
            ("fetch(\"\u{b}//evil.example\")", "evil.example"),
            ("fetch(\"\0//evil.example\")", "evil.example"),
            ("location=' https:evil.example/x'", "evil.example"),
            ("location='https:user@evil.example/x'", "evil.example"),
            ("location='https:[2001:db8::13]/x'", "2001:db8::13"),
            ("srcset=\"a.png 1x, //evil.example/b.png\"", "evil.example"),
            ("srcset=\"a.png 1x,//evil.example/b.png 2x\"", "evil.example"),
            ("srcset=\"a.png, https:evil.example/b.png 2x\"", "evil.example"),
            ("srcset=\"a.png 1x, //evil.example 2x\"", "evil.example"),
            ("ping=\"/a //evil.example\"", "evil.example"),
            ("content=\"0; //evil.example\"", "evil.example"),
            ("content=\"0;//evil.example\"", "evil.example"),
            ("url( //evil.example/x)", "evil.example"),
            ("@import //evil.example/x.css;", "evil.example"),
            ("<Url> //evil.example/x</Url>", "evil.example"),
            ("<Url>\n  //evil.example\n</Url>", "evil.example"),
            ("url: //evil.example", "evil.example"),
            ("url: //evil.example:8443/x", "evil.example"),
            ("<img src=\"/\t/evil.example/x\">", "evil.example"),
            ("fetch(\"/\n/evil.example\")", "evil.example"),
            ("fetch(\"\\\t/evil.example\")", "evil.example"),
            ("<img src=\"//3232235777/x\">", "192.168.1.1"),
            ("<img src=\"//0xC0A80101/x\">", "192.168.1.1"),
            ("<img src=\"//0xC0A80101\">", "192.168.1.1"),
            ("<img src=\"//intranet/x\">", "intranet"),
            ("<img src=\"//user@intranet/x\">", "intranet"),
            ("https://{x}[0-9]+'.b,c/ https://[0-9]+'.b/ https://evil.example", "evil.example"),
            ("mailto:me@evil.example?body=x", "evil.example"),
            ("Server=tcp:evil.example,1433;", "evil.example"),
            ("\"stun:evil.example:3478\"", "evil.example"),
            ("'turns:evil.example'", "evil.example"),
        ] {
            let found = hosts_in(text);
            assert!(found.contains(host), "{text:.60}: {found:?}");
        }
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
            "x = 1;\n  //Xrm.Page.getAttribute('name').setValue(1);",
            "if (x) //formContext.data.save();",
            "https://-",
        ] {
            assert_eq!(hosts_in(text), BTreeSet::new(), "{text}");
        }
    }
}
