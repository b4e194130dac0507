//! How a solution is written: bytes of its documents that differ although no typed fact shows it. With the facts
//! and the digests of components it accounts for every byte of the parts; a comparison names what differs in it.

use std::collections::BTreeMap;

use super::introduction::Introduced;
use super::item::Item;
use crate::digest::sha256;
use crate::solution::part_name::CUSTOMIZATIONS;
use crate::solution::xml::{self, Element, Node};

/// What no typed fact covers, by paths such as `customizations.xml/Workflows/Flow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// Path → what is there besides facts: white space, comments, attributes of a section. A digest, or
    /// [`EMPTY`] of a section without items.
    pub forms: BTreeMap<String, String>,
    /// Path of each item of a section → the same of it; empty where it is in normal form.
    pub items: BTreeMap<String, String>,
    /// Path → what is below it, in order.
    pub orders: BTreeMap<String, Vec<String>>,
    /// Kind and name of a component, section or file → the versions in which its contents were introduced.
    pub introduced: BTreeMap<(String, String), Introduced>,
}

/// The form of a section without items.
pub const EMPTY: &str = "empty";

impl Writing {
    /// Notes how a document is written: `written` is all of it, `body` leaves out the declaration.
    pub(super) fn document(&mut self, name: &str, written: &[u8], body: &[u8], normal: &[u8]) {
        let head = written.strip_suffix(body).unwrap_or(written);
        let odd = if body == normal { &[] } else { body };
        if !head.is_empty() || !odd.is_empty() {
            self.form(name.to_owned(), &sha256(&[head, odd].concat()));
        }
    }

    /// Notes a document that begins with something else than its first tag: a mark, blanks, another encoding.
    pub(super) fn encoding(&mut self, name: &str, written: &[u8]) {
        let head = written.split(|byte| *byte == b'<').next().unwrap_or_default();
        self.form(name.to_owned(), &sha256(head));
    }

    /// Notes the elements of solution.xml below `element`, whose values are facts.
    pub(super) fn manifest(&mut self, element: &Element, path: &str) {
        let mut rest = beside_elements(element, false);
        // What a comparison of values does not cover.
        let labelled = element.attributes.len() > 1;
        let left_out = |name: &str| name == "xsi:nil" || name == "languagecode" && !labelled;
        rest.extend(element.attributes.iter().filter(|(name, _)| left_out(name)).map(|it| format!("{it:?}")));
        if element.children.is_empty() {
            rest.push(format!("{}", element.long_empty));
        }
        if rest != ["false"] && !rest.is_empty() {
            self.form(path.to_owned(), &sha256(rest.concat().as_bytes()));
        }
        let is_list = ["RootComponents", "MissingDependencies"].contains(&element.name.as_str());
        let children = element.elements().map(|it| if is_list { xml::write_fragment(it) } else { it.name.clone() });
        let names: Vec<String> = attribute_names(element).chain(children).collect();
        if !names.is_empty() {
            self.orders.entry(path.to_owned()).or_default().extend(names);
        }
        if !is_list {
            element.elements().for_each(|child| self.manifest(child, &format!("{path}/{}", child.name)));
        }
    }

    /// Notes the sections of customizations.xml, without their items.
    pub(super) fn sections(&mut self, frame: &Element, counts: impl Iterator<Item = usize>) {
        const DOCUMENT: &str = CUSTOMIZATIONS;
        let rest = beside_elements(frame, false).concat();
        if !rest.is_empty() {
            self.form(DOCUMENT.to_owned(), &sha256(rest.as_bytes()));
        }
        let names = attribute_names(frame).chain(frame.elements().map(|section| section.name.clone()));
        self.orders.insert(DOCUMENT.to_owned(), names.collect());
        for (section, count) in frame.elements().zip(counts) {
            let mut rest = beside_elements(section, true);
            if count == 0 && section.long_empty {
                rest.push("long".to_owned());
            }
            let form = if rest.is_empty() { EMPTY.to_owned() } else { sha256(rest.concat().as_bytes()) };
            if count == 0 || form != EMPTY {
                self.form(format!("{DOCUMENT}/{}", section.name), &form);
            }
        }
    }

    /// Notes an item of a section.
    pub(super) fn item(&mut self, item: &Item) {
        let section = format!("{}/{}", CUSTOMIZATIONS, item.section);
        let path = format!("{section}/{}", item.label);
        self.orders.entry(section).or_default().push(item.label.clone());
        let form = self.items.entry(path.clone()).or_default();
        if let Some((_, written, _)) = &item.abnormal {
            *form = sha256(format!("{form}{written}").as_bytes());
        }
        if let Some(role) = &item.role {
            // Its values are facts; their order is not.
            let order = role.properties.iter().map(|(name, _)| name).chain(role.role.rows.iter().map(|row| &row.name));
            self.orders.entry(path).or_default().extend(order.cloned());
        }
    }

    /// Two things with the same path are joined, so that a change of either shows.
    fn form(&mut self, path: String, form: &str) {
        let entry = self.forms.entry(path).or_default();
        *entry = if entry.is_empty() { form.to_owned() } else { sha256(format!("{entry}{form}").as_bytes()) };
    }
}

fn attribute_names(element: &Element) -> impl Iterator<Item = String> {
    element.attributes.iter().map(|(name, _)| format!("@{name}"))
}

/// What an element has besides elements and, if `attributes`, its attributes.
fn beside_elements(element: &Element, attributes: bool) -> Vec<String> {
    let own = attributes.then_some(&element.attributes).into_iter().flatten().map(|it| format!("{it:?}"));
    let odd = element.children.iter().filter(|node| match node {
        Node::Element(_) => false,
        // Text is a fact in solution.xml, but not in a section.
        Node::Text(text) => attributes && !text.trim().is_empty(),
        Node::Comment(_) | Node::Instruction(..) => true,
    });
    own.chain(odd.map(|node| format!("{node:?}"))).collect()
}
