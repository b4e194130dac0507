//! What a bundle says of its solutions, out of what the one reader of solutions read; the strict profile of a bundle's
//! solution is required here.

use super::descriptor::{Privilege, Role};
use crate::archive::{self, Entry, Limits};
use crate::diagnostic::Diagnostic;
use crate::solution::Contents;
pub use crate::solution::contents::NamedFile;
use crate::version::Version;

/// Facts of a solution zip.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Unique name.
    pub name: String,
    /// Display name; the unique name where there is none.
    pub display_name: String,
    /// Version.
    pub version: Version,
    /// Whether it is managed.
    pub managed: bool,
    /// Unique name of the publisher.
    pub publisher: String,
    /// The publisher's customization prefix, where it is told.
    pub prefix: Option<String>,
    /// Security roles, sorted as in the file.
    pub roles: Vec<Role>,
    /// Environment variables: schema name, type's number, whether required, whether there is a default.
    pub variables: Vec<Variable>,
    /// Connection references: logical name and connector.
    pub connections: Vec<(String, Option<String>)>,
    /// Every file of the zip.
    pub files: Vec<Entry>,
    /// Files that the customizations give a name and a version.
    pub named_files: Vec<NamedFile>,
}

/// An environment variable's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Schema name.
    pub name: String,
    /// Dataverse's number of the type.
    pub kind: u32,
    /// Whether it must have a value.
    pub required: bool,
    /// Whether it has a default.
    pub has_default: bool,
}

/// Why a solution cannot be in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", in_words(.0))]
pub struct NotASolution(pub Vec<Diagnostic>);

/// How many findings are shown.
const SHOWN: usize = 5;

fn in_words(findings: &[Diagnostic]) -> String {
    let shown = findings.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if findings.len() > SHOWN { format!("{shown}; and {} more", findings.len() - SHOWN) } else { shown }
}

impl Facts {
    /// Reads a solution zip, which must be in the strict profile: all readers see the same in it, and dvpack would write
    /// it just so.
    pub fn read(zip: &[u8]) -> Result<Self, NotASolution> {
        let contents = Contents::read(zip, "the solution").map_err(NotASolution)?;
        let findings: Vec<Diagnostic> = contents.deviations.iter().chain(&contents.form).cloned().collect();
        if !findings.is_empty() {
            return Err(NotASolution(findings));
        }
        let refused = |message: String| NotASolution(vec![Diagnostic::error("unreadable-zip", message)]);
        let files = archive::read(zip, &Limits::default()).map_err(|refusal| refused(refusal.to_string()))?;
        let Some(version) = contents.identity.version else {
            return Err(refused(format!("`{}` is not a version", contents.identity.version_text)));
        };
        let roles = contents.role_list().map(|role| Role {
            id: role.id,
            name: role.name.clone(),
            privileges: role
                .rows
                .iter()
                .map(|row| Privilege { name: row.name.clone(), level: row.level, because: None })
                .collect(),
        });
        let variables = contents.variables.iter().map(|it| Variable {
            name: it.name.clone(),
            kind: it.kind,
            required: it.required,
            has_default: it.default.as_deref().is_some_and(|text| !text.trim().is_empty()),
        });
        let connector = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Self {
            roles: roles.collect(),
            variables: variables.collect(),
            connections: contents.connections.iter().map(|it| (it.name.clone(), connector(&it.connector))).collect(),
            name: contents.identity.name,
            display_name: contents.identity.display_name,
            version,
            managed: contents.identity.managed,
            publisher: contents.identity.publisher.name,
            prefix: Some(contents.identity.publisher.prefix),
            named_files: contents.named_files,
            files,
        })
    }
}
