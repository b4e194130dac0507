//! A security role as an import brings it.

use std::collections::BTreeMap;

use crate::depth::{DEPTHS, allows, depth_rank};
use crate::options::{Options, Scenario, UnknownPrivileges};
use crate::package::{Package, Role};
use crate::row::{named, text};
use crate::world::{BASELINE, World};

/// An error code and a message.
type Refusal = (String, String);

/// A role with its privileges; a warning where the environment does not know one of them.
pub(super) fn bring(
    world: &mut World,
    options: &Options,
    package: &Package,
    role: &Role,
) -> Result<Option<String>, Refusal> {
    if options.scenarios.contains(&Scenario::DuplicateRoleName) && world.get("role", role.id).is_none() {
        world.add_role(named(&format!("duplicate {}", role.name)), &role.name, false, 1, None);
    }
    world.add_role(role.id, &role.name, package.managed, role.inherited, None);
    let mut held = BTreeMap::new();
    let mut unknown = Vec::new();
    for (name, depth) in &role.privileges {
        let Some(privilege) = world.privileges.get(&name.to_lowercase()).copied() else {
            unknown.push(name.clone());
            continue;
        };
        world.check_depth(privilege, depth)?;
        if !BASELINE.contains(&name.as_str()) {
            held.extend(world.get("privilege", privilege).map(|row| (text(row, "name").to_owned(), depth.clone())));
        }
    }
    world.under_layer(role.id, &mut held);
    let mut changed = held.clone();
    world.role_privileges.insert(role.id, held.clone().into_iter().collect());
    by_hand(world, options, &mut changed);
    let names: Vec<String> = held.keys().chain(changed.keys()).cloned().collect();
    for name in names.into_iter().filter(|name| held.get(name) != changed.get(name)) {
        world.change_role(role.id, &name, changed.get(&name).cloned());
    }
    if unknown.is_empty() { Ok(None) } else { self::unknown(options, &role.name, &unknown).map(Some) }
}

/// What somebody in the environment changes in a role right after its import.
fn by_hand(world: &World, options: &Options, held: &mut BTreeMap<String, String>) {
    let has = |scenario| options.scenarios.contains(&scenario);
    let added = |held: &BTreeMap<String, String>, names: &[&str]| {
        names.iter().find(|name| !held.contains_key(**name)).map(|name| ((*name).to_owned(), "Global".to_owned()))
    };
    if has(Scenario::PrivilegeAdded) {
        held.extend(added(held, &["prvWriteContact", "prvDeleteContact", "prvAssignContact"]));
    }
    if has(Scenario::ReadPrivilegeAdded) {
        held.extend(added(held, &["prvReadLead", "prvReadContact", "prvReadTeam"]));
    }
    if has(Scenario::PrivilegeTaken) {
        let first = held.keys().next().cloned();
        first.and_then(|name| held.remove(&name));
    }
    if has(Scenario::PrivilegeShallower) {
        for (name, depth) in held.iter_mut() {
            let row = world.privileges.get(&name.to_lowercase()).and_then(|id| world.get("privilege", *id));
            let shallowest = DEPTHS.into_iter().find(|depth| row.is_some_and(|row| allows(row, depth)));
            if let Some(shallower) = shallowest.filter(|shallower| depth_rank(shallower) < depth_rank(depth)) {
                shallower.clone_into(depth);
                return;
            }
        }
    }
    if has(Scenario::PrivilegeDeepened) {
        let deepest = |name: &str| {
            let row = world.privileges.get(&name.to_lowercase()).and_then(|id| world.get("privilege", *id))?;
            DEPTHS.into_iter().rev().find(|depth| allows(row, depth))
        };
        for (name, depth) in held.iter_mut() {
            if let Some(deeper) = deepest(name).filter(|deeper| depth_rank(deeper) > depth_rank(depth)) {
                deeper.clone_into(depth);
                return;
            }
        }
    }
}

/// Whether unknown names fail the import.
fn unknown(options: &Options, role: &str, names: &[String]) -> Result<String, Refusal> {
    let message =
        format!("The role '{role}' names privileges that this environment does not know: {}", names.join(", "));
    match options.unknown_privileges {
        UnknownPrivileges::Fail => Err(("0x80048017".into(), message)),
        UnknownPrivileges::Warn => Ok(message),
    }
}
