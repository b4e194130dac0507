//! Taking a solution away, and what hinders that.

use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::Fault;
use super::package::Package;
use super::removal::release;
use super::row::{named, text};
use super::world::World;

/// Other solutions that need this one.
pub(super) fn dependents(world: &World, name: &str) -> Vec<Value> {
    world
        .installed
        .values()
        .filter(|other| !other.unique_name.eq_ignore_ascii_case(name))
        .flat_map(|other| other.required.iter().map(move |required| (other, required)))
        .filter(|(_, required)| {
            required.solution.split(" (").next().is_some_and(|owner| owner.eq_ignore_ascii_case(name))
        })
        .map(|(other, required)| {
            let kind = |text: &str| text.parse::<i64>().unwrap_or_default();
            json!({
                "dependencyid": named(&format!("{} needs {}", other.unique_name, required.schema_name)),
                "dependencytype": 1,
                "requiredcomponentobjectid": object(other, &required.kind, &required.schema_name),
                "requiredcomponenttype": kind(&required.kind),
                "requiredcomponentbasesolutionid": world.solution(name).map(|(id, _)| id),
                "dependentcomponentobjectid": object(other, &required.dependent_kind, &required.dependent_name),
                "dependentcomponenttype": kind(&required.dependent_kind),
                "dependentcomponentbasesolutionid": world.solution(&other.unique_name).map(|(id, _)| id),
            })
        })
        .collect()
}

/// The identifier of a component that a package names.
fn object(package: &Package, kind: &str, name: &str) -> Uuid {
    if kind == "1" {
        return named(&format!("table {}", name.to_lowercase()));
    }
    let same = |known: &Option<String>| known.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name));
    let root = package.roots.iter().find(|(number, _, known)| number.to_string() == kind && same(known));
    root.and_then(|(_, id, _)| Uuid::try_parse(id.as_ref()?).ok()).unwrap_or_default()
}

/// Removes a solution and what only it brought.
pub(super) fn uninstall_row(world: &mut World, solution: Uuid) -> Result<(), Fault> {
    let row = world.get("solution", solution).cloned().ok_or_else(|| Fault::absent("solution", solution))?;
    let name = text(&row, "uniquename").to_owned();
    let needed = dependents(world, &name);
    if !needed.is_empty() {
        return Err(Fault::new(
            400,
            "0x8004f01f",
            format!(
                "The {name}(solution) component cannot be deleted because it is referenced by {} other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest.",
                needed.len()
            ),
        ));
    }
    release(world, solution, &[]);
    world.installed.remove(&name.to_lowercase());
    world.remove("solution", solution);
    Ok(())
}
