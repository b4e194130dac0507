//! `components.cloudFlows`

use serde_json::{Value, json};

use crate::diagnostic::Span;
use crate::manifest::components::extra::Extra;
use crate::manifest::components::labels::WrittenLabels;
use crate::manifest::components::plain::{File, Meaning, plain};
use crate::manifest::components::scope::Scope;
use crate::manifest::leaf::{Guid, Paragraph, RelativePath, SchemaName, Title};
use crate::yaml::leaf::{Given, choice};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, Map, Reader, Shape};

plain! {
    /// A cloud flow; its definition stays a JSON file.
    pub struct CloudFlow at name => {
        /// Name.
        "name" required name: At<Title> => "Tell the team",
        /// JSON file: the flow as a solution exports it, or only its workflow definition.
        "file" required path: File<RelativePath> => "flows/tell-the-team.json",
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Name that people see, where it differs by language. Default: the name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Whether the import turns it on. Default: on.
        "state" default on: At<FlowState> = true,
        /// Connection of the definition → connection reference. A workflow definition needs all of them; in an
        /// exported flow, each replaces the one in the file.
        "connections" default connections: WrittenFlowConnections,
        /// GUID. Default: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" default extra: Extra,
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
        "reference" required reference: At<SchemaName> => "contoso_Teams",
        /// `embedded`: the flow's own connection; `invoker`: that of the person who runs it. Default: as in the file,
        /// else `embedded`.
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

/// The connection reference behind one connection of the definition.
#[derive(Clone, Debug)]
pub struct FlowConnection {
    /// The definition's name for it, such as `shared_teams`.
    pub key: String,
    /// Where that is.
    pub key_span: Span,
    /// The connection reference's logical name.
    pub reference: String,
    /// Where that is.
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

/// The connections of a flow, by the definition's names.
#[derive(Clone, Debug)]
pub struct WrittenFlowConnections(Map<WrittenFlowConnection>);

impl Shape for WrittenFlowConnections {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Map::read(node, reader).map(Self)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        Map::<WrittenFlowConnection>::schema(definitions)
    }
}

impl Meaning for WrittenFlowConnections {
    type Meant = Vec<FlowConnection>;

    fn meant(&self, _: &mut Scope<'_>) -> Option<Vec<FlowConnection>> {
        let connection = |(key, key_span, it): &(String, Span, WrittenFlowConnection)| FlowConnection {
            key: key.clone(),
            key_span: key_span.clone(),
            reference: it.reference.value.0.clone(),
            span: it.reference.span.clone(),
            runtime: it.runtime.value(),
        };
        Some(self.0.entries.iter().map(connection).collect())
    }
}
