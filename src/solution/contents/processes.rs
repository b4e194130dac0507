//! What runs by itself, as the solution ships it. A workflow's `StateCode` is 1 where it was on at export. A step has no
//! state in the file: it is shipped enabled (`docs/solution-format.md`).

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::solution::components::Parts;
use crate::solution::flow::Flow;
use crate::solution::json;
use crate::solution::part_name::encode_name;
use crate::solution::xml::Element;

/// The categories of workflows that are no ordinary process: desktop flows run elsewhere.
const DESKTOP_FLOW: &str = "6";
const CLOUD_FLOW: &str = "5";

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessKind {
    /// A cloud flow.
    CloudFlow,
    /// A classic workflow, business rule, action or business process flow.
    Process,
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
    /// Whether the solution ships it turned on.
    pub on: bool,
    /// The file with a cloud flow's definition.
    file: String,
    /// For cloud flows: the connection references that it uses, in lower case.
    pub connections: BTreeSet<String>,
}

impl Process {
    /// Reads an item of `Workflows` or `SdkMessageProcessingSteps`.
    pub(super) fn of(section: &str, item: &Element) -> Option<Self> {
        let guid = |name: &str| Uuid::parse_str(item.attribute(name)?.trim().trim_matches(['{', '}'])).ok();
        let name = item.attribute("Name").unwrap_or_default().to_owned();
        match (section, item.name.as_str()) {
            ("Workflows", "Workflow") => {
                let kind = match item.child_text("Category").as_deref() {
                    Some(CLOUD_FLOW) => ProcessKind::CloudFlow,
                    Some(DESKTOP_FLOW) => ProcessKind::DesktopFlow,
                    _ => ProcessKind::Process,
                };
                let on = item.child_text("StateCode").as_deref() == Some("1");
                let file = item.child_text("JsonFileName").unwrap_or_default();
                Some(Self { id: guid("WorkflowId")?, kind, name, on, file, connections: BTreeSet::new() })
            }
            ("SdkMessageProcessingSteps", "SdkMessageProcessingStep") => Some(Self {
                id: guid("SdkMessageProcessingStepId")?,
                kind: ProcessKind::Step,
                name,
                on: true,
                file: String::new(),
                connections: BTreeSet::new(),
            }),
            _ => None,
        }
    }

    /// The part with a cloud flow's definition, in lower case.
    pub(super) fn definition(&self) -> Option<String> {
        (!self.file.is_empty()).then(|| encode_name(self.file.trim_start_matches('/')).to_lowercase())
    }

    /// With the connection references of its definition.
    pub(super) fn with_connections(mut self, parts: &Parts) -> Self {
        if self.kind == ProcessKind::CloudFlow {
            let wanted = encode_name(self.file.trim_start_matches('/'));
            let part = parts.iter().find(|(name, _)| name.eq_ignore_ascii_case(&wanted));
            let references = part.map(|(_, bytes)| Flow::of(&json::value(bytes)).references).unwrap_or_default();
            self.connections = references.iter().map(|name| name.to_lowercase()).collect();
        }
        self
    }
}
