//! Findings with a position: one type, two renderings (for people, for machines).
//!
//! Modules collect [`Diagnostic`]s and never print; `cli/` renders them. A finding points at a range
//! of a text ([`Span`]), or, where the text is not at hand (a binary file, an entry of an archive),
//! at a [`Place`] in words.

mod masked;
mod nearest;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use schemars::JsonSchema;
use serde::Serialize;

use masked::{Hidden, line_column};
pub use nearest::nearest;

use crate::text::{is_control, own_styles, visible};

/// A text that diagnostics can point into, and the name that people know it by.
#[derive(Debug)]
pub struct Source {
    /// The file's path as the person gave it, or as reached from what they gave.
    pub name: String,
    /// The whole text.
    pub text: String,
    hidden: Hidden,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text) == (&other.name, &other.text)
    }
}
impl Eq for Source {}

impl Source {
    /// A shared source.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), hidden: Hidden::default() })
    }

    /// From now on no excerpt shows these bytes: `***` stands in their place.
    pub fn hide(&self, range: Range<usize>) {
        self.hidden.add(range);
    }

    /// Whether an excerpt leaves out any of these bytes.
    #[must_use]
    pub fn hides(&self, range: &Range<usize>) -> bool {
        self.hidden.touches(range)
    }

    /// The 1-based line and column (in characters) of a byte offset.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        line_column(&self.text, offset)
    }
}

/// A range of bytes in a [`Source`].
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub source: Arc<Source>,
    /// The bytes.
    pub range: Range<usize>,
}

impl Span {
    /// A range of `source`; an end past the text is cut.
    #[must_use]
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let end = range.end.min(source.text.len());
        Self { source: Arc::clone(source), range: range.start.min(end)..end }
    }

    /// The text in it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text.get(self.range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.line_column(self.range.start);
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

/// A place for which the text is not at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, or `archive.zip: entry`.
    pub file: String,
    /// The 1-based line, when known.
    pub line: Option<usize>,
    /// The 1-based column, when known.
    pub column: Option<usize>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The work cannot go on.
    Error,
    /// The work goes on, but a person should look.
    Warning,
    /// Worth knowing.
    Note,
}

/// Where a finding points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A range of a text at hand.
    Span(Span),
    /// A place in words.
    Place(Place),
}

/// One finding: what, where, why, and what to write or do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable identifier in kebab case, such as `unknown-key`; documented in `docs/diagnostics.md`.
    pub code: Cow<'static, str>,
    /// How grave.
    pub severity: Severity,
    /// What is wrong: a lower-case phrase without a full stop, the person's words in backticks.
    pub message: String,
    /// Where.
    pub at: Option<At>,
    /// A few words under the caret.
    pub label: Option<String>,
    /// Other places that matter, each with a few words.
    pub related: Vec<(Span, String)>,
    /// What to write or do instead.
    pub help: Vec<String>,
}

impl Diagnostic {
    fn new(severity: Severity, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity,
            message: message.into(),
            at: None,
            label: None,
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// An error.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A note.
    pub fn note(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// Points at a range of text.
    #[must_use]
    pub fn at(mut self, span: &Span) -> Self {
        self.at = Some(At::Span(span.clone()));
        self
    }

    /// Points at a file, and perhaps a line and a column of it.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>, line_column: Option<(usize, usize)>) -> Self {
        let (line, column) = line_column.unzip();
        self.at = Some(At::Place(Place { file: file.into(), line, column }));
        self
    }

    /// A few words under the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Another place that matters.
    #[must_use]
    pub fn related(mut self, span: &Span, text: impl Into<String>) -> Self {
        self.related.push((span.clone(), text.into()));
        self
    }

    /// What to write or do instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// File, line and column, as far as known.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self.at.as_ref()? {
            At::Place(place) => Some(place.clone()),
            At::Span(span) => {
                let (line, column) = span.source.line_column(span.range.start);
                Some(Place { file: span.source.name.clone(), line: Some(line), column: Some(column) })
            }
        }
    }

    /// The finding as people read it, with the source line and a caret.
    #[must_use]
    pub fn render(&self, color: bool, width: usize) -> String {
        // The renderer's colours are dvpack's own only where no text can bring any.
        let shown = self.made_visible();
        let text = shown.drawn(color, width);
        if color { own_styles(&text) } else { text }
    }

    /// The same finding without control characters. Those of a source are replaced by as many bytes, so that positions stay.
    fn made_visible(&self) -> Self {
        let clean = |text: &String| visible(text).into_owned();
        // A file's name is one line.
        let name = |text: &'_ str| match visible(text) {
            Cow::Borrowed(_) if !text.contains('\n') => None,
            text => Some(text.replace('\n', "\\n")),
        };
        let mut sources: Vec<(Arc<Source>, Arc<Source>)> = Vec::new();
        let mut span = |span: &Span| {
            let known = sources.iter().find(|(old, _)| Arc::ptr_eq(old, &span.source)).map(|(_, new)| Arc::clone(new));
            let source = known.unwrap_or_else(|| {
                let new = match (name(&span.source.name), same_length(&span.source.text)) {
                    (None, Cow::Borrowed(_)) => Arc::clone(&span.source),
                    (name, text) => {
                        let new = Source::new(name.unwrap_or_else(|| span.source.name.clone()), text);
                        span.source.hidden.copy_to(&new.hidden);
                        new
                    }
                };
                sources.push((Arc::clone(&span.source), Arc::clone(&new)));
                new
            });
            Span { source, range: span.range.clone() }
        };
        Self {
            code: visible(&self.code).into_owned().into(),
            severity: self.severity,
            message: clean(&self.message),
            at: self.at.as_ref().map(|at| match at {
                At::Span(place) => At::Span(span(place)),
                At::Place(place) => {
                    At::Place(Place { file: name(&place.file).unwrap_or_else(|| place.file.clone()), ..place.clone() })
                }
            }),
            label: self.label.as_ref().map(clean),
            related: self.related.iter().map(|(place, text)| (span(place), clean(text))).collect(),
            help: self.help.iter().map(clean).collect(),
        }
    }

    fn drawn(&self, color: bool, width: usize) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(self.message.as_str()).id(self.code.as_ref());
        // Excerpts are cut from texts without what must not be seen.
        let all = self.at.iter().filter_map(|at| if let At::Span(span) = at { Some(span) } else { None });
        let all = all.chain(self.related.iter().map(|(span, _)| span));
        let masked: Vec<_> = all.map(|span| span.source.hidden.masked(&span.source.text)).collect();
        let shown = |index: usize, span: &Span| match masked.get(index).and_then(Option::as_ref) {
            Some(masked) => masked.range(&span.range),
            None => span.range.clone(),
        };
        let masked_text = |index: usize| masked.get(index).and_then(Option::as_ref).map(|it| it.text.as_str());
        let mut group = match &self.at {
            Some(At::Span(span)) => {
                let primary = AnnotationKind::Primary.span(shown(0, span)).label(self.label.as_deref());
                let related = self.related.iter().enumerate().map(|(index, (span, text))| (index + 1, span, text));
                let (same, other): (Vec<_>, Vec<_>) =
                    related.partition(|(_, related, _)| Arc::ptr_eq(&related.source, &span.source));
                let context =
                    same.iter().map(|(index, s, t)| AnnotationKind::Context.span(shown(*index, s)).label(t.as_str()));
                let snippet = Snippet::source(masked_text(0).unwrap_or(&span.source.text))
                    .path(span.source.name.as_str())
                    .fold(true);
                let mut group = title.element(snippet.annotation(primary).annotations(context));
                for (index, span, label) in other {
                    let annotation = AnnotationKind::Context.span(shown(index, span)).label(label.as_str());
                    group = group.element(
                        Snippet::source(masked_text(index).unwrap_or(&span.source.text))
                            .path(span.source.name.as_str())
                            .fold(true)
                            .annotation(annotation),
                    );
                }
                group
            }
            Some(At::Place(place)) => {
                let mut origin = Origin::path(place.file.as_str());
                if let Some(line) = place.line {
                    origin = origin.line(line);
                    if let Some(column) = place.column {
                        origin = origin.char_column(column);
                    }
                }
                title.element(origin)
            }
            None => title.elements(Vec::<annotate_snippets::Message<'_>>::new()),
        };
        for text in &self.help {
            group = group.element(Level::HELP.message(text.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = renderer.term_width(width).render(&[group]);
        text.push('\n');
        if let (Some(At::Span(span)), Some(masked)) = (&self.at, masked_text(0)) {
            // The column is that of the text itself, for editors to jump to.
            let place = |text: &str, at: usize| {
                let (line, column) = line_column(text, at);
                format!("{}:{line}:{column}", span.source.name)
            };
            let (now, own) = (place(masked, shown(0, span).start), place(&span.source.text, span.range.start));
            if let Some(at) = text.find('\n').filter(|_| now != own) {
                text = format!("{}{}", &text[..at], text[at..].replacen(&now, &own, 1));
            }
        }
        text
    }

    /// The finding as machines read it.
    #[must_use]
    pub fn to_record(&self) -> Record {
        let place = self.place().unwrap_or_default();
        let end = match &self.at {
            Some(At::Span(span)) => Some(span.source.line_column(span.range.end)),
            _ => None,
        };
        let (end_line, end_column) = end.unzip();
        Record {
            severity: self.severity,
            code: self.code.to_string(),
            message: self.message.clone(),
            file: (!place.file.is_empty()).then_some(place.file),
            line: place.line,
            column: place.column,
            end_line,
            end_column,
            label: self.label.clone(),
            help: self.help.clone(),
        }
    }
}

/// The text with a sign of the same length in place of each control character.
fn same_length(text: &str) -> Cow<'_, str> {
    if !text.contains(is_replaced) {
        return Cow::Borrowed(text);
    }
    let sign = |c: char| match c.len_utf8() {
        1 => '?',
        2 => '\u{b7}',
        3 => char::REPLACEMENT_CHARACTER,
        _ => '\u{1fbc4}',
    };
    Cow::Owned(text.chars().map(|c| if is_replaced(c) { sign(c) } else { c }).collect())
}

/// Line ends and tabs are the renderer's.
fn is_replaced(c: char) -> bool {
    c != '\r' && is_control(c)
}

impl fmt::Display for Diagnostic {
    /// One line: `file:line:column: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place() {
            f.write_str(&place.file)?;
            for number in [place.line, place.column].into_iter().flatten() {
                write!(f, ":{number}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

/// The JSON form of a [`Diagnostic`]; lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// `error`, `warning` or `note`.
    pub severity: Severity,
    /// The stable identifier.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line it starts in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column it starts in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The line it ends in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    /// The column just behind its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
    /// A few words on the marked text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What to write or do instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
}

/// Whether any of the findings is an error.
#[must_use]
pub fn has_errors(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_line_and_the_caret() {
        let source = Source::new("dvpack.yaml", "dvpack: 1\nsolutoin:\n  name: x\n");
        let finding = Diagnostic::error("unknown-key", "unknown key `solutoin`")
            .at(&Span::new(&source, 10..18))
            .label("not a key of the manifest")
            .help("write `solution`");
        let expected = "error[unknown-key]: unknown key `solutoin`
 --> dvpack.yaml:2:1
  |
2 | solutoin:
  | ^^^^^^^^ not a key of the manifest
  |
  = help: write `solution`
";
        assert_eq!(finding.render(false, 80), expected);
        assert_eq!(finding.to_string(), "dvpack.yaml:2:1: unknown key `solutoin`");
    }

    #[test]
    fn control_characters_are_shown_and_the_caret_stays() {
        let source = Source::new("a\u{1b}[2J\n.yaml", "a: \u{1b}[31m\u{9b}\u{202e}\u{e0041}x\n");
        let at = source.text.find('x').expect("there");
        let finding = Diagnostic::error("unknown-key", "`\u{1b}[8m`")
            .at(&Span::new(&source, at..at + 1))
            .label("\u{7}")
            .related(&Span::new(&source, 0..1), "\u{1b}]0;t")
            .help("\u{2028}");
        let expected = "error[unknown-key]: `\\u{1b}[8m`
 --> a\\u{1b}[2J\\n.yaml:1:12
  |
1 | a: ?[31m·\u{fffd}\u{1fbc4}x
  | -          ^ \\u{7}
  | |
  | \\u{1b}]0;t
  |
  = help: \\u{2028}
";
        assert_eq!(finding.render(false, 80), expected);
        let colored = crate::text::harmless(&finding.render(true, 80));
        assert!(
            colored.contains("\u{1b}[") && !colored.contains("\u{1b}[8m") && !colored.contains("\u{1b}[31m"),
            "{colored}"
        );
    }

    #[test]
    fn columns_count_characters() {
        let source = Source::new("x", "é: ü\nbb: ö!");
        assert_eq!(source.line_column(source.text.find('!').expect("there")), (2, 6));
    }
}
