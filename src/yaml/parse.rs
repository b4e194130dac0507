//! YAML text → [`Node`] tree: the one place that touches the YAML parser.
//!
//! Stricter than YAML: no duplicate or merge keys, no tags, no `.inf`/`.nan`, one document, bounded
//! depth, nodes and aliases, no bidirectional control characters (they make a reviewer read
//! something different from the program; CVE-2021-42574).

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::diagnostic::{Diagnostic, Source, Span};
use crate::yaml::empty;
use crate::yaml::node::{Content, Entry, Node, Scalar};
use crate::yaml::veil::place::{Language, Place};
use crate::yaml::veil::{self, Spot, Veil, forms, lines};

const MAXIMUM_DEPTH: usize = 64;
const MAXIMUM_NODES: usize = 50_000;
const MAXIMUM_ALIASES: usize = 100;
/// Text in all leaves, aliases included: twice the largest manifest.
const MAXIMUM_TEXT: usize = 8 * 1024 * 1024;

/// Parses one document and adds findings; `None` if no tree could be made.
///
/// What may be a secret is hidden in everything that is shown of the text. With a `language`, so is every value where
/// the language does not take a single one.
pub fn parse(
    source: &Arc<Source>,
    language: Option<&'static Language>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Node> {
    forms::hide(source);
    let spot = Spot::new(Place::whole(language));
    for (at, character) in source.text.char_indices() {
        if matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            findings.push(
                Diagnostic::error(
                    "bidirectional-control",
                    format!("bidirectional control character U+{:04X}", u32::from(character)),
                )
                .at(&Span::new(source, at..at + character.len_utf8()))
                .help("remove it: it makes the text look different from what it says"),
            );
        }
    }
    let options = granit_parser::options! { emit_unresolved_aliases: true, emit_comments: false };
    let before = findings.len();
    let mut builder = Builder {
        source,
        parser: Parser::new_from_str_with_options(&source.text, options),
        findings,
        anchors: HashMap::new(),
        nodes: 0,
        text: 0,
        aliases: 0,
        veil: Veil::default(),
        scalars: Vec::new(),
    };
    let tree = builder.document(&spot);
    let (mut veil, mut scalars) = (builder.veil, builder.scalars);
    lines::comments(source, &mut scalars);
    let mut tree = tree.map_err(|Stop| lines::lines(source, language)).ok();
    if let Some(tree) = &mut tree {
        veil.tree(tree, &spot);
    }
    veil.clean(&mut findings[before..]);
    tree
}

/// The rest cannot be read; why has been reported.
struct Stop;

struct Builder<'a> {
    source: &'a Arc<Source>,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    findings: &'a mut Vec<Diagnostic>,
    /// Finished anchored nodes, and how many nodes, bytes of text and levels each has.
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    text: usize,
    aliases: usize,
    veil: Veil,
    /// Where texts are.
    scalars: Vec<std::ops::Range<usize>>,
}

struct Anchored {
    node: Node,
    nodes: usize,
    text: usize,
    /// How many levels are below it.
    depth: usize,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Stop> {
        match self.parser.next() {
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or(0..0);
                Ok((event, Span::new(self.source, range)))
            }
            Some(Err(error)) => {
                let start = error.marker().byte_offset().unwrap_or(self.source.text.len());
                let end = self.source.text[start.min(self.source.text.len())..]
                    .chars()
                    .next()
                    .map_or(start, |character| start + character.len_utf8());
                self.findings.push(
                    Diagnostic::error("yaml-syntax", format!("not YAML: {}", error.info()))
                        .at(&Span::new(self.source, start..end))
                        .help("check indentation, quotes and brackets here and in the line above"),
                );
                Err(Stop)
            }
            None => Err(Stop),
        }
    }

    fn refuse(&mut self, code: &'static str, message: impl Into<String>, span: &Span, help: &str) {
        self.findings.push(Diagnostic::error(code, message).at(span).help(help));
    }

    fn document(&mut self, spot: &Spot) -> Result<Node, Stop> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentStart(..) if root.is_some() => {
                    self.refuse(
                        "multiple-documents",
                        "a second YAML document",
                        &span,
                        "a manifest is one document: remove the line `---` and what follows it",
                    );
                    return root.ok_or(Stop);
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                other => root = Some(self.node(other, span, 0, spot)?),
            }
        }
        let empty =
            root.as_ref().is_none_or(|node| matches!(&node.content, Content::Scalar(scalar) if scalar.is_null()));
        if empty {
            self.findings.push(empty::finding(self.source));
            return Err(Stop);
        }
        root.ok_or(Stop)
    }

    fn count(&mut self, nodes: usize, text: usize, span: &Span) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.text = self.text.saturating_add(text);
        if self.nodes > MAXIMUM_NODES || self.text > MAXIMUM_TEXT {
            let message = format!("more than {MAXIMUM_NODES} values or {MAXIMUM_TEXT} bytes of text, aliases included");
            self.refuse("manifest-too-large", message, span, "split what is not needed in one manifest");
            return Err(Stop);
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize, spot: &Spot) -> Result<Node, Stop> {
        self.depth(depth, &span)?;
        let (nodes, text) = (self.nodes, self.text);
        self.count(1, if let Event::Scalar(text, ..) = &event { text.len() } else { 0 }, &span)?;
        let (content, anchor, tag, end) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalars.push(span.range.clone());
                (self.scalar(text.into_owned(), style, &span), anchor, tag.is_some(), None)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let mut items = Vec::new();
                let item = spot.item();
                let end = loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => break end,
                        (event, span) => items.push(self.node(event, span, depth + 1, &item)?),
                    }
                };
                (Content::Sequence(items), anchor, tag.is_some(), Some(end))
            }
            Event::MappingStart(_, anchor, tag) => {
                let (entries, end) = self.mapping(depth, spot)?;
                (Content::Mapping(entries), anchor, tag.is_some(), Some(end))
            }
            Event::Alias(id) => return self.alias(id, span, depth),
            Event::UnresolvedAlias(_) => {
                // Text that is not in quotes can begin like that, and be in an unintended place.
                self.source.hide(span.range.clone());
                self.refuse(
                    "unknown-alias",
                    "an alias `*…` without its anchor",
                    &span,
                    "an alias needs an anchor `&name` above it; quote text that starts with `*`",
                );
                (Content::Refused, 0, false, None)
            }
            _ => return Err(Stop),
        };
        let span = match end {
            Some(end) => Span::new(self.source, span.range.start..end.range.end.max(span.range.start)),
            None => span,
        };
        if tag {
            veil::properties(&span);
            self.refuse(
                "unknown-tag",
                "YAML tags are not part of the manifest language",
                &span,
                "remove the `!…` before the value; quote text that starts with `!`",
            );
        }
        let node = Node { content, span };
        if anchor != 0 {
            let (nodes, text) = (self.nodes - nodes, self.text - text);
            self.anchors.insert(anchor, Anchored { depth: levels(&node), node: node.clone(), nodes, text });
        }
        Ok(node)
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: &Span) -> Content {
        let plain = style == ScalarStyle::Plain;
        let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
        if plain && matches!(bare.as_str(), ".inf" | ".nan") {
            let message = format!("`{text}` is not a number that a manifest can contain");
            self.refuse("not-a-number", message, span, "put it in quotes if it is text");
            return Content::Refused;
        }
        Content::Scalar(Scalar { text, plain, template: None, hidden: false })
    }

    fn depth(&mut self, depth: usize, span: &Span) -> Result<(), Stop> {
        if depth > MAXIMUM_DEPTH {
            let message = format!("nested deeper than {MAXIMUM_DEPTH} levels");
            self.refuse("nested-too-deep", message, span, "no manifest needs that: check the brackets");
            return Err(Stop);
        }
        Ok(())
    }

    fn mapping(&mut self, depth: usize, spot: &Spot) -> Result<(Vec<Entry>, Span), Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        // First places of the keys, so that a large mapping is not searched for each key.
        let mut seen: HashMap<String, Span> = HashMap::new();
        loop {
            let (event, key_span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok((entries, key_span));
            }
            let mut key = self.node(event, key_span, depth + 1, spot)?;
            let (event, value_span) = self.next()?;
            let below = match &key.content {
                Content::Scalar(scalar) if scalar.text == "<<" => spot.clone(),
                Content::Scalar(scalar) => spot.of_key(&scalar.text),
                _ => spot.of_other_key(),
            };
            let mut value = self.node(event, value_span, depth + 1, &below)?;
            let key_span = key.span.clone();
            let Content::Scalar(scalar) = key.content else {
                self.veil.dropped(&mut key, &below);
                self.veil.dropped(&mut value, &below);
                self.refuse("key-not-text", "a key that is not plain text", &key_span, "write a word before the colon");
                continue;
            };
            if scalar.plain && scalar.text == "<<" {
                self.veil.dropped(&mut value, &below);
                self.refuse(
                    "merge-key",
                    "merge keys (`<<`) are not part of the manifest language",
                    &key_span,
                    "write the keys out where they are needed",
                );
                continue;
            }
            if let Some(first) = seen.get(&scalar.text) {
                self.veil.dropped(&mut value, &below);
                let key = if key_span.source.hides(&key_span.range) { "***" } else { &scalar.text };
                self.findings.push(
                    Diagnostic::error("duplicate-key", format!("key `{key}` is written twice"))
                        .at(&key_span)
                        .label("again here")
                        .related(first, "first here")
                        .help("keep one of the two"),
                );
                continue;
            }
            seen.insert(scalar.text.clone(), key_span.clone());
            entries.push(Entry { key: scalar.text, key_span, value });
        }
    }

    fn alias(&mut self, id: usize, span: Span, depth: usize) -> Result<Node, Stop> {
        self.aliases += 1;
        if self.aliases > MAXIMUM_ALIASES {
            let message = format!("more than {MAXIMUM_ALIASES} aliases");
            self.refuse("too-many-aliases", message, &span, "write the values out");
            return Err(Stop);
        }
        let Some(Anchored { node, nodes, text, depth: levels }) = self.anchors.get(&id) else {
            self.refuse("recursive-alias", "an alias inside its own anchor", &span, "write the value out");
            return Ok(Node { content: Content::Refused, span });
        };
        let (nodes, text, levels) = (*nodes, *text, *levels);
        let node = node.clone();
        self.depth(depth + levels, &span)?;
        self.count(nodes, text, &span)?;
        // The value keeps the place of its anchor: that is the text to be corrected.
        Ok(node)
    }
}

/// How many levels are below a node.
fn levels(node: &Node) -> usize {
    match &node.content {
        Content::Scalar(_) | Content::Refused => 0,
        Content::Sequence(items) => items.iter().map(|item| levels(item) + 1).max().unwrap_or(0),
        Content::Mapping(entries) => entries.iter().map(|entry| levels(&entry.value) + 1).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        parse(&Source::new("dvpack.yaml", text), None, &mut findings);
        findings.iter().map(|finding| finding.code.to_string()).collect()
    }

    #[test]
    fn refuses_what_yaml_allows_and_manifests_do_not() {
        let deep = "[".repeat(70) + &"]".repeat(70);
        for (text, expected) in [
            ("a: 1\nb: 2\na: 3\n", "duplicate-key"),
            ("a: &x {b: 1}\nc:\n  <<: *x\n", "merge-key"),
            ("a: !!python/object x\n", "unknown-tag"),
            ("a: .inf\n", "not-a-number"),
            ("a: -.INF\n", "not-a-number"),
            ("a: .NaN\n", "not-a-number"),
            ("a: x\u{202e}y\n", "bidirectional-control"),
            ("a: 1\n---\nb: 1\n", "multiple-documents"),
            ("a: *nowhere\n", "unknown-alias"),
            ("a: &x [*x]\n", "recursive-alias"),
            ("[a]: 1\n", "key-not-text"),
            ("a: [1, 2\n", "yaml-syntax"),
            ("", empty::CODE),
            ("# nothing\n", empty::CODE),
            (deep.as_str(), "nested-too-deep"),
        ] {
            assert_eq!(codes(text), [expected], "{text}");
        }
    }

    #[test]
    fn aliases_cannot_be_used_to_exhaust_memory() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let inner = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        assert_eq!(codes(&text), ["manifest-too-large"]);
        let long = format!("a: &x {}\nb: [{}]\n", "y".repeat(1024 * 1024), vec!["*x"; 20].join(", "));
        assert_eq!(codes(&long), ["manifest-too-large"]);
        assert_eq!(codes(&format!("a: &x 1\nb: [{}]\n", vec!["*x"; 101].join(", "))), ["too-many-aliases"]);
        assert_eq!(codes("a: &x 1\nb: [*x, *x]\n"), Vec::<String>::new());
    }

    #[test]
    fn versions_and_norway_stay_text() {
        let source = Source::new("dvpack.yaml", "version: 1.10\ncountry: NO\n");
        let node = parse(&source, None, &mut Vec::new()).expect("a tree");
        let text = |key: &str| match &node.get(key).expect("a value").content {
            Content::Scalar(scalar) => scalar.text.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!((text("version").as_str(), text("country").as_str()), ("1.10", "NO"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[ -~\\n\u{e9}\u{202e}&*!<{}\\[\\]:|>'\"]{0,200}") {
            let source = Source::new("dvpack.yaml", text);
            let mut findings = Vec::new();
            let tree = parse(&source, None, &mut findings);
            proptest::prop_assert!(tree.is_some() || !findings.is_empty());
            proptest::prop_assert!(findings.iter().all(|finding| !finding.render(false, 80).is_empty()));
        }
    }
}
