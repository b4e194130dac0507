//! Compares elements with the table.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::form::{part_of, problem};
use super::names::{is_blank, is_plain, name_in, passes_for_attribute, passes_for_child, same_word, step, word};
use super::row::{Child, Form, Row, Unknown};
use super::table::{homes, is_hidden, reference, row};
use super::walk::{PartNamed, Unread, Walk};
use crate::diagnostic::nearest;
use crate::solution::xml::{Element, Node};

/// Namespaces of the instance attributes; the only ones that a solution declares.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

impl Walk {
    /// Reports an element that grants or does something, in a place where nobody expects it.
    fn hidden(&mut self, element: &Element, parent: &str) {
        let homes: Vec<String> = homes(&element.name).iter().map(|home| format!("`{home}`")).collect();
        let help = if homes.is_empty() {
            "it is the root of a document: remove it".to_owned()
        } else {
            format!("it belongs in {} only: move it there, or remove it", homes.join(", "))
        };
        self.deviate_with(element, format!("`{}` is hidden in `{parent}`", element.name), help);
    }

    /// Compares an element with the row of its place; an element without one is searched for hidden elements.
    pub fn element(&mut self, element: &Element, place: &str) {
        self.check(element, place, place);
    }

    /// Compares an element of the section at `place`, which is read apart from its section.
    pub fn item(&mut self, element: &Element, place: &str) {
        let parent = Element::new(place.rsplit('/').next().unwrap_or_default());
        let Some(row) = row(place) else {
            self.look(element, &parent.name);
            return self.whole(element);
        };
        self.child(&parent, element, row, place, &mut Met::of(row));
    }

    /// `path` is the place with the names of its elements, for people.
    fn check(&mut self, element: &Element, place: &str, path: &str) {
        self.first_label(element);
        let Some(row) = row(place) else { return self.whole(element) };
        self.row(element, row, path);
    }

    /// Compares an element with its row.
    pub(super) fn row(&mut self, element: &Element, row: &Row, path: &str) {
        self.attributes(element, row, path);
        if let Some(form) = row.content {
            let text = Element { attributes: Vec::new(), ..element.clone() };
            return self.leaf(&text, form, row.place);
        }
        self.labels(element);
        self.agree(element, row.place);
        let mut met = Met::of(row);
        // What an attribute already says: a reader may use either.
        let is_any = row.unknown == Unknown::Columns;
        let unknown = |name: &&String| !is_any && !row.attributes.iter().any(|(known, _)| known == *name);
        met.others.extend(element.attributes.iter().map(|(name, _)| name).filter(unknown).map(|name| word(name)));
        for node in &element.children {
            match node {
                Node::Element(child) => self.child(element, child, row, path, &mut met),
                Node::Text(text) if is_blank(text) => {}
                Node::Text(text) => {
                    let shown: String = text.trim().chars().take(40).collect();
                    self.deviate_at(
                        element,
                        format!("text in `{}`, which has elements only: `{}`", element.name, shown.escape_debug()),
                    );
                }
                Node::Comment(_) | Node::Instruction(..) => {
                    self.deviate_at(element, format!("a comment or processing instruction in `{}`", element.name));
                }
            }
        }
        for child in row.children.iter().filter(|child| child.needed) {
            let says = |it: &Element| !it.content().trim().is_empty() || it.elements().next().is_some();
            if !element.elements().any(|it| it.name == child.name && says(it)) {
                self.lacks(element, child.name);
            }
        }
    }

    fn lacks(&mut self, element: &Element, name: &str) {
        self.deviate_at(element, format!("`{}` has no `{name}`; Dataverse has one in each", element.name));
    }

    fn child(&mut self, parent: &Element, child: &Element, row: &Row, path: &str, met: &mut Met) {
        let known = row.children.iter().position(|it| it.name == child.name);
        let Some(index) = known else { return self.unknown_child(parent, child, row, path, met) };
        let Child { form, many, .. } = row.children[index];
        met.known[index] += 1;
        if met.known[index] == 2 && !many {
            self.deviate_at(child, format!("a second `{}` in `{}`", child.name, parent.name));
        }
        let place = format!("{}/{}", row.place, child.name);
        if form == Form::Any {
            let path = match many.then(|| name_in(child, &place)).flatten() {
                Some(name) => format!("{path}/{}[{}]", child.name, step(&name)),
                None => format!("{path}/{}", child.name),
            };
            return self.check(child, &place, &path);
        }
        match form {
            Form::Column | Form::Labels | Form::Lookup | Form::File => self.column(child, form, &parent.name),
            _ => self.leaf(child, form, &place),
        }
    }

    fn unknown_child(&mut self, parent: &Element, child: &Element, row: &Row, path: &str, met: &mut Met) {
        if let Some(near) = row.children.iter().find(|it| same_word(it.name, &child.name)) {
            let message = format!("`{}` in `{}` is spelled `{}`", child.name, parent.name, near.name);
            return self.deviate_at(child, message);
        }
        if passes_for_attribute(row, &child.name) {
            let message = format!("`{}` has the element `{}`; readers take the attribute", parent.name, child.name);
            return self.deviate_with(child, message, "write it as an attribute, or remove it".to_owned());
        }
        if is_hidden(&child.name, &parent.name) && !is_reference(child) {
            return self.hidden(child, &parent.name);
        }
        if row.unknown == Unknown::Closed || !is_plain(&child.name) {
            let near = nearest(&child.name, row.children.iter().map(|it| it.name));
            let near = near.map(|near| format!("; the nearest known one is `{near}`")).unwrap_or_default();
            let message = format!("`{}` may not be in `{}`{near}", child.name, parent.name);
            let help = format!("nobody could say what it does to a `{}`: remove it from the source", parent.name);
            return self.deviate_with(child, message, help);
        }
        if !met.others.insert(word(&child.name)) {
            self.deviate_at(child, format!("a second `{}` in `{}`", child.name, parent.name));
        }
        if row.is_record() {
            self.column(child, Form::Column, &parent.name);
            if row.unknown == Unknown::Columns {
                return;
            }
        } else {
            self.whole(child);
        }
        let content = crate::solution::xml::write_fragment(child);
        self.unread.push(Unread { path: format!("{path}/{}", step(&child.name)), content });
    }

    fn attributes(&mut self, element: &Element, row: &Row, path: &str) {
        for name in &row.needed {
            if element.attribute(name).is_none_or(|value| value.trim().is_empty()) {
                self.lacks(element, name);
            }
        }
        let is_any = row.unknown == Unknown::Columns;
        for (name, value) in &element.attributes {
            if row.is_root() && name == "xmlns:xsi" && value == XSI {
                continue;
            }
            if let Some((_, form)) = row.attributes.iter().find(|(known, _)| known == name) {
                // Only ids are kept by their place.
                let is_id = matches!(form, Form::Id | Form::Role);
                let place = if is_id { format!("{}/@{name}", row.place) } else { String::new() };
                self.value(element, *form, name, value, &place);
            } else if let Some((near, _)) = row.attributes.iter().find(|(known, _)| same_word(known, name)) {
                self.deviate_at(element, format!("the attribute `{name}` of `{}` is spelled `{near}`", element.name));
            } else if passes_for_child(row, name) {
                let message = format!("`{}` has the attribute `{name}`; readers take the element", element.name);
                self.deviate_with(element, message, "write it as an element, or remove it".to_owned());
                // In `inspect` of a solution outside a bundle.
                self.unread.push(Unread { path: format!("{path}/@{}", step(name)), content: value.clone() });
            } else if row.unknown == Unknown::Closed || !is_plain(name) {
                self.deviate_at(element, format!("`{}` may not have the attribute `{name}`", element.name));
            } else if !is_any {
                // In a record of any other table it is the key, which is compared with the folder.
                self.unread.push(Unread { path: format!("{path}/@{}", step(name)), content: value.clone() });
            }
        }
    }

    /// An element that contains one value.
    pub(super) fn leaf(&mut self, element: &Element, form: Form, place: &str) {
        let name = element.name.as_str();
        for (attribute, value) in &element.attributes {
            let nil = form == Form::Nil && attribute == "xsi:nil" && value == "true";
            if !nil {
                self.deviate_at(element, format!("`{name}` may not have the attribute `{attribute}`"));
            } else if !element.is_empty() {
                self.deviate_at(element, format!("`{name}` has text and says that it has none (`xsi:nil`)"));
            }
        }
        let mut texts = 0;
        for node in &element.children {
            match node {
                Node::Text(_) => texts += 1,
                Node::Element(child) => {
                    self.deviate_at(child, format!("`{}` in `{name}`, which has text only", child.name));
                }
                Node::Comment(_) | Node::Instruction(..) => {
                    self.deviate_at(element, format!("a comment or processing instruction in `{name}`"));
                }
            }
        }
        if texts > 1 {
            self.deviate_at(element, format!("the text of `{name}` is in pieces"));
        }
        self.once(element, place);
        self.value(element, form, name, &element.content(), place);
    }

    pub(super) fn value(&mut self, element: &Element, form: Form, name: &str, value: &str, place: &str) {
        if let Some(problem) = problem(form, value) {
            self.deviate_at(element, format!("`{name}`: {problem}"));
        } else if matches!(form, Form::Id | Form::Role) {
            let id = value.trim_matches(['{', '}']).to_ascii_lowercase();
            self.ids.push((place.to_owned(), id, element.line));
        } else if let (Form::Part(named), Some(part)) = (form, part_of(value)) {
            let by = name.to_owned();
            self.parts.push(PartNamed { part, named, by, line: element.line, written: value.to_owned() });
        }
    }

    /// Searches an element that is passed on unchanged for elements that would be hidden in it and for what readers
    /// understand in different ways.
    fn whole(&mut self, element: &Element) {
        self.one_content(element);
        self.twins(element, element.attributes.iter().map(|(name, _)| name.as_str()));
        self.twins(element, element.elements().map(|child| child.name.as_str()));
        self.labels(element);
        for child in element.elements() {
            self.look(child, &element.name);
            self.whole(child);
        }
    }

    /// Checks that an element has either elements or one text: some readers use the text directly inside, others
    /// all text. Also checks whether it says that it has none.
    fn one_content(&mut self, element: &Element) {
        let name = element.name.as_str();
        let is_text = |node: &Node| matches!(node, Node::Text(text) if !is_blank(text));
        if element.children.iter().any(|node| matches!(node, Node::Comment(_) | Node::Instruction(..))) {
            self.deviate_at(element, format!("a comment or processing instruction in `{name}`"));
        }
        match element.children.iter().filter(|node| is_text(node)).count() {
            0 => {}
            _ if element.elements().next().is_some() => {
                self.deviate_at(element, format!("`{name}` has text and elements; readers differ in what they take"));
            }
            1 => {}
            _ => self.deviate_at(element, format!("the text of `{name}` is in pieces")),
        }
        for (attribute, value) in &element.attributes {
            let is_nil = attribute.rsplit_once(':').is_some_and(|(_, local)| local.eq_ignore_ascii_case("nil"));
            if attribute.starts_with("xmlns:") && (attribute == "xmlns:xsi") != (value == XSI) {
                self.deviate_at(element, format!("`{name}` gives `xsi` another meaning, or its meaning another name"));
            } else if is_nil && !attribute.starts_with("xmlns:") && (attribute != "xsi:nil" || value != "true") {
                self.deviate_at(element, format!("the attribute `{attribute}` of `{name}` is not `xsi:nil=\"true\"`"));
            } else if is_nil && !element.is_empty() {
                self.deviate_at(element, format!("`{name}` has content and says that it has none (`xsi:nil`)"));
            }
        }
    }

    /// Reports attributes or children that pass for each other: a view shows one, and Dataverse could take the other.
    fn twins<'a>(&mut self, element: &Element, names: impl Iterator<Item = &'a str>) {
        let different: BTreeSet<&str> = names.filter(|name| !name.starts_with("xmlns")).collect();
        if different.len() < 2 {
            return;
        }
        let mut met: HashMap<String, &str> = HashMap::new();
        for name in different {
            if let Some(other) = met.insert(word(name), name) {
                let message = format!("`{other}` and `{name}` in `{}` differ in case or prefix only", element.name);
                self.deviate_at(element, message);
            }
        }
    }

    /// Looks whether an element would be hidden in its parent.
    fn look(&mut self, element: &Element, parent: &str) {
        if is_hidden(&element.name, parent) && !is_reference(element) {
            self.hidden(element, parent);
        }
    }
}

/// Whether an element only refers to something elsewhere, and so grants nothing: it has only an id, or contains only
/// such elements.
fn is_reference(element: &Element) -> bool {
    let Some(attribute) = reference(&element.name) else { return false };
    let blank = element.children.iter().all(|node| match node {
        Node::Text(text) => is_blank(text),
        Node::Element(child) => attribute == "-" && is_reference(child),
        Node::Comment(_) | Node::Instruction(..) => false,
    });
    let attributes = element.attributes.iter().all(|(name, _)| name.eq_ignore_ascii_case(attribute));
    blank && attributes && element.attributes.len() <= 1
}

/// Which children of an element were found.
struct Met {
    /// How often, in the order of the row.
    known: Vec<usize>,
    /// Those that the row does not know, as words.
    others: HashSet<String>,
}

impl Met {
    fn of(row: &Row) -> Self {
        Self { known: vec![0; row.children.len()], others: HashSet::new() }
    }
}
