//! `components.connectionRoles`

use crate::manifest::components::extra::extra;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::written::components::connection_role::ConnectionRole;

/// The role that one entry stands for.
pub fn connection_role(written: &ConnectionRole, _: &mut Scope<'_>) -> Option<meant::ConnectionRole> {
    let name = written.name.as_ref()?;
    let tables = written.tables.iter().flat_map(|list| &list.items);
    let matches = written.matches.iter().flat_map(|list| &list.items);
    Some(meant::ConnectionRole {
        name: name.value.0.clone(),
        category: written.category.as_ref().map_or(5, |it| it.value.0),
        description: written.description.as_ref().map(|it| it.value.0.clone()),
        tables: tables.map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
        matches: matches.map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
        id: written.id.as_ref().map(|it| it.value.0),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
