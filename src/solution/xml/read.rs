//! Reading XML from outside: `roxmltree` refuses DTDs and ill-formed input; `limits.rs` bounds size and
//! depth, and `start_tag.rs` keeps what `roxmltree` does not tell (prefixes and declarations as written).

use memchr::memchr_iter;
use roxmltree::{Document, ParsingOptions};

use super::encoding::{decode, decode_data};
use super::limits::{MAX_NODES, too_much};
use super::start_tag::start_tag;
use super::well_formed::{ill_formed, misnamed};
use super::{Element, Instruction, Node};
use crate::diagnostic::Diagnostic;
/// Parses a whole document; `file` names it in the error.
///
/// Whitespace between elements is dropped, as .NET does; beside text, and alone in an element, it stays.
///
/// # Errors
/// A finding at the place that is not well-formed, or over a limit.
pub fn parse(bytes: &[u8], file: &str) -> Result<Element, Box<Diagnostic>> {
    parse_within(bytes, file, MAX_NODES)
}

/// [`parse`] with another limit on the number of nodes.
pub fn parse_within(bytes: &[u8], file: &str, nodes: u32) -> Result<Element, Box<Diagnostic>> {
    let text = decode(bytes).map_err(|message| undecoded(message, file))?;
    parse_text(&text, file, nodes)
}

/// [`parse`] for a document that Dataverse carries and that no reader here takes a fact from: it may be in an encoding
/// of single bytes that all readers of XML know.
pub fn parse_data(bytes: &[u8], file: &str) -> Result<Element, Box<Diagnostic>> {
    let text = decode_data(bytes).map_err(|message| undecoded(message, file))?;
    parse_text(&text, file, MAX_NODES)
}

fn undecoded(message: String, file: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("malformed-xml", message).in_file(file, None))
}

fn parse_text(text: &str, file: &str, nodes: u32) -> Result<Element, Box<Diagnostic>> {
    let refuse = |message: String, at| Box::new(Diagnostic::error("malformed-xml", message).in_file(file, at));
    if let Some((at, message)) = too_much(text, nodes) {
        let line = memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
        return Err(refuse(message, Some((line, 1))));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: nodes, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let message = error.to_string();
        // The position is said by the finding itself.
        let message = message.split(" at ").next().unwrap_or(&message).to_owned();
        refuse(message, Some((at.row as usize, at.col as usize)))
    })?;
    let refuse_at = |(offset, message): (usize, String)| {
        let at = document.text_pos_at(offset);
        refuse(message, Some((at.row as usize, at.col as usize)))
    };
    if let Some(why) = ill_formed(&document, text) {
        return Err(refuse_at(why));
    }
    let mut lines = Lines { text, at: 0, line: 1, misnamed: None };
    let mut root = element(document.root_element(), text, &mut lines, false);
    if let Some(why) = lines.misnamed {
        return Err(refuse_at(why));
    }
    let file: std::sync::Arc<str> = file.into();
    // Its children too: many files only hold a list that is merged into another.
    root.elements_mut().for_each(|child| child.file = Some(file.clone()));
    root.file = Some(file);
    Ok(root)
}

/// Counts lines forward only, so that the whole document costs one pass.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    /// The first element with names that XML forbids and the parser lets pass, and what to say.
    misnamed: Option<(usize, String)>,
}

impl Lines<'_> {
    fn of(&mut self, offset: usize) -> usize {
        if offset > self.at {
            self.line += memchr_iter(b'\n', &self.text.as_bytes()[self.at..offset]).count();
            self.at = offset;
        }
        self.line
    }
}

fn element(node: roxmltree::Node<'_, '_>, text: &str, lines: &mut Lines<'_>, preserve: bool) -> Element {
    let range = node.range();
    let line = lines.of(range.start);
    let start_end = node.first_child().map_or(range.end, |child| child.range().start);
    let (name, attributes) = start_tag(node, text, &text[range.start..start_end]);
    if lines.misnamed.is_none() {
        lines.misnamed = misnamed(&name, &attributes).map(|message| (range.start, message));
    }
    let preserve = match node.attribute((roxmltree::NS_XML_URI, "space")) {
        Some("preserve") => true,
        Some("default") => false,
        _ => preserve,
    };
    let blank = |text: &str| text.bytes().all(|b| b.is_ascii_whitespace());
    let (mut has_element, mut has_text) = (false, false);
    for child in node.children() {
        has_element |= child.is_element();
        has_text |= child.is_text() && !child.text().is_none_or(blank);
    }
    let mixed = preserve || !has_element || has_text;
    // An empty CDATA section is a text of no characters, which nothing can be written for.
    let is_kept = |child: &roxmltree::Node<'_, '_>| {
        !child.is_text() || (mixed && child.text().is_some_and(|text| !text.is_empty()))
    };
    // Counted first: a list that grows has room for four, and most elements have one child.
    let mut children = Vec::with_capacity(node.children().filter(is_kept).count());
    for child in node.children().filter(is_kept) {
        children.push(if child.is_element() {
            element(child, text, lines, preserve).into()
        } else if child.is_comment() {
            Node::Comment(line_ends(child.text().unwrap_or_default()))
        } else if let Some(instruction) = child.pi() {
            let content = line_ends(instruction.value.unwrap_or_default());
            Node::Instruction(Box::new(Instruction { target: instruction.target.to_owned(), content }))
        } else {
            Node::Text(child.text().unwrap_or_default().to_owned())
        });
    }
    Element { name, attributes, children, long_empty: !text[range].ends_with("/>"), line, file: None }
}

/// What the parser does to texts and not to comments: every line end is `\n`.
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::super::limits::MOST_AT_ONCE;
    use super::*;

    #[test]
    fn line_ends_and_tabs_in_values_are_kept_as_dot_net_keeps_them() {
        let tree = parse(b"<a b='1\r\n2\t3 &amp; &#x41;&#66;\n' xmlns:x='urn:x' x:c='\n'/>", "a.xml").expect("parsed");
        assert_eq!(tree.attribute("b"), Some("1\r\n2\t3 & AB\n"));
        assert_eq!(tree.attribute("x:c"), Some("\n"));
    }

    #[test]
    fn refuses_what_dot_net_refuses() {
        for bad in [
            "<a>]]></a>",
            "<a><!-- a -- b --></a>",
            "<a b='<'/>",
            "<a><x:b/></a>",
            "<a>&</a>",
            "<a>&b;</a>",
            "<a/><b/>",
            "<a/>b",
            "<a>\u{1}</a>",
            "<a b='1' b='2'/>",
            "<?xml version='1.1'?><a/>",
            " <?xml version='1.0'?><a/>",
            "<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>",
            "<a>\u{fffe}</a>",
            "<a>&#0;</a>",
            "<a><!--a---></a>",
            "<a b=1/>",
            "<a b/>",
            "<a b='1'c='2'/>",
            "<a><b></a></b>",
            "<1/>",
            "<a>&#xD800;</a>",
            "<a>&#65</a>",
        ] {
            assert!(parse(bad.as_bytes(), "x.xml").is_err(), "{bad:?} passed");
        }
    }

    #[test]
    fn keeps_names_values_and_lines() {
        let tree = parse(
            b"\xef\xbb\xbf<?xml version=\"1.0\"?>\r\n<a xmlns:x='urn:x?&lt;&#38;' xmlns='' b=\"1 &lt; 2\" x:c='d'>\r\n  <x:e/><f></f> \r\n</a>",
            "a.xml",
        )
        .expect("parsed");
        let expected = [("xmlns:x", "urn:x?<&"), ("xmlns", ""), ("b", "1 < 2"), ("x:c", "d")];
        assert_eq!(tree.attributes, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        let children: Vec<_> = tree.elements().map(|e| (e.name.as_str(), e.line, e.long_empty)).collect();
        assert_eq!(children, [("x:e", 3, false), ("f", 3, true)]);
    }

    #[test]
    fn line_ends_in_comments_and_instructions_are_written_as_they_were() {
        let source = b"<a><!--1\r\n2--><?p 1\r\n2?></a>";
        let tree = parse(source, "a.xml").expect("parsed");
        assert_eq!(super::super::write_document(&tree), source);
    }

    #[test]
    fn an_empty_section_is_no_text() {
        let tree =
            parse(b"<a><b><![CDATA[]]></b><c>1<![CDATA[]]>2</c><d> <![CDATA[]]><e/></d></a>", "a.xml").expect("parsed");
        let again = parse(&super::super::write_document(&tree), "a.xml").expect("parsed");
        assert_eq!(super::super::first_difference(&tree, &again), None);
        assert_eq!(tree.find("b").map(|b| (b.children.len(), b.long_empty)), Some((0, true)));
    }

    #[test]
    fn refuses_what_could_not_be_read_again() {
        for (bad, place) in [
            ("<a>\n<b>&#x15;</b></a>", "2:4"),
            ("<a b='&#1;'/>", "1:7"),
            ("<a>&#xFFFE;</a>", "1:4"),
            ("<a>\n <?xml='urn:x'?></a>", "2:2"),
            ("<?xml version='1.0'?><a><?XML b?></a>", "1:25"),
            ("<?XML version='1.0'?><a/>", "1:1"),
            ("<?xmL?><a/>", "1:1"),
            ("<?xml?><a/>", "1:1"),
            ("<?xmlversion=\"1.0\"?><a/>", "1:1"),
            ("<a>\n<?p=\"q\"?></a>", "2:1"),
            ("<?p'q'?><a/>", "1:1"),
            ("<a/><?p/?>", "1:5"),
            ("<a>\n<b c=':' :d=''/></a>", "2:1"),
            ("<a><b\n:xmlns = 'urn:x' :xmlns='urn:y'/></a>", "1:4"),
            ("<:a/>", "1:1"),
            ("<a xmlns:x='urn:x'>\n<b x:xmlns='urn:y'/></a>", "2:1"),
            ("<a unknown:xmlns='urn:y' b=':c'/>", "1:1"),
            ("<a><b xmlns='' c='' xmlns='urn:y'/></a>", "1:4"),
        ] {
            let finding = parse(bad.as_bytes(), "x.xml").expect_err("refused");
            assert!(finding.to_string().starts_with(&format!("x.xml:{place}:")), "{bad}: {finding}");
        }
        let good = b"<?xml version='1.0'?><?p?><a b='&#9;&#xA;'>&#x41;<!-- &#x15; --><?xml-stylesheet &#x15;?> :c <d e=' :f'/></a>";
        parse(good, "x.xml").expect("well-formed");
    }

    #[test]
    fn refuses_document_types_depth_and_disorder() {
        let deep = format!("{}{}", "<a>".repeat(5000), "</a>".repeat(5000));
        for bad in ["<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><b></a>", "<a/><b/>", "", &deep] {
            let finding = parse(bad.as_bytes(), "x.xml").expect_err("refused");
            assert!(finding.to_string().starts_with("x.xml:"), "{finding}");
        }
    }

    #[test]
    fn refuses_what_the_parser_would_take_long_for() {
        let many = |count: usize, of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<String>();
        let attributes = |count| format!("<a{}/>", many(count, &|at| format!(" a{at}=''")));
        let namespaces = |count| many(count, &|at| format!(" xmlns:a{at}='u'"));
        let nested = |count| {
            format!(
                "{}{}",
                many(count, &|at| format!("<a xmlns:a{at}='u' xmlns:b{at}='u'>")),
                many(count, &|_| "</a>".into())
            )
        };
        for (good, bad, said) in [
            (attributes(MOST_AT_ONCE), attributes(MOST_AT_ONCE + 1), "attributes"),
            (
                format!("<a{}><b/></a>", namespaces(MOST_AT_ONCE)),
                format!("<a{}><b xmlns:b='u'/></a>", namespaces(MOST_AT_ONCE)),
                "namespaces",
            ),
            (nested(MOST_AT_ONCE / 2), nested(MOST_AT_ONCE / 2 + 1), "namespaces"),
            (
                format!("<a>{}</a>", many(MOST_AT_ONCE + 1, &|_| "<b xmlns:b='u'/>".into())),
                attributes(20_000),
                "attributes",
            ),
        ] {
            parse(good.as_bytes(), "x.xml").expect("read");
            let finding = parse(bad.as_bytes(), "x.xml").expect_err("refused");
            assert!(finding.to_string().contains(said), "{finding}");
        }
    }
}
