//! What was found in the environment, one line for each thing that a plan depends on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bundle::descriptor::SettingKind;
use crate::catalog::secret_forms;
use crate::deploy::desired::Desired;
use crate::deploy::difference;
use crate::deploy::observed::{Observed, holding};

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// What it is about, such as ``solution `ContosoWidgets` ``.
    pub about: String,
    /// What is there.
    pub found: String,
}

/// The fact about the column security profiles that the user has.
pub(super) const PROFILES: &str = "column security profiles of the application user";

/// The facts, in a fixed order. What changes by itself, such as running operations, is not a fact.
pub(super) fn facts(desired: &Desired, observed: &Observed) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |about: String, found: String| facts.push(Fact { about, found });
    if let Some(version) = observed.server_version {
        fact("server version".into(), version.to_string());
    }
    let installed = |name: &str| match observed.solution(name) {
        None => "not installed".to_owned(),
        Some(installed) => {
            let version =
                installed.version.map_or_else(|| "a version that is not understood".into(), |v| v.to_string());
            format!("{version}, {}", if installed.managed { "managed" } else { "unmanaged" })
        }
    };
    for package in &desired.packages {
        let name = &package.solution.name;
        fact(format!("solution `{name}`"), installed(name));
        if observed.solution(&holding(name)).is_some() {
            fact(format!("staged upgrade of `{name}`"), installed(&holding(name)));
        }
    }
    let mut owners: Vec<&String> =
        desired.descriptor.requires.solutions.iter().map(|required| &required.name).collect();
    owners.extend(desired.packages.iter().flat_map(|p| &p.shipped.dependencies).map(|dependency| &dependency.solution));
    owners.sort_unstable();
    owners.dedup();
    for name in owners {
        fact(format!("solution `{name}`"), installed(name));
    }
    if desired.user().is_some() {
        if let [unit] = observed.business_units.as_slice() {
            fact("business unit".into(), format!("`{}` ({})", unit.name, unit.id));
        }
        let deleted = observed.users.iter().filter(|user| user.deleted).count();
        let mut users: Vec<String> = observed
            .active()
            .map(|user| {
                let state = if user.disabled { "disabled" } else { "enabled" };
                let unit = user.business_unit_name.as_deref().unwrap_or("?");
                format!("`{}` ({}), {state}, business unit `{unit}`", user.name, user.id)
            })
            .collect();
        if deleted > 0 {
            users.push(format!("{deleted} deleted"));
        }
        fact("application user".into(), if users.is_empty() { "none".into() } else { users.join("; ") });
        let mut roles: Vec<String> =
            observed.active().flat_map(|user| &user.roles).map(|role| format!("`{}`", role.name)).collect();
        roles.sort();
        fact("roles of the application user".into(), if roles.is_empty() { "none".into() } else { roles.join(", ") });
        if desired.profiles().next().is_some() {
            let all = observed.active().flat_map(|user| user.profiles.iter().flatten());
            let mut profiles: Vec<String> = all.map(|profile| format!("`{}`", profile.name)).collect();
            profiles.sort();
            fact(PROFILES.into(), if profiles.is_empty() { "none".into() } else { profiles.join(", ") });
        }
        for role in desired.roles() {
            if let Some(held) = observed.held.get(&role.id) {
                let beyond = difference::privileges_beyond(role, observed);
                let found = if beyond.is_empty() {
                    held.len().to_string()
                } else {
                    format!("{}, beyond the bundle {}", held.len(), difference::told(&beyond))
                };
                fact(format!("privileges of role `{}`", role.name), found);
            }
        }
    }
    for setting in &desired.settings {
        let shown = |value: &Option<String>| match value {
            None => "no value".to_owned(),
            Some(_) if setting.concealed => "a value".to_owned(),
            Some(value) => format!("`{}`", secret_forms::shown(value)),
        };
        let found = match setting.kind {
            SettingKind::EnvironmentVariable => {
                observed.variables.iter().find(|v| v.name.eq_ignore_ascii_case(&setting.name)).map(|v| shown(&v.value))
            }
            SettingKind::ConnectionReference => observed
                .connections
                .iter()
                .find(|reference| reference.name.eq_ignore_ascii_case(&setting.name))
                .map(|reference| shown(&reference.connection)),
        };
        if let Some(found) = found {
            fact(format!("setting `{}`", setting.name), found);
        }
    }
    for process in desired.processes() {
        if let Some(state) = observed.processes.iter().find(|state| state.id == process.id) {
            let found = if state.on { "on" } else { "off" };
            fact(format!("{} `{}`", process.kind.word(), process.name), found.into());
        }
    }
    facts
}
