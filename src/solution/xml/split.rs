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
mod tests;
