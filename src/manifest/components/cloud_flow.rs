//! `components.cloudFlows`: the file found.

use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::labels;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::written::components::cloud_flow::CloudFlow;

/// The flow that one entry stands for.
pub fn cloud_flow(written: &CloudFlow, scope: &mut Scope<'_>) -> Option<meant::CloudFlow> {
    let file = written.file.as_ref().and_then(|file| one(file, scope.folder, scope.findings).pop());
    let name = written.name.as_ref()?;
    let connections = written.connections.iter().flat_map(|map| &map.entries);
    Some(meant::CloudFlow {
        name: name.value.0.clone(),
        display_name: labels(written.display_name.as_ref(), scope),
        description: labels(written.description.as_ref(), scope),
        path: file?.0,
        on: written.state.as_ref().is_none_or(|state| state.value.0),
        connections: connections
            .map(|(key, key_span, connection)| meant::FlowConnection {
                key: key.clone(),
                key_span: key_span.clone(),
                reference: connection.reference.value.0.clone(),
                span: connection.reference.span.clone(),
                runtime: connection.runtime.as_ref().map(|runtime| runtime.value.0),
            })
            .collect(),
        id: written.id.as_ref().map(|id| id.value.0),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
