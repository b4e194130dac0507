//! What the environment says against a package.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::job::Kind;
use crate::options::{Options, Scenario};
use crate::package::Package;
use crate::row::text;
use crate::world::World;

/// What the environment says against a package.
pub(super) fn problems(world: &World, package: &Package, kind: Kind) -> Vec<(String, String)> {
    let mut problems = package.problems.clone();
    let mut add = |code: &str, message: String| problems.push((code.to_owned(), message));
    if let Some((_, row)) = world.solution(&package.unique_name) {
        let managed = row.get("ismanaged") == Some(&json!(true));
        if package.managed && !managed {
            add("0x80048040", "The solution is already installed on this system as an unmanaged solution and the package supplied is attempting to install it in managed mode. Import can only update solutions when the modes match. Uninstall the current solution and try again.".into());
        } else if !package.managed && managed {
            add("0x80048041", "The solution is already installed on this system as a managed solution and the package supplied is attempting to install it in unmanaged mode. Import can only update solutions when the modes match. Uninstall the current solution and try again.".into());
        }
        let version = |text: &str| numbers(text);
        if matches!(kind, Kind::Upgrade | Kind::Hold) && version(&package.version) <= version(text(row, "version")) {
            add(
                "0x80048541",
                "The import solution must have a higher version than the existing solution it is upgrading.".into(),
            );
        }
    }
    if let Some(base) = &package.patch_of
        && world.solution(base).is_none()
    {
        add("0x80048540", format!("The base solution '{base}' of the patch is not installed."));
    }
    for role in &package.roles {
        if let Some(row) = world.get("role", role.id)
            && (row.get("ismanaged") == Some(&json!(true))) != package.managed
        {
            add(
                "0x80048017",
                format!(
                    "Cannot import security role. The role with specified role id is not updatable or role name is not unique. ({})",
                    role.name
                ),
            );
        }
    }
    problems
}

/// The components of other solutions that a package needs and that are not there.
pub(super) fn missing(world: &World, options: &Options, package: &Package) -> Vec<Value> {
    let mut missing: Vec<Value> = package
        .required
        .iter()
        .filter(|required| {
            let owner = required.solution.split(" (").next().unwrap_or_default();
            let here = matches!(owner, "System" | "Basic") || (owner != "Active" && world.solution(owner).is_some());
            let schema = required.schema_name.to_lowercase();
            let known = required.kind == "1" && world.table(&schema).is_some();
            let own = package.roots.iter().any(|(_, _, name)| name.as_deref() == Some(schema.as_str()));
            !(here || known || own)
        })
        .map(|r| json!({"RequiredComponentSchemaName": r.schema_name, "RequiredComponentDisplayName": r.display_name, "RequiredComponentParentSchemaName": null, "RequiredComponentParentDisplayName": null, "RequiredComponentId": Uuid::nil(), "RequiredSolutionName": r.solution, "RequiredComponentType": r.kind, "DependentComponentSchemaName": r.dependent_name, "DependentComponentType": r.dependent_kind}))
        .collect();
    if options.scenarios.contains(&Scenario::MissingDependency) && world.solution("msdyn_SandboxBase").is_none() {
        missing.push(json!({"RequiredComponentSchemaName": "msdyn_sandboxthing", "RequiredComponentDisplayName": "Sandbox thing", "RequiredComponentParentSchemaName": null, "RequiredComponentParentDisplayName": null, "RequiredComponentId": Uuid::nil(), "RequiredSolutionName": "msdyn_SandboxBase (1.0.0.0)", "RequiredComponentType": "1", "DependentComponentSchemaName": package.unique_name, "DependentComponentType": "60"}));
    }
    missing
}

/// The signed number of a hexadecimal code.
pub(super) fn number(code: &str) -> i32 {
    u32::from_str_radix(code.trim_start_matches("0x"), 16).unwrap_or_default().cast_signed()
}

/// The numbers of a version, of which the last ones may be missing.
fn numbers(version: &str) -> Option<[u32; 4]> {
    let mut numbers = [0; 4];
    for (index, piece) in version.split('.').enumerate() {
        *numbers.get_mut(index)? = piece.parse().ok()?;
    }
    Some(numbers)
}
