//! What is wrong with a solution before the server says so: root components, payloads, references,
//! names, secrets, files that were not meant to ship.
//!
//! A check looks at one element or part at a time ([`Facts::see`], [`Facts::look`]) and concludes at the end: a
//! folder is packed without ever being held as a whole.

mod dependent;
mod facts;
mod missing;
mod names;
mod payload_names;
pub(super) use payload_names::of_item as payload_parts;
mod payloads;
mod place;
mod references;
mod rooted;
pub(super) use rooted::{root_label, rooted};
mod roots;
mod secrets;
mod section_references;
mod table_references;
mod target;

pub use facts::Facts;
pub use missing::Missing;
pub use payloads::missing_sources;
pub use references::References;
pub use secrets::is_text;

use super::package::SolutionPackage;
use crate::diagnostic::Diagnostic;

/// All findings.
#[must_use]
pub fn check(package: &SolutionPackage) -> Vec<Diagnostic> {
    conclude(&Facts::of(package), package, package.files.keys().map(String::as_str))
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
