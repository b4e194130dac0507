//! `xml:` of a component: what is merged into its XML last.

use crate::diagnostic::Span;

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
    /// Where its name stands.
    pub span: Span,
}

/// What an element or attribute becomes.
#[derive(Clone, Debug)]
pub enum ExtraValue {
    /// It is taken away.
    Nothing,
    /// Text.
    Text(String),
    /// An element in which more is merged.
    Group(Extra),
    /// The same element several times, in place of all that were there.
    Many(Vec<ExtraValue>),
}
