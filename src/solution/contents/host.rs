//! The host of an address, as a program calls it: whatever follows the address decodes and maps its text.
//!
//! Facts: RFC 3986, 3.2; the URL standard of browsers, which maps names (`。` is a dot), takes nearly every character
//! for part of a user or a name, and ends them at `/`, `?`, `#` and `\` only; what `System.Uri` of .NET takes is less.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use memchr::memchr3;
use url::Host;

const NOT_HOSTS: &str = include_str!("../../../manifests/catalog/not_hosts.tsv");

/// Names of namespaces and schemas that look like addresses.
static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    NOT_HOSTS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next()).collect()
});

/// What a host consists of at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Least {
    /// One name, as in an intranet.
    Name,
    /// Two with a dot between them.
    Dot,
    /// The same, of which the last has letters: what stands behind a quote is often something else.
    Domain,
}

/// How far ahead an address is read, where each one could read to the end of the text.
const NEAR: usize = 512;

/// Reads the hosts of the addresses in a text, from its start to its end, in time that is linear in its length.
pub(super) struct Hosts<'a> {
    text: &'a str,
    /// Where the address ends that was read last, and up to where its `@` were looked at.
    end: usize,
    looked_at: usize,
    /// Whether names of namespaces count as hosts, too.
    with_names: bool,
    found: BTreeSet<String>,
}

impl<'a> Hosts<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, end: 0, looked_at: 0, with_names: false, found: BTreeSet::new() }
    }

    pub(super) fn with_names(text: &'a str) -> Self {
        Self { with_names: true, ..Self::of(text) }
    }

    pub(super) fn found(self) -> BTreeSet<String> {
        self.found
    }

    /// Those of an address that begins at a place behind its scheme: the one that is called, and what stands before and
    /// behind an `@` where that looks like a host: nearly every character may stand there, and a person reads the first
    /// name. Of a text several are read in the order of their places.
    pub(super) fn read(&mut self, start: usize, least: Least) {
        self.head(start, least);
        // A reader knows from the first quote where a text ends; here it is not known which quote that was.
        if start >= self.end {
            let rest = &self.text.as_bytes()[start..];
            self.end = start + memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len());
        }
        let from = self.looked_at.max(start);
        let ats = memchr::memchr_iter(b'@', self.text.as_bytes().get(from..self.end).unwrap_or_default());
        let places: Vec<usize> = ats.map(|at| from + at + 1).collect();
        for place in places {
            let ends =
                |rest: &str| rest.starts_with(['/', '?', '#', ':', '\\', '"', '\'', '`', '<']) || rest.is_empty();
            // `@media`, `@param name`, and users of other kinds
            let is_whole = ends(&self.text[place + name_length(&self.text[place..])..]);
            self.head(place, if is_whole { least } else { least.max(Least::Domain) });
        }
        self.looked_at = self.looked_at.max(self.end);
    }

    /// The host that begins there, as browsers and other readers delimit it.
    fn head(&mut self, start: usize, least: Least) {
        let rest = &self.text[start..];
        // A single name before the `@` is that of a user.
        let is_end =
            |c: &char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '"' | '<' | '>' | '`');
        let has_user = rest.chars().take(NEAR).take_while(|c| !is_end(c)).any(|c| c == '@');
        let least = if has_user { least.max(Least::Dot) } else { least };
        let near = name_length(rest);
        self.add(&rest[..near], &rest[near..], least);
        // A browser passes over tabs and line ends, and names have more than letters: `™` is `tm`.
        let is_blank = |c: char| matches!(c, '\t' | '\r' | '\n');
        let is_wide = |c: char| is_of_name(c) || !c.is_ascii() && !c.is_whitespace() && !c.is_control();
        if rest[near..].starts_with(|c| is_blank(c) || is_wide(c)) {
            let behind = rest[near..].find(|c| !is_wide(c) && !is_blank(c)).map_or(rest.len(), |at| near + at);
            let joined: String = rest[..behind].chars().filter(|c| !is_blank(*c)).collect();
            if Host::parse(&joined).is_ok() {
                self.add(&joined, &rest[behind..], least);
            }
        }
        // To a browser `a.example(.b.example` is one name.
        let is_odd = |c: char| matches!(c, '!' | '$' | '&' | '(' | ')' | '*' | '+' | ',' | ';' | '=' | '~' | '\'');
        if near > 0 && rest[near..].starts_with(is_odd) {
            let is_end = |end: &usize| rest[*end..].starts_with(['/', '?', '#', ':', '\\']);
            let end = odd_end(rest, near, |c| is_of_name(c) || is_odd(c)).filter(is_end);
            let is_reference = |end: usize| {
                ["&quot;", "&apos;", "&lt;", "&gt;", "&amp;", "&#"].iter().any(|it| rest[near..end].contains(it))
            };
            if let Some(end) = end.filter(|end| is_domain(&rest[..*end]) && !is_reference(*end)) {
                self.found.extend(Host::parse(&rest[..end]).ok().map(|host| host.to_string()));
            }
        }
    }

    fn add(&mut self, name: &str, behind: &str, least: Least) {
        let host = host(name, least);
        self.found.extend(host.filter(|host| self.with_names || !NAMES.contains(&**host) || has_query(behind)));
    }
}

/// The hosts of an address without its scheme.
pub(super) fn at(address: &str, least: Least) -> BTreeSet<String> {
    let mut hosts = Hosts::of(address);
    hosts.read(0, least);
    hosts.found()
}

/// Whether the address has a query, which can carry data. A namespace has none, and is short.
fn has_query(rest: &str) -> bool {
    let is_end = |c: &char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | ')');
    let path: Vec<char> = rest.chars().take(NEAR).take_while(|c| !is_end(c)).collect();
    path.len() == NEAR || path.contains(&'?')
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '%' | '\u{3002}' | '\u{ff61}' | '\u{ff0e}') || is_ignored(c)
}

/// Invisible characters, which mapping removes from names.
pub(super) fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Where a run of such characters ends, where it can be a name: of those that are seen a host has at most 253, each
/// written as three. From many places in one run only the last ones come to its end.
fn odd_end(text: &str, from: usize, is_in: impl Fn(char) -> bool) -> Option<usize> {
    const LONGEST: usize = 3 * 253;
    let mut seen = 0;
    for (at, c) in text[from..].char_indices() {
        if !is_in(c) {
            return Some(from + at);
        }
        seen += usize::from(!is_ignored(c));
        if seen > LONGEST {
            return None;
        }
    }
    Some(text.len())
}

/// Whether two names with a dot between them stand there, the last of which has letters.
fn is_domain(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_last = last.len() > 1 && last.starts_with(|c: char| c.is_ascii_alphabetic());
    is_last && last.len() + 1 < host.len() && last.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// How long the name at the head of a text is, with what a program puts in: `{region}`, `${region}`.
fn name_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut inside = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                if depth == 0 {
                    return at;
                }
                depth -= 1;
            }
            '$' if depth == 0 && text[at + 1..].starts_with('{') => {}
            '[' if at == 0 => return text.bytes().take(NEAR).position(|byte| byte == b']').map_or(0, |end| end + 1),
            _ if depth == 0 && !is_of_name(c) => return at,
            _ => {}
        }
        // One without an end is none.
        inside = if depth == 0 { 0 } else { inside + 1 };
        if inside > NEAR {
            return text.find('{').unwrap_or_default();
        }
    }
    if depth == 0 { text.len() } else { text.find('{').unwrap_or_default() }
}

/// The host at the head of a part of an address, as it is called: in lower case, decoded and mapped.
fn host(part: &str, least: Least) -> Option<String> {
    let part = filled(part);
    let name = if part.starts_with('[') {
        part.clone()
    } else {
        let name = percent_encoding::percent_decode_str(&part).decode_utf8_lossy();
        // What reads names of C ends there.
        name.split(char::is_control).next().unwrap_or_default().to_owned()
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
        Least::Domain => is_domain(host),
    };
    (is_name && is_enough).then(|| host.to_owned())
}

/// Replaces what a program puts in; shown as `*`.
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
