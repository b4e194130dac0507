//! `xml:` of a component: what has no key in the manifest, as it is in the solution's XML. The code that makes a kind's
//! XML knows the names that the kind has.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Span};
use crate::yaml::node::{Content, Node};
use crate::yaml::shape::{Definitions, Reader, Shape};

/// Elements by name, attributes by `@name`, text by `#text`, in the order of the manifest.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// What is to be merged.
    pub entries: Vec<ExtraEntry>,
}

/// One element or attribute.
#[derive(Clone, Debug)]
pub struct ExtraEntry {
    /// Element name, `@attribute` or `#text`.
    pub name: String,
    /// What it becomes.
    pub value: ExtraValue,
    /// Where its name is.
    pub span: Span,
}

/// What an element or attribute becomes.
#[derive(Clone, Debug)]
pub enum ExtraValue {
    /// It is removed.
    Nothing,
    /// Text.
    Text(String),
    /// An element in which more is merged.
    Group(Extra),
    /// The same element several times, in place of all that were there.
    Many(Vec<ExtraValue>),
}

/// What is merged; nothing where it is not written.
pub fn extra(written: Option<&Extra>) -> Extra {
    written.cloned().unwrap_or_default()
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
                read.entries.push(ExtraEntry { name: entry.key.clone(), value, span: entry.key_span.clone() });
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
                "description": "Parts of the component's XML that have no key: elements by name, attributes as `\"@name\"`, text beside attributes as `\"#text\"`; a list repeats the element, `~` removes it. Merged last, each at its place in the format.",
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
                let message = format!("the text contains the control character U+{:04X}", u32::from(bad));
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
