//! A large document in pieces: the elements two levels below its root, each read by itself, and the skeleton around
//! them. A tree of the whole takes some ten times the memory of its text; this way only one piece is a tree at a time.
//!
//! Every piece and the skeleton are read by the same strict parser. Each is well-formed exactly if the document is.

use std::ops::Range;

use rayon::prelude::*;

use super::encoding::decode;
use super::limits::{tag_end, too_much};
use super::{Element, parse_within};
use crate::diagnostic::{At, Diagnostic};

/// What stands in the skeleton for a piece.
const PLACEHOLDER: &str = "<_ />";

/// How many elements and attributes a piece may have; a table with two thousand columns has some 100,000.
const LARGEST: u32 = 2_000_000;

/// A document in pieces.
#[derive(Debug)]
pub struct Pieces<'a> {
    text: &'a str,
    /// The document with [`PLACEHOLDER`] for each piece.
    skeleton: String,
    /// The pieces of each element below the root.
    sections: Vec<Section>,
}

/// An element right below the root.
#[derive(Debug, Default)]
pub struct Section {
    /// Its line.
    pub line: usize,
    /// What is inside.
    pub pieces: Vec<Piece>,
}

/// An element two levels below the root.
#[derive(Clone, Debug)]
pub struct Piece {
    range: Range<usize>,
    /// Its line.
    pub line: usize,
}

/// [`parse_within`] for a large document: the parser's own tree, which takes several times the memory of this one, is
/// only ever that of a piece.
pub fn parse_in_pieces(bytes: &[u8], file: &str, nodes: u32) -> Result<Element, Box<Diagnostic>> {
    let put_together = || {
        let text = decode(bytes).ok()?;
        // The parser counts texts and comments, too: no more than one of each for each tag.
        let most = memchr::memchr_iter(b'<', text.as_bytes()).count().saturating_mul(2).saturating_add(2);
        if most > nodes as usize || too_much(&text, nodes).is_some() {
            return None;
        }
        Pieces::cut(&text).put_together(file).ok()
    };
    // What is wrong is said as of the whole.
    put_together().map_or_else(|| parse_within(bytes, file, nodes), Ok)
}

impl<'a> Pieces<'a> {
    /// Cuts a document, whose characters have been decoded.
    #[must_use]
    pub fn cut(text: &'a str) -> Self {
        let mut pieces = Self { text, skeleton: String::new(), sections: Vec::new() };
        let bytes = text.as_bytes();
        let (mut at, mut depth) = (0_usize, 0_usize);
        let (mut copied, mut piece_start) = (0, None);
        let mut lines = Counter { bytes, at: 0, line: 1 };
        while let Some(step) = text[at..].find('<') {
            let start = at + step;
            let rest = &text[start..];
            let skip = |end: &str, from: usize| {
                rest.get(from..)
                    .and_then(|it| it.find(end))
                    .map_or(bytes.len(), |found| start + from + found + end.len())
            };
            if rest.starts_with("<!--") {
                at = skip("-->", 4);
            } else if rest.starts_with("<![CDATA[") {
                at = skip("]]>", 9);
            } else if rest.starts_with("<?") {
                at = skip("?>", 2);
            } else if rest.starts_with("</") {
                at = skip(">", 2);
                depth = depth.saturating_sub(1);
                if depth == 2 {
                    pieces.take(&mut piece_start, at, &mut copied);
                }
            } else {
                at = tag_end(bytes, start).0;
                match depth {
                    1 => pieces.sections.push(Section { line: lines.of(start), pieces: Vec::new() }),
                    2 => piece_start = Some((start, lines.of(start))),
                    _ => {}
                }
                if bytes.get(at.saturating_sub(2)) == Some(&b'/') {
                    if depth == 2 {
                        pieces.take(&mut piece_start, at, &mut copied);
                    }
                } else {
                    depth += 1;
                }
            }
        }
        pieces.skeleton.push_str(&text[copied..]);
        pieces
    }

    fn take(&mut self, start: &mut Option<(usize, usize)>, end: usize, copied: &mut usize) {
        let (Some((start, line)), Some(section)) = (start.take(), self.sections.last_mut()) else { return };
        self.skeleton.push_str(&self.text[*copied..start]);
        self.skeleton.push_str(PLACEHOLDER);
        section.pieces.push(Piece { range: start..end, line });
        *copied = end;
    }

    /// The sections, in the order of the skeleton's elements.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The document around the pieces.
    pub fn skeleton(&self, file: &str) -> Result<Element, Box<Diagnostic>> {
        parse_within(self.skeleton.as_bytes(), file, u32::MAX)
    }

    /// The text of the skeleton.
    #[must_use]
    pub fn skeleton_text(&self) -> &str {
        &self.skeleton
    }

    /// The text of a piece.
    #[must_use]
    pub fn text(&self, piece: &Piece) -> &'a str {
        &self.text[piece.range.clone()]
    }

    /// Reads a piece inside the elements that are around it, whose namespaces it may use and whose white space it has.
    pub fn parse(&self, piece: &Piece, around: &[&Element], file: &str) -> Result<Element, Box<Diagnostic>> {
        let mut text = String::from("<_");
        let mut declared: Vec<&str> = Vec::new();
        for element in around.iter().rev() {
            for (name, value) in element.attributes.iter().filter(|(name, _)| is_inherited(name)) {
                if !declared.contains(&name.as_str()) {
                    declared.push(name);
                    text.push_str(&format!(" {name}=\"{}\"", escaped(value)));
                }
            }
        }
        text.push('>');
        text.push_str(self.text(piece));
        text.push_str("</_>");
        let mut finding = match parse_within(text.as_bytes(), file, LARGEST) {
            Ok(mut root) if root.elements().count() == 1 => {
                let mut element = root.elements_mut().next().map(std::mem::take).unwrap_or_default();
                element.file = None;
                move_down(&mut element, piece.line - 1);
                return Ok(element);
            }
            Ok(_) => unmatched(file, 1),
            Err(finding) => finding,
        };
        if let Some(At::Place(place)) = &mut finding.at {
            place.line = place.line.map(|line| line + piece.line - 1);
        }
        Err(finding)
    }

    /// Reads all pieces and puts them in their places.
    fn put_together(&self, file: &str) -> Result<Element, Box<Diagnostic>> {
        let mut root = self.skeleton(file)?;
        if root.elements().count() != self.sections.len() {
            return Err(unmatched(file, root.line));
        }
        let read = |(around, cut): (&Element, &Section)| {
            if around.elements().count() != cut.pieces.len() {
                return Err(unmatched(file, cut.line));
            }
            cut.pieces.par_iter().map(|piece| self.parse(piece, &[&root, around], file)).collect()
        };
        let read: Result<Vec<Vec<Element>>, _> = root.elements().zip(&self.sections).map(read).collect();
        for ((section, cut), read) in root.elements_mut().zip(&self.sections).zip(read?) {
            section.line = cut.line;
            section.elements_mut().zip(read).for_each(|(place, element)| *place = element);
        }
        Ok(root)
    }
}

fn unmatched(file: &str, line: usize) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("malformed-xml", "tags that do not match").in_file(file, Some((line, 1))))
}

/// Lines of the document instead of the piece.
fn move_down(element: &mut Element, lines: usize) {
    element.line += lines;
    element.elements_mut().for_each(|child| move_down(child, lines));
}

/// Whether an attribute says something of what is inside of an element, too.
fn is_inherited(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:") || name == "xml:space"
}

fn escaped(value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    value.replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;")
}

struct Counter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Counter<'_> {
    fn of(&mut self, offset: usize) -> usize {
        self.line += memchr::memchr_iter(b'\n', &self.bytes[self.at..offset]).count();
        self.at = offset;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// The document put together from its pieces, or what is wrong with it.
    fn together(text: &str) -> Result<Element, String> {
        Pieces::cut(text).put_together("a.xml").map_err(|finding| finding.to_string())
    }

    #[test]
    fn the_pieces_together_are_the_document() {
        for text in [
            "<a/>",
            "<a><b/></a>",
            "<a>\r\n  <b>\r\n    <c d='>'>1<e/></c><!-- <f> --><c/>\r\n  </b><b></b><g><h><i/></h></g></a>",
            "<a xmlns:x='u&amp;'><b xmlns:y='v'><x:c y:d='1'><![CDATA[</c><c>]]></x:c></b></a>",
            "<?xml version='1.0'?><!-- <a> --><a><b><c><?p </b> ?></c></b></a>",
            "<a><b><c><b><c/></b></c><c/></b></a>",
            "\n<a>\n<b>\n<c>\n\n</c>\n</b>\n<d>\n<e\n/>\n</d>\n<f/><g>\n1\n</g>\n</a>",
            "<a xml:space='preserve'><b> <c> <d/> </c> </b><b xml:space='default'> <c> <d/> </c> </b></a>",
            "<a xmlns:x='u&#10;&#9;&quot;&lt;'>\n<b>\n<x:c>\n<x:d/></x:c></b></a>",
            "<a><_><_/><_ /></_>text<_><_>1</_></_></a>",
            "<a>1<b>2<c/>3</b>4</a>",
            "<a><b><![CDATA[]]><c><![CDATA[]]></c><?p?><!--\r\n--></b></a>",
            "\u{feff}<?xml version='1.0' encoding='utf-8'?>\r\n<a>\r\n<b><c>&#13;&amp;\r\n</c></b>\r\n<b/></a>\r\n<!-- e -->",
        ] {
            // Lines and all.
            assert_eq!(together(text), Ok(parse(text.as_bytes(), "a.xml").expect("well-formed")), "{text}");
            assert_eq!(parse_in_pieces(text.as_bytes(), "a.xml", 1000), parse_within(text.as_bytes(), "a.xml", 1000));
        }
    }

    #[test]
    fn what_is_not_well_formed_is_not_so_in_pieces_either() {
        for text in [
            "<a><b><c></b></c></a>",
            "<a><b><c></d></b></a>",
            "<a><b><c/></a></b>",
            "<a><b><c x='<'/></b></a>",
            "<a><b><c><d></c></d></b></a>",
            "<a><b><c/></b>",
            "<a><b><c></b></a>",
            "<a><b><x:c/></b></a>",
            "<a><b xmlns:x='u'><c/></b><b><x:c/></b></a>",
            "<a><b><c>&e;</c></b></a>",
            "<a><b><c/></b></a><a/>",
            "<!DOCTYPE a><a><b><c/></b></a>",
            "<a><b><c/><!-- </b></a>",
            "<a><b><c></c ></b ></a ></b>",
            "",
        ] {
            assert!(parse(text.as_bytes(), "a.xml").is_err(), "{text} is well-formed");
            assert!(together(text).is_err(), "{text} is well-formed in pieces");
        }
    }

    #[test]
    fn what_is_read_and_what_is_refused_is_the_same_in_pieces() {
        let tokens = [
            "<a>",
            "</a>",
            "<b>",
            "</b>",
            "<b/>",
            "<c>",
            "</c>",
            "<c/>",
            "\n",
            " ",
            "1",
            "<x:c d='1'/>",
            "<!-- < -->",
            "<![CDATA[<c>]]>",
            "<?p q?>",
            "<c xmlns:x='u'>",
            "<b xmlns='v'>",
            "<c xml:space='preserve'>",
            "&amp;",
            "&e;",
            "<c x='1' x='2'/>",
            "<_/>",
            "<!--",
            "]]>",
            "<",
            ">",
            "'",
            "<?xml version='1.0'?>",
            "<!DOCTYPE a>",
            "&#1;",
        ];
        let mut state = 7_u64;
        let mut below = |end: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 32).unwrap_or(0) % end
        };
        let mut read = 0;
        for _ in 0..60_000 {
            // Most are cut from a good one, so that some are well-formed.
            let good = "<a>\n<b>\n<c>1<d/></c>\n</b>\n<b xmlns:x='u'><c/> <x:c/>\n</b>\n<b/>\n</a>";
            let mut text = good.to_owned();
            for _ in 0..below(4) {
                let at = text.char_indices().nth(below(text.len())).map_or(0, |(at, _)| at);
                if below(3) == 0 {
                    let end = (at + below(8)).min(text.len());
                    text.replace_range(at..end, "");
                }
                let gaps: Vec<usize> = text.match_indices('<').map(|(at, _)| at).chain([at.min(text.len())]).collect();
                text.insert_str(gaps[below(gaps.len())], tokens[below(tokens.len())]);
            }
            let nodes = if below(4) == 0 { u32::try_from(below(40)).unwrap_or(0) } else { 1000 };
            let whole = parse_within(text.as_bytes(), "a.xml", nodes);
            read += usize::from(whole.is_ok());
            assert_eq!(parse_in_pieces(text.as_bytes(), "a.xml", nodes), whole, "{text}");
        }
        assert!(read > 10_000, "{read}");
    }

    #[test]
    fn a_finding_has_the_line_of_the_document() {
        let text = "<a>\n<b>\n<c/>\n<c>\n<d x='1' x='2'/>\n</c></b></a>";
        let finding = together(text).expect_err("ill-formed");
        assert!(finding.starts_with("a.xml:5:"), "{finding}");
    }
}
