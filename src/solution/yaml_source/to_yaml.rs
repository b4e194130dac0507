//! XML → YAML, as `convert` reads it back. What would come back otherwise (comments, text between elements, children of
//! one name with others between them) has no YAML.

use super::convert;
use crate::solution::xml::{Element, Node, write_fragment};
use crate::yaml::write::{Value, document};

/// The document of an element, if it comes back as it is.
pub fn written(element: &Element) -> Option<String> {
    let text = document(&Value::map([(element.name.as_str(), value(element)?)]));
    let mut findings = Vec::new();
    let again = convert::root(text.as_bytes(), "", &mut findings)?;
    let is_same =
        findings.is_empty() && convert::names_are_sound(&again) && write_fragment(&again) == write_fragment(element);
    is_same.then_some(text)
}

fn value(element: &Element) -> Option<Value> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for (name, value) in &element.attributes {
        entries.push((format!("@{name}"), Value::text(value)));
        if name == "xsi:nil" {
            entries.push(("@xmlns:xsi".into(), Value::text(crate::solution::skeleton::XSI)));
        }
    }
    match element.children.as_slice() {
        [] if entries.is_empty() => return Some(if element.long_empty { Value::text("") } else { Value::Null }),
        [Node::Text(text)] if entries.is_empty() => return Some(Value::text(text)),
        [Node::Text(text)] => entries.push(("#text".into(), Value::text(text))),
        children => {
            let mut runs: Vec<(&str, Vec<Value>)> = Vec::new();
            for child in children {
                let Node::Element(child) = child else { return None };
                let written = value(child)?;
                match runs.last_mut() {
                    Some((name, values)) if *name == child.name => values.push(written),
                    _ => runs.push((&child.name, vec![written])),
                }
            }
            for (name, mut values) in runs {
                if entries.iter().any(|(other, _)| other == name) {
                    return None;
                }
                let value = if values.len() == 1 { values.pop()? } else { Value::List(values) };
                entries.push((name.to_owned(), value));
            }
        }
    }
    Some(Value::Map(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::xml::parse;

    fn yaml(xml: &str) -> Option<String> {
        let mut root = parse(xml.as_bytes(), "t.xml").expect("XML");
        root.attributes.retain(|(name, _)| name != "xmlns:xsi");
        written(&root)
    }

    #[test]
    fn what_yaml_holds_comes_back_and_the_rest_has_none() {
        insta::assert_snapshot!(
            yaml("<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' b='1.0'><c/><d></d><e>yes</e><e>two\nlines</e><f xsi:nil='true'></f><g h='x'>text: it</g></a>")
                .expect("YAML")
        );
        for none in ["<a><b/><c/><b/></a>", "<a>x<b/></a>", "<a><!-- c --></a>", "<a b='1'></a>"] {
            assert_eq!(yaml(none), None, "{none}");
        }
    }
}
