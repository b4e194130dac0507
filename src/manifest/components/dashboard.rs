//! `components.dashboards`: each component shows one thing.

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::labels;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::dashboard::{DashboardContent, DashboardTarget};
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::written::components::dashboard::{Dashboard, DashboardComponent, DashboardSection};
use crate::manifest::written::components::model_driven_app::NameOrId;
use crate::yaml::shape::{At, List, head};

/// The dashboard that one entry stands for.
pub fn dashboard(written: &Dashboard, scope: &mut Scope<'_>) -> Option<meant::Dashboard> {
    let name = written.name.as_ref()?;
    let content = match (&written.sections, &written.tabs, &written.file) {
        (Some(sections), None, None) => DashboardContent::Tabs(vec![(None, self::sections(sections, scope))]),
        (None, Some(tabs), None) => {
            let mut made = Vec::new();
            for tab in &tabs.items {
                let sections = tab.sections.as_ref().map(|list| self::sections(list, scope));
                made.push((labels(tab.title.as_ref(), scope), sections.unwrap_or_default()));
            }
            DashboardContent::Tabs(made)
        }
        (None, None, Some(file)) => DashboardContent::File(one(file, scope.folder, scope.findings).pop()?.0),
        (sections, tabs, file) => {
            let message = match (sections, tabs, file) {
                (None, None, None) => "a dashboard that shows nothing",
                _ => "only one of `sections`, `tabs` and `file` can say what a dashboard shows",
            };
            scope.findings.push(
                Diagnostic::error("dashboard", message)
                    .at(&name.span)
                    .help("write `sections: [{ components: … }]`, or `file: …`"),
            );
            return None;
        }
    };
    Some(meant::Dashboard {
        name: name.value.0.clone(),
        display_name: labels(written.display_name.as_ref(), scope),
        description: labels(written.description.as_ref(), scope),
        content,
        is_default: written.default.as_ref().is_some_and(|it| it.value.0),
        tablet: written.tablet.as_ref().is_some_and(|it| it.value.0),
        id: written.id.as_ref().map(|it| it.value.0),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

fn sections(written: &List<DashboardSection>, scope: &mut Scope<'_>) -> Vec<meant::DashboardSection> {
    let mut made = Vec::new();
    for section in &written.items {
        let items = section.components.iter().flat_map(|list| &list.items);
        let components: Vec<_> = items.filter_map(|it| component(it, scope)).collect();
        let otherwise = u32::try_from(components.len()).unwrap_or(3).clamp(1, 3);
        let columns = section.columns.as_ref().map_or(otherwise, |it| it.value.0);
        made.push(meant::DashboardSection { title: labels(section.title.as_ref(), scope), columns, components });
    }
    made
}

fn component(written: &DashboardComponent, scope: &mut Scope<'_>) -> Option<meant::DashboardComponent> {
    let named = |name: &str, span: &Span| Named { name: name.to_owned(), span: span.clone() };
    let by_name = |it: &At<NameOrId>| named(&it.value.0, &it.span);
    let place = head(&written.span);
    let mut wrong = |message: &str, help: &str| {
        scope.findings.push(Diagnostic::error("dashboard-component", message).at(&place).help(help));
    };
    let target = match (&written.table, &written.web_resource, &written.url) {
        (Some(table), None, None) => {
            let Some(view) = &written.view else {
                wrong("a component that does not say which rows it shows", "add `view: …`, by name or GUID");
                return None;
            };
            DashboardTarget::Rows {
                table: named(&table.value.0, &table.span),
                view: by_name(view),
                chart: written.chart.as_ref().map(by_name),
                mode: written.show.as_ref().map_or_else(Default::default, |it| it.value.0),
                rows_per_page: written.rows_per_page.as_ref().map_or(10, |it| it.value.0),
            }
        }
        (None, Some(resource), None) => DashboardTarget::WebResource(by_name(resource)),
        (None, None, Some(url)) => DashboardTarget::Url(url.value.0.clone()),
        (None, None, None) => {
            wrong("a component that shows nothing", "give it one of `table`, `webResource`, `url`");
            return None;
        }
        _ => {
            wrong("a component that shows more than one thing", "make a component of each");
            return None;
        }
    };
    Some(meant::DashboardComponent {
        title: labels(written.title.as_ref(), scope),
        target,
        width: written.width.as_ref().map_or(1, |it| it.value.0),
        height: written.height.as_ref().map_or(12, |it| it.value.0),
    })
}
