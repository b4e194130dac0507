//! Writing XML as the server writes it: CRLF, two spaces, no final line end, `'` and `"` raw in
//! text, control characters of attributes as references, ` />`.

use super::{Element, Node};

/// A document without byte order mark and declaration, as the server exports it.
#[must_use]
pub fn write_document(root: &Element) -> Vec<u8> {
    write_fragment(root).into_bytes()
}

/// An element with everything inside, from column 0.
#[must_use]
pub fn write_fragment(element: &Element) -> String {
    let mut out = String::new();
    write(element, 0, true, &mut out);
    out
}

/// How much of a document is written before it is given away.
const PART: usize = 256 << 10;

/// A document as [`write_document`] writes it, in parts: a large one is never there as a whole.
pub fn write_in_parts<E>(root: &Element, mut give: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let mut out = String::new();
    in_parts(root, 0, true, &mut out, &mut give)?;
    give(&out)
}

fn in_parts<E>(
    element: &Element,
    depth: usize,
    pretty: bool,
    out: &mut String,
    give: &mut impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    if element.children.is_empty() {
        write(element, depth, pretty, out);
        return Ok(());
    }
    open(element, depth, false, out);
    let inside = pretty && indents(element, false);
    for node in &element.children {
        match node {
            Node::Element(child) => {
                if inside {
                    indent(depth + 1, out);
                }
                in_parts(child, depth + 1, inside, out, give)?;
            }
            other => write_node(other, depth + 1, inside, out),
        }
    }
    close(element, depth, inside, out);
    if out.len() >= PART {
        give(out)?;
        out.clear();
    }
    Ok(())
}

/// An element with everything inside, as it stands so deep in a document, without the line end before it.
#[must_use]
pub fn write_at(element: &Element, depth: usize) -> String {
    let mut out = String::new();
    write(element, depth, true, &mut out);
    out
}

/// Writes a node that is so deep in a document; what is around it is written with [`open`] and [`close`].
pub fn write_node(node: &Node, depth: usize, pretty: bool, out: &mut String) {
    if pretty {
        indent(depth, out);
    }
    match node {
        Node::Element(child) => write(child, depth, pretty, out),
        Node::Text(value) => text(value, out),
        Node::Comment(value) => {
            out.push_str("<!--");
            out.push_str(&value.replace('\n', "\r\n"));
            out.push_str("-->");
        }
        Node::Instruction(instruction) => {
            out.push_str("<?");
            out.push_str(&instruction.target);
            if !instruction.content.is_empty() {
                out.push(' ');
                out.push_str(&instruction.content.replace('\n', "\r\n"));
            }
            out.push_str("?>");
        }
    }
}

/// Whether line ends may be added inside an element: only where a reader drops them, between elements, never
/// beside text, and not around a comment that stands alone. `more` says that elements come which it does not hold yet.
#[must_use]
pub fn indents(element: &Element, more: bool) -> bool {
    let preserved = element.attribute("xml:space") == Some("preserve");
    let mixed = element.children.iter().any(|node| matches!(node, Node::Text(_)));
    !preserved && !mixed && (more || element.elements().next().is_some())
}

/// Writes the start tag of an element that has something inside.
pub fn open(element: &Element, depth: usize, pretty: bool, out: &mut String) {
    if pretty {
        indent(depth, out);
    }
    start(element, out);
    out.push('>');
}

/// Writes the end tag of an element that has something inside.
pub fn close(element: &Element, depth: usize, pretty: bool, out: &mut String) {
    if pretty {
        indent(depth, out);
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

fn start(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        attribute(value, out);
        out.push('"');
    }
}

fn write(element: &Element, depth: usize, pretty: bool, out: &mut String) {
    if element.children.is_empty() {
        start(element, out);
        if element.long_empty {
            out.push_str("></");
            out.push_str(&element.name);
            out.push('>');
        } else {
            out.push_str(" />");
        }
        return;
    }
    open(element, depth, false, out);
    let pretty = pretty && indents(element, false);
    for node in &element.children {
        write_node(node, depth + 1, pretty, out);
    }
    close(element, depth, pretty, out);
}

fn indent(depth: usize, out: &mut String) {
    out.push_str("\r\n");
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn text(value: &str, out: &mut String) {
    escape(value, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\n' => Some("\r\n"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

fn attribute(value: &str, out: &mut String) {
    escape(value, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        b'\t' => Some("&#x9;"),
        _ => None,
    });
}

/// Copies runs of what stays as it is; what is replaced is ASCII, so that bytes can be looked at.
fn escape(value: &str, out: &mut String, replacement: impl Fn(u8) -> Option<&'static str>) {
    let mut from = 0;
    for (at, byte) in value.bytes().enumerate() {
        if let Some(text) = replacement(byte) {
            out.push_str(&value[from..at]);
            out.push_str(text);
            from = at + 1;
        }
    }
    out.push_str(&value[from..]);
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn writes_as_the_server_does() {
        let source =
            "<a b=\"1&#xA;2 'x' &quot;\"><c>it's \"so\" &amp; &lt;\n x</c><d></d><e/><f>t<g/> </f><!--n--></a>";
        let tree = parse(source.as_bytes(), "a.xml").expect("parsed");
        insta::assert_snapshot!(write_fragment(&tree).replace("\r\n", "\n"), @r#"
        <a b="1&#xA;2 'x' &quot;">
          <c>it's "so" &amp; &lt;
         x</c>
          <d></d>
          <e />
          <f>t<g /> </f>
          <!--n-->
        </a>
        "#);
        let mut parts = String::new();
        let keep = |part: &str| {
            parts.push_str(part);
            Ok::<_, ()>(())
        };
        write_in_parts(&tree, keep).expect("written");
        assert_eq!(parts, write_fragment(&tree));
        let again = parse(write_fragment(&tree).as_bytes(), "b.xml").expect("parsed");
        assert_eq!(super::super::first_difference(&tree, &again), None);
    }
}
