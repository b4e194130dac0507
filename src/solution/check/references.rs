//! What components of a solution refer to, and whether it is there: in the solution, named in its
//! `MissingDependencies`, or else left dangling.
//!
//! Facts: where real solutions keep their references, and which pairs of Required and Dependent their
//! `MissingDependencies` name. Only names with a customization prefix are judged: what has none is Dataverse's own.

use std::collections::{BTreeMap, BTreeSet};

use super::dependent::Dependent;
use super::missing::{Missing, declared};
use super::place::Place;
use super::target::Target;
use crate::manifest::prefix;
use crate::solution::flow::Flow;
use crate::solution::json;
use crate::solution::package::SolutionPackage;

/// A reference.
#[derive(Clone, Debug)]
struct Reference {
    target: Target,
    key: String,
    by: Dependent,
    place: Place,
}

/// What is defined and what is referred to.
#[derive(Debug, Default)]
pub struct References {
    defined: BTreeSet<(Target, String)>,
    found: Vec<Reference>,
    /// Part in lower case → the flow that it is.
    pub(super) flows: BTreeMap<String, (Dependent, Place)>,
    /// Part in lower case → connection references that it names.
    connections: BTreeMap<String, BTreeSet<String>>,
    packages: bool,
}

impl References {
    /// Looks at a part: flows name their connection references inside.
    pub fn look(&mut self, name: &str, bytes: &[u8]) {
        let lower = name.to_lowercase();
        self.packages |= lower.starts_with("pluginpackages/");
        if !lower.starts_with("workflows/") || lower.rsplit('.').next() != Some("json") {
            return;
        }
        self.connections.insert(lower, Flow::of(&json::value(bytes)).references);
    }

    /// Adds what was seen elsewhere.
    pub fn append(&mut self, mut other: Self) {
        self.defined.extend(other.defined);
        self.found.append(&mut other.found);
        self.flows.extend(other.flows);
        self.connections.extend(other.connections);
        self.packages |= other.packages;
    }

    pub(super) fn define(&mut self, target: Target, key: Option<&str>) {
        self.defined.extend(key.map(|key| (target, key.trim().to_lowercase())));
    }

    pub(super) fn refer(&mut self, target: Target, key: &str, by: &Dependent, place: Place) {
        let key = key.trim();
        if !key.is_empty() && (target == Target::Assembly || prefix::of(key).is_some()) {
            self.found.push(Reference { target, key: key.to_owned(), by: by.clone(), place });
        }
    }

    /// What is needed and neither here nor declared, by kind and name.
    #[must_use]
    pub fn missing(&self, package: &SolutionPackage) -> Vec<Missing> {
        let declared: BTreeSet<(String, String)> = declared(package);
        let flows = self.connections.iter().filter_map(|(part, names)| Some((self.flows.get(part)?, names)));
        let flows = flows.flat_map(|((by, place), names)| {
            names.iter().map(|name| Reference {
                target: Target::ConnectionReference,
                key: name.clone(),
                by: by.clone(),
                place: place.clone(),
            })
        });
        let mut missing: BTreeMap<(Target, String), Missing> = BTreeMap::new();
        for Reference { target, key, by, place } in self.found.iter().cloned().chain(flows) {
            let slot = (target, key.to_lowercase());
            let is_declared = declared.contains(&(target.required_type().to_owned(), slot.1.clone()));
            // Assemblies lie inside of plug-in packages, where they are not looked for.
            if self.defined.contains(&slot) || is_declared || (target == Target::Assembly && self.packages) {
                continue;
            }
            let entry = missing.entry(slot).or_insert_with(|| Missing { target, key, by: Vec::new(), place });
            if !entry.by.contains(&by) {
                entry.by.push(by);
            }
        }
        missing.into_values().collect()
    }
}
