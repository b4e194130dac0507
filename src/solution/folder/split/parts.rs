//! Where the parts of the zip go that are no XML of a section.

use std::collections::{BTreeMap, BTreeSet};

use super::pattern;
use crate::files::{is_build_output, is_tools_own};
use crate::solution::folder::layout::{ELEMENT_FILES, PAYLOAD_FIELDS, TABLES, is_merged};
use crate::solution::package::SolutionPackage;

/// The places of parts in a folder.
pub struct Places {
    /// Payloads of components, by the part's name in lower case; `None`: under the part's own name.
    payloads: BTreeMap<String, Option<String>>,
    /// Tables with a folder of their own: the name in lower case, and the folder.
    tables: BTreeMap<String, String>,
    connectors: bool,
}

impl Places {
    /// Looks through the sections of `package` that were split into files.
    pub fn new(package: &SolutionPackage, split: &BTreeSet<String>) -> Self {
        let mut payloads = BTreeMap::new();
        for place in ELEMENT_FILES.iter().filter(|place| place.end == ".data.xml") {
            for element in package.section(place.section) {
                if let Some(part) = PAYLOAD_FIELDS.iter().find_map(|field| element.child_text(field)) {
                    let file =
                        pattern::name(place.name, place.folder, element).filter(|_| split.contains(place.section));
                    payloads.insert(part.trim_start_matches('/').to_lowercase(), file);
                }
            }
        }
        let tables = package.section("Entities").filter(|_| split.contains("Entities"));
        let tables = tables
            .filter_map(|table| {
                let name = table.child_text("Name")?;
                Some((name.to_lowercase(), format!("{TABLES}{}/", pattern::piece(&name)?)))
            })
            .collect();
        Self { payloads, tables, connectors: split.contains("Connectors") }
    }

    /// Whether a component names the part.
    pub fn is_payload(&self, part: &str) -> bool {
        self.payloads.contains_key(&part.to_lowercase())
    }

    /// The file for a part; `None` where the layout has no place, so that reading back would lose it.
    pub fn of(&self, part: &str) -> Option<String> {
        let lower = part.to_lowercase();
        let (top, rest) = lower.split_once('/')?;
        if part.split('/').any(is_tools_own) || is_build_output(top) {
            return None;
        }
        if let Some(file) = self.payloads.get(&lower) {
            return Some(file.clone().unwrap_or_else(|| part.to_owned()));
        }
        match top {
            "formulas" => {
                // A table's own columns: `<table>-<column>.xaml`.
                let table = self.tables.get(rest.split_once('-')?.0)?;
                (!rest.contains('/')).then(|| format!("{table}Formulas/{}", &part["formulas/".len()..]))
            }
            "connector" if self.connectors => Some(format!("Connectors/{}", &part["connector/".len()..])),
            "canvasapps" if rest.contains('/') => None,
            "workflows" | "connectors" => None,
            _ if is_merged(&lower) || lower.ends_with(".data.xml") => None,
            _ => Some(part.to_owned()),
        }
    }
}
