//! `components.cloudFlows`

use serde_json::{Value, json};

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::leaf::{Guid, Paragraph, RelativePath, SchemaName, Title};
use crate::yaml::leaf::choice;
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, Map, Reader, Shape};

record! {
    /// A cloud flow; its definition stays a JSON file.
    pub struct CloudFlow => {
        /// Name.
        "name" required name: At<Title>,
        /// JSON file: the flow as a solution exports it, or its workflow definition alone.
        "file" required file: At<RelativePath>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Name that people see, where it differs by language. Left out: the name.
        "displayName" optional display_name: Labels<Title>,
        /// Whether the import turns it on. Left out: on.
        "state" optional state: At<FlowState>,
        /// Connection of the definition → connection reference. A definition alone needs all of them; for an exported flow each replaces the one in the file.
        "connections" optional connections: Map<FlowConnection>,
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
    FlowRuntime(meant::FlowRuntime), "flow-runtime", "a kind of connection",
    [("embedded", meant::FlowRuntime::Embedded), ("invoker", meant::FlowRuntime::Invoker)]
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
pub struct FlowConnection {
    /// The connection reference.
    pub reference: At<SchemaName>,
    /// Who connects.
    pub runtime: Option<At<FlowRuntime>>,
}

impl Shape for FlowConnection {
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
