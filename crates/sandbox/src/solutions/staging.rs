//! `StageSolution`: what an import would find, without importing.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Kind, file, only, problems};
use crate::exchange::{Answer, Fault, Reply};
use crate::options::{Options, Scenario};
use crate::package::{self, Package};
use crate::world::{World, text};

/// `StageSolution`
pub(crate) fn stage(
    world: &mut World,
    options: &Options,
    caller: Uuid,
    payload: &Map<String, Value>,
    api: &str,
) -> Answer {
    only("StageSolution", payload, &["CustomizationFile", "StageSolutionUploadId"])?;
    world.demand(caller, "prvImportCustomization", "solution")?;
    let bytes = file(payload)?.ok_or_else(|| Fault::bad_request("CustomizationFile is missing"))?;
    let package = package::open(&bytes)?;
    surprise(world, options, &package);
    let upload = Uuid::new_v4();
    let missing = missing(world, options, &package);
    let problems = problems(world, &package, Kind::Import);
    let passed = missing.is_empty() && problems.is_empty();
    let previous = world.solution(&package.unique_name).map(|(_, row)| row.clone());
    let before = |column: &str| previous.as_ref().and_then(|row| row.get(column).cloned()).unwrap_or(Value::Null);
    let detail = |name: &str, kind: &str, present: &str, pairs: &[(&str, Value)]| json!({"ComponentName": name, "ComponentTypeName": kind, "IsPresentInOrg": present, "Attributes": {"Count": pairs.len(), "Keys": pairs.iter().map(|p| p.0).collect::<Vec<_>>(), "Values": pairs.iter().map(|p| p.1.clone()).collect::<Vec<_>>()}});
    let mut details = vec![detail(
        &package.friendly_name,
        "solution",
        "Unknown",
        &[("localizedname", json!(package.friendly_name)), ("description", json!(package.description))],
    )];
    let yes = |there: bool| if there { "True" } else { "False" };
    for table in &package.tables {
        details.push(detail(
            &table.display,
            "entity",
            yes(world.table(&table.logical).is_some()),
            &[("name", json!(table.schema))],
        ));
    }
    for definition in &package.definitions {
        let there = world
            .find("environmentvariabledefinition", |row| text(row, "schemaname") == definition.schema_name)
            .is_some();
        let pairs = [
            ("schemaname", json!(definition.schema_name)),
            ("displayname", json!(definition.display_name)),
            ("type", json!(definition.kind.to_string())),
            ("defaultvalue", json!(definition.default)),
        ];
        details.push(detail(&definition.schema_name, "EnvironmentVariableDefinition", yes(there), &pairs));
    }
    for (name, display, connector) in &package.connections {
        let there =
            world.find("connectionreference", |row| text(row, "connectionreferencelogicalname") == name).is_some();
        let pairs = [
            ("connectorid", json!(connector)),
            ("connectionreferencelogicalname", json!(name)),
            ("connectionreferencedisplayname", json!(display)),
            ("description", json!("")),
        ];
        details.push(detail(name, "connectionreference", yes(there), &pairs));
    }
    let body = json!({
        "@odata.context": format!("{api}/$metadata#Microsoft.Dynamics.CRM.StageSolutionResponse"),
        "StageSolutionResults": {
            "StageSolutionUploadId": if passed { upload } else { Uuid::nil() },
            "StageSolutionStatus": if passed { "Passed" } else { "Failed" },
            "SolutionComponentsDetails": details,
            "SolutionDetails": {
                "SolutionUniqueName": package.unique_name, "SolutionFriendlyName": package.friendly_name, "SolutionDescription": package.description,
                "PublisherUniqueName": package.publisher, "PublisherFriendlyName": package.publisher_name,
                "PreviousSolutionUniqueName": before("uniquename"), "PreviousSolutionFriendlyName": before("friendlyname"),
                "PreviousPublisherUniqueName": null, "PreviousPublisherFriendlyName": null,
                "IsPatchSolution": package.patch_of.is_some(), "IsManaged": package.managed, "PreviousIsManaged": before("ismanaged") == json!(true),
                "SolutionVersion": package.version, "PreviousSolutionVersion": before("version"), "PreviousPatchSolutionsNames": [],
                "IsPrerequisitesExport": false, "HasPendingUpgrade": world.pending.contains_key(&package.unique_name.to_lowercase()),
            },
            "MissingDependencies": missing,
            "SolutionValidationResults": problems.iter().map(|(code, message)| json!({"SolutionValidationResultType": "Error", "Message": message, "ErrorCode": number(code), "AdditionalInfo": null})).collect::<Vec<_>>(),
        }
    });
    if passed {
        world.uploads.insert(upload, package);
    }
    Ok(Reply::odata(200, &body))
}

/// The signed number of a hexadecimal code.
pub(super) fn number(code: &str) -> i32 {
    u32::from_str_radix(code.trim_start_matches("0x"), 16).unwrap_or_default().cast_signed()
}

/// Scenarios in which a solution turns out to be there already.
pub(super) fn surprise(world: &mut World, options: &Options, package: &Package) {
    there_already(world, options, &package.unique_name);
}

/// The same for a solution that somebody asks for. Where several are asked for it is the one whose staged upgrade is
/// asked for, too: the others are what it needs.
pub(crate) fn surprise_asked(world: &mut World, options: &Options, filter: &str) {
    let asked: Vec<&str> = filter.split("uniquename eq '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    let held = |name: &str| asked.iter().any(|other| other.eq_ignore_ascii_case(&format!("{name}_Upgrade")));
    for name in asked.iter().filter(|name| asked.len() == 1 || held(name)) {
        there_already(world, options, name);
    }
}

fn there_already(world: &mut World, options: &Options, name: &str) {
    for (scenario, version, managed) in [
        (Scenario::LowerVersionInstalled, "0.0.0.1", true),
        (Scenario::HigherVersionInstalled, "9999.0.0.0", true),
        (Scenario::UnmanagedInstalled, "0.0.0.1", false),
    ] {
        if options.scenarios.contains(&scenario)
            && world.solution(name).is_none()
            && world.count(&format!("surprise {}", name.to_lowercase())) == 1
        {
            world.pretend_installed(name, version, managed);
        }
    }
}

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
