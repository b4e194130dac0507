//! How written types are read from a [`Node`] and described as JSON Schema.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::yaml::node::{Content, Entry, Node, Scalar};

/// A written type: how it is read, and its JSON Schema.
pub trait Shape: Sized {
    /// Reads it. `None` if its form is not usable, which has then been reported.
    fn read(node: &Node, reader: &mut Reader) -> Option<Self>;
    /// Its JSON Schema; larger types put themselves into `definitions` and return a reference.
    fn schema(definitions: &mut Definitions) -> Value;
}

/// `$defs` of the schema.
pub type Definitions = BTreeMap<String, Value>;

/// Collects what is wrong.
#[derive(Debug, Default)]
pub struct Reader {
    /// All findings, in the order of reading.
    pub findings: Vec<Diagnostic>,
    /// An example of the key that is being read, in place of the one of its type.
    pub example: Option<&'static str>,
}

impl Reader {
    /// Adds a finding.
    pub fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Reports a value of the wrong shape, unless it has been reported already.
    pub fn wrong_shape(&mut self, node: &Node, expected: &str, example: &str) {
        if matches!(node.content, Content::Refused) {
            return;
        }
        self.report(
            Diagnostic::error("wrong-shape", format!("{} where {expected} belongs", node.shape()))
                .at(&node.span)
                .help(format!("write {example}")),
        );
    }

    /// The entries of a mapping.
    pub fn mapping<'a>(&mut self, node: &'a Node, example: &str) -> Option<&'a [Entry]> {
        if let Content::Mapping(entries) = &node.content {
            return Some(entries);
        }
        self.wrong_shape(node, "a group of keys", example);
        None
    }

    /// Reports a key that is not one of `known`.
    pub fn unknown(&mut self, entry: &Entry, words: &Unknown, known: &[&str]) {
        // Where a secret is expected, a key can be the secret.
        let hidden = entry.key_span.source.hides(&entry.key_span.range);
        let key = if hidden { "***" } else { &entry.key };
        let mut finding = Diagnostic::error(words.code, format!("unknown {} `{key}`", words.noun)).at(&entry.key_span);
        finding = match nearest(&entry.key, known.iter().copied()) {
            Some(near) => finding.label(format!("did you mean `{near}`?")).help(format!("write `{near}`")),
            None => finding.help(format!("known here: {}", known.join(", "))),
        };
        if !words.help.is_empty() {
            finding = finding.help(words.help);
        }
        self.report(finding);
    }
}

/// How an unknown key is reported.
#[derive(Debug)]
pub struct Unknown {
    /// The diagnostic's code.
    pub code: &'static str,
    /// What the key would have been.
    pub noun: &'static str,
    /// More advice, or nothing.
    pub help: &'static str,
}

/// The usual words for an unknown key.
pub const UNKNOWN_KEY: Unknown = Unknown { code: "unknown-key", noun: "key", help: "" };

/// A leaf and its place.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub span: Span,
    /// The text as an error may show it.
    pub shown: String,
}

/// A type of single value.
pub trait Leaf: Sized {
    /// What it is, with an article: `a version`.
    const NOUN: &'static str;
    /// A value that is right.
    const EXAMPLE: &'static str;
    /// The code of the diagnostic when it is wrong.
    const CODE: &'static str;
    /// The name of its schema in `$defs`, shared by all its keys; none for short ones.
    const SHARED: Option<&'static str> = None;
    /// Reads it; the error says what is wrong with it, as in “it has 70 characters”.
    fn parse(scalar: &Scalar) -> Result<Self, String>;
    /// Its JSON Schema.
    fn schema() -> Value;
    /// Words that it may be, for proposals.
    fn words() -> Vec<&'static str> {
        Vec::new()
    }
}

impl<T: Leaf> Shape for At<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let scalar = match &node.content {
            Content::Scalar(scalar) if !scalar.is_null() => scalar,
            _ => {
                let example = reader.example.unwrap_or(T::EXAMPLE);
                reader.wrong_shape(node, T::NOUN, &format!("{}, such as `{example}`", T::NOUN));
                return None;
            }
        };
        match T::parse(scalar) {
            Ok(value) => Some(Self { value, span: node.span.clone(), shown: scalar.shown().to_owned() }),
            Err(why) => {
                let shown: String = scalar.shown().chars().take(80).collect();
                let message = format!("`{shown}` is not {}", T::NOUN);
                let mut finding = Diagnostic::error(T::CODE, message).at(&node.span).label(why);
                finding = match nearest(&scalar.text, T::words()) {
                    Some(near) if scalar.template.is_none() && !scalar.hidden => {
                        finding.help(format!("write `{near}`"))
                    }
                    _ if T::words().is_empty() => {
                        finding.help(format!("for example `{}`", reader.example.unwrap_or(T::EXAMPLE)))
                    }
                    _ => finding.help(format!("write one of: {}", T::words().join(", "))),
                };
                reader.report(finding);
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let mut schema = T::schema();
        if !T::EXAMPLE.is_empty() {
            show_example(&mut schema, T::EXAMPLE);
        }
        let Some(name) = T::SHARED else { return schema };
        definitions.entry(name.to_owned()).or_insert(schema);
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

/// Puts an example into the schema of a value, or of the values of a list or map.
pub fn show_example(schema: &mut Value, example: &str) {
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            return show_example(&mut schema[inner], example);
        }
    }
    let Some(object) = schema.as_object_mut() else { return };
    if object.contains_key("enum") {
        return;
    }
    let whole = object.get("type").is_some_and(|kinds| kinds.to_string().contains("integer"));
    let number = whole || object.contains_key("const");
    let example = match (number, example.parse::<i64>()) {
        (true, Ok(number)) => number.into(),
        _ if example == "true" => Value::Bool(true),
        _ => Value::from(example),
    };
    object.insert("examples".into(), json!([example]));
}

/// A list.
#[derive(Clone, Debug)]
pub struct List<T> {
    /// Its readable items.
    pub items: Vec<T>,
}

impl<T: Shape> Shape for List<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Content::Sequence(items) = &node.content else {
            reader.wrong_shape(node, "a list", "a list: one item per line, each after `- `");
            return None;
        };
        Some(Self { items: items.iter().filter_map(|item| T::read(item, reader)).collect() })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "array", "items": T::schema(definitions) })
    }
}

/// A single value or a list of them.
#[derive(Clone, Debug)]
pub struct OneOrMany<T> {
    /// The values.
    pub items: Vec<At<T>>,
}

impl<T> Shape for OneOrMany<T>
where
    At<T>: Shape,
{
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.content {
            Content::Sequence(_) => List::<At<T>>::read(node, reader).map(|list| Self { items: list.items }),
            _ => At::<T>::read(node, reader).map(|one| Self { items: vec![one] }),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<T>::schema(definitions), List::<At<T>>::schema(definitions)] })
    }
}

/// Keys that the author names, in the order of the text.
#[derive(Clone, Debug)]
pub struct Map<T> {
    /// Name, its place, value.
    pub entries: Vec<(String, Span, T)>,
}

impl<T: Shape> Shape for Map<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = reader.mapping(node, "`name: value` pairs")?;
        let read = |entry: &Entry| Some((entry.key.clone(), entry.key_span.clone(), T::read(&entry.value, reader)?));
        Some(Self { entries: entries.iter().filter_map(read).collect() })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "object", "additionalProperties": T::schema(definitions) })
    }
}

/// The first line of a group, so that a caret does not run over all of it.
#[must_use]
pub fn head(span: &Span) -> Span {
    let length = span.text().find('\n').unwrap_or(span.range.len());
    Span::new(&span.source, span.range.start..span.range.start + length)
}
