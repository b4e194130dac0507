//! Comments and processing instructions, which normal form does not have.

use crate::solution::xml::{Element, Node};

/// What is reported about them.
pub(super) const COMMENTS: &str = "comments and processing instructions are left out of the solution";

/// Removes comments and instructions from an element; returns whether there were any.
pub(super) fn bare(element: &mut Element) -> bool {
    let before = element.children.len();
    element.children.retain(|node| !matches!(node, Node::Comment(_) | Node::Instruction(..)));
    let mut changed = element.children.len() < before;
    if changed && element.elements().next().is_none() {
        let text = element.content();
        element.set_content(&text);
    }
    for child in element.elements_mut() {
        changed |= bare(child);
    }
    changed
}
