//! Text that people read, in one language or in several.
//!
//! A single value is text of the base language; a group of language codes holds one text for each.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::meant;
use crate::manifest::node::{Content, Node};
use crate::manifest::written::leaf::Words;
use crate::manifest::written::shape::{At, Definitions, Reader, Shape};

/// A label: text, or a text for each language.
#[derive(Clone, Debug)]
pub struct Label {
    /// The texts.
    pub value: meant::Label,
    /// Where it stands.
    pub span: Span,
}

impl Shape for Label {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Content::Mapping(entries) = &node.content else {
            let text = At::<Words>::read(node, reader)?;
            return Some(Self { value: meant::Label::plain(text.value.0), span: node.span.clone() });
        };
        let mut texts = Vec::new();
        for entry in entries {
            let language = entry.key.parse::<u32>().ok().filter(|code| (1024..=65535).contains(code));
            if language.is_none() {
                reader.report(
                    Diagnostic::error("language", format!("`{}` is not a language code (LCID)", entry.key))
                        .at(&entry.key_span)
                        .help("write such as `1033: text`, or the text alone"),
                );
            }
            if let (Some(language), Some(text)) = (language, At::<Words>::read(&entry.value, reader)) {
                texts.push((Some(language), text.value.0));
            }
        }
        if entries.is_empty() {
            reader.wrong_shape(node, "text", "the text, or `1033: text` for each language");
        }
        (!texts.is_empty()).then(|| Self { value: meant::Label { texts }, span: node.span.clone() })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let definition = json!({
            "description": "Text of the base language, or a text for each language code (LCID).",
            "oneOf": [
                { "type": ["string", "number", "boolean"], "maxLength": 2000 },
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": false,
                    "patternProperties": { "^[1-9][0-9]{3,4}$": { "type": ["string", "number", "boolean"], "maxLength": 2000 } },
                },
            ],
        });
        definitions.insert("Label".into(), definition);
        json!({ "$ref": "#/$defs/Label" })
    }
}
