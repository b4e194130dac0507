//! Elements of a solution's XML, and their contents.

use roxmltree::{Document, Node};
use uuid::Uuid;

pub(super) fn decode(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned()
}

pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

pub(super) fn child_text(node: Node<'_, '_>, name: &str) -> String {
    child(node, name).and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
}

pub(super) fn label(node: Node<'_, '_>, group: &str) -> String {
    let inner = child(node, group).and_then(|group| group.children().find(Node::is_element));
    inner.and_then(|node| node.attribute("description")).unwrap_or_default().to_owned()
}

pub(super) fn all<'a, 'i: 'a>(document: &'a Document<'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

pub(super) fn guid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim().trim_matches(['{', '}'])).ok()
}
