//! Canvas apps: the section `CanvasApps`, root component 300, the `.msapp` file and a picture beside
//! it. Facts: 46 apps of real packages, counted; what an `.msapp` holds: `msapp.rs`.

mod msapp;

use std::path::Path;

use serde_json::{Map, Value, json};

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::names::{Names, named};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::manifest::components::canvas_app::CanvasApp;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::skeleton;
use crate::solution::xml::Element;
use msapp::Msapp;

/// The kind.
pub static KIND: InSection =
    carried::kind("Canvas app", ["CanvasApps", "CanvasApp"], ["DisplayName", "Name"], 300, "CanvasApps/")
        .declared("components.canvasApps", declare);

/// What an app's file says of its connections, as text; nothing where it cannot be read.
pub(in crate::solution) fn connections(msapp: &[u8]) -> Option<String> {
    Some(msapp::read(msapp).ok()?.json("LocalConnectionReferences").to_string())
}

/// The largest file that can be in a solution at all.
const LIMIT: u64 = 95 * 1024 * 1024;
/// The oldest studio among the real apps at hand, so that no client of today is too old for it.
/// That a later one may not have to be named is an assumption; `clientVersion` says it.
const CLIENT_VERSION: &str = "3.20023.8.0";
/// What most real apps have that were never given a colour.
const COLOR: &str = "RGBA(0,176,240,1)";
/// A picture of one white point, for apps that come without one: every real package has a picture.
const BLANK: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0xf8, 0x0f, 0x00, 0x01, 0x01, 0x01, 0x00, 0x1c, 0xb0, 0x8c, 0x99, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

const ORDER: Order = Order {
    attributes: &[],
    children: &[
        "Name",
        "AppVersion",
        "Status",
        "CreatedByClientVersion",
        "MinClientVersion",
        "Tags",
        "IsCdsUpgraded",
        "GalleryItemId",
        "BackgroundColor",
        "DisplayName",
        "Description",
        "CommitMessage",
        "Publisher",
        "AuthorizationReferences",
        "ConnectionReferences",
        "DatabaseReferences",
        "AppComponents",
        "AppComponentDependencies",
        "CanConsumeAppPass",
        "CanvasAppType",
        "BypassConsent",
        "AdminControlBypassConsent",
        "EmbeddedApp",
        "IntroducedVersion",
        "CdsDependencies",
        "IsCustomizable",
        "BackgroundImageUri",
        "DocumentUri",
        "AdditionalUris",
    ],
    inner: &[("AdditionalUris", &FREE)],
};

fn declare(package: &Package, draft: &mut Draft) {
    for app in &package.components.canvas_apps {
        let parts = parts(app);
        let (msapp, files) = match parts {
            Ok(parts) => parts,
            Err(findings) => {
                draft.findings.extend(findings);
                continue;
            }
        };
        let mut lookup = Names::new(package, &draft.package);
        let element = element(app, &msapp, &files, &mut lookup);
        let mut findings = lookup.findings;
        let Some(mut element) = element else {
            draft.findings.append(&mut findings);
            continue;
        };
        merge(&mut element, &app.extra, &ORDER, &mut findings);
        draft.findings.append(&mut findings);
        if draft.add_element("CanvasApps", &app.name, element, &app.span) {
            draft.add_root("300", "schemaName", &app.name);
            for (name, bytes) in files {
                draft.add_file(&name, bytes, &app.span);
            }
        }
    }
}

type Files = Vec<(String, Vec<u8>)>;

/// The `.msapp`, and the parts of the app: picture, document, further files.
fn parts(app: &CanvasApp) -> Result<(Msapp, Files), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut read = |path: &Path| match files::read(path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&app.span));
            Vec::new()
        }
    };
    let document = read(&app.file.0);
    let picture = app.background.as_deref().map(&mut read);
    let further: Vec<(String, Vec<u8>)> = app
        .additional_files
        .iter()
        .enumerate()
        .map(|(index, path)| {
            let last = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (format!("CanvasApps/{}_AdditionalUris{index}_{last}", app.name), read(path))
        })
        .collect();
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut msapp = msapp::read(&document).map_err(|why| {
        let shown = app.file.0.display();
        let finding = Diagnostic::error("canvas-app-file", format!("`{shown}` is not an `.msapp` file: {why}"));
        vec![finding.at(&app.file.1).help("save the app in Power Apps Studio with Download a copy")]
    })?;
    let picture = picture.or_else(|| msapp.logo.take()).unwrap_or_else(|| BLANK.to_vec());
    let mut files = vec![
        (format!("CanvasApps/{}_BackgroundImageUri", app.name), picture),
        (format!("CanvasApps/{}_DocumentUri.msapp", app.name), document),
    ];
    files.extend(further);
    Ok((msapp, files))
}

fn element(app: &CanvasApp, msapp: &Msapp, files: &Files, lookup: &mut Names<'_>) -> Option<Element> {
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

/// What must be there before the app is: the tables of its connections and those of the manifest.
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
