//! Rows of tables whose rows are components: a folder `<set>/<key>/` each with `<table>.xml`, in which
//! the key is an attribute and the columns are elements in alphabetical order (755 of 755 real ones);
//! no root component. Rows that belong to another one are folders inside its folder.

use std::collections::BTreeSet;

use super::extra::{FREE, merge};
use super::kind::{Component, Kind, Parts};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::manifest::components::record;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::{Element, Node, write_document};

/// The kind: any table without a separate kind.
pub struct Record {
    /// The folders of the kinds that have a name, in lower case.
    taken: BTreeSet<String>,
}

impl Record {
    /// Rows in folders that none of these kinds has.
    pub fn beside(kinds: &[&dyn Kind]) -> Self {
        let top = |place: &str| place.split('/').next().unwrap_or_default().to_ascii_lowercase();
        Self { taken: kinds.iter().flat_map(|kind| [top(kind.place()), top(kind.folder())]).collect() }
    }
}

const LIMIT: u64 = 95 * 1024 * 1024;

impl Kind for Record {
    fn label(&self) -> &'static str {
        "Record of any other table"
    }
    fn place(&self) -> &'static str {
        "<set>/<key>/<table>.xml"
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.records")
    }
    fn folder(&self) -> &'static str {
        "<set>/"
    }
    fn in_parts(&self, parts: &Parts) -> Vec<Component> {
        let mut found: Vec<Component> = parts
            .keys()
            .filter_map(|name| {
                let [set, key, file] = name.split('/').collect::<Vec<_>>()[..] else { return None };
                // Dataverse reads the table from the file, whatever the folder's name is.
                let (table, _) = file.rsplit_once('.').filter(|(_, end)| end.eq_ignore_ascii_case("xml"))?;
                let is_row = !self.taken.contains(&set.to_ascii_lowercase());
                let id = format!("{set}/{key}");
                is_row.then(|| Component { kind: self.label(), name: format!("{table} {key}"), id })
            })
            .collect();
        found.dedup();
        found
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for record in &package.components.records {
            declare(record, "", draft);
        }
    }
}

fn declare(record: &record::Record, above: &str, draft: &mut Draft) {
    let folder = format!("{above}{}/{}", record.set, record.folder);
    let mut element = Element::new(record.table.as_str());
    for (column, value) in &record.key {
        element.set_attribute(column, value.as_str());
    }
    let customizable = record.columns.entries.iter().any(|entry| entry.name == "iscustomizable");
    if !customizable {
        element.push(Element::text("iscustomizable", "1"));
    }
    merge(&mut element, &record.columns, &FREE, &mut draft.findings);
    element
        .children
        .sort_by_key(|node| if let Node::Element(child) = node { child.name.clone() } else { String::new() });
    draft.add_file(&format!("{folder}/{}.xml", record.table), write_document(&element), &record.span);
    for (path, file) in &record.files {
        match files::read(file, LIMIT) {
            Ok(bytes) => draft.add_file(&format!("{folder}/{path}"), bytes, &record.span),
            Err(error) => draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&record.span)),
        }
    }
    for child in &record.children {
        declare(child, &format!("{folder}/"), draft);
    }
}
