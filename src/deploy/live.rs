//! What an environment has of a package, as one side of a comparison (`dvpack diff --url`).
//!
//! It reads versions, roles with their privileges, settings, and which components exist. What a component is made
//! of cannot be read back from a managed solution, so one that exists counts as unchanged.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::bundle::descriptor::{SettingKind, SettingValue};
use crate::bundle::diff::Side;
use crate::catalog;
use crate::dataverse::solution::Installed;
use crate::dataverse::{
    ApiError, Client, connection_reference, environment_variable, role, solution, solution_component,
};
use crate::deploy::desired::Package;
use crate::deploy::{Desired, deletions};
use crate::guid;
use crate::solution::Contents;
use crate::solution::components;
use crate::solution::role::{Role, Row};

const ROLE: u32 = 20;

/// Kinds whose root component has its own id that is the same in every environment, and that are
/// never a part of something else: role, process, report, template, connection role, column
/// security profile, plug-in assembly, step, service endpoint.
const COMPARED: [u32; 9] = [ROLE, 29, 31, 36, 63, 70, 91, 92, 95];

/// The environment's side for comparing it with `new`, the side of the bundle.
pub async fn side(
    client: &Client,
    label: &str,
    desired: &Desired,
    packages: &[Contents],
    new: &Side,
) -> Result<Side, ApiError> {
    let mut side = Side { label: label.to_owned(), ..Side::default() };
    let names: Vec<&str> = desired.packages.iter().map(|package| package.solution.name.as_str()).collect();
    let installed = if names.is_empty() { Vec::new() } else { solution::find(client, &names, true).await? };
    let mut there: BTreeSet<(u32, Uuid)> = BTreeSet::new();
    for Installed { id, name, version, managed } in &installed {
        let version = version.map_or_else(|| "an unknown version".to_owned(), |version| version.to_string());
        side.solutions.push(format!("{name} {version}"));
        side.facts.insert(format!("{name}: version"), version);
        side.facts.insert(format!("{name}: managed"), managed.to_string());
        if let Some(id) = id {
            let components = solution_component::of_solution(client, *id).await?;
            there.extend(components.iter().map(|component| (component.kind, component.id)));
        }
    }
    // Only a managed solution is upgraded, and only to a higher version.
    let is_older = |package: &&Package| {
        let there = installed.iter().find(|it| it.name.eq_ignore_ascii_case(&package.solution.name));
        there.is_some_and(|it| it.managed && package.solution.managed && it.version < Some(package.solution.version))
    };
    side.deletions = deletions::of_upgrades(client, desired.packages.iter().filter(is_older), &installed).await?;
    if installed.is_empty() {
        side.solutions.push("nothing".to_owned());
    }
    // What only the release says (application, requirements) is not a difference.
    for (name, value) in &new.facts {
        if !side.facts.contains_key(name) && !name.ends_with(": version") && !name.ends_with(": managed") {
            side.facts.insert(name.clone(), value.clone());
        }
    }
    let wanted = desired.descriptor.roles.iter().map(|role| role.id);
    let held = there.iter().filter(|(kind, _)| *kind == ROLE).map(|(_, id)| *id);
    let ids: BTreeSet<Uuid> = wanted.chain(held).collect();
    side.roles = roles(client, &ids, new).await?;
    side.components = components(packages, &there, installed.is_empty(), new);
    settings(client, desired, new, &mut side).await?;
    Ok(side)
}

/// The root copies of these roles, without what Dataverse puts into every role by itself.
async fn roles(client: &Client, ids: &BTreeSet<Uuid>, new: &Side) -> Result<Vec<Role>, ApiError> {
    let mut roles = Vec::new();
    if ids.is_empty() {
        return Ok(roles);
    }
    for copy in role::roots(client, &ids.iter().copied().collect::<Vec<_>>()).await? {
        let held = role::privileges(client, copy.id).await?;
        let unnamed: Vec<Uuid> = held.iter().filter(|held| held.name.is_none()).map(|held| held.id).collect();
        let names = role::privilege_names(client, &unnamed).await?;
        let wanted = new.roles.iter().find(|role| role.id == copy.root);
        let asked =
            |name: &str| wanted.is_some_and(|role| role.rows.iter().any(|row| row.name.eq_ignore_ascii_case(name)));
        let mut rows: Vec<Row> = held
            .iter()
            .filter_map(|held| {
                let name = held.name.as_ref().or_else(|| names.get(&held.id))?;
                let baseline = catalog::baseline().any(|(known, _)| known.eq_ignore_ascii_case(name));
                (!baseline || asked(name)).then(|| Some(Row::new(name, held.level?)))?
            })
            .collect();
        rows.sort_by_cached_key(|row| row.name.to_lowercase());
        roles.push(Role { id: copy.root, name: copy.name, description: None, inheritance: None, rows });
    }
    Ok(roles)
}

/// The components of the release that are there, and those there that the release does not have.
fn components(
    packages: &[Contents],
    there: &BTreeSet<(u32, Uuid)>,
    nothing: bool,
    new: &Side,
) -> BTreeMap<(String, String), String> {
    if nothing {
        return BTreeMap::new();
    }
    let kinds = components::all();
    let number = |label: &str| kinds.iter().find(|kind| kind.label() == label).and_then(|kind| kind.root_type());
    let mut found = new.components.clone();
    let mut known: BTreeSet<(u32, Uuid)> = BTreeSet::new();
    for component in packages.iter().flat_map(|contents| contents.components.clone()) {
        let (Some(kind), Ok(id)) = (number(component.kind), Uuid::try_parse(component.id.trim_matches(['{', '}'])))
        else {
            continue;
        };
        known.insert((kind, id));
        if COMPARED.contains(&kind) && !there.contains(&(kind, id)) {
            let title = if component.name.is_empty() { component.id } else { component.name };
            found.remove(&(component.kind.to_owned(), title));
        }
    }
    for (kind, id) in there.difference(&known).filter(|(kind, _)| COMPARED.contains(kind) && *kind != ROLE) {
        let label = catalog::component_type_name(*kind).unwrap_or("Component");
        found.insert((label.to_owned(), guid::braced(*id)), String::new());
    }
    found
}

/// The values that the environment has. A secret is not shown: whether there is one is.
async fn settings(client: &Client, desired: &Desired, new: &Side, side: &mut Side) -> Result<(), ApiError> {
    let of_kind = |kind: SettingKind| {
        let settings = desired.descriptor.settings.iter().filter(move |setting| setting.kind == kind);
        settings.collect::<Vec<_>>()
    };
    let variables = of_kind(SettingKind::EnvironmentVariable);
    let references = of_kind(SettingKind::ConnectionReference);
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    if !variables.is_empty() {
        let names: Vec<&str> = variables.iter().map(|setting| setting.name.as_str()).collect();
        for variable in environment_variable::find(client, &names).await? {
            let value = variable.active_value().map(str::to_owned);
            values.extend(value.map(|value| (variable.name.to_lowercase(), value)));
        }
    }
    if !references.is_empty() {
        let names: Vec<&str> = references.iter().map(|setting| setting.name.as_str()).collect();
        for reference in connection_reference::find(client, &names).await? {
            let connection = reference.active_connection().map(|id| format!("connection {id}"));
            values.extend(connection.map(|connection| (reference.name.to_lowercase(), connection)));
        }
    }
    for setting in variables.into_iter().chain(references) {
        let value = values.get(&setting.name.to_lowercase());
        let shown = match (&setting.value, value) {
            // The import would set the value that the solution brings.
            (None, value) if setting.shipped.is_some() && value != setting.shipped.as_ref() => value.cloned(),
            // There is no value: what the environment has stays.
            (None, _) => new.settings.get(&setting.name).cloned(),
            (Some(SettingValue::SecretFromEnv(_) | SettingValue::SecretFromFile(_)), Some(_)) => Some("***".to_owned()),
            (Some(SettingValue::SecretFromKeyVault(_)), Some(id)) => Some(format!("secret from {id}")),
            (Some(_), value) => value.cloned(),
        };
        side.settings.extend(shown.map(|shown| (setting.name.clone(), shown)));
    }
    Ok(())
}
