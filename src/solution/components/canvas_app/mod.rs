//! Canvas apps: the section `CanvasApps`, root component 300, the `.msapp` file and a picture beside
//! it. Facts: 46 apps of real packages, counted; what an `.msapp` contains: `msapp.rs`.

mod element;
mod msapp;
mod parts;

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::names::Names;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;

/// The kind.
pub static KIND: InSection =
    carried::kind("Canvas app", ["CanvasApps", "CanvasApp"], ["DisplayName", "Name"], 300, "CanvasApps/")
        .declared("components.canvasApps", declare);

/// What an app's file says about its connections, as text; nothing where it cannot be read.
pub(in crate::solution) fn connections(msapp: &[u8]) -> Option<String> {
    Some(msapp::read(msapp).ok()?.json("LocalConnectionReferences").to_string())
}
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
        let parts = parts::parts(app);
        let (msapp, files) = match parts {
            Ok(parts) => parts,
            Err(findings) => {
                draft.findings.extend(findings);
                continue;
            }
        };
        let mut lookup = Names::new(package, &draft.package);
        let element = element::element(app, &msapp, &files, &mut lookup);
        let mut findings = lookup.findings;
        let Some(mut element) = element else {
            draft.findings.append(&mut findings);
            continue;
        };
        merge(&mut element, &app.extra, &ORDER, &mut findings);
        draft.findings.append(&mut findings);
        if draft.add_element("CanvasApps", element, &app.span) {
            draft.add_root("300", "schemaName", &app.name);
            for (name, bytes) in files {
                draft.add_file(&name, bytes, &app.span);
            }
        }
    }
}
