//! `components.connectionReferences`

use crate::manifest::components::extra::extra;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::prefix;
use crate::manifest::written::components::connection_reference::ConnectionReference;

/// The reference that one entry stands for.
pub fn connection_reference(
    written: &ConnectionReference,
    scope: &mut Scope<'_>,
) -> Option<meant::ConnectionReference> {
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    Some(meant::ConnectionReference {
        name: name.value.0.clone(),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        connector: written.connector.as_ref()?.value.0.clone(),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
