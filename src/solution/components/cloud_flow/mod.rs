//! Cloud flows: a process of category 5 in `Workflows`, its definition in a JSON part whose name is
//! derived from name and id (the rule reproduces 982 of 982 real names).

mod definition;

use uuid::Uuid;

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::labels::{base_language, descriptions, names};
use crate::guid;
use crate::manifest::components::cloud_flow::CloudFlow;
use crate::manifest::components::labels::Labels;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub static KIND: InSection = carried::process("Cloud flow", "5").declared("components.cloudFlows", declare);

/// Counted over 983 real processes.
pub(super) const ORDER: Order = Order {
    attributes: &["WorkflowId", "Name", "Description", "unmodified"],
    children: &[
        "JsonFileName",
        "XamlFileName",
        "Type",
        "Subprocess",
        "Category",
        "Mode",
        "LanguageCode",
        "Scope",
        "OnDemand",
        "TriggerOnUpdateAttributeList",
        "TriggerOnCreate",
        "TriggerOnDelete",
        "AsyncAutodelete",
        "SyncWorkflowLogOnFailure",
        "StateCode",
        "StatusCode",
        "processorder",
        "processroleassignment",
        "CreateStage",
        "UpdateStage",
        "RunAs",
        "SdkMessageId",
        "UniqueName",
        "IsTransacted",
        "IntroducedVersion",
        "IsCustomizable",
        "BusinessProcessType",
        "FormId",
        "UIFlowType",
        "IsCustomProcessingStepAllowedForOtherPublishers",
        "ProcessTriggerScope",
        "BillingContext",
        "ModernFlowType",
        "PrimaryEntity",
        "LocalizedNames",
        "Descriptions",
        "labels",
        "ProcessTriggers",
    ],
    inner: &[("labels", &FREE)],
};

/// The part that contains a process's definition, without the leading `/`.
pub(super) fn payload_name(name: &str, id: Uuid, extension: &str) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(50);
    format!("Workflows/{}-{}.{extension}", kept.collect::<String>(), id.hyphenated().to_string().to_uppercase())
}

fn declare(package: &Package, draft: &mut Draft) {
    for flow in &package.components.cloud_flows {
        let Some(bytes) = definition::definition(flow, package, draft) else { continue };
        let id = flow.id.unwrap_or_else(|| guid::stable("workflow", &package.publisher.name, &flow.name));
        let file = payload_name(&flow.name, id, "json");
        let mut element = workflow(flow, package, id, &file);
        merge(&mut element, &flow.extra, &ORDER, &mut draft.findings);
        if draft.add_element("Workflows", element, &flow.span) {
            draft.add_root("29", "id", &guid::braced(id));
            draft.add_file(&file, bytes, &flow.span);
        }
    }
}

fn workflow(flow: &CloudFlow, package: &Package, id: Uuid, file: &str) -> Element {
    let mut element = Element::new("Workflow").with("WorkflowId", guid::braced(id)).with("Name", flow.name.as_str());
    if let Some(description) = &flow.description {
        element.set_attribute("Description", description.base());
    }
    let (state, status) = if flow.on { ("1", "2") } else { ("0", "1") };
    let version = package.solution.version.to_string();
    // The values besides name, file and state are the same in all 68 real flows at hand.
    for (name, value) in [
        ("JsonFileName", format!("/{file}").as_str()),
        ("Type", "1"),
        ("Subprocess", "0"),
        ("Category", "5"),
        ("Mode", "0"),
        ("Scope", "4"),
        ("OnDemand", "0"),
        ("TriggerOnCreate", "0"),
        ("TriggerOnDelete", "0"),
        ("AsyncAutodelete", "0"),
        ("SyncWorkflowLogOnFailure", "0"),
        ("StateCode", state),
        ("StatusCode", status),
        ("RunAs", "1"),
        ("IsTransacted", "1"),
        ("IntroducedVersion", &version),
        ("IsCustomizable", "1"),
        ("BusinessProcessType", "0"),
        ("IsCustomProcessingStepAllowedForOtherPublishers", "1"),
        ("ModernFlowType", "0"),
        ("PrimaryEntity", "none"),
    ] {
        element.push(Element::text(name, value));
    }
    let name = Labels::one(base_language(package), flow.name.as_str());
    element.push(names(flow.display_name.as_ref().unwrap_or(&name)));
    if let Some(description) = &flow.description {
        element.push(descriptions(description));
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_names_are_those_of_the_server() {
        let id = Uuid::from_u128(0x9185_61ff_615b_ed11_9561_0022_4805_c057);
        assert_eq!(
            payload_name("Admin | PVA Usage - First Run (All Data)", id, "json"),
            "Workflows/AdminPVAUsage-FirstRunAllData-918561FF-615B-ED11-9561-00224805C057.json"
        );
    }
}
