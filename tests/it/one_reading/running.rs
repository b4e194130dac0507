//! Whatever runs by itself is known by an id, and is shown with its state and as whom.

use super::*;

pub(super) fn flow(attributes: &str, more: &str) -> String {
    format!("<Workflows><Workflow {attributes}>{more}</Workflow></Workflows>")
}

#[test]
fn whatever_runs_by_itself_is_known_by_an_id_and_says_whether_it_is_on() {
    let known = format!("WorkflowId=\"{}\" Name=\"Nightly\"", id(1));
    let on = "<StateCode>1</StateCode><StatusCode>2</StatusCode>";
    let process = |more: &str| flow(&known, &format!("<Category>0</Category>{more}"));
    let step = |attributes: &str| {
        format!(
            "<SdkMessageProcessingSteps><SdkMessageProcessingStep {attributes}><Stage>20</Stage></SdkMessageProcessingStep></SdkMessageProcessingSteps>"
        )
    };
    let nested = |inner: &str| {
        format!(
            "<RoutingRules><RoutingRule><RoutingRuleId>{{1}}</RoutingRuleId><Name>S</Name>{inner}</RoutingRule></RoutingRules>"
        )
    };
    let convert =
        |inner: &str| format!("<ConvertRules><ConvertRule><Name>S</Name>{inner}</ConvertRule></ConvertRules>");
    let lone = "`Workflow` has `StatusCode` without `StateCode`";
    all_said_of(&[
        ("a process", &process(on), ""),
        ("a process without a state", &process(""), ""),
        ("a process inside a rule", &nested(&process(on)), ""),
        ("no id", &flow("Name=\"Nightly\"", "<Category>0</Category>"), "`Workflow` has no `WorkflowId`"),
        (
            "an empty id",
            &flow("WorkflowId=\"\" Name=\"x\"", "<Category>0</Category>"),
            "`Workflow` has no `WorkflowId`",
        ),
        ("no name", &flow(&format!("WorkflowId=\"{}\"", id(1)), "<Category>0</Category>"), "`Workflow` has no `Name`"),
        (
            "a blank name",
            &flow(&format!("WorkflowId=\"{}\" Name=\" \"", id(1)), "<Category>0</Category>"),
            "`Workflow` has no `Name`",
        ),
        ("no category", &flow(&known, on), "`Workflow` has no `Category`"),
        ("a category in words", &flow(&known, "<Category>flow</Category>"), "`Category`: `flow` is not a number"),
        ("a status alone", &process("<StatusCode>2</StatusCode>"), lone),
        ("a status and an empty state", &process("<StateCode /><StatusCode>2</StatusCode>"), "`StateCode`: `` is not"),
        ("a state alone", &process("<StateCode>1</StateCode>"), "`Workflow` has `StateCode` without `StatusCode`"),
        ("a state in another case", &process("<statecode>1</statecode>"), "is spelled `StateCode`"),
        ("a step without an id", &step("Name=\"S\""), "has no `SdkMessageProcessingStepId`"),
        ("a step without a name", &step(&format!("SdkMessageProcessingStepId=\"{}\"", id(2))), "has no `Name`"),
        ("a nested process without an id", &nested(&flow("Name=\"x\"", on)), "`Workflow` has no `WorkflowId`"),
        ("a nested status alone", &nested(&process("<StatusCode>2</StatusCode>")), lone),
        ("a nested list in another case", &nested(&process(on).replace("Workflows>", "workflows>")), "is spelled"),
        ("two nested lists", &nested(&process(on).repeat(2)), "a second `Workflows` in `RoutingRule`"),
        ("processes where no rule has them", &convert(&process(on)), "`Workflows` is hidden in `ConvertRule`"),
        (
            "a process in an item",
            &nested(&format!("<RoutingRuleItems>{}</RoutingRuleItems>", process(on))),
            "is hidden",
        ),
    ]);
    let zip = with_section(&solution(&genuine()), "RoutingRules", &nested(&process(on)));
    let twice = with_section(&zip, "Workflows", &process(on));
    let found = Contents::read(&twice, "it.zip").expect("read").deviations;
    assert!(found.iter().any(|it| it.message.contains("a second `Workflow` has the `WorkflowId`")), "{found:?}");
}

#[test]
fn whatever_runs_by_itself_is_shown_with_its_state_and_as_whom() {
    let process = |number: u32, name: &str, more: &str| {
        format!("<Workflow WorkflowId=\"{}\" Name=\"{name}\">{more}</Workflow>", id(number))
    };
    let on = "<StateCode>1</StateCode><StatusCode>2</StatusCode>";
    let workflows = [
        process(1, "Owned", &format!("<Category>0</Category>{on}<RunAs>0</RunAs>")),
        process(2, "Silent", "<Category>0</Category>"),
        process(3, "Strange", &format!("<Category>99</Category>{on}<RunAs>1</RunAs>")),
        process(4, "Plain", "<Category>5</Category><StateCode>0</StateCode><StatusCode>1</StatusCode><RunAs>1</RunAs>"),
    ];
    let nested = process(5, "Nested", &format!("<Category>0</Category>{on}"));
    let step = format!(
        "<SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"S\" SdkMessageProcessingStepId=\"{}\">\
         <impersonatinguserid>{{2}}</impersonatinguserid><SecureConfiguration>marker</SecureConfiguration>\
         <StateCode>1</StateCode></SdkMessageProcessingStep></SdkMessageProcessingSteps>",
        id(6)
    );
    let rules = format!(
        "<RoutingRules><RoutingRule><Name>Sales</Name><Workflows>{nested}</Workflows></RoutingRule></RoutingRules>"
    );
    let zip =
        with_section(&solution(&genuine()), "Workflows", &format!("<Workflows>{}</Workflows>", workflows.concat()));
    let zip = with_section(&with_section(&zip, "RoutingRules", &rules), "SdkMessageProcessingSteps", &step);
    let ran = Test::new().file("it.zip", &zip).args("inspect it.zip").success();
    for line in [
        "on   process Owned, runs as its owner\n",
        "state not said  process Silent\n",
        "on   process of an unknown category Strange\n",
        "off  cloud flow Plain\n",
        "on   process Nested, inside RoutingRule Sales\n",
        "on   plug-in step S, ImpersonatingUserId = {2}, has a secure configuration, StateCode = 1\n",
    ] {
        assert!(ran.stdout.contains(line), "`{line}` is not in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("marker"), "{}", ran.stdout);
    let json = Test::new().file("it.zip", &zip).args("inspect it.zip --format json").success().json();
    let silent = json["solutions"][0]["processes"].as_array().expect("a list").iter().find(|it| it["name"] == "Silent");
    assert!(silent.expect("there")["on"].is_null());
    let old = solution(&genuine());
    let ran = Test::new().file("old.zip", &old).file("new.zip", &zip).args("diff old.zip new.zip").run();
    assert!(ran.stdout.contains("process Nested") && ran.stdout.contains("runs as its owner"), "{}", ran.stdout);
}
