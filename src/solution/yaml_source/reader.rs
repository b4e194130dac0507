//! The files of a tree, each read once, and what is said of them.

use super::convert;
use crate::diagnostic::Diagnostic;
use crate::solution::folder::tree::Tree;
use crate::solution::xml::{self, Element};

/// The files, and what was noticed so far.
pub struct Reader {
    /// The files.
    pub tree: Tree,
    /// The folder, for messages.
    pub origin: String,
    /// What was noticed.
    pub findings: Vec<Diagnostic>,
}

impl Reader {
    /// A file by its name in any case: its name as written, and its content.
    pub fn take(&mut self, name: &str) -> Option<(String, Vec<u8>)> {
        let id = self.tree.take(name)?;
        let bytes = self.tree.read(id).map_err(|finding| self.findings.push(*finding)).ok()?;
        Some((self.tree.name(id).to_owned(), bytes))
    }

    /// A file's root element, from YAML or XML.
    pub fn root(&mut self, name: &str) -> Option<Element> {
        self.parse(name).map_err(|findings| self.findings.extend(findings)).ok().flatten()
    }

    /// The same; what is wrong with it is for the caller to report. Nothing where there is no such file.
    pub fn parse(&mut self, name: &str) -> Result<Option<Element>, Vec<Diagnostic>> {
        let Some((name, bytes)) = self.take(name) else { return Ok(None) };
        let file = format!("{}/{name}", self.origin);
        let root = if name.to_lowercase().ends_with(".xml") {
            let mut root = xml::parse(&bytes, &file).map_err(|finding| vec![*finding])?;
            // Only the root of customizations.xml declares the prefix.
            root.attributes.retain(|(name, _)| name != "xmlns:xsi");
            root
        } else {
            let mut findings = Vec::new();
            convert::root(&bytes, &file, &mut findings).ok_or(findings)?
        };
        if convert::names_are_sound(&root) {
            return Ok(Some(root));
        }
        let message = "a key is not a name that XML allows";
        Err(vec![Diagnostic::error("invalid-yaml-source", message).in_file(file, None)])
    }

    /// The root of a file that must be there.
    pub fn required(&mut self, name: &str) -> Option<Element> {
        if !self.tree.has(name) {
            let finding = Diagnostic::error("missing-file", format!("it has no `{name}`"));
            self.findings.push(finding.in_file(self.origin.as_str(), None));
        }
        self.root(name)
    }

    /// Reports a file that nobody knows what to do with.
    pub fn not_understood(&mut self, name: &str, why: &str) {
        let finding = Diagnostic::error("not-understood", format!("what `{name}` becomes is not known: {why}"));
        self.findings.push(
            finding
                .in_file(format!("{}/{name}", self.origin), None)
                .help("export the solution, or unpack it with `dvpack unpack`, and pack that folder"),
        );
    }
}
