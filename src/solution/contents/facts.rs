//! What a solution says: the typed facts that a reader finds.

use std::collections::BTreeSet;

use super::acting::Act;
use super::digests::Digests;
use super::hosts::Hosts;
use super::identity::{Dependency, Identity, Label};
use super::item::{Endpoint, RoleFacts};
use super::original::Sources;
use super::parts::{NamedFile, PartFacts};
use super::piece::Piece;
use super::processes::Process;
use super::roots::RootComponent;
use super::values::VariableValue;
use super::writing::Writing;
use crate::diagnostic::Diagnostic;
use crate::solution::components::Component;
use crate::solution::connection::ConnectionFacts;
use crate::solution::profile::Unread;
use crate::solution::role::{ColumnSecurity, OwnTables, Role};
use crate::solution::variable::VariableFacts;
use crate::solution::xml::{self, Element};

/// What a solution says.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// What people know the solution by, for messages.
    pub origin: String,
    /// Who it is: names, version, publisher.
    pub identity: Identity,
    /// Names and descriptions of solution and publisher in all languages.
    pub labels: Vec<Label>,
    /// `solution.xml`.
    pub manifest: Element,
    /// The security roles, in the order of the file.
    pub roles: Vec<RoleFacts>,
    /// The components, by kind and name.
    pub components: Vec<Component>,
    /// Everything that an upgrade to it leaves in an environment, down to columns and views.
    pub pieces: Vec<Piece>,
    /// Kind and name of each component, section and file → what tells whether it changed.
    pub digests: Digests,
    /// The same → what it is made of, to be read again.
    pub sources: Sources,
    /// Elements of sections that are no components: the section, and what a person knows the element by.
    pub others: Vec<(String, String)>,
    /// The environment variables, by schema name.
    pub variables: Vec<VariableFacts>,
    /// Values that the solution brings for environment variables, its own or another solution's.
    pub values: Vec<VariableValue>,
    /// The connection references, by logical name.
    pub connections: Vec<ConnectionFacts>,
    /// Processes and steps, in the order of the file.
    pub processes: Vec<Process>,
    /// Settings of the organization that it changes: path and value.
    pub organization_settings: Vec<(String, String)>,
    /// Other solutions' components that it needs.
    pub dependencies: Vec<Dependency>,
    /// Its root components, in the order of solution.xml.
    pub root_components: Vec<RootComponent>,
    /// The languages of its labels, by code.
    pub languages: BTreeSet<u32>,
    /// What acts after the import, and how.
    pub acting: Vec<Act>,
    /// Service endpoints and webhooks.
    pub endpoints: Vec<Endpoint>,
    /// Hosts and connectors, and where they are named.
    pub hosts: Hosts,
    /// Files that the customizations give a name and a version.
    pub named_files: Vec<NamedFile>,
    /// The tables that it brings.
    pub own_tables: OwnTables,
    /// The columns that it secures, and what its profiles let be read.
    pub column_security: ColumnSecurity,
    /// Every part, with its size and digest, in the order of the zip.
    pub parts: Vec<PartFacts>,
    /// Parts that no component names.
    pub unclaimed: Vec<String>,
    /// What no reader understood.
    pub unread: Vec<Unread>,
    /// How its documents are written, besides what they say.
    pub writing: Writing,
    /// What readers could understand in different ways.
    pub deviations: Vec<Diagnostic>,
    /// Where it is written differently from how dvpack writes it; all readers agree on what it says.
    pub form: Vec<Diagnostic>,
    /// Kinds, sections and root components that are passed on unchanged, without a name.
    pub not_understood: Vec<String>,
    /// The attributes of the two documents' root elements, by document and name.
    pub roots: Vec<(String, String)>,
}

impl Contents {
    /// The value that the solution brings for a variable.
    #[must_use]
    pub fn value_of(&self, variable: &str) -> Option<&str> {
        let value = self.values.iter().find(|it| it.variable.eq_ignore_ascii_case(variable));
        value.map(|it| it.value.as_str())
    }

    /// The page that opens when somebody opens the solution: a web resource's name.
    #[must_use]
    pub fn configuration_page(&self) -> Option<String> {
        let page = self.manifest.path(&["SolutionManifest", "ConfigurationPage"])?.content();
        Some(page.trim().to_owned()).filter(|page| !page.is_empty())
    }

    /// The security roles without what only their XML says.
    pub fn role_list(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter().map(|facts| &facts.role)
    }

    pub(super) fn deviate(&mut self, file: &str, line: Option<usize>, message: String) {
        let file = format!("{}: {file}", self.origin);
        let at = line.map(|line| (line, 1));
        self.deviations.push(Diagnostic::error("ambiguous-solution", message).in_file(file, at));
    }

    /// Reports that it is written in another way.
    pub(super) fn reform(&mut self, file: &str, line: Option<usize>, message: String) {
        let file = format!("{}: {file}", self.origin);
        let at = line.map(|line| (line, 1));
        self.form.push(Diagnostic::error("not-normal-form", message).in_file(file, at));
    }

    /// Keeps the name and attributes of a document's root.
    pub(super) fn root(&mut self, document: &str, root: &Element) {
        self.roots.push((document.to_owned(), root.name.clone()));
        self.roots.extend(root.attributes.iter().map(|(name, value)| (format!("{document}/@{name}"), value.clone())));
    }

    /// Reports where a text is not in normal form.
    pub(super) fn normal(&mut self, file: &str, written: &[u8], normal: &[u8], first_line: usize) {
        if let Some((line, message)) = xml::not_normal(written, normal, first_line) {
            self.reform(file, Some(line), message);
        }
    }
}
