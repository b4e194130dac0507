//! The parts of comments, and of a text that is not YAML, that no excerpt shows: there is no tree that says what is
//! where.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Source, nearest};
use crate::yaml::veil::place::Language;
use crate::yaml::veil::sounds_secret;

/// Hides comments: `scalars` are the places of texts, in which `#` is a letter.
pub(crate) fn comments(source: &Source, scalars: &mut [Range<usize>]) {
    scalars.sort_unstable_by_key(|range| (range.start, range.end));
    let text = &source.text;
    let (mut next, mut inside, mut at) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.trim_end().len());
        at += line.len();
        let hash = line.match_indices('#').map(|(offset, _)| start + offset).find(|hash| {
            while let Some(range) = scalars.get(next).filter(|range| range.start <= *hash) {
                inside = inside.max(range.end);
                next += 1;
            }
            let first = text[start..*hash].ends_with([' ', '\t', '\u{feff}']) || *hash == start;
            first && inside <= *hash
        });
        if let Some(hash) = hash {
            source.hide(hash + 1..end);
        }
    }
}

/// A part of the text in which values are hidden.
struct Region {
    /// The column of the key that it follows.
    indent: usize,
    /// Brackets that were opened in it and not closed.
    open: isize,
    settings: bool,
}

/// Hides values line by line: what follows `settings:`, `secret:`, names of settings and keys that sound secret, and
/// below it, up to a key of the language that is not deeper. With a language, also everything that does not follow one
/// of its keys that take a single value.
pub(crate) fn lines(source: &Arc<Source>, language: Option<&'static Language>) {
    let text = &source.text;
    let mut opening = Opening { values: text.contains("secret"), language, known: BTreeMap::new() };
    let is_key = |word: &str| language.is_some_and(|language| language.key(word).is_some());
    let mut region: Option<Region> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let end = line.trim_end().len();
        if line.trim().is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let own = own_key(line);
        let is_left =
            |region: &Region| region.open <= 0 && indent <= region.indent && own.is_some_and(|(key, _)| is_key(key));
        if region.as_ref().is_some_and(is_left) {
            region = None;
        }
        let from = match &region {
            Some(region) => match own {
                Some((key, from)) if is_key(key) || (region.settings && key.contains('_')) => from,
                _ => indent,
            },
            None => {
                let asked = line.trim_start_matches([' ', '\t', '-']).strip_prefix('?').map(str::trim);
                let asked = asked.map(|key| key.trim_matches(['"', '\'']));
                let found = keys(line).find(|(key, _)| opening.opens(key));
                let found = found.or(asked.filter(|key| opening.opens(key)).map(|key| (key, end)));
                if let Some(language) = language {
                    values(source, language, start, &line[..found.map_or(end, |(_, from)| from)]);
                }
                let Some((key, from)) = found else { continue };
                let settings = nearest(key, ["settings"]).is_some();
                region = Some(Region { indent, open: 0, settings });
                from
            }
        };
        if let Some(region) = &mut region {
            let count = |signs: [char; 2]| isize::try_from(line[from..].matches(signs).count()).unwrap_or(0);
            region.open += count(['{', '[']) - count(['}', ']']);
        }
        let from = (from + line[from..].len() - line[from..].trim_start().len()).min(end);
        source.hide(start + from..start + end);
    }
}

/// Hides the values of a line, except those of keys of the language that take a single value.
fn values(source: &Source, language: &'static Language, start: usize, line: &str) {
    let mut from = 0;
    let mut shown = false;
    let hide = |from: usize, to: usize, shown: bool| {
        let value = line[from..to].trim_matches([' ', '\t', '-', '{', '}', '[', ']', ',', '"', '\'', '?', ':']);
        // A list or a group is not what such a key takes.
        let is_single = !line[from..to].trim_start().starts_with(['[', '{']);
        let is_shown = shown && is_single;
        if !is_shown && !value.is_empty() {
            let at = value.as_ptr() as usize - line.as_ptr() as usize;
            source.hide(start + at..start + at + value.len());
        }
    };
    for (key, colon) in keys(line) {
        let at = key.as_ptr() as usize - line.as_ptr() as usize;
        // Inside another key's value, such as `https:` or the second colon of `a: b: c`.
        if at < from || line[colon..].starts_with("//") || !(from == 0 || line[from..at].contains(['{', '[', ','])) {
            continue;
        }
        hide(from, at, shown);
        (from, shown) = (colon, language.key(key) == Some(true));
    }
    hide(from, line.len(), shown);
}

/// Which keys open a region.
struct Opening<'a> {
    /// Whether a variable can be of type `secret`, so that its default is to be hidden.
    values: bool,
    /// In one, the author chooses the names of settings.
    language: Option<&'static Language>,
    known: BTreeMap<&'a str, bool>,
}

impl<'a> Opening<'a> {
    fn opens(&mut self, key: &'a str) -> bool {
        if let Some(known) = self.known.get(key) {
            return *known;
        }
        let opens = nearest(key, ["settings", "secret"]).is_some()
            || (self.values && matches!(key, "default" | "value"))
            || sounds_secret(key)
            // The name of a setting, perhaps.
            || self.language.is_some_and(|language| key.contains('_') && language.key(key).is_none());
        self.known.insert(key, opens);
        opens
    }
}

/// The key that a line begins with, and where its colon ends.
fn own_key(line: &str) -> Option<(&str, usize)> {
    let mut lead = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
    if line.trim_start().starts_with('-') {
        lead = line.len() - line.trim_start_matches([' ', '\t', '-', '{']).len();
    }
    keys(line).next().filter(|(key, _)| {
        let start = key.as_ptr() as usize - line.as_ptr() as usize;
        start <= lead + 1
    })
}

/// The words before colons, and where these end.
fn keys(line: &str) -> impl Iterator<Item = (&str, usize)> {
    line.match_indices(':').filter_map(|(at, _)| {
        let before = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let start = before.char_indices().rev().take_while(|(_, c)| is_part(*c)).last().map(|(start, _)| start)?;
        Some((&before[start..], at + 1))
    })
}
