//! A finding as people read it: the message, an excerpt of the text with a caret, and what to do.
//!
//! An excerpt is cut from the text without what must not be seen. Only the lines around a place are handed to the
//! renderer, so that a finding costs the same in a small and in a large text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use super::lines::{Lines, floor};
use super::masked::Masked;
use super::{At, Diagnostic, Severity, Source, Span};
use crate::text::{is_control, one_line, own_styles, visible};

/// So much of a long line is shown on each side of a place.
const BESIDE: usize = 1000;
/// A place that is longer is marked up to here.
const LONGEST: usize = 64 * 1024;
/// Places that are further apart are shown in excerpts of their own.
const APART: usize = 16 * 1024;

impl Diagnostic {
    /// The finding as people read it, with the source line and a caret.
    #[must_use]
    pub fn render(&self, color: bool, width: usize) -> String {
        // The renderer's colours are dvpack's own only where no text can bring any.
        let text = self.drawn(color, width);
        if color { own_styles(&text) } else { text }
    }

    fn drawn(&self, color: bool, width: usize) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(visible(&self.message)).id(visible(&self.code));
        let label = self.label.as_deref().map(visible);
        let mut place = None;
        let mut group = match &self.at {
            Some(At::Span(span)) => {
                let (mut own, mut others) = (vec![(span, label)], Vec::new());
                for (related, text) in &self.related {
                    let near = Arc::ptr_eq(&related.source, &span.source)
                        && related.range.start.abs_diff(span.range.start) < APART;
                    let list = if near { &mut own } else { &mut others };
                    list.push((related, Some(visible(text))));
                }
                let (snippet, moved) = excerpt(own, AnnotationKind::Primary);
                place = moved;
                let mut group = title.element(snippet);
                for other in others {
                    group = group.element(excerpt(vec![other], AnnotationKind::Context).0);
                }
                group
            }
            Some(At::Place(place)) => {
                let mut origin = Origin::path(shown_name(&place.file));
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
            group = group.element(Level::HELP.message(visible(text)));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = renderer.term_width(width).render(&[group]);
        text.push('\n');
        if let Some((now, own)) = place
            && let Some(at) = text.find('\n')
        {
            text = format!("{}{}", &text[..at], text[at..].replacen(&now, &own, 1));
        }
        text
    }
}

/// Places of one source and their labels.
type Places<'a> = Vec<(&'a Span, Option<Cow<'a, str>>)>;

/// The lines of the places, the first of which is the finding's own. If the renderer would name another line and column
/// for it than the text has: what it names, and what is right, for editors to jump to.
fn excerpt(places: Places<'_>, first: AnnotationKind) -> (Snippet<'_, Annotation<'_>>, Option<(String, String)>) {
    let source = Arc::clone(&places[0].0.source);
    let masked = source.hidden.masked(&source.text);
    let (text, lines) = seen(&source, masked.as_deref());
    let ranges: Vec<Range<usize>> = places
        .iter()
        .map(|(span, _)| {
            let range = masked.as_ref().map_or_else(|| span.range.clone(), |masked| masked.range(&span.range));
            let start = floor(text, range.start);
            start..floor(text, range.end.min(start + LONGEST)).max(start)
        })
        .collect();
    let from = ranges.iter().map(|range| range.start).min().unwrap_or_default();
    let to = ranges.iter().map(|range| range.end).max().unwrap_or_default();
    let window = floor(text, lines.line(text, from).start.max(from.saturating_sub(BESIDE)))
        ..floor(text, lines.line(text, to).end.min(to.saturating_add(BESIDE)));
    let line = lines.line_column(text, window.start).0;
    let name = shown_name(&source.name);

    let start = ranges[0].start;
    let written = |(line, column): (usize, usize)| format!("{name}:{line}:{column}");
    let shown_column = text[window.start.max(lines.line(text, start).start)..start].chars().count() + 1;
    let now = written((lines.line_column(text, start).0, shown_column));
    let own = written(source.line_column(places[0].0.range.start));

    let mut snippet =
        Snippet::source(same_length(&text[window.clone()]).into_owned()).line_start(line).path(name).fold(true);
    for (index, ((_, label), range)) in places.into_iter().zip(ranges).enumerate() {
        let kind = if index == 0 { first } else { AnnotationKind::Context };
        let range = range.start - window.start..range.end - window.start;
        snippet = snippet.annotation(kind.span(range).label(label));
    }
    (snippet, (now != own).then_some((now, own)))
}

/// The text that may be seen, and its lines.
fn seen<'a>(source: &'a Source, masked: Option<&'a Masked>) -> (&'a str, &'a Lines) {
    match masked {
        Some(masked) => (&masked.text, &masked.lines),
        None => (&source.text, &source.lines),
    }
}

/// A file's name, on one line.
fn shown_name(name: &str) -> String {
    visible(&one_line(name)).into_owned()
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
