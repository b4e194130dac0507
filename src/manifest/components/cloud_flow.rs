//! `components.cloudFlows`: the file found.

use std::path::PathBuf;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Guid, Paragraph, RelativePath, SchemaName, Title};
use crate::yaml::leaf::choice;
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, Map, Reader, Shape};

record! {
    /// A cloud flow; its definition stays a JSON file.
    pub struct WrittenCloudFlow => {
        /// Name.
        "name" required name: At<Title>,
        /// JSON file: the flow as a solution exports it, or its workflow definition alone.
        "file" required file: At<RelativePath>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Name that people see, where it differs by language. Left out: the name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Whether the import turns it on. Left out: on.
        "state" optional state: At<FlowState>,
        /// Connection of the definition → connection reference. A definition alone needs all of them; for an exported flow each replaces the one in the file.
        "connections" optional connections: Map<WrittenFlowConnection>,
        /// GUID. Left out: made of publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

choice!(
    /// On or off.
    FlowState(bool), "flow-state", "a state", [("on", true), ("off", false)]
);
choice!(
    /// Whose connection runs an action.
    for FlowRuntime, "flow-runtime", "a kind of connection",
    [("embedded", FlowRuntime::Embedded), ("invoker", FlowRuntime::Invoker)]
);

record! {
    /// A connection of a flow: the reference that gives it, and who connects.
    pub struct FlowConnectionInFull => {
        /// The connection reference's logical name.
        "reference" required reference: At<SchemaName>,
        /// `embedded`: the flow's own connection; `invoker`: that of the person who runs it. Left out: as in the file, else `embedded`.
        "runtime" optional runtime: At<FlowRuntime>,
    }
}

/// A connection reference's name, or all there is to say.
#[derive(Clone, Debug)]
pub struct WrittenFlowConnection {
    /// The connection reference.
    pub reference: At<SchemaName>,
    /// Who connects.
    pub runtime: Option<At<FlowRuntime>>,
}

impl Shape for WrittenFlowConnection {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Content::Mapping(_) = &node.content {
            let full = FlowConnectionInFull::read(node, reader)?;
            return Some(Self { reference: full.reference?, runtime: full.runtime });
        }
        Some(Self { reference: At::read(node, reader)?, runtime: None })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let name = <At<SchemaName> as Shape>::schema(definitions);
        json!({ "oneOf": [name, FlowConnectionInFull::schema(definitions)] })
    }
}

/// One cloud flow.
#[derive(Clone, Debug)]
pub struct CloudFlow {
    /// Name.
    pub name: String,
    /// Name that people see; absent means the name.
    pub display_name: Option<Labels>,
    /// Description.
    pub description: Option<Labels>,
    /// The JSON file.
    pub path: PathBuf,
    /// Whether the import turns it on.
    pub on: bool,
    /// What replaces or makes the file's connections.
    pub connections: Vec<FlowConnection>,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// The connection reference behind one connection of the definition.
#[derive(Clone, Debug)]
pub struct FlowConnection {
    /// The definition's name for it, such as `shared_teams`.
    pub key: String,
    /// Where that stands.
    pub key_span: Span,
    /// The connection reference's logical name.
    pub reference: String,
    /// Where that stands.
    pub span: Span,
    /// Who connects; absent means as in the file.
    pub runtime: Option<FlowRuntime>,
}

/// Whose connection runs an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowRuntime {
    /// The flow's own.
    Embedded,
    /// That of the person who runs it.
    Invoker,
}

impl FlowRuntime {
    /// The word in the definition.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Invoker => "invoker",
        }
    }
}

impl Kind for CloudFlow {
    type Written = WrittenCloudFlow;

    fn mean(written: &WrittenCloudFlow, scope: &mut Scope<'_>) -> Option<Self> {
        let file = written.file.as_ref().and_then(|file| one(file, scope.folder, scope.findings).pop());
        let name = written.name.as_ref()?;
        let connections = written.connections.iter().flat_map(|map| &map.entries);
        Some(CloudFlow {
            name: name.value.0.clone(),
            display_name: labels(written.display_name.as_ref(), scope),
            description: labels(written.description.as_ref(), scope),
            path: file?.0,
            on: written.state.as_ref().is_none_or(|state| state.value.0),
            connections: connections
                .map(|(key, key_span, connection)| FlowConnection {
                    key: key.clone(),
                    key_span: key_span.clone(),
                    reference: connection.reference.value.0.clone(),
                    span: connection.reference.span.clone(),
                    runtime: connection.runtime.as_ref().map(|runtime| runtime.value),
                })
                .collect(),
            id: written.id.as_ref().map(|id| id.value.0),
            extra: extra(written.xml.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
