//! Where something stands that a check speaks of.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::solution::xml::Element;

/// A file of the solution and a line in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    file: Option<Arc<str>>,
    line: usize,
}

impl Place {
    /// The place of an element in the file of the component that it is a part of.
    #[must_use]
    pub fn of(component: &Element, element: &Element) -> Self {
        Self { file: element.file.clone().or_else(|| component.file.clone()), line: element.line }
    }

    /// Puts the place into a finding; `package` is what the solution is known by.
    #[must_use]
    pub fn mark(&self, finding: Diagnostic, package: &str) -> Diagnostic {
        let line = (self.line > 0).then_some((self.line, 1));
        match &self.file {
            Some(file) => finding.in_file(&**file, line),
            None => finding.in_file(format!("{package}: customizations.xml"), line),
        }
    }
}
