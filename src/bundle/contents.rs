//! What a solution in a bundle says, in the terms of `bundle.json`: it is written there when the bundle is built, and
//! compared with it when the bundle is read.

use url::Url;
use uuid::Uuid;

use super::descriptor::{Privilege, Publisher, Role, Setting, SettingKind, shown};
use crate::diagnostic::{Diagnostic, Severity};
use crate::manifest::leaf::with_scheme;
use crate::solution;
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
    /// Reads it; `file` is its path in the bundle, for findings. It must be in the strict profile: all readers
    /// see the same in it, and dvpack would write it exactly like this.
    pub(super) fn read(file: &str, zip: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        solution::check_packing(zip, file)?;
        let mut solution = solution::Contents::read(zip, file)?;
        let mut findings = std::mem::take(&mut solution.deviations);
        findings.append(&mut solution.form);
        // A warning for a solution by itself is an error in a bundle.
        for finding in &mut findings {
            finding.severity = Severity::Error;
        }
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
        self.solution.column_security.profiles.iter().map(|profile| (profile.id, profile.name.as_str()))
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

    /// Its environment variables, those of other solutions that it has a value for, and its connection references; none
    /// with a value of the manifest.
    pub(super) fn settings(&self) -> impl Iterator<Item = Setting> {
        let is_text = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let variables = self.solution.variables.iter().map(move |variable| {
            let shipped = self.solution.value_of(&variable.name);
            let is_set = is_text(shipped) || is_text(variable.default.as_deref());
            Setting {
                value_type: variable.kind.map(|kind| kind.word().to_owned()),
                required: variable.required && !is_set,
                shipped: shipped.map(str::to_owned),
                ..Setting::new(&variable.name, SettingKind::EnvironmentVariable)
            }
        });
        let is_own = |name: &str| self.solution.variables.iter().any(|it| it.name.eq_ignore_ascii_case(name));
        let of_others =
            self.solution.values.iter().filter(move |value| !is_own(&value.variable)).map(|value| Setting {
                shipped: Some(value.value.clone()),
                required: false,
                ..Setting::new(&value.variable, SettingKind::EnvironmentVariable)
            });
        let connections = self.solution.connections.iter().map(|it| Setting {
            connector: Some(it.connector.clone()).filter(|connector| !connector.is_empty()),
            ..Setting::new(&it.name, SettingKind::ConnectionReference)
        });
        variables.chain(of_others).chain(connections)
    }
}

/// A role of a solution, without reasons.
pub(super) fn described(role: &solution::role::Role) -> Role {
    let privilege = |row: &solution::role::Row| Privilege { name: row.name.clone(), level: row.level, because: None };
    Role { id: role.id, name: role.name.clone(), privileges: role.rows.iter().map(privilege).collect() }
}
