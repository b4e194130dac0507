//! What Dataverse has once is there once, wherever a view reads it by its name.

use super::{ID, inspected, step};
use crate::merged_zip::{project, zip};

const LABELS: &str = "<LocalizedNames><LocalizedName description=\"Main\" languagecode=\"1033\" /></LocalizedNames>";

fn table(inside: &str) -> Vec<u8> {
    let text = format!(
        "<Entities><Entity><Name>contoso_W</Name><EntityInfo><entity Name=\"contoso_W\" /></EntityInfo>{inside}</Entity></Entities>"
    );
    zip(&text, "", &[])
}

fn form(inside: &str) -> Vec<u8> {
    table(&format!("<FormXml><forms type=\"main\"><systemform>{inside}{LABELS}</systemform></forms></FormXml>"))
}

fn view(inside: &str) -> Vec<u8> {
    table(&format!(
        "<SavedQueries><savedqueries><savedquery>{inside}{LABELS}</savedquery></savedqueries></SavedQueries>"
    ))
}

fn image(inside: &str) -> Vec<u8> {
    step(
        "",
        &format!(
            "<SdkMessageProcessingStepImages><SdkMessageProcessingStepImage Name=\"i\"{inside}</SdkMessageProcessingStepImage></SdkMessageProcessingStepImages>"
        ),
    )
}

fn process(inside: &str) -> Vec<u8> {
    let workflow = format!(
        "<RoutingRules><RoutingRule><Workflows><Workflow WorkflowId=\"{{{ID}}}\" Name=\"P\"><Category>0</Category><ProcessTriggers><ProcessTrigger>{inside}</ProcessTrigger></ProcessTriggers></Workflow></Workflows></RoutingRule></RoutingRules>"
    );
    zip(&workflow, "", &[])
}

#[test]
fn nothing_is_there_twice_of_which_a_view_shows_one() {
    let one = format!("<formid>{{{ID}}}</formid>");
    let other = "<formid>{11111111-2381-5f5d-b3b7-6c9dcb006270}</formid>";
    let handler = "<form><Handler functionName=\"good\" FunctionName=\"evil\" libraryName=\"a.js\" /></form>";
    let libraries = "<form><formLibraries><library name=\"evil.js\" /><Library name=\"a.js\" /></formLibraries></form>";
    let query = format!("<savedqueryid>{{{ID}}}</savedqueryid>");
    for (zip, said) in [
        (form(&format!("{one}{other}<form />")), "a second `formid` in `systemform`"),
        (form(&format!("{one}<form><Library name=\"a.js\" /></form><form />")), "a second `form` in `systemform`"),
        (form(&format!("{one}<FormId>{{{ID}}}</FormId><form />")), "`FormId` in `systemform` is spelled `formid`"),
        (
            form(&format!("{one}{handler}")),
            "`FunctionName` and `functionName` in `Handler` differ in case or prefix only",
        ),
        (
            form(&format!("{one}{libraries}")),
            "`Library` and `library` in `formLibraries` differ in case or prefix only",
        ),
        (view(&format!("{query}<fetchxml /><fetchxml />")), "a second `fetchxml` in `savedquery`"),
        (view("<fetchxml />"), "`savedquery` has no `savedqueryid`"),
        (image("><Attributes>name</Attributes><Attributes>creditcard</Attributes>"), "a second `Attributes`"),
        (
            image(" Attributes=\"creditcard\"><Attributes>name</Attributes>"),
            "`SdkMessageProcessingStepImage` has the attribute `Attributes`; readers take the element",
        ),
        (
            image("><attributes>creditcard</attributes><Attributes>name</Attributes>"),
            "`attributes` in `SdkMessageProcessingStepImage` is spelled `Attributes`",
        ),
        (process("<event>a</event><event>b</event>"), "a second `event` in `ProcessTrigger`"),
    ] {
        let (_, stderr) = inspected(&zip);
        assert!(stderr.contains(said), "{said}: {stderr}");
        let ran = project(&zip, "").args("build . -o made").code(3);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}
