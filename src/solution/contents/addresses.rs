//! The hosts and connectors that one thing names. Every text is searched as it is and in each decoded form.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::{called_hosts, connectors_in, hosts_in};
use super::documents::has_extension;
use super::host::{self, Least};
use super::inside;
use super::layers;
use crate::solution::components::canvas_app_connections;
use crate::solution::connection::ConnectionFacts;
use crate::solution::flow::Flow;
use crate::solution::json;

/// Hosts and connectors that one thing names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Hosts.
    pub(super) hosts: BTreeSet<String>,
    /// Connectors, by the last piece of their ids in lower case.
    pub(super) connectors: BTreeSet<String>,
    /// Whether something in it could not be searched.
    pub(super) has_unseen: bool,
}

impl Addresses {
    /// Those in an element of a section, which is `text` in normal form; `references` are those of a canvas app.
    pub(super) fn of_item(text: &str, connection: Option<&ConnectionFacts>, references: &Value) -> Self {
        let mut found = Self::default();
        found.look(text);
        // An object of references, each with the connector's `id`.
        let references = references.as_object().into_iter().flat_map(serde_json::Map::values);
        references.filter_map(|reference| reference.get("id")?.as_str()).for_each(|id| found.name(id));
        if let Some(connection) = connection {
            found.name(&connection.connector);
            if let Some(id) = &connection.custom_connector {
                found.name(id);
            }
        }
        found
    }

    pub(super) fn of_part(name: &str, bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let lower = name.to_lowercase();
        if let Some(text) = canvas_app_connections(bytes).filter(|_| lower.starts_with("canvasapps/")) {
            found.look(&text);
        }
        let is_all = inside::each(bytes, &mut |bytes| found.look_at(bytes));
        found.has_unseen |= !is_all;
        // How a file is read depends on what refers to it, not on its name.
        if has_extension(&lower, "json") || lower.starts_with("workflows/") || json::is_object(bytes) {
            let value = json::value(bytes);
            found.hosts.extend(api_hosts(&value).into_iter().flatten());
            for id in &Flow::of(&value).connectors {
                found.name(id);
            }
        }
        found
    }

    /// Searches a file, as text and as the texts in a program.
    fn look_at(&mut self, bytes: &[u8]) {
        for text in inside::texts(bytes) {
            self.look(&text);
        }
    }

    /// With those of addresses that an endpoint calls.
    pub(super) fn with_called(mut self, addresses: Vec<String>) -> Self {
        self.hosts.extend(addresses.iter().flat_map(|address| called_hosts(address)));
        self
    }

    /// Those that a text names.
    pub(super) fn in_text(text: &str) -> Self {
        let mut found = Self::default();
        found.look(text);
        found
    }

    /// Looks for addresses in a text and in its layers.
    fn look(&mut self, text: &str) {
        let is_all = layers::each(text, &mut |layer| {
            self.hosts.extend(hosts_in(layer));
            self.connectors.extend(connectors_in(layer));
        });
        self.has_unseen |= !is_all;
    }

    /// A connector by its id or name.
    fn name(&mut self, id: &str) {
        let in_id = connectors_in(id);
        let last = || id.trim().rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_lowercase);
        if in_id.is_empty() { self.connectors.extend(last()) } else { self.connectors.extend(in_id) }
    }
}

/// The host in an API's description (OpenAPI 2), which a custom connector calls: it has no scheme there.
fn api_hosts(json: &Value) -> Option<BTreeSet<String>> {
    let is_api = |name: &String| name.eq_ignore_ascii_case("swagger");
    json.as_object()?.keys().any(is_api).then_some(())?;
    let members = json.as_object()?.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host"));
    let hosts = members.filter_map(|(_, host)| host.as_str());
    Some(hosts.flat_map(|host| host::at(host.trim(), Least::Name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_json_hide_nothing() {
        let escaped = br#"{"k":"\u002fproviders/Microsoft.PowerApps/\u0061pis/shared_odd","u":"https:\u002f\u002f\u0061.example"}"#;
        let found = Addresses::of_part("Workflows/a.json", escaped);
        assert_eq!(found.connectors, BTreeSet::from(["shared_odd".to_owned()]));
        assert_eq!(found.hosts, BTreeSet::from(["a.example".to_owned()]));
    }

    #[test]
    fn a_description_of_an_api_names_its_host_without_a_scheme() {
        for (host, called) in [
            ("api.contoso.com:443", "api.contoso.com"),
            ("evil", "evil"),
            ("api.contoso.com!@evil.example", "evil.example"),
            ("3232235777", "192.168.1.1"),
            ("\\u0065vil.example/", "evil.example"),
        ] {
            let text = format!("{{\"swagger\":\"2.0\",\"host\":\"{host}\"}}");
            let found = Addresses::of_part("Connector/c_openapidefinition.json", text.as_bytes());
            assert!(found.hosts.contains(called), "{host}: {found:?}");
        }
    }
}
