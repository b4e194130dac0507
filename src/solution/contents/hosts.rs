//! Where data may go: hosts in addresses, and connectors. Found in texts as they are; an address that a program puts
//! together while it runs cannot be seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::item::Item;
use crate::solution::components::Parts;

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
            for host in &item.hosts {
                found.hosts.entry(host.clone()).or_default().insert(who.clone());
            }
            for connector in item.connectors.iter().filter_map(|id| short(id)) {
                found.connectors.entry(connector).or_default().insert(who.clone());
            }
        }
        for (name, bytes) in parts {
            let text = text_of(bytes);
            let text = text.as_str();
            let who = || owners.get(name).cloned().unwrap_or_else(|| format!("File {name}"));
            for host in hosts_in(text) {
                found.hosts.entry(host).or_default().insert(who());
            }
            // Whatever a file is called, what names it decides how it is read.
            let json = text.trim_start_matches('\u{feff}').trim_start();
            let Some(json) = json.starts_with('{').then(|| serde_json::from_str::<Value>(json).ok()).flatten() else {
                continue;
            };
            for connector in connectors(&json) {
                found.connectors.entry(connector).or_default().insert(who());
            }
            if let Some(host) = api_host(&json) {
                found.hosts.entry(host).or_default().insert(who());
            }
        }
        found
    }
}

/// The text of a file in whatever encoding: an address is ASCII in most of them.
pub(super) fn text_of(bytes: &[u8]) -> String {
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

/// The last piece of a connector's id: `/providers/Microsoft.PowerApps/apis/shared_sql`.
fn short(id: &str) -> Option<String> {
    id.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_lowercase)
}

/// The connectors of a cloud flow's definition.
fn connectors(json: &Value) -> Vec<String> {
    let references = json.pointer("/properties/connectionReferences").and_then(Value::as_object);
    let api = |reference: &Value| {
        let name = reference.pointer("/api/name").or_else(|| reference.pointer("/api/id"))?.as_str()?;
        short(name)
    };
    references.into_iter().flat_map(serde_json::Map::values).filter_map(api).collect()
}

/// The host of an API's description (OpenAPI 2), which a custom connector calls: it stands there without a scheme.
fn api_host(json: &Value) -> Option<String> {
    json.get("swagger")?;
    host(json.get("host")?.as_str()?.trim())
}

/// The connectors that a canvas app uses: an object by references, each with the connector's `id`.
pub(super) fn of_canvas_app(text: &str) -> Vec<String> {
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let references = json.as_object().into_iter().flat_map(serde_json::Map::values);
    references.filter_map(|reference| reference.get("id")?.as_str().map(str::to_owned)).collect()
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
        if known && let Some(host) = host(rest) {
            found.insert(host);
        }
    }
    // The same with escaped slashes.
    let escaped = ["\\/", "\\u002f", "\\u002F"];
    if escaped.iter().any(|slash| text.contains(slash)) {
        found.extend(hosts_in(&escaped.iter().fold(text.to_owned(), |text, slash| text.replace(slash, "/"))));
    }
    found
}

/// The host at the head of an address without its scheme.
fn host(rest: &str) -> Option<String> {
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '@' | '[' | ']' | '%')));
    let authority = &rest[..end.unwrap_or(rest.len())];
    let host = authority.rsplit('@').next()?;
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
        for text in
            ["// a comment", "a//b", "xmlns='http://www.w3.org/2000/svg'", "file:///c", "http://", "x = y // https"]
        {
            assert_eq!(hosts_in(text), BTreeSet::new(), "{text}");
        }
    }
}
