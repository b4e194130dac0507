//! What runs by itself, as the solution ships it. A workflow's `StateCode` is 1 where it was on at export. A step has
//! no state in the file: it is shipped enabled (`docs/solution-format.md`).

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::acting::{self, Act, ActFact};
use super::workflows::{WORKFLOW, workflows};
use crate::solution::components::Parts;
use crate::solution::flow::Flow;
use crate::solution::json;
use crate::solution::part_name::{encode_name, key};
use crate::solution::profile::runs;
use crate::solution::xml::Element;
use crate::text::shortened;

const STEP: &str = "customizations.xml/SdkMessageProcessingSteps/SdkMessageProcessingStep";

/// How much is kept of the label of what a process stands in.
const LONGEST_LABEL: usize = 300;

/// The categories of ordinary processes: workflow, dialog, business rule, action, business process flow.
const PROCESSES: [&str; 5] = ["0", "1", "2", "3", "4"];
/// The categories of other workflows: desktop flows run elsewhere.
const DESKTOP_FLOW: &str = "6";
const CLOUD_FLOW: &str = "5";

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessKind {
    /// A cloud flow.
    CloudFlow,
    /// A classic workflow, business rule, action or business process flow.
    Process,
    /// Of an unknown category.
    Other,
    /// A desktop flow, which runs elsewhere.
    DesktopFlow,
    /// An SDK message processing step.
    Step,
}

impl ProcessKind {
    /// In words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CloudFlow => "cloud flow",
            Self::Process => "process",
            Self::Other => "process of an unknown category",
            Self::DesktopFlow => "desktop flow",
            Self::Step => "plug-in step",
        }
    }
}

/// A process or step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Row id, the same in every environment.
    pub id: Uuid,
    /// What it is.
    pub kind: ProcessKind,
    /// Its name.
    pub name: String,
    /// Whether the solution ships it turned on, if it says so.
    pub on: Option<bool>,
    /// Who it runs as, as far as it says so: names and values.
    pub runs: Vec<(String, String)>,
    /// The item that contains it, if it is in another section.
    pub inside: Option<String>,
    /// The file with a cloud flow's definition.
    file: String,
    /// For cloud flows: the connection references that it uses, in lower case.
    pub connections: BTreeSet<String>,
}

impl Process {
    /// The processes of an item: of `Workflows`, `SdkMessageProcessingSteps`, or another section that contains
    /// workflows.
    pub(super) fn all(section: &str, item: &Element, label: &str) -> Vec<Self> {
        match (section, item.name.as_str()) {
            ("Workflows", "Workflow") => Self::workflow(item).into_iter().collect(),
            ("SdkMessageProcessingSteps", "SdkMessageProcessingStep") => Self::step(item).into_iter().collect(),
            _ => {
                // It is repeated for each: a long one would fill the memory.
                let label = shortened(label, LONGEST_LABEL);
                let inside = |it: Self| Self { inside: Some(label.clone().into_owned()), ..it };
                workflows(section, item).into_iter().filter_map(Self::workflow).map(inside).collect()
            }
        }
    }

    fn workflow(item: &Element) -> Option<Self> {
        let kind = match item.child_text("Category").as_deref() {
            Some(CLOUD_FLOW) => ProcessKind::CloudFlow,
            Some(DESKTOP_FLOW) => ProcessKind::DesktopFlow,
            Some(category) if PROCESSES.contains(&category) => ProcessKind::Process,
            _ => ProcessKind::Other,
        };
        // One without a state is probably off, but that is not known: it is shown as it is.
        let on = item.child_text("StateCode").map(|state| state == "1");
        let file = item.child_text("JsonFileName").unwrap_or_default();
        Some(Self { on, file, ..Self::new(kind, item, "WorkflowId", WORKFLOW)? })
    }

    fn step(item: &Element) -> Option<Self> {
        Self::new(ProcessKind::Step, item, "SdkMessageProcessingStepId", STEP)
    }

    fn new(kind: ProcessKind, item: &Element, id: &str, place: &str) -> Option<Self> {
        let id = Uuid::parse_str(item.attribute(id)?.trim().trim_matches(['{', '}'])).ok()?;
        let attributes = item.attributes.iter().map(|(name, value)| (name.clone(), value.clone()));
        let children = item.elements().map(|child| (child.name.clone(), child.content().trim().to_owned()));
        // In any case: outside bundles it may be misspelled.
        let known = |name: &str| runs(place).iter().find(|known| known.eq_ignore_ascii_case(name));
        let is_beside =
            |(name, value): (String, String)| Some((known(&name).filter(|_| !value.is_empty())?.to_string(), value));
        Some(Self {
            id,
            kind,
            name: item.attribute("Name").unwrap_or_default().to_owned(),
            on: Some(true),
            runs: attributes.chain(children).filter_map(is_beside).collect(),
            inside: None,
            file: String::new(),
            connections: BTreeSet::new(),
        })
    }

    /// Whether it is on, in a word.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self.on {
            Some(true) => "on",
            Some(false) => "off",
            None => "state not said",
        }
    }

    /// Who it runs as and where it is, in words; nothing if that is as usual.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let runs = self.runs.iter().filter_map(|(name, value)| match (name.as_str(), value.as_str()) {
            // In all real exports: as whoever starts it.
            ("RunAs", "1") => None,
            ("RunAs", "0") => Some("runs as its owner".to_owned()),
            // Only its existence: it is meant to be secret.
            ("SecureConfiguration", _) => Some("has a secure configuration".to_owned()),
            _ => Some(format!("{name} = {value}")),
        });
        runs.chain(self.inside.iter().map(|label| format!("inside {label}"))).collect()
    }

    /// The part with a cloud flow's definition, in lower case.
    pub(super) fn definition(&self) -> Option<String> {
        (!self.file.is_empty()).then(|| encode_name(self.file.trim_start_matches('/')).to_lowercase())
    }

    /// With the connection references of its definition.
    pub(super) fn with_connections(mut self, definitions: &mut Definitions<'_>) -> Self {
        if let Some(part) = self.definition().filter(|_| self.kind == ProcessKind::CloudFlow) {
            // In a bundle no other flow names the same definition.
            self.connections = std::mem::take(&mut definitions.definition(part).references);
        }
        self
    }
}

/// The definitions of flows. Each is read only once, however many processes name it.
pub(super) struct Definitions<'a> {
    /// The parts by their keys.
    parts: HashMap<String, &'a [u8]>,
    /// What the definitions read so far say.
    read: HashMap<String, Definition>,
}

/// What a definition says.
#[derive(Default)]
struct Definition {
    /// The connection references that it uses, in lower case.
    references: BTreeSet<String>,
    /// What it does.
    facts: Vec<ActFact>,
    /// The first flow that has it.
    flow: Option<String>,
}

impl<'a> Definitions<'a> {
    /// Those among these parts.
    pub(super) fn among(parts: &'a Parts) -> Self {
        let parts = parts.iter().map(|(name, bytes)| (key(name), bytes.as_slice())).collect();
        Self { parts, read: HashMap::new() }
    }

    /// What a cloud flow does, according to its definition.
    pub(super) fn act(&mut self, process: &Process) -> Option<Act> {
        let part = process.definition().filter(|_| process.kind == ProcessKind::CloudFlow)?;
        let definition = self.definition(part);
        // What many flows have in common is stored once, so that no solution grows by being read.
        let facts = match &definition.flow {
            Some(flow) => vec![ActFact::new("definition", &format!("the one of the cloud flow {flow}"))],
            None => std::mem::take(&mut definition.facts),
        };
        definition.flow.get_or_insert_with(|| process.name.clone());
        acting::of_flow(&process.name, &process.id.to_string(), facts)
    }

    fn definition(&mut self, part: String) -> &mut Definition {
        let bytes = self.parts.get(&part).copied();
        self.read.entry(part).or_insert_with(|| {
            let Some(value) = bytes.map(json::value) else { return Definition::default() };
            let references = Flow::of(&value).references.iter().map(|name| name.to_lowercase()).collect();
            Definition { references, facts: acting::flow_facts(&value), flow: None }
        })
    }
}
