//! Where data may go: hosts in addresses, and connectors. Found in texts as they are; an address that a program puts
//! together while it runs cannot be seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::documents::has_extension;
use super::item::Item;
use crate::solution::components::{Parts, canvas_app_connections};
use crate::solution::flow::Flow;
use crate::solution::json;
use crate::solution::package::ConnectionFacts;
use crate::solution::xml::Element;

const NOT_HOSTS: &str = include_str!("../../../manifests/catalog/not_hosts.tsv");

/// Names of namespaces and schemas that look like addresses.
static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    NOT_HOSTS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next()).collect()
});

/// Hosts and connectors, each with what names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Hosts, such as `api.contoso.com`.
    pub hosts: BTreeMap<String, BTreeSet<String>>,
    /// Connectors, such as `shared_sharepointonline`.
    pub connectors: BTreeMap<String, BTreeSet<String>>,
}

impl Hosts {
    /// Those of a solution.
    pub(super) fn of(items: &[Item], parts: &Parts, owners: &BTreeMap<String, String>) -> Self {
        let mut found = Self::default();
        for item in items {
            let who = match item.components.first() {
                Some(component) => format!("{} {}", component.kind, component.name),
                None => item.label.clone(),
            };
            found.add(&item.addresses, &who);
        }
        for (name, bytes) in parts {
            let who = owners.get(name).cloned().unwrap_or_else(|| format!("File {name}"));
            found.add(&Addresses::of_part(name, bytes), &who);
        }
        // A custom connector's id says nothing to people: what has it names it.
        for item in items {
            let own = item.own_connector.as_ref().and_then(|id| found.connectors.get_mut(&id.to_lowercase()));
            if let (Some(users), Some(component)) = (own, item.components.first()) {
                users.insert(format!("{} {}", component.kind, component.name));
            }
        }
        found
    }

    fn add(&mut self, addresses: &Addresses, who: &str) {
        for host in &addresses.hosts {
            self.hosts.entry(host.clone()).or_default().insert(who.to_owned());
        }
        for connector in &addresses.connectors {
            self.connectors.entry(connector.clone()).or_default().insert(who.to_owned());
        }
    }
}

/// Hosts and connectors that one thing names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Hosts.
    pub(super) hosts: BTreeSet<String>,
    /// Connectors, by the last piece of their ids in lower case.
    pub(super) connectors: BTreeSet<String>,
}

impl Addresses {
    /// Those in an element of a section, which is `text` in normal form.
    pub(super) fn of_item(section: &str, element: &Element, text: &str, connection: Option<&ConnectionFacts>) -> Self {
        let mut found = Self::default();
        found.look(text);
        // A canvas app has a JSON object of references, each with the connector's `id`.
        if let Some(references) = element.child_text("ConnectionReferences").filter(|_| section == "CanvasApps") {
            let value = json::value(references.as_bytes());
            found.look_in(&value);
            let ids = value.as_object().into_iter().flat_map(serde_json::Map::values);
            ids.filter_map(|reference| reference.get("id")?.as_str()).for_each(|id| found.name(id));
        }
        if let Some(connection) = connection {
            found.name(&connection.connector);
            if let Some(id) = &connection.custom_connector {
                found.name(id);
            }
        }
        found
    }

    fn of_part(name: &str, bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let lower = name.to_lowercase();
        if has_extension(&lower, "msapp") {
            if let Some(text) = canvas_app_connections(bytes) {
                found.look(&text);
            }
            return found;
        }
        found.look(&text_of(bytes));
        // Whatever a file is called, what names it decides how it is read.
        if has_extension(&lower, "json") || lower.starts_with("workflows/") || json::is_object(bytes) {
            let value = json::value(bytes);
            found.look_in(&value);
            found.hosts.extend(api_hosts(&value).into_iter().flatten());
            for id in &Flow::of(&value).connectors {
                found.name(id);
            }
        }
        found
    }

    /// Looks for addresses in a text.
    fn look(&mut self, text: &str) {
        self.hosts.extend(hosts_in(text));
        self.connectors.extend(connectors_in(text));
    }

    /// Looks for them in every text of a JSON value: there escapes are gone.
    fn look_in(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.look(text),
            Value::Array(items) => items.iter().for_each(|item| self.look_in(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.look(name);
                    self.look_in(member);
                }
            }
            _ => {}
        }
    }

    /// A connector by its id or name.
    fn name(&mut self, id: &str) {
        let in_id = connectors_in(id);
        let last = || id.trim().rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_lowercase);
        if in_id.is_empty() { self.connectors.extend(last()) } else { self.connectors.extend(in_id) }
    }
}

/// The host of an API's description (OpenAPI 2), which a custom connector calls: it stands there without a scheme.
fn api_hosts(json: &Value) -> Option<Vec<String>> {
    json.get("swagger")?;
    Some(hosts_at(json.get("host")?.as_str()?.trim()).collect())
}

/// The connectors whose ids stand in a text: `/providers/Microsoft.PowerApps/apis/shared_sql`.
fn connectors_in(text: &str) -> BTreeSet<String> {
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
    found.extend(unescaped(&lower).iter().flat_map(|text| connectors_in(text)));
    found
}

/// A text with its slashes as they are, where some are escaped.
fn unescaped(text: &str) -> Option<String> {
    let escaped = ["\\/", "\\u002f", "\\u002F"];
    let is_escaped = escaped.iter().any(|slash| text.contains(slash));
    is_escaped.then(|| escaped.iter().fold(text.to_owned(), |text, slash| text.replace(slash, "/")))
}

/// The text of a file in whatever encoding: an address is ASCII in most of them.
fn text_of(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => {
            let big = bytes[0] == 0xfe;
            let unit = |pair: &[u8]| {
                if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
            };
            let units: Vec<u16> = rest.chunks_exact(2).map(unit).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The hosts of the addresses in a text.
pub(super) fn hosts_in(text: &str) -> BTreeSet<String> {
    const SCHEMES: [&str; 10] = ["https", "http", "wss", "ws", "sb", "amqps", "amqp", "ftps", "ftp", "sftp"];
    let mut found = BTreeSet::new();
    let mut at = 0;
    while let Some(step) = text[at..].find("//").map(|step| at + step) {
        at = step + 2;
        let before = text[..step].trim_end_matches(['\\', '/']);
        // In JSON a slash may be written `\/`.
        let rest = text[at..].trim_start_matches('/');
        let scheme = before.strip_suffix(':').map(|before| {
            let start = before.bytes().rev().take(8).take_while(u8::is_ascii_alphabetic).count();
            before[before.len() - start..].to_ascii_lowercase()
        });
        let known = match &scheme {
            Some(scheme) => SCHEMES.contains(&scheme.as_str()),
            // `src="//cdn.contoso.com/…"`
            None => before.ends_with(['"', '\'', '(']),
        };
        if known {
            found.extend(hosts_at(rest));
        }
    }
    found.extend(unescaped(text).iter().flat_map(|text| hosts_in(text)));
    found
}

/// The host at the head of an address without its scheme, and what stands before an `@` where that looks like a host:
/// nearly every character may stand there, and a person reads the first name (RFC 3986, 3.2).
fn hosts_at(rest: &str) -> impl Iterator<Item = String> {
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '\\' | '?' | '#' | '"' | '<' | '>');
    rest.split(ends).next().unwrap_or_default().split('@').filter_map(host)
}

/// The host at the head of a part of an address.
fn host(part: &str) -> Option<String> {
    let end = part.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '%')));
    let host = &part[..end.unwrap_or(part.len())];
    let host = match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next()?,
        None => host.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    let is_host = host == "localhost"
        || (host.contains('.') && host.split('.').all(|label| !label.is_empty()))
        || host.contains(':');
    (is_host && !NAMES.contains(host.as_str())).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connectors_are_found_in_every_way_of_writing_an_id() {
        for (text, connector) in [
            ("<apiid>/providers/Microsoft.PowerApps/apis/shared_sql</apiid>", "shared_sql"),
            ("{\"id\":\"\\/PROVIDERS\\/microsoft.powerapps\\/apis\\/shared_Mail\"}", "shared_mail"),
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
        let escaped = br#"{"k":"\u002fproviders/Microsoft.PowerApps/\u0061pis/shared_odd","u":"https:\u002f\u002f\u0061.example"}"#;
        let found = Addresses::of_part("Workflows/a.json", escaped);
        assert_eq!(found.connectors, BTreeSet::from(["shared_odd".to_owned()]));
        assert!(found.hosts.contains("a.example"));
    }

    #[test]
    fn hosts_are_found_in_every_way_of_writing_an_address() {
        for (text, host) in [
            ("fetch('https://api.contoso.com/v1')", "api.contoso.com"),
            ("<Url>HTTP://Hook.Contoso.com:8443/x?y</Url>", "hook.contoso.com"),
            ("{\"u\":\"https:\\/\\/a.b.example\\/c\"}", "a.b.example"),
            ("sb://contoso.servicebus.windows.net/queue", "contoso.servicebus.windows.net"),
            ("new WebSocket(`wss://user:word@ws.contoso.com`)", "ws.contoso.com"),
            ("<script src=\"//cdn.contoso.com/a.js\">", "cdn.contoso.com"),
            ("http://192.0.2.7/x", "192.0.2.7"),
            ("https://[2001:db8::1]:443/", "2001:db8::1"),
            ("http://localhost:8080", "localhost"),
            ("'https://xn--e1afmkfd.example.'", "xn--e1afmkfd.example"),
        ] {
            assert_eq!(hosts_in(text), BTreeSet::from([host.to_owned()]), "{text}");
        }
        let both = BTreeSet::from(["api.contoso.com".to_owned(), "evil.example".to_owned()]);
        for mark in ["!", ";", "$", "~", ",", "&", "=", "+", "*", "(", "'", ""] {
            assert_eq!(hosts_in(&format!("https://api.contoso.com{mark}@evil.example/in")), both, "{mark}");
        }
        for text in
            ["// a comment", "a//b", "xmlns='http://www.w3.org/2000/svg'", "file:///c", "http://", "x = y // https"]
        {
            assert_eq!(hosts_in(text), BTreeSet::new(), "{text}");
        }
    }
}
