//! The element of an app in `CanvasApps`.

use serde_json::{Map, Value, json};

use super::msapp::Msapp;
use super::parts::Files;
use crate::diagnostic::Diagnostic;
use crate::manifest::components::canvas_app::CanvasApp;
use crate::solution::components::names::{Names, named};
use crate::solution::skeleton;
use crate::solution::xml::Element;

/// The oldest studio version among the real apps at hand, so that no current client is too old for it.
/// That a later version does not have to be named is an assumption; `clientVersion` sets it.
const CLIENT_VERSION: &str = "3.20023.8.0";

/// What most real apps have that were never given a colour.
const COLOR: &str = "RGBA(0,176,240,1)";

pub(super) fn element(app: &CanvasApp, msapp: &Msapp, files: &Files, lookup: &mut Names<'_>) -> Option<Element> {
    let Some(saved) = app.saved.clone().or_else(|| msapp.saved()) else {
        lookup.findings.push(
            Diagnostic::error("canvas-app-time", "the file does not say when the app was saved").at(&app.file.1).help(
                "write `saved: 2026-01-31T12:00:00Z`: an environment takes a later time for a new version of the app",
            ),
        );
        return None;
    };
    let client = app.client_version.as_deref().unwrap_or(CLIENT_VERSION);
    let databases = databases(msapp);
    let dependencies = dependencies(app, &databases, lookup);
    let text_or_nil = |name: &str, text: Option<&str>| match text {
        Some(text) if !text.is_empty() => Element::text(name, text),
        _ => skeleton::nil(name),
    };
    let display_name = app.display_name.as_deref().or_else(|| msapp.name()).unwrap_or(&app.name);
    let color = app.background_color.as_deref().or_else(|| msapp.text("BackgroundColor")).unwrap_or(COLOR);
    let mut element = Element::new("CanvasApp")
        .child(Element::text("Name", app.name.as_str()))
        .child(Element::text("AppVersion", saved))
        .child(Element::text("Status", "Ready"))
        .child(Element::text("CreatedByClientVersion", client))
        .child(Element::text("MinClientVersion", client))
        .child(Element::text("Tags", tags(app, msapp, client)))
        .child(Element::text("IsCdsUpgraded", "0"))
        .child(skeleton::nil("GalleryItemId"))
        .child(Element::text("BackgroundColor", color))
        .child(Element::text("DisplayName", display_name))
        .child(text_or_nil("Description", app.description.as_deref().or_else(|| msapp.text("AppDescription"))))
        .child(skeleton::nil("CommitMessage"))
        .child(skeleton::nil("Publisher"))
        .child(Element::text("AuthorizationReferences", "[]"))
        .child(Element::text("ConnectionReferences", msapp.json("LocalConnectionReferences").to_string()))
        .child(Element::text("DatabaseReferences", Value::Object(databases).to_string()))
        .child(Element::text("AppComponents", "[]"))
        .child(Element::text("AppComponentDependencies", "[]"))
        .child(Element::text("CanConsumeAppPass", if app.app_pass { "1" } else { "0" }))
        .child(Element::text("CanvasAppType", app.kind.number().to_string()))
        .child(Element::text("BypassConsent", "0"))
        .child(Element::text("AdminControlBypassConsent", "0"))
        .child(skeleton::nil("EmbeddedApp"))
        .child(Element::text("IntroducedVersion", "1.0"))
        .child(Element::text("CdsDependencies", dependencies.to_string()))
        .child(Element::text("IsCustomizable", "1"));
    let mut further = Element::new("AdditionalUris");
    for (name, _) in files {
        let path = format!("/{name}");
        match name.rsplit_once('_').map(|(_, end)| end) {
            Some("BackgroundImageUri") => element.push(Element::text("BackgroundImageUri", path)),
            Some("DocumentUri.msapp") => element.push(Element::text("DocumentUri", path)),
            _ => further.push(Element::text("AdditionalUri", path)),
        }
    }
    if !further.is_empty() {
        element.push(further);
    }
    Some(element)
}

/// The tables by connection, in the form of exports.
fn databases(msapp: &Msapp) -> Map<String, Value> {
    let Value::Object(local) = msapp.json("LocalDatabaseReferences") else { return Map::new() };
    let mut databases = Map::new();
    for (name, value) in local {
        let sources = value.get("dataSources").cloned().unwrap_or_else(|| json!({}));
        let details = json!({ "referenceType": "Environmental", "environmentName": name });
        databases.insert(name, json!({ "databaseDetails": details, "dataSources": sources }));
    }
    databases
}

/// What must exist before the app: the tables of its connections and those of the manifest.
fn dependencies(app: &CanvasApp, databases: &Map<String, Value>, lookup: &mut Names<'_>) -> Value {
    let sources = databases.values().filter_map(|it| it.get("dataSources")?.as_object()).flat_map(Map::values);
    let of_file = sources.filter_map(|it| it.get("logicalName")?.as_str());
    let mut tables: Vec<String> = Vec::new();
    for table in of_file.map(|name| named(name, &app.file.1)).chain(app.tables.iter().cloned()) {
        let table = lookup.table(&table);
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    let list: Vec<Value> = tables.iter().map(|it| json!({ "logicalname": it, "componenttype": 1 })).collect();
    json!({ "cdsdependencies": list })
}

fn tags(app: &CanvasApp, msapp: &Msapp, client: &str) -> String {
    let number = |name: &str, otherwise: &str| msapp.number(name).unwrap_or_else(|| otherwise.to_owned());
    let orientation = msapp.text("DocumentLayoutOrientation").unwrap_or_default();
    let locked = msapp.flag("DocumentLayoutLockOrientation");
    let supports = |which: &str| (!locked || orientation.is_empty() || orientation == which).to_string();
    let phone = msapp.text("DocumentAppType").is_some_and(|it| it.eq_ignore_ascii_case("phone"));
    let publisher: Vec<&str> = client.split('.').take(3).collect();
    let mut tags = Map::new();
    for (name, value) in [
        ("primaryDeviceWidth", number("DocumentLayoutWidth", "1366")),
        ("primaryDeviceHeight", number("DocumentLayoutHeight", "768")),
        ("supportsPortrait", supports("portrait")),
        ("supportsLandscape", supports("landscape")),
        ("primaryFormFactor", if phone { "Phone" } else { "Tablet" }.to_owned()),
        ("publisherVersion", publisher.join(".")),
        ("minimumRequiredApiVersion", "2.2.0".to_owned()),
        ("hasComponent", "false".to_owned()),
        ("hasUnlockedComponent", "false".to_owned()),
        ("isUnifiedRootApp", "false".to_owned()),
    ] {
        tags.insert(name.to_owned(), value.into());
    }
    for (name, value) in &app.tags {
        tags.insert(name.clone(), value.as_str().into());
    }
    Value::Object(tags).to_string()
}
