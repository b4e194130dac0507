//! Where the files go that are not merged: payloads to the name that their element gives, folders
//! nobody knows as they are.

use std::collections::{BTreeMap, BTreeSet};

use super::column_files::{self, Column};
use super::tree::{Id, Tree};
use crate::diagnostic::Diagnostic;
use crate::solution::part_name::{self, encode_name};
use crate::solution::xml::Element;

/// What decides it, gathered while the elements go by.
#[derive(Default)]
pub struct Routes {
    /// Parts whose name is known from the beginning.
    pub fixed: Vec<(String, Id)>,
    /// Sections that hold something.
    pub filled: BTreeSet<&'static str>,
    /// Files beside a `.data.xml`, in lower case, and the parts that they are in the zip.
    pub payloads: BTreeMap<String, String>,
    /// The same of web resources by their names, for those whose elements are in Customizations.xml.
    web_resources: BTreeMap<String, String>,
    /// Lower-case names of files that processes mention.
    processes: BTreeSet<String>,
}

impl Routes {
    /// Looks at an element of a section.
    pub fn see(&mut self, section: &str, element: &Element) {
        match section {
            "WebResources" => {
                if let (Some(name), Some(file)) = (element.child_text("Name"), element.child_text("FileName")) {
                    let key = format!("webresources/{}", name.to_lowercase());
                    self.web_resources.entry(key).or_insert_with(|| file.trim_start_matches('/').to_owned());
                }
            }
            "Workflows" => {
                let files = element.elements().filter(|child| child.name.ends_with("FileName"));
                self.processes.extend(files.map(|file| file.content().trim_start_matches('/').to_ascii_lowercase()));
            }
            _ => {}
        }
    }

    /// Adds what was seen in another part of the same sections.
    pub fn append(&mut self, other: Self) {
        self.payloads.extend(other.payloads);
        for (name, part) in other.web_resources {
            self.web_resources.entry(name).or_insert(part);
        }
        self.processes.extend(other.processes);
    }

    /// The parts by name, and what is said of files that become none.
    pub fn parts(&self, tree: &Tree, origin: &str) -> (BTreeMap<String, Id>, Vec<Diagnostic>) {
        let mut parts: BTreeMap<String, Id> = self.fixed.iter().map(|(name, id)| (encode_name(name), *id)).collect();
        let mut unpacked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for id in tree.rest() {
            let name = tree.name(id);
            match self.part(name).map(|part| of_column(tree, name).unwrap_or(part)) {
                Ok(part) => drop(parts.insert(part, id)),
                Err(_) if is_twin(tree, name) => {}
                Err(why) => unpacked.entry(why).or_default().push(name),
            }
        }
        let note = |(why, names): (&str, Vec<&str>)| {
            let shown = names.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
            Diagnostic::note("not-packed", format!("not packed ({why}): {shown}{more}")).in_file(origin, None)
        };
        (parts, unpacked.into_iter().map(note).collect())
    }

    /// The part that a file becomes, or why it becomes none.
    fn part(&self, name: &str) -> Result<String, &'static str> {
        if let Some(part) = name.strip_prefix(super::PARTS) {
            // Its name is there as the zip has it.
            return Ok(if part_name::problem(part).is_none() { part.to_owned() } else { encode_name(part) });
        }
        self.file(name).map(|file| encode_name(&file))
    }

    /// The file, by the name that its component gives it.
    fn file(&self, name: &str) -> Result<String, &'static str> {
        const UNUSED: &str = "nothing in the solution refers to them";
        let lower = name.to_lowercase();
        let (top, inner) = lower.split_once('/').unwrap_or((&lower, ""));
        let inline = top == "entities" && self.filled.contains("Entities") && lower.ends_with("/entity.xml");
        if super::MERGED.contains(&top) && !inline {
            return Err(match top {
                "resources" => "localised strings, which only SolutionPackager's /localize merges",
                _ => UNUSED,
            });
        }
        if let Some(part) = self.payloads.get(&lower).or_else(|| self.web_resources.get(&lower)) {
            return Ok(part.clone());
        }
        match top {
            "connectors" if self.filled.contains("Connectors") => {
                Ok(format!("Connector/{}", &name["connectors/".len()..]))
            }
            "canvasapps" if inner.contains('/') => Err("sources of canvas apps, whose .msapp is packed"),
            "workflows" if !self.processes.contains(&name.to_ascii_lowercase()) => Err(UNUSED),
            _ => Ok(name.to_owned()),
        }
    }
}

/// The part of a file that a column of a record names.
fn of_column(tree: &Tree, name: &str) -> Option<String> {
    let column = Column::of(name).filter(|_| !name.starts_with(super::PARTS))?;
    let record = tree.below(column.folder).find(|it| column.is_record(it))?;
    let written = column.text(&tree.read(tree.id(record)?).ok()?)?;
    column_files::part(name, &written)
}

/// Whether the other variant of a file was taken.
fn is_twin(tree: &Tree, name: &str) -> bool {
    let stem = name.strip_suffix(".xml").unwrap_or(name);
    let plain = stem.strip_suffix("_managed").map(|stem| format!("{stem}.xml"));
    tree.has(&plain.unwrap_or_else(|| format!("{stem}_managed.xml")))
}
