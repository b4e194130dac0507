//! What acts once a solution is imported, and how: plug-in steps and assemblies, endpoints, scripts of forms, apps, custom
//! APIs and flows. Each is a kind, a name, and facts by name; a new kind of facts is one function here, and every view has
//! it.
//! Facts: `manifests/catalog/solution-xml.tsv`, where the elements are those of real exports; the numbers of stages and
//! modes are those of the tables `sdkmessageprocessingstep` and `pluginassembly`.

mod act;
mod flows;
mod scripts;

pub use act::{Act, ActFact, CONSENT, ISOLATION, NO_ROLE, NOBODY_ASKED, NOT_SAID, PRIVILEGE, ROLE};
pub use flows::{AUTHENTICATION, CONNECTION};
pub(super) use flows::{flow_facts, of_flow};

use crate::solution::components::Parts;
use crate::solution::profile::{name_in, name_of};
use crate::solution::xml::{self, Element};

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
            let mut act = Act::new("plug-in assembly", full.split(',').next().unwrap_or_default(), None);
            act.leaves(item, &place, &["FullName", "PluginAssemblyId", "CustomizationLevel"]);
            if !act.facts.iter().any(|fact| fact.name == ISOLATION) {
                act.add(ISOLATION, NOT_SAID);
            }
            found.push(act);
        }
        ("Workflows", "Workflow") if item.child_text("Category").as_deref() != Some("5") => {
            let mut act = Act::new("process", &name(), item.attribute("WorkflowId"));
            act.leaves(item, &place, &["WorkflowId", "UniqueName"]);
            for trigger in item.find("ProcessTriggers").into_iter().flat_map(Element::elements) {
                let leaves = trigger.elements().map(|it| format!("{} {}", it.name, it.content().trim()));
                act.add("ProcessTrigger", &leaves.collect::<Vec<_>>().join(", "));
            }
            found.push(act);
        }
        ("AppModules", "AppModule") => {
            let mut act = Act::new("app", &item.child_text("UniqueName").unwrap_or_default(), None);
            for role in item.find("AppModuleRoleMaps").into_iter().flat_map(Element::elements) {
                let is_id = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("id");
                let id = role.attributes.iter().find(is_id).or(role.attributes.first());
                act.add(ROLE, &id.map(|(_, id)| id.trim_matches(['{', '}']).to_lowercase()).unwrap_or_default());
            }
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
        _ => {}
    }
    found.extend(scripts::of_item(section, item));
    found.retain(|act| !act.facts.is_empty());
    found
}

/// The custom APIs among the parts.
pub(super) fn custom_apis(parts: &Parts) -> Vec<Act> {
    let is_api = |name: &str| {
        let lower = name.to_ascii_lowercase();
        lower.starts_with("customapis/") && lower.ends_with("/customapi.xml") && lower.matches('/').count() == 2
    };
    let one = |(name, bytes): (&String, &Vec<u8>)| {
        let root = xml::parse(bytes, name).ok()?;
        let called = root.attribute("uniquename").unwrap_or_default();
        let mut act = Act::new("custom API", called, None);
        act.leaves(&root, "customapis/*/customapi.xml", &["uniquename", "statecode", "statuscode"]);
        for lookup in root.elements().filter(|child| child.elements().next().is_some()) {
            // Labels have a language; what is left names a record.
            if !["displayname", "description"].contains(&lookup.name.as_str()) {
                let all = lookup.elements().map(|child| child.content().trim().to_owned());
                act.add(&lookup.name, &all.collect::<Vec<_>>().join(", "));
            }
        }
        if !act.facts.iter().any(|fact| fact.name == PRIVILEGE) {
            act.add(PRIVILEGE, NOBODY_ASKED);
        }
        Some(act)
    };
    parts.iter().filter(|(name, _)| is_api(name)).filter_map(one).collect()
}
