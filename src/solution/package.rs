//! The model: manifest part, customizations part, payload files. Nothing that is not understood is
//! dropped: the two parts are whole trees and files are carried as they are.

use std::collections::BTreeMap;

use super::connection::ConnectionFacts;
use super::contents::{Identity, PublisherFacts};
use super::part_name::{self, encode_name};
use super::role::Role;
use super::variable::VariableFacts;
use super::xml::Element;
use crate::diagnostic::Diagnostic;
use crate::version::Version;

/// Managed or unmanaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageType {
    /// `<Managed>1</Managed>`
    Managed,
    /// `<Managed>0</Managed>`
    Unmanaged,
}

impl PackageType {
    /// The text of the `Managed` element.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Managed => "1",
            Self::Unmanaged => "0",
        }
    }
}

/// One solution.
#[derive(Clone, Debug)]
pub struct SolutionPackage {
    /// The file or folder it came from, for messages.
    pub origin: String,
    /// `ImportExportXml` of solution.xml.
    pub manifest: Element,
    /// `ImportExportXml` of customizations.xml.
    pub customizations: Element,
    /// Every other part, by its name as the zip has it; without `[Content_Types].xml`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What was noticed while reading: warnings and notes.
    pub findings: Vec<Diagnostic>,
}

impl SolutionPackage {
    /// `SolutionManifest`.
    #[must_use]
    pub fn solution_manifest(&self) -> Option<&Element> {
        self.manifest.find("SolutionManifest")
    }

    fn field(&self, path: &[&str]) -> String {
        let element = self.solution_manifest().and_then(|manifest| manifest.path(path));
        element.map(|element| element.content().trim().to_owned()).unwrap_or_default()
    }

    /// Unique name; empty where the file has none.
    #[must_use]
    pub fn unique_name(&self) -> String {
        self.field(&["UniqueName"])
    }

    /// Display name in the base language, else the unique name.
    #[must_use]
    pub fn display_name(&self) -> String {
        Identity::of(&self.manifest).display_name
    }

    /// The version as written.
    #[must_use]
    pub fn version_text(&self) -> String {
        self.field(&["Version"])
    }

    /// The version, where it is one.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.version_text().parse().ok()
    }

    /// Whether it is managed.
    #[must_use]
    pub fn managed(&self) -> bool {
        self.field(&["Managed"]) == "1"
    }

    /// Who publishes it.
    #[must_use]
    pub fn publisher(&self) -> PublisherFacts {
        Identity::of(&self.manifest).publisher
    }

    /// The part that a component names, such as `/WebResources/contoso_app.js`.
    #[must_use]
    pub fn named_part(&self, name: &str) -> Option<&Vec<u8>> {
        let part = encode_name(name.trim_start_matches('/'));
        let named_otherwise = || {
            let key = part.to_lowercase();
            self.files
                .iter()
                .find(|(name, _)| name.contains('%') && part_name::key(name) == key)
                .map(|(_, bytes)| bytes)
        };
        self.files.get(&part).or_else(named_otherwise)
    }

    /// Sets `<Managed>`.
    pub fn set_type(&mut self, package_type: PackageType) {
        if let Some(managed) = self.manifest.find_mut("SolutionManifest").and_then(|m| m.find_mut("Managed")) {
            managed.set_content(package_type.flag());
        }
    }

    /// The root components.
    pub fn root_components(&self) -> impl Iterator<Item = &Element> {
        self.solution_manifest()
            .and_then(|manifest| manifest.find("RootComponents"))
            .into_iter()
            .flat_map(Element::elements)
            .filter(|element| element.name == "RootComponent")
    }

    /// The elements of a section of customizations.xml.
    pub fn section(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.customizations.find(name).into_iter().flat_map(Element::elements)
    }

    /// The `<Role>` elements.
    pub fn role_elements(&self) -> impl Iterator<Item = &Element> {
        self.section("Roles").filter(|element| element.name == "Role")
    }

    /// The security roles; one that cannot be understood gives findings.
    ///
    /// # Errors
    /// Findings for each role that cannot be understood.
    pub fn roles(&self) -> Result<Vec<Role>, Vec<Diagnostic>> {
        let (mut roles, mut findings) = (Vec::new(), Vec::new());
        let file = format!("{}: customizations.xml", self.origin);
        for element in self.role_elements() {
            match Role::read(element, &file) {
                Ok(role) => roles.push(role),
                Err(found) => findings.extend(found),
            }
        }
        if findings.is_empty() { Ok(roles) } else { Err(findings) }
    }

    /// The environment variable definitions, in either form, by schema name.
    #[must_use]
    pub fn environment_variables(&self) -> Vec<VariableFacts> {
        let parts = self.files.iter().filter_map(|(name, bytes)| VariableFacts::of_part(name, bytes));
        let mut all: Vec<_> =
            parts.chain(self.section("EnvironmentVariables").filter_map(VariableFacts::of_item)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The connection references.
    #[must_use]
    pub fn connection_references(&self) -> Vec<ConnectionFacts> {
        self.section("connectionreferences").filter_map(ConnectionFacts::of).collect()
    }
}
