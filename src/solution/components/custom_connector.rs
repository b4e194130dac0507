//! Custom connectors: metadata in customizations.xml, definition, parameters, policies and icon in parts
//! under `Connector/`. Facts: 21 real connectors; the script's elements are columns of the table
//! reference, their place behind the icon is assumed.

use super::extra::{self, Order};
use super::kind::{Component, Kind};
use crate::diagnostic::{Diagnostic, Span};
use crate::files;
use crate::guid;
use crate::manifest::components::custom_connector::CustomConnector as Meant;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::json::{API, Document, NoJson};
use crate::solution::xml::Element;

/// The kind.
pub struct CustomConnector;

/// `MaxLength` of the columns that contain the JSON files and the script.
const LIMIT: u64 = 500_000;
const ICON_LIMIT: u64 = 1 << 20;

const ORDER: Order = Order {
    attributes: &[],
    children: &[
        "connectorid",
        "description",
        "displayname",
        "iconbrandcolor",
        "name",
        "connectortype",
        "openapidefinition",
        "connectionparameters",
        "policytemplateinstances",
        "iconblob",
        "customcodeblobcontent",
        "scriptoperations",
    ],
    inner: &[],
};

/// A name as Dataverse stores it: behind the prefix lower case, and all but letters and digits escaped.
fn stored_name(name: &str) -> String {
    let (prefix, rest) = name.split_once('_').unwrap_or(("", name));
    let mut stored = format!("{}_", prefix.to_lowercase());
    for byte in rest.to_lowercase().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => stored.push(char::from(byte)),
            b'_' => stored.push_str("_5F"),
            other => stored.push_str(&format!("-{other:02x}")),
        }
    }
    stored
}

fn read(path: &(std::path::PathBuf, Span), limit: u64, findings: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    match files::read(&path.0, limit) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&path.1));
            None
        }
    }
}

/// A JSON file as it is, checked.
fn json(path: &(std::path::PathBuf, Span), shape: &str, findings: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    let bytes = read(path, LIMIT, findings)?;
    let read = Document::read(&bytes, API).and_then(|document| match document.ambiguous.first() {
        Some(why) => Err(NoJson { why: why.clone(), at: None }),
        None => Ok((document.value, Document::plain(&bytes)?)),
    });
    let (value, text) = match read {
        Ok(read) => read,
        Err(error) => {
            let place = error.at.map(|(line, column)| format!(" (line {line}, column {column})")).unwrap_or_default();
            let message = format!("`{}` cannot be read: {}{place}", path.0.display(), error.why);
            let help = "correct the file; an OpenAPI definition in YAML has to be converted";
            findings.push(Diagnostic::error("not-json", message).at(&path.1).help(help));
            return None;
        }
    };
    let problem = match shape {
        "openapi" if value["swagger"] != "2.0" => Some("a custom connector takes OpenAPI 2.0 (`\"swagger\": \"2.0\"`)"),
        "array" if !value.is_array() => Some("policies are a JSON array"),
        "object" if !value.is_object() => Some("connection parameters are a JSON object"),
        _ => None,
    };
    if let Some(problem) = problem {
        let finding = Diagnostic::error("connector-file", problem).at(&path.1);
        findings.push(finding.help("take the file that `pac connector download` gives"));
        return None;
    }
    if shape == "object" && holds_secret(&value) {
        let file = path.0.display().to_string();
        findings.push(
            Diagnostic::error("secret-in-plain-text", "a client secret in the connection parameters")
                .in_file(file, None)
                .help("remove `clientSecret`: it is set in each environment after the import"),
        );
        return None;
    }
    Some(text)
}

/// Whether an OAuth setting contains a client secret.
fn holds_secret(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Object(map) => map.iter().any(|(key, value)| {
            let secret =
                key.eq_ignore_ascii_case("clientSecret") && value.as_str().is_some_and(|text| !text.is_empty());
            secret || holds_secret(value)
        }),
        serde_json::Value::Array(items) => items.iter().any(holds_secret),
        _ => false,
    }
}

fn declare(it: &Meant, package: &Package, draft: &mut Draft) {
    let name = it.stored_name.clone().unwrap_or_else(|| stored_name(&it.name));
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        draft.findings.push(
            Diagnostic::error("connector-name", format!("`{}` is not a stored name", name.escape_debug()))
                .at(&it.span)
                .help("in stored names all but letters and digits are escaped: leave `storedName` out"),
        );
        return;
    }
    let findings = &mut draft.findings;
    let open_api = json(&it.open_api, "openapi", findings);
    let parameters =
        it.connection_parameters.as_ref().map_or_else(|| Some(b"{}".to_vec()), |path| json(path, "object", findings));
    let policies = it.policies.as_ref().map_or_else(|| Some(b"[]".to_vec()), |path| json(path, "array", findings));
    let icon = it.icon.as_ref().and_then(|path| Some((read(path, ICON_LIMIT, findings)?, path.1.clone())));
    if let Some((_, span)) = icon.as_ref().filter(|(bytes, _)| !bytes.starts_with(b"\x89PNG\r\n\x1a\n")) {
        findings.push(Diagnostic::error("icon-type", "the icon is not a PNG file").at(span).help("convert it to PNG"));
    }
    let script = it.script.as_ref().and_then(|path| read(path, LIMIT, findings));
    let (Some(open_api), Some(parameters), Some(policies)) = (open_api, parameters, policies) else { return };
    let derived = || guid::stable("connector", &package.publisher.name, &it.name);
    let id = it.id.unwrap_or_else(derived);
    let part = |what: &str| format!("Connector/{name}_{what}");
    let mut root = Element::new("Connector")
        .child(Element::text("connectorid", id.hyphenated().to_string()))
        .child(Element::text("description", it.description.as_deref().unwrap_or_default()))
        .child(Element::text("displayname", it.display_name.as_deref().unwrap_or(&it.name)))
        .child(Element::text("iconbrandcolor", it.color.as_deref().unwrap_or("#007ee5")))
        .child(Element::text("name", name.as_str()))
        .child(Element::text("connectortype", "1"));
    let mut parts = vec![
        ("openapidefinition", part("openapidefinition.json"), open_api),
        ("connectionparameters", part("connectionparameters.json"), parameters),
        ("policytemplateinstances", part("policytemplateinstances.json"), policies),
    ];
    parts.extend(icon.map(|(bytes, _)| ("iconblob", part("iconblob.Png"), bytes)));
    parts.extend(script.map(|bytes| ("customcodeblobcontent", part("script.csx"), bytes)));
    for (element, file, _) in &parts {
        root.push(Element::text(*element, format!("/{file}")));
    }
    if !it.script_operations.is_empty() {
        root.push(Element::text("scriptoperations", serde_json::json!(it.script_operations).to_string()));
    }
    extra::merge(&mut root, &it.extra, &ORDER, &mut draft.findings);
    if draft.add_element("Connectors", root, &it.span) {
        draft.add_root_by("372", &[("id", &guid::braced(id)), ("schemaName", &name)]);
        for (_, file, bytes) in parts {
            draft.add_file(&file, bytes, &it.span);
        }
    }
}

impl Kind for CustomConnector {
    fn label(&self) -> &'static str {
        "Custom connector"
    }
    fn place(&self) -> &'static str {
        "Connectors"
    }
    fn root_type(&self) -> Option<u32> {
        Some(372)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.customConnectors")
    }
    fn folder(&self) -> &'static str {
        "Connectors/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        if item.name != "Connector" {
            return Vec::new();
        }
        let text = |name| item.child_text(name).filter(|text| !text.is_empty());
        let id = text("name").unwrap_or_default();
        vec![Component { kind: self.label(), name: text("displayname").unwrap_or_else(|| id.clone()), id }]
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for it in &package.components.custom_connectors {
            declare(it, package, draft);
        }
        if !package.components.custom_connectors.is_empty() {
            draft.sort_section("Connectors", |it| it.child_text("name").unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_dataverse_escapes_them() {
        for (name, stored) in [
            ("cat_human-in-the-loop", "cat_human-2din-2dthe-2dloop"),
            ("new_custom connector", "new_custom-20connector"),
            ("ba_API-Football", "ba_api-2dfootball"),
            ("mcscat_azureusage", "mcscat_azureusage"),
        ] {
            assert_eq!(stored_name(name), stored);
        }
    }
}
