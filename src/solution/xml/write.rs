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

fn write(element: &Element, depth: usize, pretty: bool, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        attribute(value, out);
        out.push('"');
    }
    if element.children.is_empty() {
        if element.long_empty {
            out.push_str("></");
            out.push_str(&element.name);
            out.push('>');
        } else {
            out.push_str(" />");
        }
        return;
    }
    out.push('>');
    // Line ends are added only where a reader drops them: between elements, never beside text, and not
    // around a comment that stands alone.
    let preserved = element.attribute("xml:space") == Some("preserve");
    let mixed = element.children.iter().any(|node| matches!(node, Node::Text(_)));
    let pretty = pretty && !preserved && !mixed && element.elements().next().is_some();
    for node in &element.children {
        if pretty {
            indent(depth + 1, out);
        }
        match node {
            Node::Element(child) => write(child, depth + 1, pretty, out),
            Node::Text(value) => text(value, out),
            Node::Comment(value) => {
                out.push_str("<!--");
                out.push_str(&value.replace('\n', "\r\n"));
                out.push_str("-->");
            }
            Node::Instruction(target, value) => {
                out.push_str("<?");
                out.push_str(target);
                if !value.is_empty() {
                    out.push(' ');
                    out.push_str(&value.replace('\n', "\r\n"));
                }
                out.push_str("?>");
            }
        }
    }
    if pretty {
        indent(depth, out);
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

fn indent(depth: usize, out: &mut String) {
    out.push_str("\r\n");
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn text(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' => out.push_str("\r\n"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
}

fn attribute(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            '\t' => out.push_str("&#x9;"),
            c => out.push(c),
        }
    }
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
        let again = parse(write_fragment(&tree).as_bytes(), "b.xml").expect("parsed");
        assert_eq!(super::super::first_difference(&tree, &again), None);
    }
}
