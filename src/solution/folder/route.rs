//! Where the files go that are not merged: payloads to the name that their element gives, folders
//! nobody knows as they are.

use std::collections::{BTreeMap, BTreeSet};

use super::column_files::{self, Column};
use super::layout::is_merged;
use super::misplaced::{is_xml, misplaced};
use super::tree::{Id, Tree};
use crate::diagnostic::{Diagnostic, Severity};
use crate::solution::check;
use crate::solution::part_name::{self, encode_name};
use crate::solution::xml::Element;

/// What decides it, gathered while the elements go by.
#[derive(Default)]
pub struct Routes {
    /// Parts whose name is known from the beginning.
    pub fixed: Vec<(String, Id)>,
    /// Whether there are custom connectors, whose files have another folder in the zip.
    pub connectors: bool,
    /// Folders, in lower case, whose files are not merged because their section is not empty.
    pub unmerged: Vec<String>,
    /// Files beside a `.data.xml`, in lower case, and the parts that they are in the zip.
    pub payloads: BTreeMap<String, String>,
    /// The same of web resources by their names, for those whose elements are in Customizations.xml.
    web_resources: BTreeMap<String, String>,
    /// Parts that elements name, in lower case.
    named: BTreeSet<String>,
}

/// What becomes of the files that are not merged.
pub struct Routed {
    /// The parts by name.
    pub parts: BTreeMap<String, Id>,
    /// Those that no component names.
    loose: BTreeSet<String>,
    /// What is said of files that become none.
    pub findings: Vec<Diagnostic>,
}

impl Routed {
    /// What a part has that would be lost in it, by its content; nothing is read of one that a component names.
    pub fn misplaced(&self, part: &str, tree: &Tree, origin: &str, bytes: &[u8]) -> Option<Diagnostic> {
        let id = self.parts.get(part).filter(|_| is_xml(part) && self.loose.contains(part))?;
        misplaced(origin, tree.name(*id), bytes)
    }
}

/// Why a file becomes no part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unpacked {
    Resources,
    CanvasSources,
    ReportLinks,
    Unmerged,
    Unnamed,
}

impl Unpacked {
    const fn words(self) -> &'static str {
        match self {
            Self::Resources => "localised strings, which only SolutionPackager's /localize merges",
            Self::CanvasSources => "sources of canvas apps, whose .msapp is packed",
            Self::ReportLinks => "links between reports, whose place in a package is not documented",
            Self::Unmerged => "the section of the folder is not empty",
            Self::Unnamed => "nothing in the solution refers to them",
        }
    }

    /// What is never packed is a note; the rest may be a mistake.
    const fn severity(self) -> Severity {
        if matches!(self, Self::Resources | Self::CanvasSources) { Severity::Note } else { Severity::Warning }
    }
}

impl Routes {
    /// Looks at an element of a section.
    pub fn see(&mut self, section: &str, element: &Element) {
        if section == "WebResources"
            && let (Some(name), Some(file)) = (element.child_text("Name"), element.child_text("FileName"))
        {
            let key = format!("webresources/{}", name.to_lowercase());
            self.web_resources.entry(key).or_insert_with(|| file.trim_start_matches('/').to_owned());
        }
        if section == "Workflows" {
            // Older exports leave out the `/` before a name.
            let files = element.elements().filter(|child| child.name.ends_with("FileName"));
            self.named.extend(files.map(|file| encode_name(file.content().trim_start_matches('/')).to_lowercase()));
        }
        // The files of tables' columns have their places already.
        if section != "Entities" {
            self.named.extend(check::payload_parts(section, element));
        }
    }

    /// Adds what was seen in another part of the same sections.
    pub fn append(&mut self, other: Self) {
        self.payloads.extend(other.payloads);
        for (name, part) in other.web_resources {
            self.web_resources.entry(name).or_insert(part);
        }
        self.named.extend(other.named);
    }

    /// The parts by name, and what is said of files that become none.
    pub fn parts(&self, tree: &Tree, origin: &str) -> Routed {
        let parts = self.fixed.iter().map(|(name, id)| (encode_name(name), *id)).collect();
        let mut routed = Routed { parts, loose: BTreeSet::new(), findings: Vec::new() };
        let mut unpacked: BTreeMap<Unpacked, Vec<&str>> = BTreeMap::new();
        for id in tree.rest() {
            let name = tree.name(id);
            let part = self.part(name).map(|(part, is_loose)| (of_column(tree, name).unwrap_or(part), is_loose));
            match part {
                Ok((part, is_loose)) => {
                    if is_loose {
                        routed.loose.insert(part.clone());
                    }
                    routed.parts.insert(part, id);
                }
                Err(_) if is_twin(tree, name) => {}
                Err(why) => {
                    let found = if why == Unpacked::Unnamed && is_xml(name) {
                        tree.read(id).map(|bytes| misplaced(origin, name, &bytes))
                    } else {
                        Ok(None)
                    };
                    match found {
                        Ok(None) => unpacked.entry(why).or_default().push(name),
                        Ok(Some(finding)) => routed.findings.push(finding),
                        Err(finding) => routed.findings.push(*finding),
                    }
                }
            }
        }
        let note = |(why, names): (Unpacked, Vec<&str>)| {
            let shown = names.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
            let message = format!("not packed ({}): {shown}{more}", why.words());
            Diagnostic { severity: why.severity(), ..Diagnostic::note("not-packed", message) }.in_file(origin, None)
        };
        routed.findings.extend(unpacked.into_iter().map(note));
        routed
    }

    /// The part that a file becomes, and whether no component names it, or why it becomes none.
    fn part(&self, name: &str) -> Result<(String, bool), Unpacked> {
        if let Some(part) = name.strip_prefix(super::PARTS) {
            // Its name is there as the zip has it.
            let part = if part_name::problem(part).is_none() { part.to_owned() } else { encode_name(part) };
            return Ok((part, false));
        }
        self.file(name).map(|(file, is_loose)| (encode_name(&file), is_loose))
    }

    /// The file, by the name that its component gives it.
    fn file(&self, name: &str) -> Result<(String, bool), Unpacked> {
        let lower = name.to_lowercase();
        let (top, inner) = lower.split_once('/').unwrap_or((&lower, ""));
        let unmerged = self.unmerged.iter().any(|folder| lower.starts_with(folder));
        if is_merged(&lower) {
            return Err(match top {
                "resources" => Unpacked::Resources,
                _ if unmerged => Unpacked::Unmerged,
                _ => Unpacked::Unnamed,
            });
        }
        if let Some(part) = self.payloads.get(&lower).or_else(|| self.web_resources.get(&lower)) {
            return Ok((part.clone(), false));
        }
        if lower == "reports/reportlinks.xml" {
            return Err(Unpacked::ReportLinks);
        }
        if unmerged && lower.ends_with(".data.xml") {
            return Err(Unpacked::Unmerged);
        }
        match top {
            "connectors" if self.connectors => Ok((format!("Connector/{}", &name["connectors/".len()..]), true)),
            "canvasapps" if inner.contains('/') => Err(Unpacked::CanvasSources),
            "workflows" if !self.named.contains(&encode_name(name).to_lowercase()) => Err(Unpacked::Unnamed),
            _ => Ok((name.to_owned(), !self.named.contains(&encode_name(name).to_lowercase()))),
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
