//! `components.reports`

use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::written::components::report::Report;

/// The report that one entry stands for.
pub fn report(written: &Report, scope: &mut Scope<'_>) -> Option<meant::Report> {
    let path = written.file.as_ref().and_then(|file| one(file, scope.folder, scope.findings).pop());
    let name = written.name.as_ref()?;
    let visibility = written.visibility.as_ref().map(|list| list.items.iter().map(|it| it.value.0).collect());
    let tables = written.tables.iter().flat_map(|list| &list.items);
    Some(meant::Report {
        name: name.value.0.clone(),
        path: path?.0,
        description: written.description.as_ref().map(|it| it.value.0.clone()),
        categories: written.categories.iter().flat_map(|list| &list.items).map(|it| it.value.0).collect(),
        visibility: visibility.unwrap_or_else(|| vec![1]),
        tables: tables.map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
        language: written.language.as_ref().map(|it| it.value.0),
        id: written.id.as_ref().map(|it| it.value.0),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
