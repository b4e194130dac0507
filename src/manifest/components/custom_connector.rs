//! `components.customConnectors`: files found, operations only with a script.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::prefix;
use crate::manifest::written::components::custom_connector::CustomConnector;
use crate::manifest::written::leaf::RelativePath;
use crate::yaml::shape::At;

/// The connector that one entry stands for.
pub fn custom_connector(written: &CustomConnector, scope: &mut Scope<'_>) -> Option<meant::CustomConnector> {
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    let first_operation = written.script_operations.as_ref().and_then(|list| list.items.first());
    if let (None, Some(operation)) = (&written.script, first_operation) {
        scope.findings.push(
            Diagnostic::error("operations-without-script", "`scriptOperations` without `script`")
                .at(&operation.span)
                .help("add `script: …`, or remove `scriptOperations`"),
        );
    }
    let mut file = |path: Option<&At<RelativePath>>| -> Option<(PathBuf, Span)> {
        let path = path?;
        let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
        Some((file, path.span.clone()))
    };
    let open_api = file(written.open_api.as_ref());
    let [connection_parameters, policies, icon, script] =
        [&written.connection_parameters, &written.policies, &written.icon, &written.script].map(|it| file(it.as_ref()));
    let name = written.name.as_ref()?;
    let operations = written.script_operations.iter().flat_map(|list| &list.items);
    Some(meant::CustomConnector {
        name: name.value.0.clone(),
        stored_name: written.stored_name.as_ref().map(|name| name.value.0.clone()),
        id: written.id.as_ref().map(|id| id.value.0),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        color: written.color.as_ref().map(|color| color.value.0.clone()),
        open_api: open_api?,
        connection_parameters,
        policies,
        icon,
        script,
        script_operations: operations.map(|operation| operation.value.0.clone()).collect(),
        xml: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
