//! Everything that a document says, as facts by their paths.

use std::collections::BTreeMap;

use crate::digest::sha256;
use crate::solution::xml::{Element, Node, write_fragment};

/// Every value in a JSON document by its path, unless a fact covers it already.
pub(super) fn flatten_json(value: &serde_json::Value, path: &str, facts: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(members) => {
            members.iter().for_each(|(name, value)| flatten_json(value, &format!("{path}.{name}"), facts));
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten_json(item, &format!("{path}[{index}]"), facts);
            }
        }
        other => {
            let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            facts.entry(path.to_owned()).or_insert(text);
        }
    }
}

/// Everything in an element of solution.xml, by its path.
pub(super) fn flatten(element: &Element, path: &str, facts: &mut BTreeMap<String, String>) {
    let mut add = |path: String, value: String| {
        let entry = facts.entry(path).or_default();
        if !entry.is_empty() {
            entry.push_str(", ");
        }
        entry.push_str(&value);
    };
    if element.name == "MissingDependencies" {
        // A long list whose order has no meaning; each item is a fact, and the digest covers the rest.
        let mut items: Vec<String> = element.elements().map(write_fragment).collect();
        items.sort();
        let digest = sha256(items.concat().as_bytes());
        add(path.to_owned(), format!("{} (sha256 {}…)", items.len(), &digest[..16]));
        return;
    }
    for (name, value) in &element.attributes {
        if name != "xsi:nil" && name != "languagecode" {
            let language = element.attribute("languagecode").map(|code| format!(" ({code})")).unwrap_or_default();
            add(format!("{path}/@{name}{language}"), value.clone());
        }
    }
    let text: String = element
        .children
        .iter()
        .filter_map(|node| if let Node::Text(text) = node { Some(text.as_str()) } else { None })
        .collect();
    if !text.trim().is_empty() {
        add(path.to_owned(), text);
    }
    for child in element.elements() {
        flatten(child, &format!("{path}/{}", child.name), facts);
    }
}

/// What a solution needs, and which component needs it, in words.
pub(super) fn missing(manifest: &Element) -> Vec<(String, String)> {
    let text = |element: &Element, names: &[&str]| {
        let found = names.iter().find_map(|name| element.attribute(name).filter(|text| !text.trim().is_empty()));
        found.unwrap_or("without a name").to_owned()
    };
    let component = |element: &Element| {
        let kind = text(element, &["type"]);
        let label = kind.parse().ok().and_then(crate::catalog::component_type_name);
        let label = label.map_or_else(|| format!("component of type {kind}"), str::to_owned);
        format!("{label} {}", text(element, &["schemaName", "displayName", "id"]))
    };
    let list = manifest.path(&["SolutionManifest", "MissingDependencies"]).into_iter().flat_map(Element::elements);
    let pair = |missing: &Element| {
        let required = missing.find("Required")?;
        let needed = format!("{} of {}", component(required), text(required, &["solution"]));
        Some((needed, missing.find("Dependent").map_or_else(|| "nothing".to_owned(), component)))
    };
    list.filter_map(pair).collect()
}
