//! The values of environment variables and connection references.

use super::Maker;
use crate::bundle::descriptor::SettingKind;
use crate::deploy::failure::Failure;
use crate::deploy::plan::Action;
use crate::secret::Secret;

impl Maker<'_> {
    /// Settings that do not exist yet are given along with the import.
    pub(super) fn settings_for_import(&self) -> Vec<String> {
        let exists = |name: &str| {
            self.observed.variables.iter().any(|variable| variable.name.eq_ignore_ascii_case(name))
                || self.observed.connections.iter().any(|reference| reference.name.eq_ignore_ascii_case(name))
        };
        self.desired.settings.iter().filter(|setting| !exists(&setting.name)).map(|s| s.name.clone()).collect()
    }

    pub(super) fn settings(&mut self) {
        let import = self.steps.iter().any(|step| matches!(step.action, Action::ImportSolution { .. }));
        for setting in &self.desired.settings {
            let name = setting.name.clone();
            let value = setting.value.as_ref().map(Secret::reveal);
            let variable = self.observed.variables.iter().find(|v| v.name.eq_ignore_ascii_case(&name));
            let reference = self.observed.connections.iter().find(|r| r.name.eq_ignore_ascii_case(&name));
            let of_machine = setting.origin.of_machine().is_some();
            let shown = if of_machine {
                format!("the value of {}", setting.origin.words())
            } else {
                format!("`{}`", setting.shown())
            };
            if of_machine {
                self.warnings.push(format!(
                    "environment variable `{name}` gets the text of {}: everyone who can read environment variables can read it",
                    setting.origin.words()
                ));
            }
            match setting.kind {
                SettingKind::EnvironmentVariable => match variable {
                    Some(variable) if value.is_some() && variable.value.as_deref() == value => {}
                    Some(variable)
                        if value.is_some() && variable.value.is_none() && variable.default.as_deref() == value => {}
                    Some(variable) => {
                        let why = match (&variable.value, setting.concealed) {
                            (None, _) => "it has no value here".to_owned(),
                            (Some(_), true) if value.is_none() => {
                                "whether its value differs is not known yet".to_owned()
                            }
                            (Some(_), true) => "its value differs".to_owned(),
                            (Some(value), false) => format!("it is `{value}`"),
                        };
                        self.step(
                            Action::SetVariable { name: name.clone() },
                            format!("set environment variable `{name}` to {shown}"),
                            why,
                        );
                    }
                    None if import => {}
                    None => {
                        self.warnings.push(format!("environment variable `{name}` does not exist in the environment"));
                    }
                },
                SettingKind::ConnectionReference => match reference {
                    Some(reference) if reference.connection.as_deref() == value => {}
                    Some(reference) => {
                        let why = reference
                            .connection
                            .as_ref()
                            .map_or_else(|| "it has no connection".to_owned(), |id| format!("it is `{id}`"));
                        self.step(
                            Action::SetConnection { name: name.clone() },
                            format!("set connection reference `{name}` to connection {shown}"),
                            why,
                        );
                    }
                    None if import => {}
                    None => {
                        self.warnings.push(format!("connection reference `{name}` does not exist in the environment"));
                    }
                },
            }
        }
        for (kind, name) in &self.desired.unset {
            let set = match kind {
                SettingKind::EnvironmentVariable => self.observed.variables.iter().any(|variable| {
                    variable.name.eq_ignore_ascii_case(name) && (variable.value.is_some() || variable.default.is_some())
                }),
                SettingKind::ConnectionReference => self
                    .observed
                    .connections
                    .iter()
                    .any(|reference| reference.name.eq_ignore_ascii_case(name) && reference.connection.is_some()),
            };
            // A solution imports without its connections; its flows then stay off until somebody sets them.
            if !set && *kind == SettingKind::ConnectionReference {
                self.warnings
                    .push(format!("connection reference `{name}` has no connection: flows that use it stay off"));
            } else if !set {
                self.problems.push(
                    Failure::not_ready(format!("setting `{name}` must have a value"))
                        .help(format!("write it under `settings:` of the manifest, `{name}: …`, and build again")),
                );
            }
        }
    }
}
