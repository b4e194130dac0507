//! The columns of a record: text, a text by language, the key of another record, or the name of a file.

use std::collections::HashSet;

use super::labels::base_label;
use super::names::is_blank;
use super::row::Form;
use super::walk::Walk;
use crate::solution::xml::{Element, Node};

/// How deep the key of a record may be nested: it may contain another record's key.
const DEEPEST: usize = 6;

impl Walk {
    /// Compares a column with its form; one without a form may have any of them.
    pub(super) fn column(&mut self, column: &Element, form: Form, record: &str) {
        if column.name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b':') {
            self.deviate_at(column, format!("`{}` in `{record}` is not spelled in lower case", column.name));
        }
        let labels = column.elements().any(|child| child.name == "label") || column.attribute("default").is_some();
        match form {
            Form::Labels => self.texts(column),
            Form::Column if labels => self.texts(column),
            Form::Lookup | Form::Column if column.elements().next().is_some() => self.lookup(column, 0),
            _ => {
                let mut plain = column.clone();
                if matches!(form, Form::File | Form::Column) {
                    plain.attributes.retain(|(name, _)| name != "mimetype");
                }
                self.leaf(&plain, if form == Form::File { form } else { Form::Text }, "");
            }
        }
    }

    /// `<name default="…"><label description="…" languagecode="…" />…</name>`
    fn texts(&mut self, column: &Element) {
        self.only(column, &["default"], true);
        self.labels(column);
        for label in column.elements() {
            if label.name != "label" {
                self.deviate_at(label, format!("`{}` in `{}`, which has labels only", label.name, column.name));
            }
            self.only(label, &["description", "languagecode"], false);
        }
        let base = base_label(column, self.language.as_deref()).and_then(|label| label.attribute("description"));
        if let (Some(default), Some(base)) = (column.attribute("default"), base)
            && default != base
        {
            let message = format!("the default of `{}` is not its text in the base language", column.name);
            self.deviate_at(column, message);
        }
    }

    /// `<table><key>…</key></table>`
    fn lookup(&mut self, column: &Element, depth: usize) {
        self.only(column, &[], true);
        let mut met = HashSet::new();
        for child in column.elements() {
            if !met.insert(child.name.to_lowercase()) {
                self.deviate_at(child, format!("a second `{}` in `{}`", child.name, column.name));
            }
            if child.elements().next().is_none() {
                self.leaf(child, Form::Text, "");
            } else if depth < DEEPEST {
                self.lookup(child, depth + 1);
            } else {
                self.deviate_at(child, format!("`{}` is nested too deep", child.name));
            }
        }
    }

    /// Reports everything except these attributes and, with `elements`, elements.
    fn only(&mut self, element: &Element, attributes: &[&str], elements: bool) {
        for (name, _) in element.attributes.iter().filter(|(name, _)| !attributes.contains(&name.as_str())) {
            self.deviate_at(element, format!("`{}` may not have the attribute `{name}`", element.name));
        }
        for node in &element.children {
            match node {
                Node::Element(_) if elements => {}
                Node::Element(child) => {
                    self.deviate_at(child, format!("`{}` may not be in `{}`", child.name, element.name));
                }
                Node::Text(text) if is_blank(text) => {}
                Node::Text(_) => {
                    let what = if elements { "which has elements only" } else { "which has attributes only" };
                    self.deviate_at(element, format!("text in `{}`, {what}", element.name));
                }
                Node::Comment(_) | Node::Instruction(..) => {
                    self.deviate_at(element, format!("a comment or processing instruction in `{}`", element.name));
                }
            }
        }
    }
}
