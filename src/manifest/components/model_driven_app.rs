//! `components.modelDrivenApps`: roles resolved, each item of the site map opens one thing.

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, nearest};
use crate::guid;
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::labels;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::model_driven_app::{SiteMapContent, SiteMapTarget};
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::prefix;
use crate::manifest::written::components::model_driven_app::{ModelDrivenApp, NameOrId};
use crate::manifest::written::components::site_map::{SiteMap, SiteMapArea, SiteMapItem};
use crate::manifest::written::leaf::{Flag, RoleName, TableName};
use crate::yaml::shape::{At, List, Map, head};

fn name_or_id(written: &At<NameOrId>) -> Named {
    Named { name: written.value.0.clone(), span: written.span.clone() }
}

fn table(written: &At<TableName>) -> Named {
    Named { name: written.value.0.clone(), span: written.span.clone() }
}

fn names(written: Option<&List<At<NameOrId>>>) -> Vec<Named> {
    written.iter().flat_map(|list| &list.items).map(name_or_id).collect()
}

fn by_table(written: Option<&Map<List<At<NameOrId>>>>) -> Vec<(Named, Vec<Named>)> {
    let entries = written.iter().flat_map(|map| &map.entries);
    entries.map(|(name, span, list)| (Named { name: name.clone(), span: span.clone() }, names(Some(list)))).collect()
}

/// The app that one entry stands for.
pub fn model_driven_app(
    written: &ModelDrivenApp,
    roles: &[meant::Role],
    scope: &mut Scope<'_>,
) -> Option<meant::ModelDrivenApp> {
    let site_map = written.site_map.as_ref().and_then(|it| site_map(it, scope));
    let visible: Vec<String> = written
        .roles
        .iter()
        .flat_map(|list| &list.items)
        .filter_map(|name| role(name, roles, scope.findings))
        .collect();
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    Some(meant::ModelDrivenApp {
        name: name.value.0.clone(),
        display_name: labels(written.display_name.as_ref(), scope),
        description: labels(written.description.as_ref(), scope),
        roles: visible,
        site_map: site_map?,
        tables: written.tables.iter().flat_map(|list| &list.items).map(table).collect(),
        views: by_table(written.views.as_ref()),
        forms: by_table(written.forms.as_ref()),
        charts: by_table(written.charts.as_ref()),
        dashboards: names(written.dashboards.as_ref()),
        processes: names(written.processes.as_ref()),
        pages: names(written.pages.as_ref()),
        icon: written.icon.as_ref().map(name_or_id),
        welcome_page: written.welcome_page.as_ref().map(name_or_id),
        navigation: written.navigation.as_ref().map_or_else(Default::default, |it| it.value.0),
        settings: written
            .settings
            .iter()
            .flat_map(|map| &map.entries)
            .map(|(name, _, value)| (name.clone(), value.value.text.clone()))
            .collect(),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

/// The GUID of a role that sees the app.
fn role(name: &At<RoleName>, roles: &[meant::Role], findings: &mut Vec<Diagnostic>) -> Option<String> {
    if let Some(role) = roles.iter().find(|role| role.name == name.value.0) {
        return Some(guid::braced(role.id));
    }
    if let Ok(id) = Uuid::try_parse(&name.value.0) {
        return Some(guid::braced(id));
    }
    let known = roles.iter().map(|role| role.name.as_str());
    let finding =
        Diagnostic::error("unknown-role", format!("`{}` is not a role of this manifest", name.shown)).at(&name.span);
    findings.push(match nearest(&name.value.0, known) {
        Some(near) => finding.help(format!("write `{near}`")),
        None => finding.help("declare it under `roles`, or write the GUID of a role of another solution"),
    });
    None
}

fn site_map(written: &SiteMap, scope: &mut Scope<'_>) -> Option<meant::SiteMap> {
    let content = match (&written.areas, &written.file) {
        (Some(areas), None) => SiteMapContent::Areas(areas.items.iter().filter_map(|it| area(it, scope)).collect()),
        (None, Some(file)) => SiteMapContent::File(one(file, scope.folder, scope.findings).pop()?.0),
        (areas, _) => {
            let message =
                if areas.is_some() { "`areas` and `file` exclude each other" } else { "a site map without areas" };
            scope.findings.push(
                Diagnostic::error("site-map", message)
                    .at(&head(&written.span))
                    .help("write `areas: …`, or `file: …` with the path of an XML file that holds a `<SiteMap>`"),
            );
            return None;
        }
    };
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    let flag = |flag: &Option<At<Flag>>, otherwise| flag.as_ref().map_or(otherwise, |it| it.value.0);
    Some(meant::SiteMap {
        name: written.name.as_ref().map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }),
        display_name: labels(written.display_name.as_ref(), scope),
        content,
        collapsible_groups: flag(&written.collapsible_groups, false),
        show_home: flag(&written.show_home, true),
        show_pinned: flag(&written.show_pinned, true),
        show_recents: flag(&written.show_recents, true),
        extra: extra(written.xml.as_ref()),
        span: head(&written.span),
    })
}

fn area(written: &SiteMapArea, scope: &mut Scope<'_>) -> Option<meant::SiteMapArea> {
    let mut groups = Vec::new();
    for group in written.groups.iter().flat_map(|list| &list.items) {
        let items = group.items.iter().flat_map(|list| &list.items);
        groups.push(meant::SiteMapGroup {
            title: labels(group.title.as_ref(), scope),
            id: group.id.as_ref().map(|id| id.value.0.clone()),
            items: items.filter_map(|it| item(it, scope)).collect(),
            extra: extra(group.xml.as_ref()),
        });
    }
    Some(meant::SiteMapArea {
        title: labels(written.title.as_ref(), scope)?,
        id: written.id.as_ref().map(|id| id.value.0.clone()),
        icon: written.icon.as_ref().map(name_or_id),
        show_groups: written.show_groups.as_ref().is_none_or(|flag| flag.value.0),
        groups,
        extra: extra(written.xml.as_ref()),
    })
}

fn item(written: &SiteMapItem, scope: &mut Scope<'_>) -> Option<meant::SiteMapItem> {
    let mut targets: Vec<SiteMapTarget> = Vec::new();
    targets.extend(written.table.as_ref().map(|it| SiteMapTarget::Table(table(it))));
    targets.extend(written.dashboard.as_ref().map(|it| SiteMapTarget::Dashboard(name_or_id(it))));
    targets.extend(written.page.as_ref().map(|it| SiteMapTarget::Page(name_or_id(it))));
    targets.extend(written.web_resource.as_ref().map(|it| SiteMapTarget::WebResource(name_or_id(it))));
    targets.extend(written.url.as_ref().map(|it| SiteMapTarget::Url(it.value.0.clone())));
    let (Some(target), 1) = (targets.pop(), targets.len() + 1) else {
        let (message, help) = if targets.is_empty() {
            (
                "an item of a site map that opens nothing",
                "give it one of `table`, `dashboard`, `page`, `webResource`, `url`",
            )
        } else {
            ("an item of a site map that opens more than one thing", "make an item of each")
        };
        scope.findings.push(Diagnostic::error("site-map-item", message).at(&head(&written.span)).help(help));
        return None;
    };
    if !matches!(target, SiteMapTarget::Table(_)) && written.title.is_none() {
        scope.findings.push(
            Diagnostic::error("missing-key", "key `title` is missing")
                .at(&head(&written.span))
                .help("only a table's item can go without: it takes the table's name"),
        );
        return None;
    }
    let privileges = written.privileges.iter().flat_map(|map| &map.entries);
    Some(meant::SiteMapItem {
        target,
        title: labels(written.title.as_ref(), scope),
        description: labels(written.description.as_ref(), scope),
        id: written.id.as_ref().map(|id| id.value.0.clone()),
        icon: written.icon.as_ref().map(name_or_id),
        privileges: privileges
            .map(|(name, span, rights)| {
                let rights = rights.items.iter().map(|right| right.value.0).collect();
                (Named { name: name.clone(), span: span.clone() }, rights)
            })
            .collect(),
        pass_parameters: written.pass_parameters.as_ref().is_some_and(|flag| flag.value.0),
        extra: extra(written.xml.as_ref()),
    })
}
