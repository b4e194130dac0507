//! Reading XML from outside: `roxmltree` refuses DTDs and ill-formed input, this file bounds size
//! and depth and keeps what `roxmltree` does not tell (prefixes and declarations as written).

use memchr::{memchr, memchr_iter, memchr3, memmem};
use roxmltree::{Document, ParsingOptions};

use super::encoding::{decode, decode_data};
use super::{Element, Node};
use crate::diagnostic::Diagnostic;

/// How deep elements may nest; the deepest form in real packages stays below 60.
const MAX_DEPTH: usize = 256;
/// How many nodes a document may have at most (a customizations.xml of 95 MB has about 8 million).
const MAX_NODES: u32 = 16_000_000;

/// How many nodes a document out of a zip of `size` bytes may have, so that a small zip cannot fill the memory; in
/// no real one are elements and attributes more than a third of the zip's bytes.
#[must_use]
pub fn node_limit(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(MAX_NODES).saturating_mul(4).saturating_add(250_000).min(MAX_NODES)
}

/// Parses a whole document; `file` names it in the error.
///
/// Whitespace between elements is dropped, as .NET does; beside text, and alone in an element, it stays.
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

/// What XML forbids and the parser lets pass: references to characters that are none, and an XML declaration in the
/// middle. Written again they would be refused.
fn ill_formed(document: &Document<'_>, text: &str) -> Option<(usize, String)> {
    // The declaration has small letters; anything else at the beginning is an instruction of that name.
    let behind = &text.as_bytes()[usize::from(text.starts_with("<?xml"))..];
    if memmem::find(behind, b"&#").is_none() && memmem::find(behind, b"<?").is_none() {
        return None;
    }
    let stray = |value: &str| {
        value.chars().find(is_stray).map(|c| format!("a reference to `{c:?}`, which is not a character of XML"))
    };
    document.descendants().find_map(|node| {
        let declaration = node.pi().filter(|pi| pi.target.eq_ignore_ascii_case("xml"));
        let message = match declaration {
            Some(_) => Some("an XML declaration that is not at the beginning, or not called `xml`".to_owned()),
            None if node.is_text() => {
                node.text().and_then(|value| stray(value).or_else(|| half(value, &text[node.range()])))
            }
            None => node.attributes().find_map(|attribute| {
                stray(attribute.value()).or_else(|| half(attribute.value(), &text[attribute.range_value()]))
            }),
        };
        message.map(|message| (node.range().start, message))
    })
}

/// A reference to half of a character, which the parser replaces.
fn half(value: &str, raw: &str) -> Option<String> {
    let mut references = raw.split("&#").skip(1).filter_map(|rest| Some(rest.split_once(';')?.0));
    let is_none = |number: &&str| referenced(&format!("#{number}")).is_none();
    let number = value.contains('\u{fffd}').then(|| references.find(is_none))??;
    Some(format!("a reference `&#{number};`, which stands for no character"))
}

/// Whether it is none of XML's characters, not even as a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that `find` on characters wants")]
fn is_stray(c: &char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Refuses a file that cannot become the text of an element; `file` names it in the error.
pub fn check_text(bytes: &[u8], file: &str) -> Result<(), Box<Diagnostic>> {
    let refuse = |message: String, before: &[u8]| {
        let line = memchr_iter(b'\n', before).count() + 1;
        Err(Box::new(Diagnostic::error("malformed-xml", message).in_file(file, Some((line, 1)))))
    };
    match std::str::from_utf8(bytes) {
        Err(error) => refuse("it is not UTF-8 text".to_owned(), &bytes[..error.valid_up_to()]),
        Ok(text) => match text.char_indices().find(|(_, c)| is_stray(c)) {
            Some((at, c)) => {
                refuse(format!("`{c:?}` is not a character of XML, which the text becomes part of"), &bytes[..at])
            }
            None => Ok(()),
        },
    }
}

/// Where a document is nested too deep, or has more elements and attributes than `nodes`, and what to say: found by a
/// scan that needs no memory, before the parser takes any.
#[must_use]
pub fn too_much(text: &str, nodes: u32) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut count) = (0, 0_usize, 0_usize);
    while let Some(step) = text[at..].find('<') {
        let start = at + step;
        let rest = &text[start..];
        let skip = |end: &str| rest.find(end).map_or(bytes.len(), |found| start + found + end.len());
        if rest.starts_with("<!--") {
            at = skip("-->");
        } else if rest.starts_with("<![CDATA[") {
            at = skip("]]>");
        } else if rest.starts_with("<?") {
            at = skip("?>");
        } else if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
            at = skip(">");
        } else {
            let (end, attributes) = tag_end(bytes, start);
            count += 1 + attributes;
            if count > nodes as usize {
                return Some((start, format!("it has more than {nodes} elements and attributes")));
            }
            if bytes.get(end.saturating_sub(2)) != Some(&b'/') {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some((start, format!("elements are nested deeper than {MAX_DEPTH}")));
                }
            }
            at = end;
        }
    }
    None
}

/// The offset after the `>` of the tag that starts at `start`, and how many attributes it has.
pub(super) fn tag_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut attributes) = (start, 0);
    while let Some(step) = memchr3(b'>', b'"', b'\'', &bytes[at..]) {
        let found = at + step;
        if bytes[found] == b'>' {
            return (found + 1, attributes);
        }
        let Some(length) = memchr(bytes[found], &bytes[found + 1..]) else { break };
        attributes += 1;
        at = found + 1 + length + 1;
    }
    (bytes.len(), attributes)
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
    let children = node
        .children()
        // An empty CDATA section is a text of no characters, which nothing can be written for.
        .filter(|child| !child.is_text() || (mixed && child.text().is_some_and(|text| !text.is_empty())))
        .map(|child| {
            if child.is_element() {
                Node::Element(element(child, text, lines, preserve))
            } else if child.is_comment() {
                Node::Comment(line_ends(child.text().unwrap_or_default()))
            } else if let Some(instruction) = child.pi() {
                Node::Instruction(instruction.target.to_owned(), line_ends(instruction.value.unwrap_or_default()))
            } else {
                Node::Text(child.text().unwrap_or_default().to_owned())
            }
        })
        .collect();
    Element { name, attributes, children, long_empty: !text[range].ends_with("/>"), line, file: None }
}

/// Names that begin with a colon, attributes that the parser would take for a declaration of the default namespace
/// (`a:xmlns`), and two such declarations.
fn misnamed(name: &str, attributes: &[(String, String)]) -> Option<String> {
    let mut names = std::iter::once(name).chain(attributes.iter().map(|(name, _)| name.as_str()));
    if let Some(bad) = names.find(|name| name.starts_with(':')) {
        return Some(format!("the name `{bad}`, which begins with a colon"));
    }
    if let Some((bad, _)) = attributes.iter().find(|(name, _)| name.ends_with(":xmlns")) {
        return Some(format!("the attribute `{bad}`: a namespace is declared by `xmlns` or `xmlns:prefix`"));
    }
    let defaults = attributes.iter().filter(|(name, _)| name == "xmlns").count();
    (defaults > 1).then(|| "`xmlns` is there twice".to_owned())
}

/// What the parser does to texts and not to comments: every line end is `\n`.
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The qualified names of a well-formed start tag, which is `raw`; values come decoded from the parser.
fn start_tag(node: roxmltree::Node<'_, '_>, text: &str, raw: &str) -> (String, Vec<(String, String)>) {
    let ends_name = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'=');
    let name_length = |raw: &str| raw.bytes().position(ends_name).unwrap_or(raw.len());
    let raw = &raw[1..];
    let (name, mut rest) = raw.split_at(name_length(raw));
    let name = name.to_owned();
    let mut known = node.attributes();
    if memmem::find(rest.as_bytes(), b"xmlns").is_none() {
        let attribute = |known: roxmltree::Attribute<'_, '_>| {
            (text[known.range_qname()].to_owned(), attribute_value(known, &text[known.range_value()]))
        };
        return (name, known.map(attribute).collect());
    }
    // The parser keeps the declarations of namespaces apart.
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with(['>', '/']) {
            return (name, attributes);
        }
        let (key, after) = rest.split_at(name_length(rest));
        let after = after.trim_start().trim_start_matches('=').trim_start();
        let Some(quote) = after.chars().next() else { return (name, attributes) };
        let value = &after[1..];
        let length = value.find(quote).unwrap_or(value.len());
        rest = value.get(length + 1..).unwrap_or_default();
        let declared = key.strip_prefix("xmlns").filter(|prefix| prefix.is_empty() || prefix.starts_with(':'));
        let value = match declared {
            Some(prefix) => node.lookup_namespace_uri(prefix.strip_prefix(':')).unwrap_or_default(),
            None => &known.next().map(|it| attribute_value(it, &text[it.range_value()])).unwrap_or_default(),
        };
        attributes.push((key.to_owned(), value.to_owned()));
    }
}

/// The value of an attribute with its line ends and tabs, as .NET keeps them; the parser makes blanks of them.
fn attribute_value(attribute: roxmltree::Attribute<'_, '_>, raw: &str) -> String {
    if memchr3(b'\n', b'\r', b'\t', raw.as_bytes()).is_none() {
        return attribute.value().to_owned();
    }
    let mut written = raw.chars().peekable();
    let mut value = String::with_capacity(raw.len());
    while let Some(c) = written.next() {
        if c != '&' {
            value.push(c);
            continue;
        }
        let reference: String = written.by_ref().take_while(|c| *c != ';').collect();
        value.push(referenced(&reference).unwrap_or('\u{fffd}'));
    }
    value
}

/// The character that a reference stands for; documents have no entities of their own.
fn referenced(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
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
}
