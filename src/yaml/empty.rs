//! A file in which there is nothing. What belongs there, only its language knows.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Source, Span};

/// The code of the finding.
pub(super) const CODE: &str = "empty-file";

/// Says that there is nothing to read.
pub(super) fn finding(source: &Arc<Source>) -> Diagnostic {
    Diagnostic::error(CODE, "the file is empty").at(&Span::new(source, 0..0))
}

/// Adds what belongs into the file to that finding, where it is among these.
pub fn advise(findings: &mut [Diagnostic], help: &str) {
    findings.iter_mut().filter(|finding| finding.code == CODE).for_each(|finding| finding.help.push(help.to_owned()));
}
