//! Model-driven apps: the section `AppModules`, root component 80, with their site map in
//! `AppModuleSiteMaps`, root component 62. Facts: 34 apps of real packages.

mod contents;
mod site_map;

use uuid::Uuid;

use contents::Contents;

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::labels::{base_language, descriptions, names};
use super::names::{Names, Part};
use crate::guid;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::model_driven_app::{AppNavigation, ModelDrivenApp};
use crate::manifest::components::names::Named;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// Apps.
pub static KIND: InSection =
    carried::kind("Model-driven app", ["AppModules", "AppModule"], ["", "UniqueName"], 80, "AppModules/")
        .declared("components.modelDrivenApps", declare);

/// Site maps, which are declared with their app.
pub static SITE_MAP: InSection = carried::kind(
    "Site map",
    ["AppModuleSiteMaps", "AppModuleSiteMap"],
    ["", "SiteMapUniqueName"],
    62,
    "AppModuleSiteMaps/",
)
.declared("components.modelDrivenApps.siteMap", |_, _| {});

const ORDER: Order = Order {
    attributes: &["unmodified"],
    children: &[
        "UniqueName",
        "IntroducedVersion",
        "WebResourceId",
        "OptimizedFor",
        "statecode",
        "statuscode",
        "WelcomePageId",
        "FormFactor",
        "ClientType",
        "NavigationType",
        "EventHandlers",
        "ConfigXML",
        "URL",
        "AppModuleComponents",
        "AppModuleRoleMaps",
        "LocalizedNames",
        "Descriptions",
        "appelements",
        "appsettings",
    ],
    inner: &[
        ("AppModuleComponents", &FREE),
        ("AppModuleRoleMaps", &FREE),
        ("appelements", &FREE),
        ("appsettings", &FREE),
    ],
};

/// Templates of System Administrator and System Customizer, the same everywhere: all 34 apps name them.
const ADMINISTRATORS: [&str; 2] = ["{627090ff-40a3-4053-8790-584edc5be201}", "{119f245c-3cc8-4b62-b31c-d1a046ced15d}"];
/// The default icon, a web resource of every environment.
const DEFAULT_ICON: &str = "953b9fac-1e5e-e611-80d6-00155ded156f";

fn declare(package: &Package, draft: &mut Draft) {
    for app in &package.components.model_driven_apps {
        let mut lookup = Names::new(package, &draft.package);
        let map_name = app.site_map.name.as_ref().map_or(app.name.as_str(), |it| it.name.as_str());
        let mut contents = Contents::default();
        contents.add("62", "schemaName", map_name.to_owned());
        let site_map = site_map::element(app, map_name, &mut lookup, &mut contents);
        collect(app, &mut lookup, &mut contents);
        let mut element = element(app, &contents, &mut lookup);
        let mut findings = lookup.findings;
        merge(&mut element, &app.extra, &ORDER, &mut findings);
        draft.findings.extend(findings);
        if draft.add_element("AppModules", element, &app.span) {
            draft.add_root("80", "schemaName", &app.name);
        }
        if let Some(site_map) = site_map
            && draft.add_element("AppModuleSiteMaps", site_map, &app.site_map.span)
        {
            draft.add_root("62", "schemaName", map_name);
        }
    }
}

/// What the app names besides its site map.
fn collect(app: &ModelDrivenApp, lookup: &mut Names<'_>, contents: &mut Contents) {
    for table in &app.tables {
        contents.add("1", "schemaName", lookup.table(table));
    }
    for (part, number, lists) in
        [(Part::Form, "60", &app.forms), (Part::View, "26", &app.views), (Part::Chart, "59", &app.charts)]
    {
        for (table, wanted) in lists {
            contents.add("1", "schemaName", lookup.table(table));
            for wanted in wanted {
                if let Some(id) = lookup.part(part, &table.name, wanted) {
                    contents.add(number, "id", id);
                }
            }
        }
    }
    for dashboard in &app.dashboards {
        if let Some(id) = lookup.dashboard(dashboard) {
            contents.add("60", "id", id);
        }
    }
    for process in &app.processes {
        if let Some(id) = self::process(process, lookup) {
            contents.add("29", "id", id);
        }
    }
    for page in &app.pages {
        contents.add_page(lookup.canvas_app(page));
    }
}

/// The GUID, with braces, of a business process flow.
fn process(wanted: &Named, lookup: &mut Names<'_>) -> Option<String> {
    if let Ok(id) = Uuid::try_parse(&wanted.name) {
        return Some(guid::braced(id));
    }
    let flows: Vec<(&str, &str)> = lookup
        .model
        .section("Workflows")
        .filter(|flow| flow.child_text("Category").as_deref() == Some("4"))
        .filter_map(|flow| Some((flow.attribute("Name")?, flow.attribute("WorkflowId")?)))
        .collect();
    let found = flows.iter().find(|(name, _)| *name == wanted.name);
    if found.is_none() {
        let known: Vec<&str> = flows.iter().map(|(name, _)| *name).collect();
        lookup.missing("business process flow of this solution", wanted, &known);
    }
    found.map(|(_, id)| id.to_lowercase())
}

fn element(app: &ModelDrivenApp, contents: &Contents, lookup: &mut Names<'_>) -> Element {
    let package = lookup.package;
    let icon = app.icon.as_ref().and_then(|icon| lookup.web_resource(icon));
    let version = package.solution.version.to_string();
    let mut element = Element::new("AppModule")
        .child(Element::text("UniqueName", app.name.as_str()))
        .child(Element::text("IntroducedVersion", version))
        .child(Element::text("WebResourceId", icon.map_or(DEFAULT_ICON.to_owned(), |id| id.to_string())))
        .child(Element::new("OptimizedFor"))
        .child(Element::text("statecode", "0"))
        .child(Element::text("statuscode", "1"));
    if let Some(id) = app.welcome_page.as_ref().and_then(|page| lookup.web_resource(page)) {
        element.push(Element::text("WelcomePageId", id.to_string()));
    }
    // Form factor and client type have these values in every real app: the unified interface.
    element.push(Element::text("FormFactor", "1"));
    element.push(Element::text("ClientType", "4"));
    let navigation = if app.navigation == AppNavigation::Multi { "1" } else { "0" };
    element.push(Element::text("NavigationType", navigation));
    let mut components = Element::new("AppModuleComponents");
    for (number, attribute, key) in &contents.components {
        components.push(Element::new("AppModuleComponent").with("type", *number).with(*attribute, key.as_str()));
    }
    element.push(components);
    let mut roles = Element::new("AppModuleRoleMaps");
    for id in ADMINISTRATORS.into_iter().chain(app.roles.iter().map(String::as_str)) {
        roles.push(Element::new("Role").with("id", id));
    }
    element.push(roles);
    let name = Labels::one(base_language(package), app.name.as_str());
    element.push(names(app.display_name.as_ref().unwrap_or(&name)));
    if let Some(description) = &app.description {
        element.push(descriptions(description));
    }
    if !contents.pages.is_empty() {
        let mut pages = Element::new("appelements");
        for page in &contents.pages {
            // `<prefix>_<app>_canvasappid_<page>` in all of 8 real ones.
            let name = format!("{}_{}_canvasappid_{page}", package.publisher.prefix, app.name);
            let app = Element::new("canvasappid").child(Element::text("name", page.as_str()));
            pages.push(
                Element::new("appelement")
                    .with("uniquename", name.as_str())
                    .child(app)
                    .child(Element::text("iscustomizable", "1"))
                    .child(Element::text("name", name)),
            );
        }
        element.push(pages);
    }
    if !app.settings.is_empty() {
        let mut settings = Element::new("appsettings");
        for (name, value) in &app.settings {
            settings.push(
                Element::new("appsetting")
                    .with("settingdefinitionid.uniquename", name.as_str())
                    .child(Element::text("iscustomizable", "1"))
                    .child(Element::text("value", value.as_str())),
            );
        }
        element.push(settings);
    }
    element
}
