//! `StageSolution`: what an import would find, without importing.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::findings::{missing, number, problems};
use super::payload::{file, only};
use super::surprise::surprise;
use crate::exchange::{Answer, Fault, Reply};
use crate::job::Kind;
use crate::options::Options;
use crate::package;
use crate::row::text;
use crate::world::World;

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
