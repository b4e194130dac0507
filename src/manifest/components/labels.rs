//! Texts by language: each language is one of the solution's, and the base language is there.

use std::marker::PhantomData;

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::scope::Scope;
use crate::manifest::leaf::{Language, Paragraph};
use crate::yaml::node::{Content, Node};
use crate::yaml::shape::{At, Definitions, Leaf, Reader, Shape, head};

/// One text in the base language, or texts by language code.
#[derive(Clone, Debug)]
pub struct WrittenLabels<T> {
    /// Language code, or none for the base language; the text and its place.
    pub texts: Vec<(Option<u32>, String, Span)>,
    /// Where it is.
    pub span: Span,
    leaf: PhantomData<T>,
}

impl<T: Leaf> Shape for WrittenLabels<T> {
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

/// Texts by language code (LCID), that of the base language first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Language code and text.
    pub texts: Vec<(u32, String)>,
}

impl Labels {
    /// One text in one language.
    #[must_use]
    pub fn one(language: u32, text: impl Into<String>) -> Self {
        Self { texts: vec![(language, text.into())] }
    }

    /// The text in the base language.
    #[must_use]
    pub fn base(&self) -> &str {
        self.texts.first().map_or("", |(_, text)| text)
    }

    /// The same with every text changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self { texts: self.texts.iter().map(|(language, text)| (*language, change(text))).collect() }
    }
}

/// The texts, that of the base language first; nothing where none are written.
pub fn labels<T>(written: Option<&WrittenLabels<T>>, scope: &mut Scope<'_>) -> Option<Labels> {
    texts(written, scope.languages, scope.findings)
}

/// The same, for `languages`.
pub fn texts<T>(
    written: Option<&WrittenLabels<T>>,
    languages: &[u32],
    findings: &mut Vec<Diagnostic>,
) -> Option<Labels> {
    let written = written?;
    let base = languages.first().copied().unwrap_or(1033);
    let mut texts: Vec<(u32, String)> = Vec::new();
    for (language, text, span) in &written.texts {
        let language = language.unwrap_or(base);
        if !languages.is_empty() && !languages.contains(&language) {
            let known: Vec<String> = languages.iter().map(u32::to_string).collect();
            findings.push(
                Diagnostic::error("label-language", format!("language {language} is not one of the solution's"))
                    .at(span)
                    .help(format!("add it to `solution.languages`, which has: {}", known.join(", "))),
            );
            continue;
        }
        texts.push((language, text.clone()));
    }
    texts.sort_by_key(|(language, _)| languages.iter().position(|known| known == language));
    if texts.first().is_none_or(|(language, _)| *language != base) {
        findings.push(
            Diagnostic::error("label-language", format!("there is no text in the base language {base}"))
                .at(&head(&written.span))
                .help(format!("add `{base}: …`")),
        );
    }
    Some(Labels { texts })
}

/// The texts, or `default` in the base language.
pub fn labels_or<T>(
    written: Option<&WrittenLabels<T>>,
    default: impl FnOnce() -> String,
    scope: &mut Scope<'_>,
) -> Labels {
    labels(written, scope).unwrap_or_else(|| Labels::one(scope.languages.first().copied().unwrap_or(1033), default()))
}
