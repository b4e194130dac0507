//! The manifest as a tree in which everything knows where it is.
//!
//! Keys and values keep their byte ranges, so that every later stage can point at what it refuses.

use crate::diagnostic::Span;

/// A value of the manifest.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// Where it is.
    pub span: Span,
}

/// The shape of a value.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text, a number, `true`, nothing: YAML's leaves, not yet interpreted.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order of the text.
    Mapping(Vec<Entry>),
    /// Something already reported; readers skip it.
    Refused,
}

/// A leaf.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text after YAML escapes and expressions.
    pub text: String,
    /// Whether it is written without quotes.
    pub plain: bool,
    /// The text before expressions were evaluated. Errors show this one: the result of an expression
    /// may be a secret.
    pub template: Option<String>,
    /// Whether it may be a secret itself: it is where one is expected, or has the form of one.
    pub hidden: bool,
}

impl Scalar {
    /// The text that an error may show.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.hidden { "***" } else { self.template.as_deref().unwrap_or(&self.text) }
    }

    /// Whether it is YAML's null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The entries of a mapping, otherwise none.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// What it is, in words.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        match &self.content {
            Content::Scalar(scalar) if scalar.is_null() => "nothing",
            Content::Scalar(_) => "a single value",
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a group of keys",
            Content::Refused => "something refused",
        }
    }
}
