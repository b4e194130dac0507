//! What a solution in a bundle says, in the words of `bundle.json`: it is written there when the bundle is built, and
//! compared with it when the bundle is read.

use url::Url;
use uuid::Uuid;

use super::descriptor::{Privilege, Publisher, Role, Setting, SettingKind, shown};
use crate::diagnostic::Diagnostic;
use crate::manifest::meant::VariableKind;
use crate::manifest::written::with_scheme;
use crate::solution;
use crate::solution::components::COLUMN_SECURITY_PROFILE;
use crate::version::Version;

/// A solution zip of a bundle, read once.
#[derive(Clone, Debug)]
pub(super) struct Contents {
    /// Its path in the bundle.
    pub(super) file: String,
    /// What it says.
    pub(super) solution: solution::Contents,
    /// Its version.
    pub(super) version: Version,
}

impl Contents {
    /// Reads it; `file` is its path in the bundle, which findings name. It must be in the strict profile: all readers
    /// see the same in it, and dvpack would write it just so.
    pub(super) fn read(file: &str, zip: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let mut solution = solution::Contents::read(zip, file)?;
        let mut findings = std::mem::take(&mut solution.deviations);
        findings.append(&mut solution.form);
        let version = solution.identity.version;
        if version.is_none() {
            let message = format!("`{}` is not a version", shown(&solution.identity.version_text, ""));
            findings.push(Diagnostic::error("bad-solution", message).in_file(format!("{file}: solution.xml"), None));
        }
        match version {
            Some(version) if findings.is_empty() => Ok(Self { file: file.to_owned(), solution, version }),
            _ => Err(findings),
        }
    }

    /// Its unique name.
    pub(super) fn name(&self) -> &str {
        &self.solution.identity.name
    }

    /// Its display name.
    pub(super) fn display_name(&self) -> String {
        shown(&self.solution.identity.display_name, self.name())
    }

    /// Its roles, without reasons.
    pub(super) fn roles(&self) -> Vec<Role> {
        self.solution.role_list().map(described).collect()
    }

    /// Ids and names of its column security profiles.
    pub(super) fn column_security_profiles(&self) -> impl Iterator<Item = (Uuid, &str)> {
        let profiles = self.solution.components.iter().filter(|it| it.kind == COLUMN_SECURITY_PROFILE);
        profiles.filter_map(|it| Some((Uuid::parse_str(it.id.trim_matches(['{', '}'])).ok()?, it.name.as_str())))
    }

    /// Whether its solution.xml says that it needs components of the solution `name`.
    pub(super) fn needs(&self, name: &str) -> bool {
        self.solution.dependencies.iter().any(|it| it.solution.eq_ignore_ascii_case(name))
    }

    /// Its publisher.
    pub(super) fn publisher(&self) -> Publisher {
        let publisher = &self.solution.identity.publisher;
        let text = |name: &str| {
            let element = self.solution.manifest.path(&["SolutionManifest", "Publisher", name])?;
            Some(shown(&element.content(), "")).filter(|text| !text.is_empty())
        };
        let is_address = |address: &String| {
            Url::parse(address).is_ok_and(|url| {
                url.has_host()
                    && matches!(url.scheme(), "https" | "http")
                    && url.username().is_empty()
                    && url.password().is_none()
            })
        };
        Publisher {
            display_name: shown(&publisher.display_name, &publisher.name),
            name: publisher.name.clone(),
            prefix: publisher.prefix.clone(),
            email: text("EMailAddress"),
            website: text("SupportingWebsiteUrl").map(|text| with_scheme(&text)).filter(is_address),
        }
    }

    /// Its environment variables and connection references, none with a value.
    pub(super) fn settings(&self) -> impl Iterator<Item = Setting> {
        let word = |number: u32| VariableKind::ALL.into_iter().find(|(kind, _)| kind.number() == number);
        let has_default = |it: &solution::VariableFacts| it.default.as_deref().is_some_and(|it| !it.trim().is_empty());
        let variables = self.solution.variables.iter().map(move |variable| Setting {
            name: variable.name.clone(),
            kind: SettingKind::EnvironmentVariable,
            value_type: Some(word(variable.kind).map_or("string", |(_, word)| word).to_owned()),
            connector: None,
            required: variable.required && !has_default(variable),
            value: None,
        });
        let connections = self.solution.connections.iter().map(|it| Setting {
            name: it.name.clone(),
            kind: SettingKind::ConnectionReference,
            value_type: None,
            connector: Some(it.connector.clone()).filter(|connector| !connector.is_empty()),
            required: true,
            value: None,
        });
        variables.chain(connections)
    }
}

/// A role of a solution, without reasons.
pub(super) fn described(role: &solution::role::Role) -> Role {
    let privilege = |row: &solution::role::Row| Privilege { name: row.name.clone(), level: row.level, because: None };
    Role { id: role.id, name: role.name.clone(), privileges: role.rows.iter().map(privilege).collect() }
}
