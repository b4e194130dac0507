//! What a solution file itself says that an apply needs to know: which processes and steps it ships turned on, and
//! which components of other solutions it depends on.
//!
//! A workflow's `StateCode` is 1 where it was on at export. A step has no state in the file: it is shipped enabled
//! (`docs/solution-format.md`).

use std::collections::BTreeSet;

use roxmltree::{Document, Node};
use serde_json::Value;
use uuid::Uuid;

use crate::archive::{self, Entry, Limits};
use crate::dataverse::process::Kind;
use crate::version::Version;

/// The categories of workflows that can be turned on by a state; desktop flows (6) run elsewhere.
const DESKTOP_FLOW: &str = "6";
const CLOUD_FLOW: &str = "5";

/// Facts of a solution file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shipped {
    /// Processes and steps that are shipped turned on.
    pub processes: Vec<Process>,
    /// Solutions whose components it needs.
    pub dependencies: Vec<Dependency>,
}

/// A process or step that shall be on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Row id, the same in every environment.
    pub id: Uuid,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// For cloud flows: the connection references that it uses.
    pub connections: BTreeSet<String>,
}

impl Process {
    /// Whether a person means this one.
    #[must_use]
    pub fn is_named(&self, text: &str) -> bool {
        self.name.eq_ignore_ascii_case(text) || guid(text) == Some(self.id)
    }
}

/// Another solution's components that the file says it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Unique name of the owner.
    pub solution: String,
    /// The owner's version where the file was exported.
    pub version: Option<Version>,
    /// The components, by name.
    pub components: Vec<String>,
}

/// Reads a solution zip.
pub fn read(zip: &[u8]) -> Result<Shipped, String> {
    let entries = archive::read(zip, &Limits::default()).map_err(|refusal| refusal.to_string())?;
    let mut shipped = Shipped::default();
    with_part(&entries, "solution.xml", |root| shipped.dependencies = dependencies(root))?;
    with_part(&entries, "customizations.xml", |root| shipped.processes = processes(root, &entries))?;
    Ok(shipped)
}

fn with_part(entries: &[Entry], name: &str, read: impl FnOnce(Node<'_, '_>)) -> Result<(), String> {
    let part = entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
    let part = part.ok_or_else(|| format!("it has no `{name}`"))?;
    let text = std::str::from_utf8(&part.bytes).map_err(|_| format!("`{name}` is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document::parse(text).map_err(|error| format!("`{name}`: {error}"))?;
    read(document.root_element());
    Ok(())
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn guid(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text.trim().trim_matches(['{', '}'])).ok()
}

/// Owners that every environment has, or that say no more than that somebody customized.
fn is_nobody(name: &str) -> bool {
    ["", "active", "default", "system", "basic"].contains(&name.to_ascii_lowercase().as_str())
}

fn dependencies(root: Node<'_, '_>) -> Vec<Dependency> {
    let own = child(root, "SolutionManifest")
        .and_then(|manifest| child(manifest, "UniqueName")?.text())
        .unwrap_or_default()
        .trim()
        .to_owned();
    let mut found: Vec<Dependency> = Vec::new();
    for node in root.descendants().filter(|node| node.has_tag_name("MissingDependency")) {
        let Some(required) = child(node, "Required") else { continue };
        // `Name (1.2.0.0)`
        let owner = required.attribute("solution").unwrap_or_default().trim();
        let (name, version) = match owner.split_once(" (") {
            Some((name, version)) => (name.trim(), version.trim_end_matches(')').parse().ok()),
            None => (owner, None),
        };
        if is_nobody(name) || name.eq_ignore_ascii_case(&own) {
            continue;
        }
        let component = ["schemaName", "displayName", "id"]
            .iter()
            .find_map(|attribute| required.attribute(*attribute).map(str::trim).filter(|text| !text.is_empty()));
        let component = component.unwrap_or("a component without a name").to_owned();
        match found.iter_mut().find(|known| known.solution.eq_ignore_ascii_case(name)) {
            Some(known) => {
                known.version = known.version.max(version);
                if !known.components.contains(&component) {
                    known.components.push(component);
                }
            }
            None => found.push(Dependency { solution: name.to_owned(), version, components: vec![component] }),
        }
    }
    found
}

fn processes(root: Node<'_, '_>, entries: &[Entry]) -> Vec<Process> {
    let within = |list: &str, item: &'static str| {
        child(root, list).into_iter().flat_map(|list| list.children()).filter(move |node| node.has_tag_name(item))
    };
    let text = |node: Node<'_, '_>, name: &str| {
        child(node, name).and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
    };
    let mut processes = Vec::new();
    for node in within("Workflows", "Workflow") {
        let category = text(node, "Category");
        let Some(id) = node.attribute("WorkflowId").and_then(guid) else { continue };
        if text(node, "StateCode") != "1" || category == DESKTOP_FLOW {
            continue;
        }
        let (kind, connections) = if category == CLOUD_FLOW {
            (Kind::CloudFlow, connections(&text(node, "JsonFileName"), entries))
        } else {
            (Kind::Process, BTreeSet::new())
        };
        let name = node.attribute("Name").unwrap_or_default().to_owned();
        processes.push(Process { id, kind, name, connections });
    }
    for node in within("SdkMessageProcessingSteps", "SdkMessageProcessingStep") {
        let Some(id) = node.attribute("SdkMessageProcessingStepId").and_then(guid) else { continue };
        let name = node.attribute("Name").unwrap_or_default().to_owned();
        processes.push(Process { id, kind: Kind::Step, name, connections: BTreeSet::new() });
    }
    processes
}

/// The connection references in a cloud flow's definition.
fn connections(file: &str, entries: &[Entry]) -> BTreeSet<String> {
    let file = file.trim_start_matches('/');
    let definition = entries
        .iter()
        .find(|entry| entry.name.eq_ignore_ascii_case(file))
        .and_then(|entry| serde_json::from_slice::<Value>(&entry.bytes).ok())
        .unwrap_or_default();
    let references = definition.pointer("/properties/connectionReferences").and_then(Value::as_object);
    references
        .into_iter()
        .flat_map(serde_json::Map::values)
        .filter_map(|reference| reference.pointer("/connection/connectionReferenceLogicalName")?.as_str())
        .map(str::to_lowercase)
        .collect()
}
