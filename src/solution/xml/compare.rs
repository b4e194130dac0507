//! Comparing XML by content: attribute order, comments and the form of empty elements do not count.

use super::{Element, Node};

/// The element in one fixed form: attributes sorted, comments and instructions gone, text joined.
#[must_use]
pub fn canonical(element: &Element) -> Element {
    let mut attributes = element.attributes.clone();
    attributes.retain(|(name, _)| name != "xmlns" && !name.starts_with("xmlns:"));
    attributes.sort();
    let mut children: Vec<Node> = Vec::new();
    for node in &element.children {
        match (node, children.last_mut()) {
            (Node::Element(child), _) => children.push(canonical(child).into()),
            (Node::Text(text), Some(Node::Text(before))) => before.push_str(text),
            (Node::Text(text), _) => children.push(Node::Text(text.clone())),
            (Node::Comment(_) | Node::Instruction(..), _) => {}
        }
    }
    Element { name: element.name.clone(), attributes, children, long_empty: false, line: 0, file: None }
}

/// Where a text stops being in normal form: the line and what to say, or nothing where it is.
#[must_use]
pub fn not_normal(written: &[u8], normal: &[u8], first_line: usize) -> Option<(usize, String)> {
    if written == normal {
        return None;
    }
    let same = written.iter().zip(normal).take_while(|(one, other)| one == other).count();
    let line = memchr::memchr_iter(b'\n', &written[..same]).count() + first_line;
    let shown = |bytes: &[u8]| {
        let rest = String::from_utf8_lossy(&bytes[same..(same + 60).min(bytes.len())]).into_owned();
        if rest.is_empty() { "nothing".to_owned() } else { format!("`{}`", rest.escape_debug()) }
    };
    Some((line, format!("it is not in normal form: {} stands where {} should", shown(written), shown(normal))))
}

/// Where and how two elements differ in content, or `None`.
#[must_use]
pub fn first_difference(left: &Element, right: &Element) -> Option<String> {
    compare(&canonical(left), &canonical(right), &left.name)
}

fn compare(left: &Element, right: &Element, path: &str) -> Option<String> {
    if left.name != right.name {
        return Some(format!("{path}: <{}> and <{}>", left.name, right.name));
    }
    if left.attributes != right.attributes {
        return Some(format!("{path}: attributes {:?} and {:?}", left.attributes, right.attributes));
    }
    for (index, (a, b)) in left.children.iter().zip(&right.children).enumerate() {
        match (a, b) {
            (Node::Element(a), Node::Element(b)) => {
                let found = compare(a, b, &format!("{path}/{}[{index}]", a.name));
                if found.is_some() {
                    return found;
                }
            }
            (a, b) if a != b => return Some(format!("{path}: {} and {}", short(a), short(b))),
            _ => {}
        }
    }
    let (a, b) = (left.children.len(), right.children.len());
    (a != b).then(|| {
        let extra = left.children.get(b).or_else(|| right.children.get(a)).map(short).unwrap_or_default();
        format!("{path}: {a} and {b} children, the first extra one is {extra}")
    })
}

fn short(node: &Node) -> String {
    match node {
        Node::Element(element) => format!("<{}>", element.name),
        other => format!("{other:?}").chars().take(120).collect(),
    }
}
