//! `components.connectionReferences`

use crate::manifest::meaning::check_prefix;
use crate::manifest::meaning::components::Scope;
use crate::manifest::meaning::components::extra::extra;
use crate::manifest::meant;
use crate::manifest::written::components::connection_reference::ConnectionReference;

/// The reference that one entry stands for.
pub fn connection_reference(
    written: &ConnectionReference,
    scope: &mut Scope<'_>,
) -> Option<meant::ConnectionReference> {
    let name = written.name.as_ref()?;
    check_prefix(name, &name.value.0, scope.prefix, scope.findings);
    Some(meant::ConnectionReference {
        name: name.value.0.clone(),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        connector: written.connector.as_ref()?.value.0.clone(),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
