//! The components of a tree: each file is told by its root element, wherever it lies, and what is not understood is an
//! error, never left out in silence.

use std::collections::BTreeMap;

use super::canvas::Exploded;
use super::listed::Listed;
use super::places::{self, Format, exploded, is_carried, of_control, rename_files, section_of};
use super::reader::Reader;
use super::tables;
use crate::diagnostic::Diagnostic;
use crate::solution::folder::{PARTS, column_files};
use crate::solution::part_name::encode_name;
use crate::solution::skeleton;
use crate::solution::xml::{self, Element};

/// The folder of sections that a file each holds whole. Only dvpack writes it, for what has no place in the layout.
pub const CUSTOMIZATIONS: &str = "customizations";
/// The same as the beginning of names.
pub const SECTIONS: &str = "customizations/";

/// What a tree holds of a solution.
pub struct Components {
    /// customizations.xml
    pub customizations: Element,
    /// The other parts.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Why a file is no component.
enum Why {
    /// It cannot be read as one.
    Malformed(Vec<Diagnostic>),
    /// Its root is nobody's.
    Root(String),
    /// It is neither YAML nor XML.
    Other,
}

/// Reads the components that belong to a solution. `language` is that of its texts.
pub fn read(reader: &mut Reader, listed: &Listed, language: &str) -> Components {
    let mut found = Found { customizations: skeleton::customizations(), ..Found::default() };
    let is_component = |name: &&str| !matches!(places::top(&name.to_lowercase()), "solutions" | "publishers");
    let names = reader.tree.below("").filter(is_component).map(str::to_owned);
    let (names, others): (Vec<String>, Vec<String>) = names.partition(|name| listed.covers(&name.to_lowercase()));
    unlisted(reader, &others);
    for name in names {
        found.file(reader, name);
    }
    let Found { mut customizations, tables, parts, named, mut apps, others, relations, mut files } = found;
    tables::put_together(reader, &mut customizations, tables, parts);
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for Named { folder, written, exported } in named {
        let part = encode_name(exported.trim_start_matches('/'));
        let path = written.trim_start_matches('/').to_lowercase();
        let beside = format!("{folder}/{}", path.rsplit('/').next().unwrap_or(&path));
        for candidate in [path, beside] {
            if reader.tree.has(&candidate) {
                places.entry(candidate).or_insert(part);
                break;
            }
            if let Some(bytes) = apps.take(reader, &candidate) {
                files.insert(part, bytes);
                break;
            }
        }
    }
    for (name, why) in others {
        let lower = name.to_lowercase();
        // `set/key/column/file`: whatever a column names, it is no component.
        let is_column = lower.matches('/').count() % 2 == 1 && lower.matches('/').count() > 1;
        let carried = is_carried(&lower) && (is_column || matches!(why, Why::Other));
        let place = places.remove(&lower).or_else(|| carried.then(|| encode_name(&name))).or_else(|| of_control(&name));
        let Some(part) = place else {
            match why {
                Why::Malformed(findings) => reader.findings.extend(findings),
                Why::Root(root) => reader.not_understood(&name, &format!("its root is `{root}`")),
                Why::Other => reader.not_understood(&name, "no component names it"),
            }
            continue;
        };
        if let Some((_, bytes)) = reader.take(&name) {
            files.insert(part, bytes);
        }
    }
    for name in apps.rest() {
        reader.not_understood(&name, "no canvas app names its folder");
    }
    for (set, rows) in relations {
        let root = rows.into_iter().fold(Element::new(set.as_str()), Element::child);
        files.insert(format!("Assets/{set}.xml"), xml::write_document(&root));
    }
    let languages = skeleton::section(&mut customizations, "Languages");
    if languages.children.is_empty() {
        languages.push(Element::text("Language", language));
    }
    Components { customizations, files: column_files::renamed(files) }
}

/// Says what the only solution of a tree does not list, so that nothing is left out in silence.
fn unlisted(reader: &mut Reader, names: &[String]) {
    let solutions =
        reader.tree.below("solutions/").filter(|name| name.to_lowercase().ends_with("/solution.yml")).count();
    let folder = |name: &String| name.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
    let mut folders: Vec<String> = names.iter().map(folder).collect();
    folders.dedup();
    if solutions > 1 || folders.is_empty() {
        return;
    }
    let shown = folders.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = if folders.len() > 5 { format!(" and {} more", folders.len() - 5) } else { String::new() };
    let message = format!("not packed (`solutioncomponents.yml` does not list them): {shown}{more}");
    reader.findings.push(Diagnostic::note("not-packed", message).in_file(reader.origin.as_str(), None));
}

/// A file that a component names.
struct Named {
    /// The folder of the component's own file, in lower case.
    folder: String,
    written: String,
    exported: String,
}

#[derive(Default)]
struct Found {
    customizations: Element,
    /// Tables by their folders.
    tables: BTreeMap<String, Element>,
    parts: Vec<(String, Element)>,
    named: Vec<Named>,
    apps: Exploded,
    others: Vec<(String, Why)>,
    /// Rows of relations between records, by their set.
    relations: BTreeMap<String, Vec<Element>>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Found {
    fn file(&mut self, reader: &mut Reader, name: String) {
        let lower = name.to_lowercase();
        if let Some(part) = name.strip_prefix(PARTS) {
            // Its name is there as the zip has it.
            if let Some((_, bytes)) = reader.take(&name) {
                self.files.insert(part.to_owned(), bytes);
            }
            return;
        }
        if let Some(folder) = exploded(&lower) {
            self.apps.add(folder, &name);
            return;
        }
        let format = places::format(&lower);
        if format.is_none() || format == Some(Format::Xml) && is_carried(&lower) {
            self.others.push((name, Why::Other));
            return;
        }
        match reader.parse(&name) {
            Ok(Some(root)) => self.root(name, &lower, root),
            Ok(None) => {}
            Err(findings) => self.others.push((name, Why::Malformed(findings))),
        }
    }

    fn root(&mut self, name: String, lower: &str, mut root: Element) {
        if lower.strip_prefix(SECTIONS).is_some_and(|file| !file.contains('/')) {
            let section = root.name.clone();
            *skeleton::section(&mut self.customizations, &section) = root;
            return;
        }
        let folder = lower.rsplit_once('/').map_or("", |(folder, _)| folder);
        let table = lower.strip_prefix("entities/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let mut rename = |section, root: &mut Element, below| {
            let renamed = rename_files(section, root, below).into_iter();
            let named = |(written, exported)| Named { folder: folder.to_owned(), written, exported };
            self.named.extend(renamed.map(named));
        };
        if root.name == "Entity" {
            rename("Entities", &mut root, "");
            self.tables.insert(table.to_owned(), root);
        } else if tables::PARTS.contains(&root.name.as_str()) && !table.is_empty() {
            if root.name == "attribute" {
                rename("Entities", &mut root, "EntityInfo/entity/attributes/attribute/");
            }
            self.parts.push((lower.to_owned(), root));
        } else if let Some(section) = section_of(&root.name) {
            rename(section, &mut root, "");
            skeleton::section(&mut self.customizations, section).push(root);
        } else if let Some(set) = places::relation(&name, &root) {
            self.relations.entry(set).or_default().push(root);
        } else if places::record(&name, &root) {
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            if has_prefix(&root) && root.attribute("xmlns:xsi").is_none() {
                root.set_attribute("xmlns:xsi", skeleton::XSI);
            }
            self.files.insert(format!("{}.xml", encode_name(stem)), xml::write_document(&root));
        } else {
            let root = root.name;
            self.others.push((name, Why::Root(root)));
        }
    }
}

/// Whether an element, or one in it, has an attribute with the prefix `xsi`.
fn has_prefix(element: &Element) -> bool {
    element.attributes.iter().any(|(name, _)| name.starts_with("xsi:")) || element.elements().any(has_prefix)
}
