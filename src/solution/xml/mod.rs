//! The XML of solutions: a small tree that loses nothing, a strict reader, a writer in the
//! server's form, and a comparison that sees content only.
//! Facts: solution packages as Dataverse exports them (CRLF, two spaces, .NET escaping).

mod compare;
mod encoding;
mod limits;
mod long_names;
mod read;
mod root;
mod split;
mod start_tag;
mod well_formed;
mod write;

pub use compare::{canonical, first_difference, not_normal};
pub use encoding::{decode, decode_data, without_declaration};
pub use limits::{node_limit, too_much};
pub use long_names::long_name;
pub use read::{parse, parse_data, parse_within};
pub use root::root_name;
pub use split::{Piece, Pieces, Section, parse_in_pieces};
pub use well_formed::check_text;
pub use write::{close, indents, open, write_at, write_document, write_fragment, write_in_parts, write_node};

use std::sync::Arc;

/// An element: its name and attributes as written (with prefixes and namespace declarations).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Qualified name as written.
    pub name: String,
    /// Attributes in order, decoded.
    pub attributes: Vec<(String, String)>,
    /// What is inside, in order.
    pub children: Vec<Node>,
    /// Written as `<a></a>` rather than `<a />` where it is empty.
    pub long_empty: bool,
    /// The 1-based line in the file it came from; 0 for elements made here.
    pub line: usize,
    /// The file, on elements that were the root of one or right below it.
    pub file: Option<Arc<str>>,
}

/// What an element holds. A copy of a tree shares its elements with the first one until one of the two is changed: of
/// tens of megabytes several copies are made, and most of each stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Arc<Element>),
    /// Text, decoded; line ends are `\n`.
    Text(String),
    /// A comment.
    Comment(String),
    /// A processing instruction.
    Instruction(Box<Instruction>),
}

/// A processing instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its target.
    pub target: String,
    /// What it says.
    pub content: String,
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(Arc::new(element))
    }
}

impl Element {
    /// An empty element.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// An element that holds text.
    #[must_use]
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut element = Self::new(name);
        if text.is_empty() {
            element.long_empty = true;
        } else {
            element.children.push(Node::Text(text));
        }
        element
    }

    /// The same element with an attribute more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// The same element with a child more.
    #[must_use]
    pub fn child(mut self, child: Self) -> Self {
        self.push(child);
        self
    }

    /// Adds a child element.
    pub fn push(&mut self, child: Self) {
        self.children.push(child.into());
    }

    /// An attribute's value.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Sets an attribute.
    pub fn set_attribute(&mut self, name: &str, value: impl Into<String>) {
        match self.attributes.iter_mut().find(|(n, _)| n == name) {
            Some(pair) => pair.1 = value.into(),
            None => self.attributes.push((name.to_owned(), value.into())),
        }
    }

    /// The child elements.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(&**element),
            _ => None,
        })
    }

    /// The child elements, to be changed.
    pub fn elements_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        self.children.iter_mut().filter_map(|node| match node {
            Node::Element(element) => Some(Arc::make_mut(element)),
            _ => None,
        })
    }

    /// The first child element of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// The first child element of that name, to be changed.
    pub fn find_mut(&mut self, name: &str) -> Option<&mut Self> {
        // One that stays as it is stays shared.
        self.children.iter_mut().find_map(|node| match node {
            Node::Element(element) if element.name == name => Some(Arc::make_mut(element)),
            _ => None,
        })
    }

    /// Follows child elements by name.
    #[must_use]
    pub fn path(&self, names: &[&str]) -> Option<&Self> {
        names.iter().try_fold(self, |element, name| element.find(name))
    }

    /// All text directly inside.
    #[must_use]
    pub fn content(&self) -> String {
        self.children
            .iter()
            .filter_map(|node| if let Node::Text(text) = node { Some(text.as_str()) } else { None })
            .collect()
    }

    /// The trimmed text of a child element.
    #[must_use]
    pub fn child_text(&self, name: &str) -> Option<String> {
        self.find(name).map(|element| element.content().trim().to_owned())
    }

    /// What stands at a place: the value of `@attribute`, or the trimmed text of a child element.
    #[must_use]
    pub fn value_at(&self, place: &str) -> Option<String> {
        match place.strip_prefix('@') {
            Some(name) => self.attribute(name).map(str::to_owned),
            None => self.child_text(place),
        }
    }

    /// Replaces everything inside by text.
    pub fn set_content(&mut self, text: &str) {
        self.children = vec![Node::Text(text.to_owned())];
    }

    /// Whether there is no element and no text inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.children.iter().any(|node| matches!(node, Node::Element(_) | Node::Text(_)))
    }
}
