//! Cloud flows, processes and plug-in steps that a solution ships turned on are on after an apply, and stay watched.

use dvpack::archive::{Entry, Timestamp, write_at};
use dvpack::sandbox::{Options, Scenario};

use crate::support::Test;
use crate::world::World;

pub const FLOW: &str = "11111111-0000-4000-8000-000000000001";
const DRAFT: &str = "11111111-0000-4000-8000-000000000002";
const WITH_CONNECTION: &str = "11111111-0000-4000-8000-000000000003";
const STEP: &str = "11111111-0000-4000-8000-000000000004";

fn workflow(id: &str, name: &str, state: u8) -> String {
    format!(
        "<Workflow WorkflowId=\"{{{id}}}\" Name=\"{name}\"><JsonFileName>/Workflows/{name}.json</JsonFileName><Type>1</Type>\
         <Category>5</Category><StateCode>{state}</StateCode><StatusCode>{}</StatusCode></Workflow>",
        state + 1
    )
}

/// An exported solution with three flows (one of them not turned on, one with a connection) and a step.
pub fn solution() -> Vec<u8> {
    let root = |kind: u32, id: &str| format!("<RootComponent type=\"{kind}\" id=\"{{{id}}}\" behavior=\"0\" />");
    let manifest = format!(
        "<ImportExportXml version=\"9.2\" SolutionPackageVersion=\"9.2\" languagecode=\"1033\"><SolutionManifest>\
         <UniqueName>Flows</UniqueName><LocalizedNames><LocalizedName description=\"Flows\" languagecode=\"1033\" /></LocalizedNames>\
         <Descriptions /><Version>1.0.0.0</Version><Managed>0</Managed><Publisher><UniqueName>contoso</UniqueName>\
         <LocalizedNames><LocalizedName description=\"Contoso\" languagecode=\"1033\" /></LocalizedNames><Descriptions />\
         <CustomizationPrefix>contoso</CustomizationPrefix><CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix>\
         </Publisher><RootComponents>{}{}{}{}</RootComponents><MissingDependencies /></SolutionManifest></ImportExportXml>",
        root(29, FLOW),
        root(29, DRAFT),
        root(29, WITH_CONNECTION),
        root(92, STEP)
    );
    let customizations = format!(
        "<ImportExportXml><Entities /><Roles /><Workflows>{}{}{}</Workflows><SdkMessageProcessingSteps>\
         <SdkMessageProcessingStep Name=\"On create\" SdkMessageProcessingStepId=\"{{{STEP}}}\"><Stage>40</Stage></SdkMessageProcessingStep>\
         </SdkMessageProcessingSteps><connectionreferences><connectionreference connectionreferencelogicalname=\"contoso_Mail\">\
         <connectionreferencedisplayname>Mail</connectionreferencedisplayname><connectorid>/providers/Microsoft.PowerApps/apis/shared_office365</connectorid>\
         <statecode>0</statecode><statuscode>1</statuscode></connectionreference></connectionreferences><Languages><Language>1033</Language></Languages></ImportExportXml>",
        workflow(FLOW, "Nightly", 1),
        workflow(DRAFT, "Draft", 0),
        workflow(WITH_CONNECTION, "Mailer", 1)
    );
    let types = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
        <Default Extension=\"xml\" ContentType=\"text/xml\" /><Default Extension=\"json\" ContentType=\"application/octet-stream\" /></Types>";
    let plain = r#"{"properties":{"connectionReferences":{},"definition":{}},"schemaVersion":"1.0.0.0"}"#;
    let mail = r#"{"properties":{"connectionReferences":{"shared_office365":{"connection":{"connectionReferenceLogicalName":"contoso_mail"}}},"definition":{}},"schemaVersion":"1.0.0.0"}"#;
    let entry = |name: &str, text: &str| Entry { name: name.into(), bytes: text.as_bytes().to_vec() };
    let entries = [
        entry("[Content_Types].xml", types),
        entry("solution.xml", &manifest),
        entry("customizations.xml", &customizations),
        entry("Workflows/Nightly.json", plain),
        entry("Workflows/Draft.json", plain),
        entry("Workflows/Mailer.json", mail),
    ];
    write_at(&entries, Timestamp::FIRST).expect("a zip")
}

pub fn example(settings: &str) -> Test {
    Test::new().file("flows.zip", solution()).file(
        "dvpack.yaml",
        format!(
            "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
             solution: {{ name: ContosoFlows, displayName: Contoso Flows, version: 1.0.0.0, languages: [1033] }}\n\
             components:\n  source: [flows.zip]\n{settings}"
        ),
    )
}

fn turned_on(writes: &[String]) -> usize {
    writes.iter().filter(|write| write.starts_with("PATCH workflows") || write.starts_with("PATCH sdkmessage")).count()
}

#[test]
fn what_an_import_leaves_off_is_turned_on_and_a_second_run_does_nothing() {
    let world = World::with(Scenario::FlowsOff);
    let example = example("settings:\n  contoso_Mail: shared-office365-1\n");
    let (code, stdout, stderr) = world.run(example.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(
        stdout.contains("turn on those of the 3 flows and plug-in steps that are off after the import"),
        "{stdout}"
    );
    for check in ["cloud flow `Nightly`: on", "cloud flow `Mailer`: on", "plug-in step `On create`: on"] {
        assert!(stdout.contains(check), "{check}: {stdout}");
    }
    assert!(!stdout.contains("`Draft`"), "{stdout}");
    assert_eq!(turned_on(&world.writes()), 3);
    let (code, stdout, stderr) = world.run(example.path(), "apply .");
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("nothing to do"), "{stdout}");
    assert!(world.writes().is_empty());
}

#[test]
fn a_flow_that_was_turned_off_is_drift_and_is_turned_on_or_left_as_asked() {
    let world = World::new(Options::default());
    let example = example("settings:\n  contoso_Mail: shared-office365-1\n");
    assert_eq!(world.run(example.path(), "apply .").0, 0);
    world.patch(&format!("workflows({FLOW})"), &serde_json::json!({"statecode": 0, "statuscode": 1}));
    let (code, stdout, _) = world.run(example.path(), "status .");
    assert_eq!(code, 9, "{stdout}");
    assert!(stdout.contains("differs  cloud flow `Nightly`, state: off"), "{stdout}");

    let (code, stdout, _) = world.run(example.path(), "plan . --leave-off nightly");
    assert_eq!(code, 0, "{stdout}");
    let (code, stdout, _) = world.run(example.path(), "plan .");
    assert_eq!(code, 10, "{stdout}");
    assert!(
        stdout.contains("turn on cloud flow `Nightly`\n     because it is off, and the solution ships it turned on\n"),
        "{stdout}"
    );
    let (code, stdout, stderr) = world.run(example.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("cloud flow `Nightly`: on"), "{stdout}");

    let (code, _, stderr) = world.run(example.path(), "plan . --leave-off Nightlee");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("ships no flow, process or plug-in step `Nightlee`"), "{stderr}");
    assert!(stderr.contains("  cloud flow `Nightly`\n"), "{stderr}");
}

#[test]
fn a_flow_without_its_connection_stays_off_and_is_told() {
    let world = World::with(Scenario::FlowsOff);
    let example = example("");
    let (code, stdout, stderr) = world.run(example.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(
        stdout.contains("cloud flow `Mailer` stays off until connection reference `contoso_mail` has a connection"),
        "{stdout}"
    );
    // Not among what is right.
    assert!(!stdout.contains("ok       cloud flow `Mailer`"), "{stdout}");
    assert_eq!(turned_on(&world.writes()), 2);
}

/// Dataverse turns no flow on that lacks a connection, whatever the solution says and whoever asks.
#[test]
fn in_any_environment_a_flow_is_on_only_with_its_connection() {
    let world = World::new(Options::default());
    let without = example("");
    let (code, stdout, stderr) = world.run(without.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let off = "warning: cloud flow `Mailer` stays off until connection reference `contoso_mail` has a connection";
    assert!(stdout.contains(off) && stdout.contains("cloud flow `Nightly`: on"), "{stdout}");
    let (code, stdout, _) = world.run(without.path(), "status .");
    assert!(code == 0 && stdout.contains(off), "{stdout}");
    let flow = format!("workflows({WITH_CONNECTION})");
    let (status, answer) = world.send(reqwest::Method::PATCH, &flow, &serde_json::json!({"statecode": 1}));
    assert_eq!((status, &answer["error"]["code"]), (400, &"0x80060467".into()), "{answer}");

    let with = example("settings:\n  contoso_Mail: shared-office365-1\n");
    let (code, stdout, stderr) = world.run(with.path(), "apply .");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("turn on cloud flow `Mailer`") && stdout.contains("cloud flow `Mailer`: on"), "{stdout}");
}

#[test]
fn a_flow_that_the_environment_refuses_to_turn_on_does_not_stop_the_rest() {
    let world = World::with(Scenario::FlowsOff);
    let refusal = serde_json::from_value(serde_json::json!({
        "method": "PATCH", "path": format!("workflows({FLOW})"), "times": 0,
        "effect": {"kind": "answer", "status": 400, "code": "0x80060467", "message": "Flow client error returned with status code BadRequest."},
    }));
    world.fault(&refusal.expect("a rule"));
    let (code, stdout, stderr) =
        world.run(example("settings:\n  contoso_Mail: shared-office365-1\n").path(), "apply .");
    assert_eq!(code, 9, "{stdout}{stderr}");
    assert!(stderr.contains("cannot turn on cloud flow `Nightly`: Flow client error"), "{stderr}");
    assert!(stdout.contains("differs  cloud flow `Nightly`, state: off"), "{stdout}");
    assert!(stdout.contains("ok       plug-in step `On create`: on"), "{stdout}");
}
