//! Text for people, in one language or in several.

use std::marker::PhantomData;

use serde_json::{Value, json};

use crate::diagnostic::Span;
use crate::manifest::written::leaf::{Language, Paragraph};
use crate::yaml::node::{Content, Node};
use crate::yaml::shape::{At, Definitions, Leaf, Reader, Shape};

/// One text in the base language, or texts by language code.
#[derive(Clone, Debug)]
pub struct Labels<T> {
    /// Language code, or none for the base language; the text and its place.
    pub texts: Vec<(Option<u32>, String, Span)>,
    /// Where it stands.
    pub span: Span,
    leaf: PhantomData<T>,
}

impl<T: Leaf> Shape for Labels<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let mut texts = Vec::new();
        if let Content::Mapping(entries) = &node.content {
            for entry in entries {
                let (true, Ok(code)) = (entry.key.bytes().all(|b| b.is_ascii_digit()), entry.key.parse::<u32>()) else {
                    let key = Node {
                        content: Content::Scalar(crate::yaml::node::Scalar {
                            text: entry.key.clone(),
                            plain: true,
                            template: None,
                            hidden: false,
                        }),
                        span: entry.key_span.clone(),
                    };
                    At::<Language>::read(&key, reader);
                    continue;
                };
                if let Some(text) = text::<T>(&entry.value, reader) {
                    texts.push((Some(code), text, entry.key_span.clone()));
                }
            }
        } else {
            texts.push((None, text::<T>(node, reader)?, node.span.clone()));
        }
        Some(Self { texts, span: node.span.clone(), leaf: PhantomData })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        // One definition for names, one for descriptions: they differ in length.
        let name = if T::CODE == Paragraph::CODE { "LongLabel" } else { "Label" };
        let one = At::<T>::schema(definitions);
        let definition = json!({
            "description": "Text in the solution's base language, or a text for each of its language codes (LCID).",
            "anyOf": [
                one,
                { "type": "object", "propertyNames": { "pattern": "^[0-9]+$" }, "additionalProperties": one },
            ],
        });
        definitions.insert(name.into(), definition);
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

fn text<T: Leaf>(node: &Node, reader: &mut Reader) -> Option<String> {
    At::<T>::read(node, reader)?;
    match &node.content {
        Content::Scalar(scalar) => Some(scalar.text.clone()),
        _ => None,
    }
}
