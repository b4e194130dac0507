//! The values of environment variables and connection references.

use super::{Code, Comparer, Difference, Mender, explain, step};
use crate::bundle::descriptor::{Setting, SettingKind};
use crate::catalog::secret_forms;
use crate::dataverse::environment_variable::Variable;
use crate::deploy::desired::Wanted;
use crate::deploy::failure::Failure;
use crate::deploy::observed::Observed;
use crate::deploy::step::Action;
use crate::secret::Secret;

/// The kind of a setting, in words.
fn noun(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::EnvironmentVariable => "environment variable",
        SettingKind::ConnectionReference => "connection reference",
    }
}

/// How many values a variable has.
pub(super) fn count(variable: &Variable) -> String {
    format!("{} values", variable.others.len() + 1)
}

/// A variable that has more than one value, in active rows or not: which of them is used is not known.
pub(super) fn with_several<'a>(observed: &'a Observed, name: &str) -> Option<&'a Variable> {
    observed.variables.iter().find(|it| it.name.eq_ignore_ascii_case(name) && !it.others.is_empty())
}

/// What the environment has of a setting.
#[derive(Clone, Copy)]
struct There<'a> {
    /// Its own value, or connection.
    own: Option<&'a str>,
    /// The default of the solution.
    default: Option<&'a str>,
    /// Whether the row is inactive: then it is not known what is in effect.
    inactive: bool,
}

impl<'a> There<'a> {
    /// What is there, in effect or not.
    fn any(self) -> Option<&'a str> {
        self.own.or(self.default)
    }

    /// Whether there is something that is certainly in effect.
    fn is_set(self) -> bool {
        self.own.filter(|_| !self.inactive).or(self.default).is_some()
    }
}

impl<'a> Comparer<'a> {
    /// Settings that do not exist yet are passed with the import.
    pub(super) fn settings_for_import(&self) -> Vec<String> {
        let missing = |setting: &&Wanted| self.value(setting.kind, &setting.name).is_none();
        self.desired.settings.iter().filter(missing).map(|setting| setting.name.clone()).collect()
    }

    /// What the environment has; absent if the variable or reference is missing.
    fn value(&self, kind: SettingKind, name: &str) -> Option<There<'a>> {
        match kind {
            SettingKind::EnvironmentVariable => {
                let variable = self.observed.variables.iter().find(|v| v.name.eq_ignore_ascii_case(name))?;
                let (own, default) = (variable.value.as_deref(), variable.default.as_deref());
                Some(There { own, default, inactive: variable.inactive })
            }
            SettingKind::ConnectionReference => {
                let reference = self.observed.connections.iter().find(|r| r.name.eq_ignore_ascii_case(name))?;
                Some(There { own: reference.connection.as_deref(), default: None, inactive: reference.inactive })
            }
        }
    }

    /// Values that the solution brings become current ones when it is imported.
    fn shipped(&mut self) {
        if self.import.is_none() {
            return;
        }
        for setting in &self.desired.descriptor.settings {
            let Some(shipped) = &setting.shipped else { continue };
            let shown = format!("`{}`", secret_forms::shown(shipped));
            let then = if setting.value.is_some() { "; after that it gets the value of the bundle" } else { "" };
            self.result.notes.push(format!("the import sets environment variable `{}` to {shown}{then}", setting.name));
        }
    }

    pub(super) fn settings(&mut self) {
        self.shipped();
        for setting in &self.desired.settings {
            if setting.origin.of_machine().is_some() {
                self.result.notes.push(format!(
                    "environment variable `{}` gets the text of {}: everyone who can read environment variables can read it",
                    setting.name,
                    setting.origin.words()
                ));
            }
            self.setting(setting);
        }
        for (kind, name) in &self.desired.unset {
            let there = self.value(*kind, name);
            let place = format!("{} `{name}`", noun(*kind));
            let set = there.is_some_and(There::is_set);
            if let Some(variable) = self.with_several(*kind, name).filter(|_| set) {
                let count = count(variable);
                self.result.notes.push(format!("{place} has {count} here: which of them is used is not known"));
            } else if there.is_some_and(|there| there.inactive) && (set || *kind == SettingKind::ConnectionReference) {
                self.result.notes.push(format!("{place} is inactive here: whether its value is used is not known"));
            } else if set {
                self.look(place, "a value of the environment");
            } else if *kind == SettingKind::ConnectionReference {
                // A solution imports without its connections; its flows then stay off until somebody sets them.
                self.result
                    .notes
                    .push(format!("connection reference `{name}` has no connection: flows that use it stay off"));
            } else {
                let failure = Failure::not_ready(format!("setting `{name}` must have a value"))
                    .help(format!("write it under `settings:` of the manifest, `{name}: …`, and build again"));
                self.hinder_writes(Code::SettingWithoutValue, &place, "value", ("a value", "no value"), failure);
            }
        }
    }

    /// Why a setting is set after the import, whatever its value is now: the import itself sets it to another one, or
    /// brings it without a value.
    fn after_import(&self, setting: &Wanted, is_there: bool) -> Option<String> {
        self.import.as_ref()?;
        let is_it = |it: &&Setting| it.kind == setting.kind && it.name == setting.name;
        let shipped = self.desired.descriptor.settings.iter().find(is_it)?.shipped.as_ref();
        shipped
            .map(|shipped| format!("the import sets it to `{}`", secret_forms::shown(shipped)))
            .or_else(|| (self.finishes && !is_there).then(|| "the end of a staged upgrade takes no values".to_owned()))
    }

    fn with_several(&self, kind: SettingKind, name: &str) -> Option<&'a Variable> {
        with_several(self.observed, name).filter(|_| kind == SettingKind::EnvironmentVariable)
    }

    /// The values of such a variable.
    fn several(&self, setting: &Wanted) -> Option<String> {
        let variable = self.with_several(setting.kind, &setting.name)?;
        let count = count(variable);
        if setting.concealed {
            return Some(count);
        }
        let first = (variable.value.as_deref().unwrap_or_default(), variable.inactive);
        let all = std::iter::once(first).chain(variable.others.iter().map(|it| (it.value.as_str(), it.inactive)));
        let word = |inactive: bool| if inactive { " (inactive)" } else { "" };
        let mut shown: Vec<String> =
            all.map(|(value, inactive)| format!("`{}`{}", secret_forms::shown(value), word(inactive))).collect();
        // Their rows come in any order.
        shown.sort();
        Some(format!("{count}: {}", shown.join(", ")))
    }

    fn setting(&mut self, setting: &Wanted) {
        let name = &setting.name;
        let wanted = setting.value.as_ref().map(Secret::reveal);
        let place = format!("{} `{name}`", noun(setting.kind));
        let there = self.value(setting.kind, name);
        let found = there.and_then(There::any);
        let inactive = there.is_some_and(|there| there.inactive);
        let shown = match found {
            None => "no value".to_owned(),
            Some(_) if wanted.is_none() => {
                let flag = setting.origin.of_machine().map(|value| value.to_string()).unwrap_or_default();
                format!("a value, not compared: `--allow-value {flag}` was not given")
            }
            Some(_) if setting.concealed => "***".to_owned(),
            Some(found) => format!("`{}`", secret_forms::shown(found)),
        };
        let shown = if inactive { format!("{shown}, in an inactive row") } else { shown };
        let right = found.is_some() && found == wanted && !inactive && self.several(setting).is_none();
        if self.waits && self.import.is_none() && !right {
            // The earlier version still runs, with its own settings.
            if there.is_some() {
                self.result.notes.push(format!("{place} stays {shown} until the staged upgrade is finished"));
            }
            return;
        }
        self.look(&place, &shown);
        let value = match setting.origin.of_machine() {
            Some(_) => format!("the value of {}", setting.origin.words()),
            None => format!("`{}`", setting.shown()),
        };
        let (action, what, none) = match setting.kind {
            SettingKind::EnvironmentVariable => {
                (Action::SetVariable { name: name.clone() }, format!("set {place} to {value}"), "it has no value here")
            }
            SettingKind::ConnectionReference => (
                Action::SetConnection { name: name.clone() },
                format!("set {place} to connection {value}"),
                "it has no connection",
            ),
        };
        let after_import = self.after_import(setting, there.is_some());
        if right {
            self.settings.extend(after_import.map(|why| step(action, what, why)));
            return;
        }
        let difference = |code, mended_by| Difference {
            code,
            place: place.clone(),
            what: "value".into(),
            wanted: value.clone(),
            found: if there.is_none() { "not in the environment".into() } else { shown.clone() },
            mended_by,
        };
        let Some(There { own, .. }) = there else {
            let mender = self
                .import
                .as_ref()
                .map_or_else(|| self.other_version().unwrap_or_else(|| explain::setting_missing(name)), Mender::step);
            self.differ_in_last(difference(Code::SettingMissing, mender));
            self.settings.extend(after_import.map(|why| step(action, what, why)));
            return;
        };
        if let Some(several) = self.several(setting) {
            let difference = Difference {
                what: "values".into(),
                wanted: "one value".into(),
                found: several,
                ..difference(Code::SettingValue, explain::several_values(name))
            };
            self.differ_in_last(difference);
            return;
        }
        let why = match own {
            None => none.to_owned(),
            Some(_) if inactive => "its row is inactive".to_owned(),
            Some(_) if wanted.is_none() => "whether its value differs is not known yet".to_owned(),
            Some(_) if setting.concealed => "its value differs".to_owned(),
            Some(own) => format!("it is `{}`", secret_forms::shown(own)),
        };
        self.differ_in_last(difference(Code::SettingValue, Mender::step(&what)));
        self.settings.push(step(action, what, why));
    }
}
