//! A walk over the elements of one file: what it has found so far.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::names::is_blank;
use super::row::Named;
use super::table::row;
use crate::diagnostic::Diagnostic;
use crate::solution::xml::{Element, Node};
use crate::text::shortened;

/// How many deviations of one walk are listed. A message may repeat a long name, so that many of them fill the memory.
const MOST_FINDINGS: usize = 50;

/// Characters of a message.
const LONGEST_MESSAGE: usize = 400;
/// Something that no reader understood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Where it is: `customizations.xml/Workflows/Workflow[Name]/@x`.
    pub path: String,
    /// Its text: an attribute's value, or an element as it would be written.
    pub content: String,
}

/// A walk over the elements of one file.
#[derive(Debug)]
pub struct Walk {
    /// The file, for findings.
    file: String,
    /// The solution's base language, from solution.xml.
    pub(super) language: Option<String>,
    /// What readers could understand in different ways.
    pub deviations: Vec<Diagnostic>,
    /// What no reader understood.
    pub unread: Vec<Unread>,
    /// Ids, by the place that they belong to, in lower case without braces.
    pub ids: Vec<(String, String, usize)>,
    /// The parts that elements name.
    pub(super) parts: Vec<PartNamed>,
    /// How many deviations this walk found itself.
    reported: usize,
}

/// A part that an element names.
#[derive(Debug)]
pub(super) struct PartNamed {
    /// Its name in lower case.
    pub(super) part: String,
    pub(super) named: Named,
    /// The name of what names it.
    pub(super) by: String,
    pub(super) line: usize,
    /// The part's name as written.
    pub(super) written: String,
}

impl Walk {
    /// A walk over elements of `file`.
    #[must_use]
    pub fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            language: None,
            deviations: Vec::new(),
            unread: Vec::new(),
            ids: Vec::new(),
            parts: Vec::new(),
            reported: 0,
        }
    }

    /// The same in a solution with this base language.
    #[must_use]
    pub fn with_language(self, language: Option<&str>) -> Self {
        Self { language: language.map(str::to_owned), ..self }
    }

    /// Adds what another walk over the same file found.
    pub fn append(&mut self, mut other: Self) {
        self.deviations.append(&mut other.deviations);
        self.unread.append(&mut other.unread);
        self.ids.append(&mut other.ids);
        self.parts.append(&mut other.parts);
    }

    /// Reports named parts that are not among these, which are in lower case.
    pub fn missing(&mut self, is_part: impl Fn(&str) -> bool) {
        let missing = self.parts.iter().filter(|it| it.named == Named::Once && !is_part(&it.part));
        let missing: Vec<(usize, String)> = missing
            .map(|it| {
                (it.line, format!("`{}` names the part `{}`, which does not exist", it.by, it.written.escape_debug()))
            })
            .collect();
        for (line, message) in missing {
            self.deviate(line, message);
        }
    }

    /// Compares a section without its items, which are read separately, with their names and lines: what occurs once,
    /// and content of a section that no row describes.
    pub fn section<'a>(&mut self, section: &Element, items: impl IntoIterator<Item = (&'a str, usize)>) {
        let mut items = items.into_iter().peekable();
        let name = section.name.as_str();
        let Some(row) = row(&format!("customizations.xml/{name}")) else {
            let text = section.children.iter().any(|node| matches!(node, Node::Text(text) if !is_blank(text)));
            let nil = section.attributes.iter().any(|(name, _)| name == "xsi:nil");
            if items.peek().is_some() && (text || nil) {
                let what = if text { "has text and elements" } else { "has elements and says that it has none" };
                self.deviate_at(section, format!("`{name}` {what}; readers differ in what they take"));
            }
            return;
        };
        let mut met: HashMap<&str, usize> = HashMap::new();
        for (name, line) in items {
            let known = row.children.iter().find(|it| it.name == name);
            if let Some(first) = met.insert(name, line)
                && known.is_some_and(|it| !it.many)
            {
                let message = format!("a second `{name}` in `{}`; the first one is in line {first}", section.name);
                self.deviate(line, message);
            }
        }
    }

    /// Reports duplicate ids.
    pub fn finish(&mut self) {
        let mut parts: HashMap<String, (String, usize, Named)> = HashMap::new();
        let mut found = Vec::new();
        for it in &self.parts {
            let known = parts.insert(it.part.clone(), (it.by.clone(), it.line, it.named));
            if let Some((by, first, named)) = known
                && (it.named != Named::Shared || named != Named::Shared)
            {
                let message = format!(
                    "`{}` names the part `{}`, which `{by}` in line {first} names already",
                    it.by,
                    it.written.escape_debug()
                );
                found.push((it.line, message));
            }
        }
        for (line, message) in found {
            self.deviate(line, message);
        }
        let mut met: HashMap<(String, String), usize> = HashMap::new();
        for (place, id, line) in std::mem::take(&mut self.ids) {
            let mut steps = place.rsplit('/');
            let what = steps.next().unwrap_or_default().trim_start_matches('@').to_owned();
            let whose = steps.next().unwrap_or_default().to_owned();
            if let Some(first) = met.insert((place, id.clone()), line) {
                let id = id.chars().take(80).collect::<String>();
                let id = id.escape_debug();
                let says = if what == "." { format!("is {id}") } else { format!("has the `{what}` {id}") };
                self.deviate(line, format!("a second `{whose}` {says}; the first one is in line {first}"));
            }
        }
    }

    /// Reports a deviation at a line of the file.
    pub fn deviate(&mut self, line: usize, message: String) {
        self.report(line, message);
    }

    /// The new finding, unless there are too many already.
    fn report(&mut self, line: usize, message: String) -> Option<&mut Diagnostic> {
        self.reported += 1;
        let message = match self.reported.cmp(&(MOST_FINDINGS + 1)) {
            Ordering::Less => shortened(&message, LONGEST_MESSAGE).into_owned(),
            Ordering::Equal => {
                format!("there are more than {MOST_FINDINGS} such findings here; the others are not listed")
            }
            Ordering::Greater => return None,
        };
        let at = (line > 0).then_some((line, 1));
        self.deviations.push(Diagnostic::error("ambiguous-solution", message).in_file(self.file.as_str(), at));
        self.deviations.last_mut()
    }

    pub(super) fn deviate_at(&mut self, element: &Element, message: String) {
        self.report_at(element, message);
    }

    fn report_at(&mut self, element: &Element, message: String) -> Option<&mut Diagnostic> {
        let found = self.report(element.line, message)?;
        // An element of a source may come from a file of its own.
        if let Some(file) = &element.file {
            let at = (element.line > 0).then_some((element.line, 1));
            *found = found.clone().in_file(&**file, at);
        }
        Some(found)
    }

    /// The same with advice.
    pub fn deviate_with(&mut self, element: &Element, message: String, help: String) {
        if let Some(found) = self.report_at(element, message) {
            found.help.push(help);
        }
    }
}
