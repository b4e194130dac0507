//! Whether the environment is what the bundle says: a pure comparison of what was read back.

use serde::Serialize;
use uuid::Uuid;

use crate::bundle::descriptor::{Role, SettingKind};
use crate::deploy::desired::Desired;
use crate::deploy::lacking::{self, Beyond, Lacking, lacking};
use crate::deploy::observed::{Observed, holding, is_in};
use crate::deploy::planner::blocked;
use crate::secret::Secret;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it is about.
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub found: String,
}

/// Compares. `staged`: the solutions of which a staged upgrade is all that was asked for.
#[must_use]
pub fn verify(desired: &Desired, observed: &Observed, staged: &[String]) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut check = |what: String, ok: bool, found: String| checks.push(Check { what, ok, found });
    for package in &desired.packages {
        let solution = &package.solution;
        let name = if staged.contains(&solution.name) { holding(&solution.name) } else { solution.name.clone() };
        let installed = observed.solution(&name);
        let version = installed.and_then(|installed| installed.version);
        let ok = version == Some(solution.version) && installed.is_some_and(|i| i.managed == solution.managed);
        let found = match (installed, version) {
            (None, _) => "not installed".to_owned(),
            (Some(_), None) => "in a version that is not understood".to_owned(),
            (Some(installed), Some(version)) => {
                format!("version {version}, {}", if installed.managed { "managed" } else { "unmanaged" })
            }
        };
        check(format!("solution `{name}`"), ok, found);
    }
    user(desired, observed, staged, &mut check);
    for setting in &desired.settings {
        let value = setting.value.as_ref().map(Secret::reveal);
        let (what, found) = match setting.kind {
            SettingKind::EnvironmentVariable => {
                let variable = observed.variables.iter().find(|v| v.name.eq_ignore_ascii_case(&setting.name));
                let found = variable.and_then(|variable| variable.value.as_ref().or(variable.default.as_ref()));
                ("environment variable", found)
            }
            SettingKind::ConnectionReference => {
                let reference = observed.connections.iter().find(|r| r.name.eq_ignore_ascii_case(&setting.name));
                ("connection reference", reference.and_then(|reference| reference.connection.as_ref()))
            }
        };
        let ok = found.is_some_and(|found| Some(found.as_str()) == value);
        let shown = match found {
            None => "no value".to_owned(),
            Some(_) if value.is_none() => {
                let flag = setting.origin.of_machine().map(|value| value.to_string()).unwrap_or_default();
                format!("a value, not compared: `--allow-value {flag}` was not given")
            }
            Some(_) if setting.concealed => "***".to_owned(),
            Some(found) => format!("`{found}`"),
        };
        check(format!("{what} `{}`", setting.name), ok, shown);
    }
    for process in desired.processes() {
        let state = observed.processes.iter().find(|state| state.id == process.id);
        let (ok, found) = match (state, blocked(process, desired, observed)) {
            (Some(state), _) if state.on => (true, "on".to_owned()),
            (Some(_), Some(name)) => (true, format!("off: connection reference `{name}` has no connection")),
            (Some(_), None) => (false, "off".to_owned()),
            (None, _) if !observed.is_imported(desired) => continue,
            (None, _) => (false, "not in the environment".to_owned()),
        };
        check(format!("{} `{}`", process.kind.word(), process.name), ok, found);
    }
    checks
}

/// The application user, its roles, and what they hold.
fn user(desired: &Desired, observed: &Observed, staged: &[String], check: &mut impl FnMut(String, bool, String)) {
    let Some((application, wanted)) = desired.user() else { return };
    let active: Vec<_> = observed.active().collect();
    let [user] = active.as_slice() else {
        check(
            format!("application user of {}", application.client_id),
            false,
            format!("{} active users", active.len()),
        );
        return;
    };
    let here = user.business_unit_name.clone().unwrap_or_default();
    let unit_ok = is_in(user, &wanted.business_unit)
        || matches!(observed.business_units.as_slice(), [unit] if Some(unit.id) == user.business_unit);
    let state = if user.disabled { "disabled" } else { "enabled" };
    let found = format!("`{}`, {state}, business unit `{here}`", user.name);
    check(format!("application user of {}", application.client_id), !user.disabled && unit_ok, found);
    for role in desired.roles() {
        let copy = observed.copies.get(&role.id);
        let assigned = copy.is_some_and(|copy| user.roles.iter().any(|assigned| assigned.id == copy.id));
        let found = match (copy, assigned) {
            (None, _) => "not in the environment",
            (Some(_), false) => "not assigned",
            (Some(_), true) => "assigned",
        };
        check(format!("security role `{}`", role.name), assigned, found.into());
        if copy.is_some() {
            let missing = missing_privileges(role, observed);
            let found = if missing.is_empty() {
                format!("all {} held", role.privileges.len())
            } else {
                let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
                format!("missing: {}", missing.join(", "))
            };
            check(format!("privileges of `{}`", role.name), missing.is_empty(), found);
            // Until a staged upgrade is finished, the role is still that of the earlier version.
            let beyond = if staged.is_empty() { privileges_beyond(role, observed) } else { Vec::new() };
            if !beyond.is_empty() {
                let differs = beyond.iter().any(|beyond| beyond.differs);
                check(format!("privileges of `{}` beyond the bundle", role.name), !differs, told(&beyond));
            }
        }
    }
}

/// What the application user may do beyond the bundle. It does not hinder an apply; `status` calls it drift.
#[must_use]
pub fn beyond(desired: &Desired, observed: &Observed) -> Vec<Check> {
    if desired.user().is_none() {
        return Vec::new();
    }
    let wanted: Vec<Uuid> = desired.roles().map(|role| role.id).collect();
    let mut extra: Vec<String> = observed
        .active()
        .flat_map(|user| &user.roles)
        .filter(|role| !role.root.is_some_and(|root| wanted.contains(&root)))
        .map(|role| format!("`{}`", role.name))
        .collect();
    extra.sort();
    let found = if extra.is_empty() { "none".to_owned() } else { extra.join(", ") };
    vec![Check { what: "other roles of the application user".into(), ok: extra.is_empty(), found }]
}

/// Privileges that the role in the environment has beyond the bundle and beyond what Dataverse puts into every role.
pub(super) fn privileges_beyond(role: &Role, observed: &Observed) -> Vec<Beyond> {
    let wanted = role.privileges.iter().map(|privilege| (privilege.name.as_str(), privilege.level));
    let held = observed.held.get(&role.id).map_or(&[][..], Vec::as_slice);
    lacking::beyond(wanted, held, &observed.privilege_names)
}

/// These in words: those that differ, then those that are only worth a note.
pub(super) fn told(beyond: &[Beyond]) -> String {
    let list = |differs: bool| {
        let some = beyond.iter().filter(|beyond| beyond.differs == differs).map(ToString::to_string);
        some.collect::<Vec<_>>().join(", ")
    };
    match (list(true), list(false)) {
        (differs, notes) if notes.is_empty() => differs,
        (differs, notes) if differs.is_empty() => format!("{notes} (a note)"),
        (differs, notes) => format!("{differs}; and, as a note, {notes}"),
    }
}

/// Privileges of the bundle that the role in the environment lacks, or holds less deep.
pub(super) fn missing_privileges<'a>(role: &'a Role, observed: &Observed) -> Vec<Lacking<'a>> {
    let needed = role.privileges.iter().map(|privilege| (privilege.name.as_str(), privilege.level));
    lacking(needed, observed.held.get(&role.id).map_or(&[], Vec::as_slice), &observed.privilege_ids)
}
