//! SDK message steps with their images. Facts: steps of real exports (newest form: message first,
//! empty filter written), and of their 113 images in packages of 8.2 to 9.2, which all have one form.

use uuid::Uuid;

use super::extra::{self, Order};
use super::kind::{Component, Kind};
use super::plugin_types::{self, PluginType};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::guid;
use crate::manifest::components::plugin_type::PluginTypeReference;
use crate::manifest::components::service_endpoint::Contract;
use crate::manifest::components::step::image::StepImage;
use crate::manifest::components::step::{Step as Meant, StepHandler};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub struct Step;

const ORDER: Order = Order {
    attributes: &["Name", "SdkMessageProcessingStepId"],
    children: &[
        "SdkMessageId",
        "PluginTypeName",
        "PluginTypeId",
        "PluginTypeExportKey",
        "PrimaryEntity",
        "SecondaryEntity",
        "AsyncAutoDelete",
        "Configuration",
        "Description",
        "FilteringAttributes",
        "ImpersonatingUserIdName",
        "InvocationSource",
        "Mode",
        "Rank",
        "EventHandler",
        "EventHandlerTypeCode",
        "Stage",
        "IsCustomizable",
        "IsHidden",
        "SupportedDeployment",
        "IntroducedVersion",
        "SdkMessageProcessingStepImages",
    ],
    inner: &[],
};
const IMAGE: Order = Order {
    attributes: &["Name"],
    children: &[
        "Description",
        "SdkMessageProcessingStepImageId",
        "Attributes",
        "EntityAlias",
        "ImageType",
        "MessagePropertyName",
        "RelatedAttributeName",
        "IsCustomizable",
        "IntroducedVersion",
    ],
    inner: &[],
};

/// The type code of `plugintype` and of `serviceendpoint`.
const PLUGIN_TYPE: &str = "4602";
const SERVICE_ENDPOINT: &str = "4618";
/// The platform's types that call an endpoint (type, GUID). Webhooks: a real step; others: name and
/// GUID as three registration tools have them, the assembly's full name that of the webhook's.
const WEBHOOK: (&str, &str) = (
    "Microsoft.Crm.ServiceBus.WebhookPlugin, Microsoft.Crm.ServiceBus, Version=9.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35",
    "fe4f0cdb-b254-4fa1-84f6-d58d0759b8b3",
);
const SERVICE_BUS: (&str, &str) = (
    "Microsoft.Crm.ServiceBus.ServiceBusPlugin, Microsoft.Crm.ServiceBus, Version=9.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35",
    "ef521e63-cd2b-4170-99f6-447466a7161e",
);

fn text(parent: &mut Element, name: &str, value: impl Into<String>) {
    parent.push(Element::text(name, value));
}

fn bit(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}

/// What runs, as it is called in the step's usual name and in its identity.
fn called(handler: &StepHandler) -> &str {
    match handler {
        StepHandler::PluginType(PluginTypeReference::Name(name, _) | PluginTypeReference::Key(name))
        | StepHandler::Endpoint(name, _) => name,
    }
}

/// The endpoint of that name: its contract and braced GUID.
fn endpoint(name: &str, span: &Span, draft: &mut Draft) -> Option<(String, String)> {
    let mut known = Vec::new();
    for element in draft.package.section("ServiceEndpoints") {
        let own = element.attribute("Name").unwrap_or_default();
        if own == name {
            let id = element.attribute("ServiceEndpointId").unwrap_or_default();
            return Some((element.child_text("Contract").unwrap_or_default(), id.to_owned()));
        }
        known.push(own.to_owned());
    }
    let finding =
        Diagnostic::error("unknown-endpoint", format!("this solution has no service endpoint `{name}`")).at(span);
    draft.findings.push(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => finding.label(format!("did you mean `{near}`?")).help(format!("write `{near}`")),
        None => finding.help("declare it under `serviceEndpoints`, or bring it in a folder named under `source`"),
    });
    None
}

fn element(step: &Meant, id: Uuid, name: &str, package: &Package, draft: &mut Draft) -> Option<Element> {
    let version = package.solution.version.to_string();
    let mut root = Element::new("SdkMessageProcessingStep")
        .with("Name", name)
        .with("SdkMessageProcessingStepId", guid::braced(id));
    text(&mut root, "SdkMessageId", step.message_id.hyphenated().to_string());
    let mut event_handler = None;
    match &step.handler {
        StepHandler::PluginType(reference) => match plugin_types::find(reference, package, draft)? {
            PluginType::Here(qualified, id) => {
                if !qualified.is_empty() {
                    text(&mut root, "PluginTypeName", qualified);
                }
                if !id.is_empty() {
                    text(&mut root, "PluginTypeId", id);
                }
            }
            PluginType::ByKey(key) => text(&mut root, "PluginTypeExportKey", key),
        },
        StepHandler::Endpoint(name, span) => {
            let (contract, id) = endpoint(name, span, draft)?;
            let is_webhook = contract == (Contract::Webhook as u32).to_string();
            let (name, type_id) = if is_webhook { WEBHOOK } else { SERVICE_BUS };
            text(&mut root, "PluginTypeName", name);
            text(&mut root, "PluginTypeId", type_id);
            event_handler = Some(id);
        }
    }
    for (name, table) in [("PrimaryEntity", &step.table), ("SecondaryEntity", &step.secondary_table)] {
        if let Some(table) = table {
            text(&mut root, name, table.as_str());
        }
    }
    text(&mut root, "AsyncAutoDelete", bit(step.delete_job));
    if let Some(configuration) = &step.configuration {
        text(&mut root, "Configuration", configuration.as_str());
    }
    text(&mut root, "Description", step.description.as_deref().unwrap_or(name));
    text(&mut root, "FilteringAttributes", step.columns.join(","));
    if let Some(user) = &step.run_as {
        text(&mut root, "ImpersonatingUserIdName", user.as_str());
    }
    text(&mut root, "InvocationSource", "1");
    text(&mut root, "Mode", (step.mode as u32).to_string());
    text(&mut root, "Rank", step.rank.to_string());
    let type_code = if event_handler.is_some() { SERVICE_ENDPOINT } else { PLUGIN_TYPE };
    if let Some(id) = event_handler {
        text(&mut root, "EventHandler", id);
    }
    text(&mut root, "EventHandlerTypeCode", type_code);
    text(&mut root, "Stage", (step.stage as u32).to_string());
    text(&mut root, "IsCustomizable", bit(step.customizable));
    text(&mut root, "IsHidden", bit(step.hidden));
    text(&mut root, "SupportedDeployment", (step.runs_on as u32).to_string());
    text(&mut root, "IntroducedVersion", version.as_str());
    let mut images = Element::new("SdkMessageProcessingStepImages");
    for image in &step.images {
        images.push(image_element(image, id, package, draft));
    }
    root.push(images);
    extra::merge(&mut root, &step.extra, &ORDER, &mut draft.findings);
    Some(root)
}

fn image_element(image: &StepImage, step: Uuid, package: &Package, draft: &mut Draft) -> Element {
    let derived = || guid::stable("stepimage", &package.publisher.name, &format!("{step}/{}", image.alias));
    let mut root = Element::new("SdkMessageProcessingStepImage").with("Name", image.name.as_str());
    if let Some(description) = &image.description {
        text(&mut root, "Description", description.as_str());
    }
    text(&mut root, "SdkMessageProcessingStepImageId", guid::braced(image.id.unwrap_or_else(derived)));
    // Written even if empty, which means all columns.
    text(&mut root, "Attributes", image.columns.join(","));
    text(&mut root, "EntityAlias", image.alias.as_str());
    text(&mut root, "ImageType", (image.kind as u32).to_string());
    text(&mut root, "MessagePropertyName", image.property.as_str());
    text(&mut root, "IsCustomizable", bit(image.customizable));
    extra::merge(&mut root, &image.extra, &IMAGE, &mut draft.findings);
    root
}

impl Kind for Step {
    fn label(&self) -> &'static str {
        "SDK message step"
    }
    fn place(&self) -> &'static str {
        "SdkMessageProcessingSteps"
    }
    fn root_type(&self) -> Option<u32> {
        Some(92)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.steps")
    }
    fn folder(&self) -> &'static str {
        "SdkMessageProcessingSteps/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        if item.name != "SdkMessageProcessingStep" {
            return Vec::new();
        }
        let value = |name| item.attribute(name).unwrap_or_default().to_owned();
        vec![Component { kind: self.label(), name: value("Name"), id: value("SdkMessageProcessingStepId") }]
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for step in &package.components.steps {
            let table = step.table.as_deref();
            let second = step.secondary_table.as_ref().map(|second| format!(" and {second}")).unwrap_or_default();
            let on = table.unwrap_or("any Entity");
            let usual = || format!("{}: {} of {on}{second}", called(&step.handler), step.message);
            let name = step.name.clone().unwrap_or_else(usual);
            let identity = format!(
                "{}/{}/{}/{}/{}/{}",
                called(&step.handler),
                step.message,
                table.unwrap_or_default(),
                step.stage as u32,
                step.mode as u32,
                step.name.as_deref().unwrap_or_default()
            );
            let id = step.id.unwrap_or_else(|| guid::stable("step", &package.publisher.name, &identity));
            let Some(element) = element(step, id, &name, package, draft) else { continue };
            if draft.add_element("SdkMessageProcessingSteps", element, &step.span) {
                draft.add_root("92", "id", &guid::braced(id));
            }
        }
        if !package.components.steps.is_empty() {
            let id = |it: &Element| it.attribute("SdkMessageProcessingStepId").unwrap_or_default().to_owned();
            draft.sort_section("SdkMessageProcessingSteps", id);
        }
    }
}
