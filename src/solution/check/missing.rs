//! What a solution needs and does not have: what it declares of that, the finding, the elements of `MissingDependencies`.

use std::collections::BTreeSet;

use super::dependent::Dependent;
use super::place::Place;
use super::target::{Target, simple_name};
use crate::diagnostic::Diagnostic;
use crate::manifest::prefix;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// A component that is needed and that neither the solution nor its `MissingDependencies` has.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What it is.
    pub target: Target,
    /// Its name.
    pub key: String,
    /// Who needs it, each once.
    pub by: Vec<Dependent>,
    pub(super) place: Place,
}

impl Missing {
    /// Whether the name starts with this customization prefix.
    #[must_use]
    pub fn is_own(&self, prefix: &str) -> bool {
        self.target == Target::Assembly || prefix::is_own(&self.key, prefix)
    }

    /// The finding.
    #[must_use]
    pub fn finding(&self, package: &SolutionPackage) -> Diagnostic {
        let (noun, key) = (self.target.noun(), &self.key);
        let first = self.by.first().map_or_else(String::new, |by| by.shown.clone());
        let more = if self.by.len() > 1 { format!(" and {} more", self.by.len() - 1) } else { String::new() };
        let finding = if self.is_own(&package.publisher().prefix) {
            let message = format!("{first}{more} refers to the {noun} `{key}`, which the solution does not have");
            Diagnostic::warning("dangling-reference", message)
                .help(format!("add the {noun}, or name the solution that has it under MissingDependencies"))
        } else {
            let message = format!(
                "{first}{more} needs the {noun} `{key}` of another solution, which MissingDependencies does not say"
            );
            Diagnostic::note("undeclared-dependency", message)
                .help("`dvpack build` adds it; a package made by an export has it already")
        };
        self.place.mark(finding, &package.origin)
    }

    /// As elements of `MissingDependencies`; `solution` is where it is expected.
    #[must_use]
    pub fn elements(&self, solution: &str) -> Vec<Element> {
        let required = Element::new("Required")
            .with("type", self.target.required_type())
            .with(self.target.required_key(), self.key.as_str())
            .with("displayName", self.key.as_str())
            .with("solution", solution);
        let entry = |by: &Dependent| {
            let mut dependent = Element::new("Dependent");
            for (name, value) in &by.attributes {
                dependent.set_attribute(name, value.as_str());
            }
            Element::new("MissingDependency").child(required.clone()).child(dependent)
        };
        self.by.iter().map(entry).collect()
    }
}

/// Type and key, in lower case, of what `MissingDependencies` and root components without content name.
pub(super) fn declared(package: &SolutionPackage) -> BTreeSet<(String, String)> {
    let list = package.manifest.path(&["SolutionManifest", "MissingDependencies"]);
    let required = list.into_iter().flat_map(Element::elements).filter_map(|entry| entry.find("Required"));
    let mut declared = BTreeSet::new();
    for required in required {
        let kind = required.attribute("type").unwrap_or_default().to_lowercase();
        let parent = required.attribute("parentSchemaName").filter(|_| kind == "2");
        for (name, value) in
            required.attributes.iter().filter(|(name, _)| name == "schemaName" || name.starts_with("id."))
        {
            let _ = name;
            let value = if kind == "91" { simple_name(value) } else { value };
            declared.insert((kind.clone(), value.to_lowercase()));
        }
        // Who needs a column needs its table.
        declared.extend(parent.map(|table| ("1".to_owned(), table.to_lowercase())));
    }
    for root in package.root_components() {
        if let (Some(kind), Some(name)) = (root.attribute("type"), root.attribute("schemaName")) {
            let name = if kind == "91" { simple_name(name) } else { name };
            declared.insert((kind.to_owned(), name.to_lowercase()));
        }
    }
    declared
}
