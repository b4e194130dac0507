//! What the checks need to know of a solution, gathered one element or part at a time.

use std::collections::BTreeSet;

use super::missing::Missing;
use super::names::Names;
use super::payload_names;
use super::place::Place;
use super::references::References;
use super::rooted::{named_by_root, rooted};
use super::secrets::{self, is_text};
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// What the checks need to know of a solution.
#[derive(Debug, Default)]
pub struct Facts {
    /// Type and key of what is defined.
    pub(super) defined: BTreeSet<(u32, String)>,
    /// The same of types whose components may be there without a root component.
    pub(super) named_by_root: BTreeSet<(u32, String)>,
    /// Rank of the field that names it, the file as written, the component's name.
    pub(super) payloads: Vec<(usize, String, String, Place)>,
    pub(super) references: References,
    pub(super) names: Names,
    /// Part, what was found in it.
    pub(super) secrets: Vec<(String, secrets::Found)>,
}

impl Facts {
    /// Those of a solution that is in memory.
    #[must_use]
    pub fn of(package: &SolutionPackage) -> Self {
        let mut facts = Self::default();
        let mut seen = BTreeSet::new();
        for section in package.customizations.elements().filter(|section| seen.insert(section.name.as_str())) {
            for element in section.elements() {
                facts.see(&section.name, element);
            }
        }
        for (name, bytes) in &package.files {
            facts.look(name, bytes);
        }
        facts
    }

    /// Looks at an element of a section of customizations.xml.
    pub fn see(&mut self, section: &str, element: &Element) {
        self.defined.extend(rooted(section, element));
        self.named_by_root.extend(named_by_root(section, element));
        self.see_files(section, element);
        self.references.see(section, element);
        self.names.see(section, element);
    }

    /// Looks only at the files that an element of a section names.
    pub(super) fn see_files(&mut self, section: &str, element: &Element) {
        for (rank, name) in payload_names::of_section(section) {
            for named in payload_names::at(element, &name.path) {
                let file = named.content().trim().to_owned();
                if file.starts_with('/') {
                    let place = Place::of(element, named);
                    self.payloads.push((rank, file, payload_names::name_of(element), place));
                }
            }
        }
    }

    /// Looks at a part. Only those of [`is_text`] need to be shown.
    pub fn look(&mut self, name: &str, bytes: &[u8]) {
        self.references.look(name, bytes);
        self.payloads.extend(payload_names::of_manifest(name, bytes));
        if is_text(name) {
            self.secrets.extend(secrets::find(bytes).into_iter().map(|found| (name.to_owned(), found)));
        }
    }

    /// Adds what was seen elsewhere, in time of its own size (`append` of a set walks the whole of both).
    pub fn append(&mut self, mut other: Self) {
        self.defined.extend(other.defined);
        self.named_by_root.extend(other.named_by_root);
        self.payloads.append(&mut other.payloads);
        self.references.append(other.references);
        self.names.append(other.names);
        self.secrets.append(&mut other.secrets);
    }

    /// What is needed and neither in the solution nor declared as a dependency.
    #[must_use]
    pub fn missing(&self, package: &SolutionPackage) -> Vec<Missing> {
        self.references.missing(package)
    }
}
