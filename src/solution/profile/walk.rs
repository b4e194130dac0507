//! Compares elements with the table.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::form::{part_of, problem};
use super::table::{Child, Form, Named, Row, Unknown, homes, is_hidden, reference, row};
use crate::diagnostic::{Diagnostic, nearest};
use crate::solution::xml::{Element, Node};
use crate::text::shortened;

/// How many deviations of one walk are listed. A message may repeat a long name, so that many of them fill the memory.
const MOST_FINDINGS: usize = 50;

/// Characters of a message, and of a step in a path.
const LONGEST_MESSAGE: usize = 400;
const LONGEST_STEP: usize = 120;

/// Namespaces of the instance attributes; the only ones that a solution declares.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Something that no reader took.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Where it stands: `customizations.xml/Workflows/Workflow[Name]/@x`.
    pub path: String,
    /// Whatever it is, as text: an attribute's value, or an element as it would be written.
    pub content: String,
}

/// A walk over the elements of one file.
#[derive(Debug)]
pub struct Walk {
    /// The file, for findings.
    file: String,
    /// The solution's base language, as solution.xml says it.
    pub(super) language: Option<String>,
    /// What readers could take in different ways.
    pub deviations: Vec<Diagnostic>,
    /// What no reader took.
    pub unread: Vec<Unread>,
    /// Ids, by the place that they belong to, in lower case without braces.
    pub ids: Vec<(String, String, usize)>,
    /// The parts that elements name.
    parts: Vec<PartNamed>,
    /// How many deviations this walk met itself.
    reported: usize,
}

/// A part that an element names.
#[derive(Debug)]
struct PartNamed {
    /// Its name in lower case.
    part: String,
    named: Named,
    /// The name of what names it.
    by: String,
    line: usize,
    /// The part's name as written.
    written: String,
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

    /// Takes over what another walk over the same file found.
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

    /// Compares a section without its items, which are read apart from it, with their names and lines: what stands once, and
    /// content of a section that no row describes.
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

    /// Reports ids that are there twice.
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

    /// The new finding, where there are not too many of them already.
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

    /// The same with what to do about it.
    pub fn deviate_with(&mut self, element: &Element, message: String, help: String) {
        if let Some(found) = self.report_at(element, message) {
            found.help.push(help);
        }
    }

    /// Reports an element that grants or does something, in a place where nobody looks for such.
    fn hidden(&mut self, element: &Element, parent: &str) {
        let homes: Vec<String> = homes(&element.name).iter().map(|home| format!("`{home}`")).collect();
        let help = if homes.is_empty() {
            "it is the root of a document: remove it".to_owned()
        } else {
            format!("it belongs in {} only: move it there, or remove it", homes.join(", "))
        };
        self.deviate_with(element, format!("`{}` is hidden in `{parent}`", element.name), help);
    }

    /// Compares an element with the row of its place; an element without one is looked through for hidden elements.
    pub fn element(&mut self, element: &Element, place: &str) {
        self.check(element, place, place);
    }

    /// Compares an element of the section at `place`, which is read apart from its section.
    pub fn item(&mut self, element: &Element, place: &str) {
        let parent = Element::new(place.rsplit('/').next().unwrap_or_default());
        let Some(row) = row(place) else {
            self.look(element, &parent.name);
            return self.whole(element);
        };
        self.child(&parent, element, row, place, &mut Met::of(row));
    }

    /// `path` is the place with the names of its elements, for people.
    fn check(&mut self, element: &Element, place: &str, path: &str) {
        self.first_label(element);
        let Some(row) = row(place) else { return self.whole(element) };
        self.row(element, row, path);
    }

    /// Compares an element with its row.
    pub(super) fn row(&mut self, element: &Element, row: &Row, path: &str) {
        self.attributes(element, row, path);
        if let Some(form) = row.content {
            let text = Element { attributes: Vec::new(), ..element.clone() };
            return self.leaf(&text, form, row.place);
        }
        self.labels(element);
        self.agree(element, row.place);
        let mut met = Met::of(row);
        // What an attribute says already: a reader may take either.
        let unknown = |name: &&String| !row.is_record() && !row.attributes.iter().any(|(known, _)| known == *name);
        met.others.extend(element.attributes.iter().map(|(name, _)| name).filter(unknown).map(|name| word(name)));
        for node in &element.children {
            match node {
                Node::Element(child) => self.child(element, child, row, path, &mut met),
                Node::Text(text) if is_blank(text) => {}
                Node::Text(text) => {
                    let shown: String = text.trim().chars().take(40).collect();
                    self.deviate_at(
                        element,
                        format!("text in `{}`, which has elements only: `{}`", element.name, shown.escape_debug()),
                    );
                }
                Node::Comment(_) | Node::Instruction(..) => {
                    self.deviate_at(element, format!("a comment or processing instruction in `{}`", element.name));
                }
            }
        }
        for child in row.children.iter().filter(|child| child.needed) {
            let says = |it: &Element| !it.content().trim().is_empty() || it.elements().next().is_some();
            if !element.elements().any(|it| it.name == child.name && says(it)) {
                self.lacks(element, child.name);
            }
        }
    }

    fn lacks(&mut self, element: &Element, name: &str) {
        self.deviate_at(element, format!("`{}` has no `{name}`; Dataverse has one in each", element.name));
    }

    fn child(&mut self, parent: &Element, child: &Element, row: &Row, path: &str, met: &mut Met) {
        let known = row.children.iter().position(|it| it.name == child.name);
        let Some(index) = known else { return self.unknown_child(parent, child, row, path, met) };
        let Child { form, many, .. } = row.children[index];
        met.known[index] += 1;
        if met.known[index] == 2 && !many {
            self.deviate_at(child, format!("a second `{}` in `{}`", child.name, parent.name));
        }
        let place = format!("{}/{}", row.place, child.name);
        if form == Form::Any {
            let path = match many.then(|| name_of(child)).flatten() {
                Some(name) => format!("{path}/{}[{}]", child.name, step(&name)),
                None => format!("{path}/{}", child.name),
            };
            return self.check(child, &place, &path);
        }
        match form {
            Form::Column | Form::Labels | Form::Lookup | Form::File => self.column(child, form, &parent.name),
            _ => self.leaf(child, form, &place),
        }
    }

    fn unknown_child(&mut self, parent: &Element, child: &Element, row: &Row, path: &str, met: &mut Met) {
        if let Some(near) = row.children.iter().find(|it| same_word(it.name, &child.name)) {
            let message = format!("`{}` in `{}` is spelled `{}`", child.name, parent.name, near.name);
            return self.deviate_at(child, message);
        }
        if is_hidden(&child.name, &parent.name) && !is_reference(child) {
            return self.hidden(child, &parent.name);
        }
        if row.unknown == Unknown::Closed || !is_plain(&child.name) {
            let near = nearest(&child.name, row.children.iter().map(|it| it.name));
            let near = near.map(|near| format!("; the nearest known one is `{near}`")).unwrap_or_default();
            let message = format!("`{}` may not be in `{}`{near}", child.name, parent.name);
            let help = format!("nobody could say what it does to a `{}`: remove it from the source", parent.name);
            return self.deviate_with(child, message, help);
        }
        if !met.others.insert(word(&child.name)) {
            self.deviate_at(child, format!("a second `{}` in `{}`", child.name, parent.name));
        }
        if row.is_record() {
            self.column(child, Form::Column, &parent.name);
            if row.unknown == Unknown::Columns {
                return;
            }
        } else {
            self.whole(child);
        }
        let content = crate::solution::xml::write_fragment(child);
        self.unread.push(Unread { path: format!("{path}/{}", step(&child.name)), content });
    }

    fn attributes(&mut self, element: &Element, row: &Row, path: &str) {
        for name in &row.needed {
            if element.attribute(name).is_none_or(|value| value.trim().is_empty()) {
                self.lacks(element, name);
            }
        }
        let is_any = row.unknown == Unknown::Columns;
        for (name, value) in &element.attributes {
            if row.is_root() && name == "xmlns:xsi" && value == XSI {
                continue;
            }
            if let Some((_, form)) = row.attributes.iter().find(|(known, _)| known == name) {
                // Only ids are kept by their place.
                let is_id = matches!(form, Form::Id | Form::Role);
                let place = if is_id { format!("{}/@{name}", row.place) } else { String::new() };
                self.value(element, *form, name, value, &place);
            } else if let Some((near, _)) = row.attributes.iter().find(|(known, _)| same_word(known, name)) {
                self.deviate_at(element, format!("the attribute `{name}` of `{}` is spelled `{near}`", element.name));
            } else if row.unknown == Unknown::Closed || !is_plain(name) {
                self.deviate_at(element, format!("`{}` may not have the attribute `{name}`", element.name));
            } else if !is_any {
                // In a record of any other table it is the key, which is compared with the folder.
                self.unread.push(Unread { path: format!("{path}/@{}", step(name)), content: value.clone() });
            }
        }
    }

    /// An element that contains one value.
    pub(super) fn leaf(&mut self, element: &Element, form: Form, place: &str) {
        let name = element.name.as_str();
        for (attribute, value) in &element.attributes {
            let nil = form == Form::Nil && attribute == "xsi:nil" && value == "true";
            if !nil {
                self.deviate_at(element, format!("`{name}` may not have the attribute `{attribute}`"));
            } else if !element.is_empty() {
                self.deviate_at(element, format!("`{name}` has text and says that it has none (`xsi:nil`)"));
            }
        }
        let mut texts = 0;
        for node in &element.children {
            match node {
                Node::Text(_) => texts += 1,
                Node::Element(child) => {
                    self.deviate_at(child, format!("`{}` in `{name}`, which has text only", child.name));
                }
                Node::Comment(_) | Node::Instruction(..) => {
                    self.deviate_at(element, format!("a comment or processing instruction in `{name}`"));
                }
            }
        }
        if texts > 1 {
            self.deviate_at(element, format!("the text of `{name}` is in pieces"));
        }
        self.once(element, place);
        self.value(element, form, name, &element.content(), place);
    }

    pub(super) fn value(&mut self, element: &Element, form: Form, name: &str, value: &str, place: &str) {
        if let Some(problem) = problem(form, value) {
            self.deviate_at(element, format!("`{name}`: {problem}"));
        } else if matches!(form, Form::Id | Form::Role) {
            let id = value.trim_matches(['{', '}']).to_ascii_lowercase();
            self.ids.push((place.to_owned(), id, element.line));
        } else if let (Form::Part(named), Some(part)) = (form, part_of(value)) {
            let by = name.to_owned();
            self.parts.push(PartNamed { part, named, by, line: element.line, written: value.to_owned() });
        }
    }

    /// Looks through an element that is carried whole, for elements that would be hidden in it and for what readers take
    /// differently whoever reads it.
    fn whole(&mut self, element: &Element) {
        self.one_content(element);
        self.labels(element);
        for child in element.elements() {
            self.look(child, &element.name);
            self.whole(child);
        }
    }

    /// Looks whether an element has elements or one text, and not both: some readers take the text right inside, others
    /// all text; and whether it says that it has none.
    fn one_content(&mut self, element: &Element) {
        let name = element.name.as_str();
        let is_text = |node: &Node| matches!(node, Node::Text(text) if !is_blank(text));
        if element.children.iter().any(|node| matches!(node, Node::Comment(_) | Node::Instruction(..))) {
            self.deviate_at(element, format!("a comment or processing instruction in `{name}`"));
        }
        match element.children.iter().filter(|node| is_text(node)).count() {
            0 => {}
            _ if element.elements().next().is_some() => {
                self.deviate_at(element, format!("`{name}` has text and elements; readers differ in what they take"));
            }
            1 => {}
            _ => self.deviate_at(element, format!("the text of `{name}` is in pieces")),
        }
        for (attribute, value) in &element.attributes {
            let is_nil = attribute.rsplit_once(':').is_some_and(|(_, local)| local.eq_ignore_ascii_case("nil"));
            if attribute.starts_with("xmlns:") && (attribute == "xmlns:xsi") != (value == XSI) {
                self.deviate_at(element, format!("`{name}` gives `xsi` another meaning, or its meaning another name"));
            } else if is_nil && !attribute.starts_with("xmlns:") && (attribute != "xsi:nil" || value != "true") {
                self.deviate_at(element, format!("the attribute `{attribute}` of `{name}` is not `xsi:nil=\"true\"`"));
            } else if is_nil && !element.is_empty() {
                self.deviate_at(element, format!("`{name}` has content and says that it has none (`xsi:nil`)"));
            }
        }
    }

    /// Looks whether an element would be hidden in its parent.
    fn look(&mut self, element: &Element, parent: &str) {
        if is_hidden(&element.name, parent) && !is_reference(element) {
            self.hidden(element, parent);
        }
    }
}

/// Whether an element only names what stands elsewhere, and so grants nothing: it has an id alone, or contains such
/// elements alone.
fn is_reference(element: &Element) -> bool {
    let Some(attribute) = reference(&element.name) else { return false };
    let blank = element.children.iter().all(|node| match node {
        Node::Text(text) => is_blank(text),
        Node::Element(child) => attribute == "-" && is_reference(child),
        Node::Comment(_) | Node::Instruction(..) => false,
    });
    let attributes = element.attributes.iter().all(|(name, _)| name.eq_ignore_ascii_case(attribute));
    blank && attributes && element.attributes.len() <= 1
}

/// Blanks as XML knows them; others are text that nobody sees.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// What a person knows an element by: a name, else an id.
#[must_use]
pub fn name_of(element: &Element) -> Option<String> {
    const ATTRIBUTES: [&str; 8] =
        ["Name", "name", "SchemaName", "UniqueName", "connectionreferencelogicalname", "FullName", "id", "Id"];
    const CHILDREN: [&str; 5] = ["UniqueName", "SchemaName", "Name", "name", "FormId"];
    let found = ATTRIBUTES.iter().find_map(|name| element.attribute(name).map(str::to_owned));
    found.or_else(|| CHILDREN.iter().find_map(|name| element.child_text(name)))
}

/// A name as a step of a path.
fn step(name: &str) -> Cow<'_, str> {
    shortened(name, LONGEST_STEP)
}

/// Which children of an element were met.
struct Met {
    /// How often, in the order of the row.
    known: Vec<usize>,
    /// Those that the row does not know, as words.
    others: HashSet<String>,
}

impl Met {
    fn of(row: &Row) -> Self {
        Self { known: vec![0; row.children.len()], others: HashSet::new() }
    }
}

/// Whether a name is a known one in another case or with a prefix.
pub(super) fn same_word(known: &str, name: &str) -> bool {
    known.eq_ignore_ascii_case(local(name))
}

/// A name without its case and prefix.
fn word(name: &str) -> String {
    local(name).to_ascii_lowercase()
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name).trim()
}

/// A name without a prefix, of ASCII letters, digits, `_`, `-` and `.`.
fn is_plain(name: &str) -> bool {
    name != "xmlns" && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
