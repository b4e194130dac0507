//! Records: rows of tables, each a separate part in a folder that is named after its key
//! (`customapis/<uniquename>/customapi.xml`). Dataverse takes the key from the file, people from the folder.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::comments::{COMMENTS, bare};
use super::elsewhere;
use super::form::problem;
use super::row::{Form, Row};
use super::table::{is_in_files, row, rows, table};
use super::walk::{Unread, Walk};
use crate::diagnostic::Diagnostic;
use crate::solution::part_name::{decode_name, is_file};
use crate::solution::xml::{self, Element};

/// The place of records that have no row of their own.
const ANY: &str = "*/*/*.xml";

/// How deep in folders the files of a record may be; the deepest known ones are three levels down.
const DEEPEST: usize = 8;

/// Where a part is among the records.
enum Place {
    /// Where the table has a row for it.
    Known(&'static Row),
    /// Where the table has a row, apart from the spelling.
    Misspelt(&'static Row),
    /// In a folder of a set that no row has; whether inside another record's folder.
    Other { inside: bool },
    /// Not in a place of records.
    None,
}

fn pieces(name: &str) -> Vec<&str> {
    name.split('/').collect()
}

/// The name with `*` for keys.
fn pattern(name: &str) -> Option<String> {
    let pieces = pieces(name);
    let file = pieces.len() - 1;
    let starred = pieces.iter().enumerate().map(|(at, piece)| if at % 2 == 1 { "*" } else { piece });
    (file >= 2 && file.is_multiple_of(2)).then(|| starred.collect::<Vec<_>>().join("/"))
}

fn file_of(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or_default()
}

fn table_of(row: &Row) -> &'static str {
    file_of(row.place).trim_end_matches(".xml")
}

/// The rows of those records that have their own.
fn known() -> impl Iterator<Item = &'static Row> {
    rows().iter().filter(|row| row.is_record() && row.place != ANY)
}

impl Place {
    fn of(name: &str) -> Self {
        let Some(pattern) = pattern(name) else { return Self::None };
        if let Some(row) = row(&pattern) {
            return Self::Known(row);
        }
        match known().find(|row| row.place.eq_ignore_ascii_case(&pattern)) {
            Some(row) => Self::Misspelt(row),
            None => Self::Other { inside: pieces(name).len() > 3 },
        }
    }
}

/// What a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The file of a component: Dataverse stores it and does not read it.
    Payload,
    /// Dataverse reads it.
    Document,
    /// No program is known to read it.
    Carried,
}

/// What the parts of a solution say that are XML documents.
#[derive(Debug, Default)]
pub struct Records {
    /// What readers could understand in different ways.
    pub deviations: Vec<Diagnostic>,
    /// Where they are written differently from how dvpack writes them.
    pub form: Vec<Diagnostic>,
    /// What no reader understands.
    pub unread: Vec<Unread>,
}

impl Records {
    /// Reads the documents among the parts. `origin` is what people know the solution by.
    pub fn read<'a>(
        parts: impl Iterator<Item = (&'a String, &'a Vec<u8>)>,
        purpose: impl Fn(&str) -> Purpose,
        origin: &str,
        language: Option<&str>,
    ) -> Self {
        let mut found = Self::default();
        let parts: Vec<(&String, &Vec<u8>)> = parts.collect();
        // The files below the folders of records, by those folders in lower case.
        let mut files: HashMap<String, Vec<&str>> = HashMap::new();
        for name in parts.iter().map(|(name, _)| name.as_str()) {
            let mut slashes = name.match_indices('/').map(|(at, _)| at);
            // `set/key/column/file`, and the same in another record's folder.
            if let Some(at) = slashes.nth(2) {
                for at in std::iter::once(at).chain(slashes).take(DEEPEST) {
                    files.entry(name[..=at].to_lowercase()).or_default().push(name);
                }
            }
        }
        let mut folders: HashMap<&str, &str> = HashMap::new();
        let mut keys: HashMap<(String, String), &str> = HashMap::new();
        for (name, bytes) in parts.into_iter().filter(|(name, _)| is_xml(name)) {
            let mut walk = Walk::new(format!("{origin}: {name}")).with_language(language);
            let purpose = purpose(name);
            let file = file_of(name);
            let called = known().find(|row| file_of(row.place).eq_ignore_ascii_case(file));
            let place = Place::of(name);
            // Everything in a record's place is a record, whatever else names it.
            let is_record = called.is_some() || matches!(place, Place::Known(_) | Place::Misspelt(_));
            if purpose == Purpose::Payload && !is_record {
                continue;
            }
            let at = format!("{origin}: {name}");
            let carried = purpose == Purpose::Carried && !is_record;
            let root = match if carried { xml::parse_data(bytes, &at) } else { xml::parse(bytes, &at) } {
                Ok(root) => root,
                Err(finding) => {
                    let help = "save it as UTF-8, with one root element and without a DTD";
                    let has_help = !finding.help.is_empty();
                    found.deviations.push(if has_help { *finding } else { finding.help(help) });
                    continue;
                }
            };
            let is_placed = pattern(name).is_some() || purpose == Purpose::Document && !is_in_files(name);
            if let Some((table, part)) = elsewhere(&root, name).filter(|_| is_placed && !is_record) {
                walk.deviate(
                    root.line,
                    match part {
                        "-" => format!("a `{table}` is not a part of a solution, but Dataverse could take it for one"),
                        part => format!("a `{table}` stands in `{part}`, and nowhere else"),
                    },
                );
            }
            if is_in_files(name) && !is_record {
                found.take(walk);
                continue;
            }
            let mut record = None;
            let called = called.or_else(|| known().find(|row| table_of(row).eq_ignore_ascii_case(&root.name)));
            match (place, called) {
                (Place::Known(row), _) => {
                    record = walk.record(&root, row, name);
                    walk.files(&root, row, name, &files);
                }
                (Place::Misspelt(row), _) | (_, Some(row)) => {
                    let place = row.place.replace('*', "<key>");
                    walk.deviate(1, format!("a `{}` stands in `{place}`, and nowhere else", table_of(row)));
                }
                (Place::Other { .. }, None) if !may_be_record(&root, name) => walk.unread.push(whole(name, bytes)),
                (Place::Other { inside }, None) => {
                    let any = row(ANY).unwrap_or_else(|| unreachable!("a row for any record"));
                    record = walk.record(&root, any, name);
                    if inside {
                        walk.unread.push(whole(name, bytes));
                    }
                }
                // Among the files of a component it would count as one of them.
                (Place::None, None) if pieces(name).len() > 2 => walk.unread.push(whole(name, bytes)),
                (Place::None, None) => {}
            }
            if pattern(name).is_some()
                && root.name.bytes().all(|byte| !byte.is_ascii_uppercase())
                && let Some((folder, _)) = name.rsplit_once('/')
                && let Some(first) = folders.insert(folder, file)
            {
                walk.deviate(1, format!("its folder has a record already, `{first}`"));
            }
            if let Some(key) = record {
                let set = name.rsplitn(3, '/').nth(2).unwrap_or_default();
                if let Some(first) = keys.insert((set.to_lowercase(), key.to_lowercase()), name) {
                    walk.deviate(root.line, format!("its key is that of `{first}`, too"));
                }
                if let Some((line, message)) = xml::not_normal(bytes, &xml::write_document(&root), 1) {
                    let finding = Diagnostic::error("not-normal-form", message);
                    found.form.push(finding.in_file(at.as_str(), Some((line, 1))));
                }
            }
            found.take(walk);
        }
        found
    }

    /// Adds what a walk found.
    fn take(&mut self, mut walk: Walk) {
        for finding in walk.deviations.iter_mut().filter(|finding| finding.help.is_empty()) {
            finding.help.push("correct the file, or export the component again".to_owned());
        }
        self.deviations.append(&mut walk.deviations);
        self.unread.append(&mut walk.unread);
    }
}

/// The table whose records stand elsewhere, and where, if a document is called by one: by its root, its file, or, where
/// a record stands, the folder of its set.
fn elsewhere(root: &Element, name: &str) -> Option<(&'static str, &'static str)> {
    let file = file_of(name);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let set = pattern(name).and_then(|_| name.rsplit('/').nth(2)).unwrap_or_default();
    [root.name.as_str(), stem, set].into_iter().find_map(elsewhere::table)
}

/// Whether a part is a record, as far as its place and its content say so.
#[must_use]
pub fn is_record(name: &str, bytes: &[u8]) -> bool {
    is_xml(name)
        && match Place::of(name) {
            Place::Known(_) | Place::Misspelt(_) => true,
            Place::Other { .. } => xml::parse(bytes, name).is_ok_and(|root| may_be_record(&root, name)),
            Place::None => false,
        }
}

/// Whether a file belongs to a record: it has the text of a column, or its values.
#[must_use]
pub fn is_beside(name: &str) -> bool {
    let pieces = pieces(name);
    let [folder @ .., file] = &pieces[..] else { return false };
    let starred = folder.iter().enumerate().map(|(at, piece)| if at % 2 == 1 { "*" } else { piece });
    let folder = starred.collect::<Vec<_>>().join("/");
    table().beside.iter().any(|(of, it)| of.eq_ignore_ascii_case(&folder) && it.eq_ignore_ascii_case(file))
}

/// Whether a column of a record names a file in its folder; of a table without a row of its own, each may.
#[must_use]
pub fn names_file(record: &str, column: &str) -> bool {
    match Place::of(record) {
        Place::Known(row) | Place::Misspelt(row) => {
            row.children.iter().any(|it| it.name == column && it.form == Form::File)
        }
        Place::Other { .. } => true,
        Place::None => false,
    }
}

/// Whether a document in a record's place could be one: the logical names of tables are in lower case, and either it
/// has a key and its file is called by its root, or its set has the name of one of the two. All others are data, which
/// is listed.
fn may_be_record(root: &Element, name: &str) -> bool {
    let table = file_of(name).trim_end_matches(".xml");
    let set = pieces(name).into_iter().rev().nth(2).unwrap_or_default();
    // `contoso_settings`, `dvtablesearchentities`
    let is_set_of = |table: &str| !table.is_empty() && set.starts_with(table.trim_end_matches('y'));
    let is_name = !root.name.bytes().any(|byte| byte.is_ascii_uppercase());
    is_name && (root.name == table && !root.attributes.is_empty() || is_set_of(&root.name) || is_set_of(table))
}

fn whole(name: &str, bytes: &[u8]) -> Unread {
    Unread { path: name.to_owned(), content: String::from_utf8_lossy(bytes).into_owned() }
}

fn is_xml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("xml"))
}

impl Walk {
    /// Compares a record with its row, and its key with its folder; gives its key.
    fn record(&mut self, root: &Element, row: &Row, name: &str) -> Option<String> {
        let pieces = pieces(name);
        let [.., folder, file] = pieces[..] else { return None };
        let table = file.trim_end_matches(".xml");
        if root.name != table {
            self.deviate(root.line, format!("its root is `{}`, not `{table}` as its file is called", root.name));
        }
        let keys: Vec<(&str, &str)> = if row.attributes.is_empty() {
            let keys = root.attributes.iter().filter(|(name, _)| !name.contains(':'));
            keys.map(|(name, value)| (name.as_str(), value.as_str())).collect()
        } else {
            let keys = row.attributes.iter().filter(|(_, form)| *form == Form::Key);
            keys.map(|(name, _)| (*name, root.attribute(name).unwrap_or_default())).collect()
        };
        let key = match keys[..] {
            [] => Cow::Borrowed(""),
            [(_, value)] => Cow::Borrowed(value),
            _ => keys.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",").into(),
        };
        let folder = decode_name(folder);
        if key.is_empty() || !same_key(&key, &folder) {
            let key = key.chars().take(80).collect::<String>();
            let message =
                format!("it is in the folder `{}`, but its key is `{}`", folder.escape_debug(), key.escape_debug());
            self.deviate(root.line, message);
        }
        // Those of known tables have the form by their row.
        for (name, value) in keys.iter().filter(|_| row.attributes.is_empty()) {
            self.value(root, Form::Key, name, value, "");
        }
        let key = key.into_owned();
        self.row(root, row, name);
        Some(key)
    }
}

impl Walk {
    /// Compares the files that a record names with those in its folder: `package` names one in `package/`.
    fn files(&mut self, root: &Element, row: &Row, name: &str, files: &HashMap<String, Vec<&str>>) {
        let of_form = |column: &&Element| row.children.iter().any(|it| it.name == column.name && it.form == Form::File);
        for column in root.elements().filter(of_form) {
            let folder = format!("{}/{}/", name.rsplit_once('/').map_or("", |(folder, _)| folder), column.name);
            let written = column.content();
            let is_named = |it: &str| it.strip_prefix(folder.as_str()).is_some_and(|file| is_file(file, &written));
            let inside = files.get(&folder.to_lowercase()).into_iter().flatten();
            // One that is missing hides nothing: sources often leave built files out.
            let mut found = inside.map(|it| (*it, is_named(it))).collect::<Vec<_>>();
            found.sort_by_key(|(_, is_named)| !is_named);
            if let Some((other, _)) = found.iter().enumerate().find(|(at, it)| *at > 0 || !it.1).map(|(_, it)| it) {
                self.deviate_at(column, format!("`{other}` is beside the file that `{}` names", column.name));
            }
        }
    }
}

/// Whether a folder is named after a key. It is not known how characters that folders cannot have are written; they
/// count as equal.
fn same_key(key: &str, folder: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ',' | '=');
    // One by one, so that none can hide.
    let is_same = |(one, other): (char, char)| one == other || !plain(one) && (!plain(other) || other == '_');
    key == folder || key.chars().count() == folder.chars().count() && key.chars().zip(folder.chars()).all(is_same)
}

/// Whether a record may stand there, by its name alone.
fn may_be_place(name: &str) -> bool {
    is_xml(name) && !is_in_files(name) && matches!(Place::of(name), Place::Known(_) | Place::Other { .. })
}

const WRITTEN: &str = "its type and flags are written as Dataverse writes them";

/// Writes records in normal form where they mean one thing only: without comments and instructions, and types and flags
/// as Dataverse writes them. The names of those that were changed, and what was.
pub fn tidy(parts: &mut BTreeMap<String, Vec<u8>>) -> Vec<(String, &'static str)> {
    let mut changed = Vec::new();
    for (name, bytes) in parts.iter_mut().filter(|(name, _)| may_be_place(name)) {
        let row = if let Place::Known(row) = Place::of(name) { Some(row) } else { None };
        let Ok(mut root) = xml::parse(bytes, name) else { continue };
        if row.is_none() && !may_be_record(&root, name) {
            continue;
        }
        if root.name == file_of(name).trim_end_matches(".xml") {
            changed.extend(bare(&mut root).then(|| (name.clone(), COMMENTS)));
            changed.extend(row.is_some_and(|row| respell(&mut root, row)).then(|| (name.clone(), WRITTEN)));
        }
        // Its layout means nothing, so it is not reported.
        let normal = xml::write_document(&root);
        if *bytes != normal {
            *bytes = normal;
        }
    }
    changed
}

/// Whether a form has only a few words.
fn is_word(form: Form) -> bool {
    matches!(form, Form::Flag | Form::Variable)
}

/// Writes types and flags as Dataverse writes them; returns whether any was different.
fn respell(root: &mut Element, row: &Row) -> bool {
    let mut changed = false;
    for column in root.elements_mut() {
        let form = row.children.iter().find(|child| child.name == column.name).map(|child| child.form);
        let Some(form) = form.filter(|form| is_word(*form)) else { continue };
        let text = column.content();
        let meant = match text.trim().to_ascii_lowercase().as_str() {
            "true" if form == Form::Flag => "1".to_owned(),
            "false" if form == Form::Flag => "0".to_owned(),
            other => other.to_owned(),
        };
        if text != meant && problem(form, &meant).is_none() && column.elements().next().is_none() {
            column.set_content(&meant);
            changed = true;
        }
    }
    changed
}
