//! YAML → XML, as the YAML source layout means it: `'@name'` keys are attributes, `'#text'` is the text,
//! a list repeats its element, and everything else is a child.
//! Facts: the documentation's publisher.yml and two public generators.

use crate::diagnostic::{Diagnostic, Source};
use crate::solution::xml::Element;
use crate::yaml::node::{Content, Entry, Node as Yaml};
use crate::yaml::parse::parse;

/// The document as an element: its one key is the root.
pub fn root(bytes: &[u8], file: &str, findings: &mut Vec<Diagnostic>) -> Option<Element> {
    let document = document(bytes, file, findings)?;
    match document.entries() {
        [only] => {
            let lines = Lines::of(bytes);
            let mut elements = elements(only, &lines);
            if elements.len() == 1 {
                let mut root = elements.remove(0);
                root.file = Some(file.into());
                return Some(root);
            }
            findings.push(refuse(file, "its root is a list"));
        }
        entries => findings.push(refuse(file, &format!("it has {} keys, not one root", entries.len()))),
    }
    None
}

/// The document as it is.
pub fn document(bytes: &[u8], file: &str, findings: &mut Vec<Diagnostic>) -> Option<Yaml> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.push(refuse(file, "it is not UTF-8 text"));
        return None;
    };
    parse(&Source::new(file, text.trim_start_matches('\u{feff}')), None, findings)
}

fn refuse(file: &str, message: &str) -> Diagnostic {
    Diagnostic::error("invalid-yaml-source", message).in_file(file, None)
}

/// Where the lines of a text start.
struct Lines(Vec<usize>);

impl Lines {
    fn of(bytes: &[u8]) -> Self {
        // Offsets count from behind a byte order mark, as those of the tree do.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Self(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).collect())
    }

    /// The 1-based line of an offset.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset) + 1
    }
}

/// The elements that a key and its value stand for.
fn elements(entry: &Entry, lines: &Lines) -> Vec<Element> {
    named(&entry.key, &entry.value, lines.at(entry.key_span.range.start), lines)
}

fn named(name: &str, value: &Yaml, line: usize, lines: &Lines) -> Vec<Element> {
    match &value.content {
        Content::Sequence(items) => {
            items.iter().flat_map(|item| named(name, item, lines.at(item.span.range.start), lines)).collect()
        }
        Content::Scalar(scalar) if scalar.is_null() => vec![Element { line, ..Element::new(name) }],
        Content::Scalar(scalar) => vec![Element { line, ..Element::text(name, scalar.text.as_str()) }],
        Content::Mapping(entries) => {
            let mut element = Element { line, ..Element::new(name) };
            for entry in entries {
                if let Some(attribute) = entry.key.strip_prefix('@') {
                    if attribute != "xmlns:xsi" {
                        element.set_attribute(attribute, text(&entry.value));
                    }
                } else if entry.key == "#text" {
                    element.children.push(crate::solution::xml::Node::Text(text(&entry.value)));
                } else {
                    for child in elements(entry, lines) {
                        element.push(child);
                    }
                }
            }
            element.long_empty = element.attribute("xsi:nil").is_some();
            vec![element]
        }
        Content::Refused => Vec::new(),
    }
}

/// The text of a leaf.
pub fn text(value: &Yaml) -> String {
    match &value.content {
        Content::Scalar(scalar) if !scalar.is_null() => scalar.text.clone(),
        _ => String::new(),
    }
}

/// Names that XML allows; anything else in a key would break the document.
pub fn names_are_sound(element: &Element) -> bool {
    let sound = |name: &str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && chars.all(|c| c.is_alphanumeric() || "_-.:".contains(c))
    };
    sound(&element.name)
        && element.attributes.iter().all(|(name, _)| sound(name))
        && element.elements().all(names_are_sound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::xml::write_fragment;

    #[test]
    fn keys_become_attributes_text_and_children() {
        let yaml = "EntityInfo:\n  entity:\n    '@Name': a\n    LocalizedName:\n    - '@description': One\n    - '@description': Two\n    \
                    Version: 1.0\n    Nothing:\n    City:\n      '@xsi:nil': 'true'\n      '@xmlns:xsi': http://x\n    Name:\n      '@x': 1\n      '#text': a_b\n";
        let mut findings = Vec::new();
        let root = root(yaml.as_bytes(), "t.yml", &mut findings).expect("a root");
        insta::assert_snapshot!(write_fragment(&root).replace("\r\n", "\n"), @r#"
        <EntityInfo>
          <entity Name="a">
            <LocalizedName description="One" />
            <LocalizedName description="Two" />
            <Version>1.0</Version>
            <Nothing />
            <City xsi:nil="true"></City>
            <Name x="1">a_b</Name>
          </entity>
        </EntityInfo>
        "#);
        assert!(findings.is_empty());
        let lines = |element: &Element| element.elements().map(|child| child.line).collect::<Vec<_>>();
        let entity = root.find("entity").expect("an entity");
        assert_eq!((root.line, entity.line, lines(entity)), (1, 2, vec![5, 6, 7, 8, 9, 12]));
    }

    #[test]
    fn a_key_cannot_break_the_document() {
        let mut findings = Vec::new();
        for bad in ["a: {'b><c': 1}", "a: {'@x y': 1}", "a: {'': 1}"] {
            let root = root(bad.as_bytes(), "t.yml", &mut findings).expect("a root");
            assert!(!names_are_sound(&root), "{bad}");
        }
        assert!(
            root(b"- a", "t.yml", &mut findings).is_none() && root(b"a: 1\nb: 2", "t.yml", &mut findings).is_none()
        );
    }
}
