//! What acts after a solution is imported, and how: plug-in steps and assemblies, endpoints, scripts of forms, apps,
//! custom APIs, agents and flows. Each is a kind, a name, and facts by name; a new kind of facts is one function here,
//! and every view has it.
//! Facts: `manifests/catalog/solution-xml.tsv`, where the elements are those of real exports; the numbers of stages and
//! modes are those of the tables `sdkmessageprocessingstep` and `pluginassembly`.

mod act;
mod flows;
mod opens;
mod records;
mod scripts;

pub use act::{
    ACCESS, Act, ActFact, CONSENT, ISOLATION, NO_ROLE, NOBODY_ASKED, NOT_SAID, PRIVILEGE, ROLE, USERS, shown_name,
    shown_value,
};
pub use flows::{AUTHENTICATION, CONNECTION, IMPERSONATION, PARAMETER, WHICH, is_expression};
pub(super) use flows::{flow_facts, of_flow};
pub(super) use records::of_records;

use std::collections::HashMap;

use super::workflows::{WORKFLOW, workflows};
use crate::solution::profile::{name_in, name_of};
use crate::solution::xml::Element;

/// What of a custom connector is code, or changes its requests.
const CODE: [&str; 2] = ["customcodeblobcontent", "policytemplateinstances"];

/// The kind whose names can be there twice, in several versions.
const ASSEMBLY: &str = "plug-in assembly";

/// What acts in an item of a section.
pub(super) fn of_item(section: &str, item: &Element) -> Vec<Act> {
    let place = format!("customizations.xml/{section}/{}", item.name);
    let name = || name_in(item, &place).unwrap_or_default();
    let mut found = Vec::new();
    match (section, item.name.as_str()) {
        ("SdkMessageProcessingSteps", "SdkMessageProcessingStep") => {
            let mut act = Act::new("plug-in step", &name(), item.attribute("SdkMessageProcessingStepId"));
            act.leaves(item, &place, &["SdkMessageProcessingStepId", "IsHidden"]);
            for image in item.find("SdkMessageProcessingStepImages").into_iter().flat_map(Element::elements) {
                let columns = image.child_text("Attributes").filter(|text| !text.is_empty());
                act.add(
                    &format!("image {}", name_of(image).unwrap_or_default()),
                    columns.as_deref().unwrap_or("all columns"),
                );
            }
            found.push(act);
        }
        ("ServiceEndpoints", "ServiceEndpoint") => {
            let mut act = Act::new("service endpoint", &name(), item.attribute("ServiceEndpointId"));
            act.leaves(item, &place, &["ServiceEndpointId"]);
            found.push(act);
        }
        ("SolutionPluginAssemblies", "PluginAssembly") => {
            let full = item.attribute("FullName").unwrap_or_default();
            let mut act = Act::new(
                ASSEMBLY,
                full.split(',').next().unwrap_or_default().trim(),
                item.attribute("PluginAssemblyId"),
            );
            act.leaves(item, &place, &["FullName", "PluginAssemblyId", "CustomizationLevel"]);
            if !act.facts.iter().any(|fact| fact.name == ISOLATION) {
                act.add(ISOLATION, NOT_SAID);
            }
            found.push(act);
        }
        ("AppModules", "AppModule") => {
            let mut act = Act::new("app", &item.child_text("UniqueName").unwrap_or_default(), None);
            item.find("AppModuleRoleMaps").into_iter().for_each(|maps| app_roles(maps, true, &mut act));
            if act.facts.is_empty() {
                act.add(ROLE, NO_ROLE);
            }
            found.push(act);
        }
        ("CanvasApps", "CanvasApp") => {
            let mut act = Act::new("canvas app", &name(), None);
            for flag in CONSENT {
                act.add(flag, &item.child_text(flag).unwrap_or_default());
            }
            found.push(act);
        }
        ("EntityDataProviders", "EntityDataProvider") => {
            let id = item.child_text("EntityDataProviderId");
            let mut act = Act::new("data provider", &name(), id.as_deref());
            act.leaves(item, &place, &["EntityDataProviderId", "IsCustomizable"]);
            found.push(act);
        }
        ("Connectors", "Connector") => {
            let mut act = Act::new("custom connector", &name(), None);
            for part in CODE {
                act.add(part, &item.child_text(part).unwrap_or_default());
            }
            found.push(act);
        }
        _ => {}
    }
    found.extend(workflows(section, item).into_iter().filter_map(process));
    found.extend(scripts::of_item(section, item));
    found.retain(|act| !act.facts.is_empty());
    found
}

/// A process that is no cloud flow, wherever it stands.
fn process(item: &Element) -> Option<Act> {
    if item.child_text("Category").as_deref() == Some("5") {
        return None;
    }
    let mut act = Act::new("process", &name_in(item, WORKFLOW).unwrap_or_default(), item.attribute("WorkflowId"));
    act.leaves(item, WORKFLOW, &["WorkflowId", "UniqueName"]);
    for trigger in item.find("ProcessTriggers").into_iter().flat_map(Element::elements) {
        let leaves = trigger.elements().map(|it| format!("{} {}", it.name, it.content().trim()));
        act.add("ProcessTrigger", &leaves.collect::<Vec<_>>().join(", "));
    }
    Some(act)
}

/// The roles that see an app, however deep they stand.
fn app_roles(maps: &Element, is_right_inside: bool, act: &mut Act) {
    for child in maps.elements() {
        if is_right_inside || child.name.eq_ignore_ascii_case("Role") {
            let is_id = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("id");
            let id = child.attributes.iter().find(is_id).or(child.attributes.first());
            act.add(ROLE, &id.map(|(_, id)| id.trim_matches(['{', '}']).to_lowercase()).unwrap_or_default());
        }
        app_roles(child, false, act);
    }
}

/// Assemblies are known by their names or, if there are several versions of one, by their ids.
pub(super) fn tell_apart(acts: &mut [Act]) {
    let mut names: HashMap<String, usize> = HashMap::new();
    for act in acts.iter().filter(|act| act.kind == ASSEMBLY) {
        *names.entry(act.name.to_lowercase()).or_default() += 1;
    }
    let is_alone = |act: &&mut Act| act.kind == ASSEMBLY && names.get(&act.name.to_lowercase()) == Some(&1);
    acts.iter_mut().filter(is_alone).for_each(|act| act.id = None);
}
