//! What Dataverse would refuse in a bundle's roles, found in its solution files before anything is sent.

use crate::deploy::desired::Package;
use crate::deploy::failure::{Failure, FailureKind};
use crate::diagnostic::Severity;
use crate::solution::read_zip;
use crate::solution::role::{Collected, review_solution};

/// The refusal of a solution whose roles cannot be imported.
pub(super) fn roles(package: &Package) -> Option<Failure> {
    let name = package.solution.name.as_str();
    let findings = match read_zip(&package.zip, name) {
        Ok(solution) => review_solution(&Collected::of(&solution), &solution),
        Err(findings) => findings,
    };
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let details: Vec<String> = errors.map(ToString::to_string).collect();
    if details.is_empty() {
        return None;
    }
    let mut failure =
        Failure::new(FailureKind::Invalid, format!("solution `{name}` has security roles that Dataverse refuses"));
    failure.details = details;
    Some(failure.help("correct the roles where the bundle is built, and build it again"))
}
