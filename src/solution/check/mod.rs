//! What is wrong with a solution before the server says so: root components, payloads, references,
//! names, secrets, files that were not meant to ship.
//!
//! A check looks at one element or part at a time ([`Facts::see`], [`Facts::look`]) and concludes at the end: a
//! folder is packed without ever being held as a whole.

mod missing;
mod names;
mod payloads;
pub(super) use payloads::of_item as payload_parts;
mod place;
mod references;
mod roots;
pub(super) use roots::{root_label, rooted};
mod secrets;
mod target;

use std::collections::BTreeSet;

pub use missing::Missing;
pub use references::References;
pub use secrets::is_text;

use super::package::SolutionPackage;
use super::xml::Element;
use crate::diagnostic::Diagnostic;

/// All findings.
#[must_use]
pub fn check(package: &SolutionPackage) -> Vec<Diagnostic> {
    conclude(&Facts::of(package), package, package.files.keys().map(String::as_str))
}

/// What the checks need to know of a solution.
#[derive(Debug, Default)]
pub struct Facts {
    /// Type and key of what is defined.
    defined: BTreeSet<(u32, String)>,
    /// Rank of the field that names it, the file as written, the component's name.
    payloads: Vec<(usize, String, String, place::Place)>,
    references: References,
    names: names::Names,
    /// Part, what was found in it.
    secrets: Vec<(String, secrets::Found)>,
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
        self.defined.extend(roots::rooted(section, element));
        for (rank, name) in payloads::of_section(section) {
            for named in payloads::at(element, &name.path) {
                let file = named.content().trim().to_owned();
                if file.starts_with('/') {
                    let place = place::Place::of(element, named);
                    self.payloads.push((rank, file, payloads::name_of(element), place));
                }
            }
        }
        self.references.see(section, element);
        self.names.see(section, element);
    }

    /// Looks at a part. Only those of [`is_text`] need to be shown.
    pub fn look(&mut self, name: &str, bytes: &[u8]) {
        self.references.look(name, bytes);
        if is_text(name) {
            self.secrets.extend(secrets::find(bytes).into_iter().map(|found| (name.to_owned(), found)));
        }
    }

    /// Adds what was seen elsewhere, in time of its own size (`append` of a set walks the whole of both).
    pub fn append(&mut self, mut other: Self) {
        self.defined.extend(other.defined);
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

/// All findings, from what was seen, the names of the parts, and origin and manifest of the package.
#[must_use]
pub fn conclude<'a>(
    facts: &Facts,
    package: &SolutionPackage,
    parts: impl Iterator<Item = &'a str> + Clone,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    roots::root_components(facts, package, &mut findings);
    payloads::payloads(facts, package, parts.clone(), &mut findings);
    findings.extend(facts.references.missing(package).iter().map(|missing| missing.finding(package)));
    facts.names.conclude(package, &mut findings);
    for (part, found) in &facts.secrets {
        findings.push(
            Diagnostic::warning("secret-in-solution", format!("`{part}` contains what looks like {}", found.what))
                .in_file(format!("{}: {part}", package.origin), Some((found.line, 1)))
                .help("whoever installs the solution can read it: keep it elsewhere, and use a reference instead")
                .help(format!(
                    "if it is not a secret, write `{}` in a comment on the line or the one above",
                    secrets::ALLOW
                )),
        );
    }
    payloads::accidents(package, parts, &mut findings);
    findings
}
