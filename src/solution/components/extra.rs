//! `xml:` of a declared component: merged into the XML that its keys gave, each part at the place that
//! real packages have it. May use `manifest::components` and the XML tree.

use crate::diagnostic::{Diagnostic, nearest};
use crate::manifest::components::extra::{Extra, ExtraEntry, ExtraValue};
use crate::solution::xml::{Element, Node};

/// What an element may contain, in the order of real packages.
#[derive(Debug)]
pub struct Order {
    /// Its attributes; empty: any.
    pub attributes: &'static [&'static str],
    /// Its children; empty: any, in the order in which they come.
    pub children: &'static [&'static str],
    /// The order inside children, where it matters; other children may contain anything.
    pub inner: &'static [(&'static str, &'static Order)],
}

/// Anything, in the order in which it comes.
pub const FREE: Order = Order { attributes: &[], children: &[], inner: &[] };

impl Order {
    /// Adds a child at its place: after all that precede it in the order, and after those of the same name.
    pub fn place(&self, element: &mut Element, child: Element) {
        let rank = |name: &str| self.children.iter().position(|known| *known == name);
        let index = rank(&child.name).and_then(|own| {
            let later = |node: &Node| matches!(node, Node::Element(e) if rank(&e.name).is_some_and(|it| it > own));
            element.children.iter().position(later)
        });
        let index = index.unwrap_or(element.children.len());
        element.children.insert(index, child.into());
    }

    fn of(&self, name: &str) -> &Order {
        self.inner.iter().find(|(known, _)| *known == name).map_or(&FREE, |(_, order)| order)
    }
}

/// Merges `extra` into `element`; names that `order` does not know are findings.
pub fn merge(element: &mut Element, extra: &Extra, order: &Order, findings: &mut Vec<Diagnostic>) {
    for entry in &extra.entries {
        if let Some(name) = entry.name.strip_prefix('@') {
            if known(entry, name, "attribute", order.attributes, element, findings) {
                match &entry.value {
                    ExtraValue::Text(text) => element.set_attribute(name, text.as_str()),
                    _ => element.attributes.retain(|(other, _)| other != name),
                }
            }
        } else if entry.name == "#text" {
            element.children.retain(|node| !matches!(node, Node::Text(_)));
            if let ExtraValue::Text(text) = &entry.value {
                element.children.insert(0, Node::Text(text.clone()));
            }
        } else if known(entry, &entry.name, "element", order.children, element, findings) {
            child(element, entry, order, findings);
        }
    }
}

fn child(element: &mut Element, entry: &ExtraEntry, order: &Order, findings: &mut Vec<Diagnostic>) {
    let name = entry.name.as_str();
    let inner = order.of(name);
    match &entry.value {
        ExtraValue::Group(group) => {
            if element.find(name).is_none() {
                order.place(element, Element::new(name));
            }
            if let Some(found) = element.find_mut(name) {
                merge(found, group, inner, findings);
            }
        }
        ExtraValue::Text(text) => match element.find_mut(name) {
            Some(found) => found.children = Element::text(name, text.as_str()).children,
            None => order.place(element, Element::text(name, text.as_str())),
        },
        ExtraValue::Nothing | ExtraValue::Many(_) => {
            element.children.retain(|node| !matches!(node, Node::Element(other) if other.name == name));
            let values = if let ExtraValue::Many(values) = &entry.value { &values[..] } else { &[] };
            for value in values {
                let mut made = Element::new(name);
                match value {
                    ExtraValue::Text(text) => made = Element::text(name, text.as_str()),
                    ExtraValue::Group(group) => merge(&mut made, group, inner, findings),
                    ExtraValue::Nothing | ExtraValue::Many(_) => {}
                }
                order.place(element, made);
            }
        }
    }
}

fn known(
    entry: &ExtraEntry,
    name: &str,
    noun: &str,
    names: &[&str],
    element: &Element,
    findings: &mut Vec<Diagnostic>,
) -> bool {
    if names.is_empty() || names.contains(&name) {
        return true;
    }
    let message = format!("`<{}>` has no {noun} `{name}` in any known package", element.name);
    let finding = Diagnostic::error("unknown-xml", message).at(&entry.span);
    findings.push(match nearest(name, names.iter().copied()) {
        Some(near) => finding.label(format!("did you mean `{near}`?")).help(format!("write `{near}`")),
        None => finding.help("correct the name, or bring the component in a folder named under `source`"),
    });
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Source, Span};
    use crate::solution::xml::{parse, write_fragment};

    const ORDER: Order = Order {
        attributes: &["id"],
        children: &["First", "Second", "Third"],
        inner: &[("Second", &Order { attributes: &[], children: &["a", "b"], inner: &[] })],
    };

    fn extra(entries: Vec<(&str, ExtraValue)>) -> Extra {
        let span = Span::new(&Source::new("dvpack.yaml", "xml"), 0..3);
        let entry = |(name, value): (&str, ExtraValue)| ExtraEntry { name: name.into(), value, span: span.clone() };
        Extra { entries: entries.into_iter().map(entry).collect() }
    }

    fn merged(xml: &str, extra: &Extra) -> (String, Vec<String>) {
        let mut element = parse(xml.as_bytes(), "a.xml").expect("parsed");
        let mut findings = Vec::new();
        merge(&mut element, extra, &ORDER, &mut findings);
        let found = findings.iter().map(|it| format!("{} {:?}", it.message, it.help)).collect();
        (write_fragment(&element).replace("\r\n", "").replace("  ", ""), found)
    }

    #[test]
    fn each_part_comes_to_its_place_and_nothing_takes_away() {
        let text = |text: &str| ExtraValue::Text(text.into());
        let inner = extra(vec![("b", ExtraValue::Many(vec![text("1"), text("2")])), ("@any", text("x"))]);
        let all = extra(vec![
            ("@id", text("7")),
            ("Second", ExtraValue::Group(inner)),
            ("First", text("new")),
            ("Third", ExtraValue::Nothing),
        ]);
        let (xml, findings) = merged("<r><Second><a>0</a></Second><Third>gone</Third></r>", &all);
        assert_eq!(xml, r#"<r id="7"><First>new</First><Second any="x"><a>0</a><b>1</b><b>2</b></Second></r>"#);
        assert!(findings.is_empty());
    }

    #[test]
    fn a_name_that_no_package_has_is_refused_with_the_nearest() {
        let all = extra(vec![("Secnod", ExtraValue::Nothing), ("@name", ExtraValue::Text("x".into()))]);
        let (xml, findings) = merged("<r />", &all);
        assert_eq!(xml, "<r />");
        assert_eq!(
            findings,
            [
                "`<r>` has no element `Secnod` in any known package [\"write `Second`\"]",
                "`<r>` has no attribute `name` in any known package [\"correct the name, or bring the component in a folder named under `source`\"]",
            ]
        );
    }
}
