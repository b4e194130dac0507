//! `xml:` of a component: what the manifest's own keys do not reach, as it stands in the solution's XML.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Span};
use crate::yaml::node::{Content, Node};
use crate::yaml::shape::{Definitions, Reader, Shape};

/// Elements by name and attributes by `@name`, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// Name, its place, value.
    pub entries: Vec<(String, Span, ExtraValue)>,
}

/// What an element or attribute of [`Extra`] is.
#[derive(Clone, Debug)]
pub enum ExtraValue {
    /// `~`: it is taken away.
    Nothing,
    /// Text, as it stands in the XML.
    Text(String),
    /// An element with more inside.
    Group(Extra),
    /// The same element several times.
    Many(Vec<ExtraValue>),
}

impl Shape for Extra {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = reader.mapping(node, "`Element: value` and `\"@attribute\": value` pairs")?;
        let mut read = Self::default();
        for entry in entries {
            let name = entry.key.strip_prefix('@').unwrap_or(&entry.key);
            let is_attribute = entry.key.starts_with('@');
            let many = matches!(entry.value.content, Content::Sequence(_) | Content::Mapping(_));
            if entry.key != TEXT && !is_name(name) || many && (is_attribute || entry.key == TEXT) {
                reader.report(
                    Diagnostic::error("xml-name", format!("`{}` is not the name of an XML element", entry.key))
                        .at(&entry.key_span)
                        .help("write an element's name, an attribute's as `\"@name\"`, or `\"#text\"`; the last two take one value"),
                );
                continue;
            }
            if let Some(value) = value(&entry.value, reader) {
                read.entries.push((entry.key.clone(), entry.key_span.clone(), value));
            }
        }
        Some(read)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let one = json!({ "type": ["string", "number", "boolean", "null"] });
        let inner = json!({ "$ref": "#/$defs/Xml" });
        let value = json!({ "anyOf": [one, inner, { "type": "array", "items": { "anyOf": [one, inner] } }] });
        definitions.insert(
            "Xml".to_owned(),
            json!({
                "description": "Parts of the component's XML that have no key of their own: elements by name, attributes as `\"@name\"`, text beside attributes as `\"#text\"`; a list repeats the element, `~` takes it away. Merged last, each at the place that the format gives it.",
                "type": "object",
                "additionalProperties": value,
            }),
        );
        json!({ "$ref": "#/$defs/Xml" })
    }
}

/// The key for text beside attributes.
pub const TEXT: &str = "#text";

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

fn value(node: &Node, reader: &mut Reader) -> Option<ExtraValue> {
    match &node.content {
        Content::Scalar(scalar) if scalar.is_null() => Some(ExtraValue::Nothing),
        Content::Scalar(scalar) => {
            let bad = scalar.text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
            if let Some(bad) = bad {
                let message = format!("the text holds the control character U+{:04X}", u32::from(bad));
                reader.report(
                    Diagnostic::error("text", message).at(&node.span).help("remove it: XML has no place for it"),
                );
                return None;
            }
            Some(ExtraValue::Text(scalar.text.clone()))
        }
        Content::Mapping(_) => Extra::read(node, reader).map(ExtraValue::Group),
        Content::Sequence(items) => {
            Some(ExtraValue::Many(items.iter().filter_map(|item| value(item, reader)).collect()))
        }
        Content::Refused => None,
    }
}
