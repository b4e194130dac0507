//! The site map of an app: areas, groups and items, or the `<SiteMap>` of a file.
//! Facts: 34 site maps of real packages; the attributes that a person does not choose have the values
//! that the app designer writes.

use super::super::extra::{Order, merge};
use super::super::labels::{base_language, names};
use super::super::names::{Names, named};
use super::contents::Contents;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::guid;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::model_driven_app::ModelDrivenApp;
use crate::manifest::components::model_driven_app::site_map::{
    SiteMap, SiteMapArea, SiteMapContent, SiteMapGroup, SiteMapItem, SiteMapTarget,
};
use crate::manifest::components::names::Named;
use crate::manifest::package::Package;
use crate::manifest::prefix;
use crate::solution::xml::{self, Element};

const LIMIT: u64 = 16 * 1024 * 1024;
const ALL_CLIENTS: &str = "All,Outlook,OutlookLaptopClient,OutlookWorkstationClient,Web";
const ALL_OFFERS: &str = "All,OnPremise,Live,SPLA";
const NO_ICON: &str = "/_imgs/imagestrips/transparent_spacer.gif";

const ORDER: Order = Order {
    attributes: &["unmodified"],
    children: &[
        "SiteMapUniqueName",
        "EnableCollapsibleGroups",
        "ShowHome",
        "ShowPinned",
        "ShowRecents",
        "SiteMap",
        "LocalizedNames",
    ],
    inner: &[("SiteMap", &Order { attributes: &["IntroducedVersion", "Url"], children: &["Area"], inner: &[] })],
};
const AREA: Order = Order {
    attributes: &[
        "Id",
        "Title",
        "Icon",
        "VectorIcon",
        "Url",
        "ResourceId",
        "Description",
        "DescriptionResourceId",
        "UpdateBreadcrumb",
        "License",
        "ShowGroups",
        "IntroducedVersion",
        "ToolTipResourseId",
        "ordinalvalue",
        "solutionaction",
    ],
    children: &["Titles", "Descriptions", "Group"],
    inner: &[],
};
const GROUP: Order = Order {
    attributes: &[
        "Id",
        "Title",
        "Icon",
        "VectorIcon",
        "Url",
        "ResourceId",
        "Description",
        "DescriptionResourceId",
        "UpdateBreadcrumb",
        "License",
        "IntroducedVersion",
        "IsProfile",
        "ToolTipResourseId",
        "ordinalvalue",
        "solutionaction",
    ],
    children: &["Titles", "Descriptions", "SubArea"],
    inner: &[],
};
const ITEM: Order = Order {
    attributes: &[
        "Id",
        "Title",
        "ResourceId",
        "UpdateBreadcrumb",
        "Icon",
        "VectorIcon",
        "OutlookShortcutIcon",
        "Url",
        "PassParams",
        "Client",
        "AvailableOffline",
        "CheckExtensionProperty",
        "Sku",
        "License",
        "Entity",
        "IntroducedVersion",
        "Description",
        "DescriptionResourceId",
        "ToolTipResourseId",
        "GetStartedPanePath",
        "GetStartedPanePathOutlook",
        "GetStartedPanePathAdmin",
        "GetStartedPanePathAdminOutlook",
        "DefaultDashboard",
        "Page",
        "ordinalvalue",
        "solutionaction",
    ],
    children: &["IsVisible", "Titles", "Descriptions", "Privilege"],
    inner: &[],
};

/// The `<AppModuleSiteMap>`; what it opens is added to `contents`.
pub(super) fn element(
    app: &ModelDrivenApp,
    name: &str,
    lookup: &mut Names<'_>,
    contents: &mut Contents,
) -> Option<Element> {
    let map = &app.site_map;
    let package = lookup.package;
    let site_map = match &map.content {
        SiteMapContent::Areas(areas) => {
            let mut element = Element::new("SiteMap").with("IntroducedVersion", "7.0.0.0");
            for area in areas {
                element.push(self::area(area, name, lookup, contents));
            }
            element
        }
        SiteMapContent::File(path) => {
            let file = path.display().to_string();
            let read = files::read(path, LIMIT)
                .map_err(|error| Diagnostic::error("unreadable-file", error.to_string()).at(&map.span));
            let root = match read.map_err(Box::new).and_then(|bytes| xml::parse(&bytes, &file)) {
                Ok(root) => root,
                Err(finding) => {
                    lookup.findings.push(*finding);
                    return None;
                }
            };
            let Some(element) = find(&root, "SiteMap") else {
                lookup.findings.push(
                    Diagnostic::error("site-map", format!("`{file}` contains no `<SiteMap>` with areas"))
                        .at(&map.span)
                        .help("export the app in a solution and take the `<SiteMap>` of its `<AppModuleSiteMap>`"),
                );
                return None;
            };
            opened(element, map, lookup, contents);
            element.clone()
        }
    };
    let word = |flag| if flag { "True" } else { "False" };
    let own = Labels::one(base_language(package), app.name.as_str());
    let title = map.display_name.as_ref().or(app.display_name.as_ref()).unwrap_or(&own);
    let mut element = Element::new("AppModuleSiteMap")
        .child(Element::text("SiteMapUniqueName", name))
        .child(Element::text("EnableCollapsibleGroups", word(map.collapsible_groups)))
        .child(Element::text("ShowHome", word(map.show_home)))
        .child(Element::text("ShowPinned", word(map.show_pinned)))
        .child(Element::text("ShowRecents", word(map.show_recents)))
        .child(site_map)
        .child(names(title));
    merge(&mut element, &map.extra, &ORDER, &mut lookup.findings);
    Some(element)
}

/// The first element of that name that has children, at any depth.
fn find<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    if element.name == name && element.elements().any(|child| child.name == "Area") {
        return Some(element);
    }
    element.elements().find_map(|child| find(child, name))
}

/// Tables and pages that the items of a file open.
fn opened(element: &Element, map: &SiteMap, lookup: &mut Names<'_>, contents: &mut Contents) {
    for child in element.elements() {
        if child.name == "SubArea" {
            if let Some(table) = child.attribute("Entity") {
                contents.add("1", "schemaName", lookup.table(&named(table, &map.span)));
            }
            if let Some(id) = child.attribute("Page") {
                contents.add_page(lookup.canvas_app(&named(id, &map.span)));
            }
        }
        opened(child, map, lookup, contents);
    }
}

/// `<list><item LCID="…" item="…" />…</list>`
fn texts(list: &str, item: &str, label: &Labels) -> Element {
    let mut element = Element::new(list);
    for (language, text) in &label.texts {
        element.push(Element::new(item).with("LCID", language.to_string()).with(item, text.as_str()));
    }
    element
}

/// An id as the app designer makes them, but always the same one for the same path of titles.
fn made_id(kind: &str, path: &str, package: &Package) -> String {
    let id = guid::stable("sitemap", &package.publisher.name, &format!("{kind}/{path}")).simple().to_string();
    format!("{kind}_{}", &id[..8])
}

fn area(area: &SiteMapArea, map: &str, lookup: &mut Names<'_>, contents: &mut Contents) -> Element {
    let package = lookup.package;
    let path = format!("{map}/{}", area.title.base());
    let id = area.id.clone().unwrap_or_else(|| made_id("area", &path, package));
    let mut element = Element::new("Area")
        .with("Id", id)
        .with("ResourceId", "SitemapDesigner.NewTitle")
        .with("DescriptionResourceId", "SitemapDesigner.NewTitle");
    if let Some(wanted) = &area.icon {
        let icon = icon(wanted, lookup);
        element.set_attribute("VectorIcon", icon.as_str());
        element.set_attribute("Icon", icon);
    }
    element.set_attribute("ShowGroups", if area.show_groups { "true" } else { "false" });
    element.set_attribute("IntroducedVersion", "7.0.0.0");
    element.push(texts("Titles", "Title", &area.title));
    for (index, group) in area.groups.iter().enumerate() {
        let title = group.title.as_ref().map_or_else(|| index.to_string(), |it| it.base().to_owned());
        element.push(self::group(group, &format!("{path}/{title}"), lookup, contents));
    }
    merge(&mut element, &area.extra, &AREA, &mut lookup.findings);
    element
}

fn group(group: &SiteMapGroup, path: &str, lookup: &mut Names<'_>, contents: &mut Contents) -> Element {
    let package = lookup.package;
    let mut element = Element::new("Group")
        .with("Id", group.id.clone().unwrap_or_else(|| made_id("group", path, package)))
        .with("ResourceId", "SitemapDesigner.NewGroup")
        .with("DescriptionResourceId", "SitemapDesigner.NewGroup")
        .with("IntroducedVersion", "7.0.0.0")
        .with("IsProfile", "false")
        .with("ToolTipResourseId", "SitemapDesigner.Unknown");
    if let Some(title) = &group.title {
        element.push(texts("Titles", "Title", title));
    }
    for item in &group.items {
        element.push(self::item(item, path, lookup, contents));
    }
    merge(&mut element, &group.extra, &GROUP, &mut lookup.findings);
    element
}

/// An icon of a site map: a path as it is, or a web resource of the solution by name.
fn icon(wanted: &Named, lookup: &mut Names<'_>) -> String {
    if wanted.name.starts_with(['/', '$']) || wanted.name.starts_with("http") {
        return wanted.name.clone();
    }
    lookup.web_resource(&named(wanted.name.as_str(), &wanted.span));
    format!("$webresource:{}", wanted.name)
}

fn item(item: &SiteMapItem, path: &str, lookup: &mut Names<'_>, contents: &mut Contents) -> Element {
    let package = lookup.package;
    // Two items may open the same thing under different titles.
    let title = item.title.as_ref().map_or("", |title| title.base());
    let path = format!("{path}/{title}/{}", item.target.name());
    let mut element =
        Element::new("SubArea").with("Id", item.id.clone().unwrap_or_else(|| made_id("subarea", &path, package)));
    if let Some(wanted) = &item.icon {
        let icon = icon(wanted, lookup);
        element.set_attribute("VectorIcon", icon.as_str());
        element.set_attribute("Icon", icon);
    } else {
        element.set_attribute("Icon", NO_ICON);
    }
    match &item.target {
        SiteMapTarget::Table(table) => {
            let table = lookup.table(table);
            contents.add("1", "schemaName", table.clone());
            element.set_attribute("Entity", table);
        }
        SiteMapTarget::Dashboard(dashboard) => {
            element.set_attribute("Url", "/workplace/home_dashboards.aspx");
            if let Some(id) = lookup.dashboard(dashboard) {
                element.set_attribute("DefaultDashboard", id.trim_matches(['{', '}']));
                contents.add("60", "id", id);
            }
        }
        SiteMapTarget::WebResource(resource) => {
            // Those of other publishers may exist in the environment.
            if prefix::is_own(&resource.name, &package.publisher.prefix) {
                lookup.web_resource(resource);
            }
            element.set_attribute("Url", format!("$webresource:{}", resource.name));
        }
        SiteMapTarget::Url(url) => element.set_attribute("Url", url.as_str()),
        SiteMapTarget::Page(_) => {}
    }
    element.set_attribute("Client", ALL_CLIENTS);
    element.set_attribute("AvailableOffline", "true");
    element.set_attribute("PassParams", if item.pass_parameters { "true" } else { "false" });
    element.set_attribute("Sku", ALL_OFFERS);
    if let SiteMapTarget::Page(wanted) = &item.target {
        let name = lookup.canvas_app(wanted);
        element.set_attribute("Page", name.as_str());
        contents.add_page(name);
    }
    if let Some(title) = &item.title {
        element.push(texts("Titles", "Title", title));
    }
    if let Some(description) = &item.description {
        element.push(texts("Descriptions", "Description", description));
    }
    for (table, rights) in &item.privileges {
        let table = lookup.table(table);
        element.push(Element::new("Privilege").with("Entity", table).with("Privilege", rights.join(",")));
    }
    merge(&mut element, &item.extra, &ITEM, &mut lookup.findings);
    element
}
