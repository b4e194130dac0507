//! What acts where nobody looks for it, behind what is shown, or under the title of something else.

use super::{inspected, step};
use crate::merged_zip::zip;
use crate::support::{Ran, Test};

fn compared(old: Vec<u8>, new: Vec<u8>) -> Ran {
    Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").run()
}

#[test]
fn a_workflow_in_a_rule_is_shown_like_any_other() {
    let rules = |list: &str, rule: &str, scope: u8, create: u8| {
        let workflow = format!(
            "<Workflows><Workflow WorkflowId=\"{{b3e9fd10-2381-5f5d-b3b7-6c9dcb006270}}\" Name=\"W\"><Type>1</Type><Category>0</Category><Scope>{scope}</Scope><TriggerOnCreate>{create}</TriggerOnCreate><StateCode>1</StateCode><StatusCode>2</StatusCode><RunAs>1</RunAs></Workflow></Workflows>"
        );
        zip(&format!("<{list}><{rule}><Name>R</Name>{workflow}</{rule}></{list}>"), "", &[])
    };
    for (list, rule) in [("RoutingRules", "RoutingRule"), ("ChannelAccessProfileRules", "ChannelAccessProfileRule")] {
        let title = "process W (b3e9fd10-2381-5f5d-b3b7-6c9dcb006270)";
        let (stdout, _) = inspected(&rules(list, rule, 4, 1));
        assert!(
            stdout.contains(&format!("{title}: Type = 1; Category = 0; Scope = 4; TriggerOnCreate = 1")),
            "{stdout}"
        );
        let ran = compared(rules(list, rule, 1, 0), rules(list, rule, 4, 1));
        for said in ["Scope: 1 → 4", "TriggerOnCreate: 0 → 1"] {
            assert!(ran.stdout.contains(&format!("{title}: {said}")), "{}", ran.stdout);
        }
    }
}

#[test]
fn plug_ins_of_providers_and_code_of_connectors_are_shown() {
    let provider = |id: u8| {
        format!(
            "<EntityDataProviders><EntityDataProvider><EntityDataProviderId>0badc0de-0000-4000-8000-000000000001</EntityDataProviderId><Name>P</Name><DataSourceLogicalName>contoso_ds</DataSourceLogicalName><IsCustomizable>1</IsCustomizable><RetrievePluginTypeId>0badc0de-0000-4000-8000-00000000000{id}</RetrievePluginTypeId></EntityDataProvider></EntityDataProviders>"
        )
    };
    let connector = |code: &str| {
        format!(
            "<Connectors><Connector><connectorid>b9f88b25-27ff-4da3-b4f8-5eae95610987</connectorid><displayname>C</displayname><name>contoso_c</name><connectortype>1</connectortype>{code}</Connector></Connectors>"
        )
    };
    let code = "<customcodeblobcontent>/Connector/contoso_c_script.csx</customcodeblobcontent>";
    let parts: [(&str, &[u8]); 1] = [("Connector/contoso_c_script.csx", b"public class Script{}")];
    let (old, new) =
        (zip(&(provider(3) + &connector("")), "", &[]), zip(&(provider(4) + &connector(code)), "", &parts));
    let (stdout, _) = inspected(&new);
    for said in [
        "data provider P (0badc0de-0000-4000-8000-000000000001): DataSourceLogicalName = contoso_ds; RetrievePluginTypeId = 0badc0de-0000-4000-8000-000000000004",
        "custom connector contoso_c: customcodeblobcontent = /Connector/contoso_c_script.csx",
    ] {
        assert!(stdout.contains(said), "{said}: {stdout}");
    }
    let ran = compared(old, new);
    for said in [
        "RetrievePluginTypeId: 0badc0de-0000-4000-8000-000000000003 → 0badc0de-0000-4000-8000-000000000004",
        "custom connector contoso_c: (nothing) → customcodeblobcontent",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
}

#[test]
fn what_a_function_of_a_ribbon_is_called_with_is_shown() {
    let ribbon = |value: &str| {
        zip(
            &format!(
                "<RibbonDiffXml><CommandDefinitions><CommandDefinition Id=\"c\"><EnableRules /><DisplayRules /><Actions><JavaScriptFunction FunctionName=\"eval\" Library=\"$webresource:good.js\"><StringParameter Value=\"{value}\" /></JavaScriptFunction></Actions></CommandDefinition></CommandDefinitions></RibbonDiffXml>"
            ),
            "",
            &[],
        )
    };
    let ran = compared(ribbon("1"), ribbon("run()"));
    let said = "eval of $webresource:good.js, parameters StringParameter \"1\" → eval of $webresource:good.js, parameters StringParameter \"run()\"";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn no_change_hides_behind_what_is_cut() {
    for name in ["Configuration", "FilteringAttributes"] {
        let with = |end: &str| step("", &format!("<{name}>{}{end}</{name}>", "a".repeat(800)));
        let (stdout, _) = inspected(&with("x"));
        assert!(stdout.contains(&format!("{name} = aaa")) && stdout.contains("… (801 bytes, sha256 "), "{stdout}");
        let ran = compared(with("x"), with("y"));
        assert!(ran.stdout.contains(&format!("): {name}: aaa")), "{}", ran.stdout);
        let json = Test::new().file("a.zip", with("x")).args("inspect a.zip --format json").success().json();
        assert!(json["solutions"][0]["acting"].to_string().contains(&format!("{}x", "a".repeat(800))));
    }
}

#[test]
fn one_title_does_not_pass_for_another() {
    let steps = |stage: u8| {
        zip(
            &format!(
                "<SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"Y\" SdkMessageProcessingStepId=\"{{bbbbbbbb-0000-4000-8000-000000000002}}\"><SdkMessageProcessingStepImages><SdkMessageProcessingStepImage Name=\"Q (aaaaaaaa-0000-4000-8000-000000000001): Stage\"><Attributes>same</Attributes></SdkMessageProcessingStepImage></SdkMessageProcessingStepImages></SdkMessageProcessingStep><SdkMessageProcessingStep Name=\"Y (bbbbbbbb-0000-4000-8000-000000000002): image Q\" SdkMessageProcessingStepId=\"{{aaaaaaaa-0000-4000-8000-000000000001}}\"><Mode>0</Mode><Stage>{stage}</Stage></SdkMessageProcessingStep></SdkMessageProcessingSteps>"
            ),
            "",
            &[],
        )
    };
    let ran = compared(steps(40), steps(10));
    assert!(ran.stdout.contains("Stage: 40 (post-operation) → 10 (pre-validation)"), "{}", ran.stdout);
}

#[test]
fn a_long_name_is_not_said_again_with_each_fact() {
    let with = |value: u8| {
        let facts: String = (0..400).map(|at| format!("<a{at}>{value}</a{at}>")).collect();
        let name = "A".repeat(900);
        zip(
            &format!(
                "<SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"{name}\" SdkMessageProcessingStepId=\"{{b3e9fd10-2381-5f5d-b3b7-6c9dcb006270}}\">{facts}</SdkMessageProcessingStep></SdkMessageProcessingSteps>"
            ),
            "",
            &[],
        )
    };
    let test = Test::new().file("old.zip", with(1)).file("new.zip", with(2));
    let json = test.args("diff old.zip new.zip --format json").run().json();
    let acting = json["difference"]["acting"].as_array().expect("a list").clone();
    assert_eq!(acting.len(), 400);
    assert!(acting.iter().all(|it| it["name"].as_str().is_some_and(|name| name.len() < 500)), "{:?}", acting[0]);
}
