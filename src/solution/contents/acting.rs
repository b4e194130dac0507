//! What acts once a solution is imported, and how: plug-in steps and assemblies, endpoints, scripts of forms, apps, custom
//! APIs and flows. Each is a kind, a name, and facts by name; a new kind of facts is one function here, and every view has
//! it.
//! Facts: `manifests/catalog/solution-xml.tsv`, where the elements are those of real exports; the numbers of stages and
//! modes are those of the tables `sdkmessageprocessingstep` and `pluginassembly`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::catalog::{credentials, message_name};
use crate::solution::components::Parts;
use crate::solution::contents::values::HIDDEN;
use crate::solution::json;
use crate::solution::profile::name_of;
use crate::solution::xml::{self, Element};
use crate::text::shortened;

/// How much of a value is kept.
const LONGEST: usize = 500;

/// Something that acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Acting")]
pub struct Act {
    /// What it is, such as `plug-in step`.
    pub kind: &'static str,
    /// What people know it by.
    pub name: String,
    /// Its id, where names of its kind can be there twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it does, by the names that Dataverse has for it.
    pub facts: Vec<ActFact>,
}

/// Something about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[schemars(rename = "ActingFact")]
pub struct ActFact {
    /// Such as `Stage`.
    pub name: String,
    /// Such as `20 (pre-operation)`.
    pub value: String,
}

impl Act {
    fn new(kind: &'static str, name: &str, id: Option<&str>) -> Self {
        let id = id.map(|id| id.trim_matches(['{', '}']).to_lowercase()).filter(|id| !id.is_empty());
        Self { kind, name: name.to_owned(), id, facts: Vec::new() }
    }

    fn add(&mut self, name: &str, value: &str) {
        let value = shortened(value.trim(), LONGEST).into_owned();
        if !value.is_empty() {
            self.facts.push(ActFact { name: name.to_owned(), value });
        }
    }

    /// Attributes and children with a text only, but for these.
    fn leaves(&mut self, element: &Element, but: &[&str]) {
        let attributes = element.attributes.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let plain = |child: &&Element| child.elements().next().is_none();
        let children = element.elements().filter(plain).map(|child| (child.name.as_str(), child.content()));
        for (name, value) in attributes.chain(children).filter(|(name, _)| !but.contains(name) && !is_about(name)) {
            let hidden = is_secret(name) && !value.trim().is_empty();
            let value = if hidden { HIDDEN.to_owned() } else { in_words(name, value.trim()) };
            self.add(name, &value);
        }
    }

    /// Kind, name and id.
    #[must_use]
    pub fn called(&self) -> String {
        let id = self.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
        format!("{} {}{id}", self.kind, self.name)
    }

    /// All facts on one line.
    #[must_use]
    pub fn words(&self) -> String {
        let facts = self.facts.iter().map(|ActFact { name, value }| format!("{name} = {value}"));
        facts.collect::<Vec<_>>().join("; ")
    }
}

/// What says nothing of what it does.
fn is_about(name: &str) -> bool {
    const ABOUT: [&str; 8] = [
        "Name",
        "IntroducedVersion",
        "IsCustomizable",
        "Description",
        "unmodified",
        "iscustomizable",
        "name",
        "xsi:nil",
    ];
    ABOUT.contains(&name)
}

/// What is meant to be secret: only that there is one is said.
fn is_secret(name: &str) -> bool {
    ["SecureConfiguration", "AuthValue", "SASKey", "SASToken"].iter().any(|it| it.eq_ignore_ascii_case(name))
        || credentials::looks_secret(name) && name != "SASKeyName"
}

/// Numbers with the words that people have for them.
fn in_words(name: &str, value: &str) -> String {
    let word = match (name, value) {
        ("Stage", "10") => "pre-validation",
        ("Stage", "20") => "pre-operation",
        ("Stage", "30") => "main operation",
        ("Stage", "40") => "post-operation",
        ("Mode", "0") => "synchronous",
        ("Mode", "1") => "asynchronous",
        ("Contract", "1") => "one-way queue",
        ("Contract", "2") => "two-way",
        ("Contract", "3") => "REST",
        ("Contract", "5") => "topic",
        ("Contract", "6") => "queue",
        ("Contract", "7") => "event hub",
        ("Contract", "8") => "webhook",
        ("IsolationMode", "1") => "none",
        ("IsolationMode", "2") => "sandbox",
        ("IsolationMode", "3") => "external",
        ("SourceType", "0") => "database",
        ("SourceType", "1") => "disk",
        ("SourceType", "4") => "file store",
        ("SdkMessageId", id) => message_name(id).unwrap_or_default(),
        _ => "",
    };
    if word.is_empty() { value.to_owned() } else { format!("{value} ({word})") }
}

/// What acts in an item of a section.
pub(super) fn of_item(section: &str, item: &Element) -> Vec<Act> {
    let name = || name_of(item).unwrap_or_default();
    let mut found = Vec::new();
    match (section, item.name.as_str()) {
        ("SdkMessageProcessingSteps", "SdkMessageProcessingStep") => {
            let mut act = Act::new("plug-in step", &name(), item.attribute("SdkMessageProcessingStepId"));
            act.leaves(item, &["SdkMessageProcessingStepId", "IsHidden"]);
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
            act.leaves(item, &["ServiceEndpointId"]);
            found.push(act);
        }
        ("SolutionPluginAssemblies", "PluginAssembly") => {
            let full = item.attribute("FullName").unwrap_or_default();
            let mut act = Act::new("plug-in assembly", full.split(',').next().unwrap_or_default(), None);
            act.leaves(item, &["FullName", "PluginAssemblyId", "CustomizationLevel"]);
            found.push(act);
        }
        ("Workflows", "Workflow") if item.child_text("Category").as_deref() != Some("5") => {
            let mut act = Act::new("process", &name(), item.attribute("WorkflowId"));
            act.leaves(item, &["WorkflowId", "UniqueName"]);
            for trigger in item.find("ProcessTriggers").into_iter().flat_map(Element::elements) {
                let leaves = trigger.elements().map(|it| format!("{} {}", it.name, it.content().trim()));
                act.add("ProcessTrigger", &leaves.collect::<Vec<_>>().join(", "));
            }
            found.push(act);
        }
        ("AppModules", "AppModule") => {
            let mut act = Act::new("app", &item.child_text("UniqueName").unwrap_or_default(), None);
            for role in item.find("AppModuleRoleMaps").into_iter().flat_map(Element::elements) {
                let id = role.attributes.first().map(|(_, id)| id.trim_matches(['{', '}']).to_lowercase());
                act.add(ROLE, &id.unwrap_or_default());
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
    forms(section, item, &mut found);
    found.retain(|act| !act.facts.is_empty());
    found
}

/// The fact with a role that sees an app or a form.
pub const ROLE: &str = "role";
/// What lets a canvas app use connections that nobody consented to.
pub const CONSENT: [&str; 2] = ["BypassConsent", "AdminControlBypassConsent"];

/// The forms of a table or dashboard, where they run scripts, have code components, or are for some roles only.
fn forms(section: &str, item: &Element, found: &mut Vec<Act>) {
    let table = (section == "Entities").then(|| item.child_text("Name")).flatten();
    each(item, &mut |form| {
        if form.name != "systemform" && form.name != "Dashboard" {
            return;
        }
        let title = form.find("LocalizedNames").and_then(|names| names.elements().next());
        let title = title.and_then(|name| name.attribute("description")).unwrap_or("form");
        let name = table.as_ref().map_or_else(|| title.to_owned(), |table| format!("{table}: {title}"));
        let id = form.child_text("formid").or_else(|| form.child_text("FormId"));
        let mut act = Act::new("form", &name, id.as_deref());
        scripts(form, "", &mut act);
        found.push(act);
    });
}

/// Libraries, handlers, code components and roles, wherever they stand in a form.
fn scripts(element: &Element, event: &str, act: &mut Act) {
    let of = |name: &str| element.attribute(name).unwrap_or_default();
    match element.name.as_str() {
        "Library" => act.add("library", of("name")),
        "Handler" => {
            let on = |name: &str, usual: &str, words: &str| {
                let value = of(name);
                if value.is_empty() || value.eq_ignore_ascii_case(usual) {
                    String::new()
                } else {
                    format!(", {words} {value}")
                }
            };
            let rest = on("enabled", "true", "enabled") + &on("parameters", "", "parameters");
            act.add(event, &format!("{} of {}{rest}", of("functionName"), of("libraryName")));
        }
        "customControl" => act.add("code component", of("name")),
        "Role" => act.add(ROLE, of("Id")),
        _ => {}
    }
    let own = (element.name == "event").then(|| {
        let column = element.attribute("attribute").map(|column| format!(" of {column}")).unwrap_or_default();
        let inactive = if of("active").eq_ignore_ascii_case("false") { " (not active)" } else { "" };
        format!("{}{column}{inactive}", of("name"))
    });
    for child in element.elements() {
        scripts(child, own.as_deref().unwrap_or(event), act);
    }
}

fn each(element: &Element, visit: &mut impl FnMut(&Element)) {
    visit(element);
    element.elements().for_each(|child| each(child, visit));
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
        act.leaves(&root, &["uniquename", "statecode", "statuscode"]);
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

/// The privilege that whoever calls a custom API needs.
pub const PRIVILEGE: &str = "executeprivilegename";
/// In its place, where there is none.
pub const NOBODY_ASKED: &str = "(none: everybody may call it)";

/// The fact that says who may start a flow.
pub const AUTHENTICATION: &str = "triggerAuthenticationType";

/// What a cloud flow does that its definition says: how it starts, and whose connections it uses.
pub(super) fn of_flow(name: &str, id: &str, definition: &[u8]) -> Option<Act> {
    let value = json::value(definition);
    let mut act = Act::new("cloud flow", name, Some(id));
    let mut met = BTreeSet::new();
    flow(&value, &mut |fact, value| {
        if met.insert((fact.clone(), value.clone())) {
            act.add(&fact, &value);
        }
    });
    Some(act).filter(|act| !act.facts.is_empty())
}

/// Looks for them everywhere and without case, so that none can hide.
fn flow(value: &Value, add: &mut impl FnMut(String, String)) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name.eq_ignore_ascii_case(AUTHENTICATION) {
                    add(AUTHENTICATION.to_owned(), text(member));
                } else if name.eq_ignore_ascii_case("triggers") {
                    for (trigger, said) in member.as_object().into_iter().flatten() {
                        let words = ["type", "kind"].iter().filter_map(|it| said.get(it)?.as_str());
                        add(format!("trigger {trigger}"), words.collect::<Vec<_>>().join(" "));
                    }
                } else if name.eq_ignore_ascii_case("connectionReferences") {
                    for (key, reference) in member.as_object().into_iter().flatten() {
                        let source = |it: &(&String, &Value)| it.0.eq_ignore_ascii_case("runtimeSource");
                        let source = reference.as_object().and_then(|it| it.iter().find(source));
                        if let Some((_, source)) = source {
                            add(format!("connection {key}"), text(source));
                        }
                    }
                }
                flow(member, add);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| flow(item, add)),
        _ => {}
    }
}
