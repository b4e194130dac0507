//! Taking a solution away, and what hinders that.

use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::Fault;
use super::world::{World, id, named, text};

/// Other solutions that need this one.
pub(super) fn dependents(world: &World, name: &str) -> Vec<Value> {
    world
        .installed
        .values()
        .filter(|other| !other.unique_name.eq_ignore_ascii_case(name))
        .flat_map(|other| other.required.iter().map(move |required| (other, required)))
        .filter(|(_, required)| required.solution.split(" (").next().is_some_and(|owner| owner.eq_ignore_ascii_case(name)))
        .map(|(other, required)| json!({"dependencyid": named(&format!("{} needs {}", other.unique_name, required.schema_name)), "dependencytype": 1, "requiredcomponentobjectid": Uuid::nil(), "requiredcomponenttype": required.kind.parse::<i64>().unwrap_or_default(), "dependentcomponentobjectid": Uuid::nil(), "dependentcomponenttype": required.dependent_kind.parse::<i64>().unwrap_or_default()}))
        .collect()
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
    let components: Vec<(Uuid, Uuid, i64)> = world
        .table_rows("solutioncomponent")
        .filter(|(_, row)| id(row, "_solutionid_value") == Some(solution))
        .map(|(component, row)| {
            (
                *component,
                id(row, "objectid").unwrap_or_default(),
                row.get("componenttype").and_then(Value::as_i64).unwrap_or_default(),
            )
        })
        .collect();
    for (component, object, kind) in components {
        super::install::remove(world, kind, object);
        world.remove("solutioncomponent", component);
    }
    world.installed.remove(&name.to_lowercase());
    world.remove("solution", solution);
    Ok(())
}
