//! The roles of a solution with the places where they stand, so that a finding can name file and line.
//!
//! Collected element by element: a folder is packed without ever being held as a whole.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Role, Row};
use super::own_tables::{OwnTable, OwnTables};
use crate::diagnostic::Diagnostic;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// A role as it stands in a solution.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The role.
    pub role: Role,
    place: Place,
    /// Lines of its privileges, by name in lower case.
    lines: HashMap<String, usize>,
}

/// The file of a role, where it has one of its own, and the line that it starts on.
#[derive(Clone, Debug)]
struct Place {
    file: Option<Arc<str>>,
    line: usize,
}

impl Place {
    fn mark(&self, finding: Diagnostic, line: usize, origin: &str) -> Diagnostic {
        let at = (line > 0).then_some((line, 1));
        match &self.file {
            Some(file) => finding.in_file(&**file, at),
            None => finding.in_file(format!("{origin}: customizations.xml"), at),
        }
    }
}

impl Placed {
    /// Points a finding at the role.
    pub(super) fn mark(&self, finding: Diagnostic, origin: &str) -> Diagnostic {
        self.place.mark(finding, self.place.line, origin)
    }

    /// Points a finding at one of its privileges.
    pub(super) fn mark_row(&self, finding: Diagnostic, row: &Row, origin: &str) -> Diagnostic {
        let line = self.lines.get(&row.name.to_lowercase()).copied().unwrap_or(self.place.line);
        self.place.mark(finding, line, origin)
    }
}

/// What the review needs to know of a solution.
#[derive(Debug, Default)]
pub struct Collected {
    roles: Vec<Placed>,
    tables: Vec<OwnTable>,
    /// Roles that cannot be read.
    unread: Vec<(Place, Vec<Diagnostic>)>,
}

impl Collected {
    /// The roles and tables of a solution that is in memory.
    #[must_use]
    pub fn of(package: &SolutionPackage) -> Self {
        let mut collected = Self::default();
        for section in package.customizations.elements() {
            for element in section.elements() {
                collected.see(&section.name, section.file.as_ref(), element);
            }
        }
        collected
    }

    /// Looks at an element of a section of customizations.xml; `file` is that of the section, where it has one.
    pub fn see(&mut self, section: &str, file: Option<&Arc<str>>, element: &Element) {
        match (section, element.name.as_str()) {
            ("Roles", "Role") => {
                let place = Place { file: element.file.as_ref().or(file).cloned(), line: element.line };
                match Role::read(element, "") {
                    Ok(role) => self.roles.push(Placed { lines: lines(element), role, place }),
                    Err(findings) => self.unread.push((place, findings)),
                }
            }
            ("Entities", "Entity") => self.tables.extend(OwnTable::of_entity(element)),
            _ => {}
        }
    }

    /// Adds what was seen elsewhere.
    pub fn append(&mut self, mut other: Self) {
        self.roles.append(&mut other.roles);
        self.tables.append(&mut other.tables);
        self.unread.append(&mut other.unread);
    }

    /// The roles that could be read.
    #[must_use]
    pub fn roles(&self) -> &[Placed] {
        &self.roles
    }

    /// What is wrong with the roles that could not be read.
    pub(super) fn unread(&self, origin: &str) -> Vec<Diagnostic> {
        let all = self.unread.iter().flat_map(|(place, findings)| findings.iter().map(move |finding| (place, finding)));
        all.map(|(place, finding)| place.mark(finding.clone(), place.line, origin)).collect()
    }

    /// The tables that the solution has, where no manifest says more.
    pub(super) fn own_tables(&self, package: &SolutionPackage) -> OwnTables {
        OwnTables {
            tables: self.tables.clone(),
            prefixes: Some(package.publisher().prefix).filter(|prefix| !prefix.is_empty()).into_iter().collect(),
            required: Vec::new(),
            complete: true,
        }
    }
}

/// The line of each privilege; of one that stands twice, the last.
fn lines(element: &Element) -> HashMap<String, usize> {
    let rows = element.find("RolePrivileges").into_iter().flat_map(Element::elements);
    rows.filter_map(|row| Some((row.attribute("name")?.to_lowercase(), row.line))).collect()
}
