//! Findings with a position: one type, two renderings (for people, for machines).
//!
//! Modules collect [`Diagnostic`]s and never print; `cli/` renders them. A finding points at a range
//! of a text ([`Span`]), or, where the text is not at hand (a binary file, an entry of an archive),
//! at a [`Place`] in words.

mod draw;
mod lines;
mod masked;
mod nearest;
mod ranges;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use lines::Lines;
use masked::Hidden;
pub use nearest::{Proposals, nearest};
pub use ranges::Ranges;

/// A text that diagnostics can point into, and the name that people know it by.
#[derive(Debug)]
pub struct Source {
    /// The file's path as the person gave it, or as reached from what they gave.
    pub name: String,
    /// The whole text.
    pub text: String,
    hidden: Hidden,
    lines: Lines,
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
        Arc::new(Self { name: name.into(), text: text.into(), hidden: Hidden::default(), lines: Lines::default() })
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
        self.lines.line_column(&self.text, offset)
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
