//! What a file of a tree is: a component of which section, a part of a table, a record, or a component's own file.
//! Facts: two public trees that Dataverse's Git integration wrote (2025 and 2026; tables, flows, agents, canvas apps), and
//! the documentation's list of folders.

use crate::solution::folder::layout::ELEMENT_FILES;
use crate::solution::part_name::encode_name;
use crate::solution::profile::part_names;
use crate::solution::skeleton;
use crate::solution::xml::Element;

/// Root elements of files, and the sections that they go to, beside those of the classic layout.
const MORE_ROOTS: &[(&str, &str)] = &[
    ("EntityRelationship", "EntityRelationships"),
    ("connectionreference", "connectionreferences"),
    ("FieldSecurityProfile", "FieldSecurityProfiles"),
    ("AIModel", "AIModels"),
    ("EntityImageConfig", "EntityImageConfigs"),
    ("AttributeImageConfig", "AttributeImageConfigs"),
    ("InteractionCentricDashboard", "InteractionCentricDashboards"),
    ("ServiceEndpoint", "ServiceEndpoints"),
    ("EntityMap", "EntityMaps"),
    ("SiteMap", "SiteMap"),
];

/// The section that an element of this name stands in.
pub fn section_of(root: &str) -> Option<&'static str> {
    let classic = ELEMENT_FILES.iter().map(|place| (place.element, place.section));
    classic.chain(MORE_ROOTS.iter().copied()).find(|(element, _)| *element == root).map(|(_, section)| section)
}

/// Folders whose files become files of the zip as they are: all but those with sections of their own.
pub fn is_carried(lower: &str) -> bool {
    const OWN: [&str; 8] = [
        "entities",
        "workflows",
        "modernflows",
        "pluginassemblies",
        "sitemaps",
        "ribbons",
        "controls",
        "customizations",
    ];
    let is_section = |top: &str| skeleton::SECTIONS.iter().any(|(section, _)| section.eq_ignore_ascii_case(top));
    !OWN.contains(&top(lower)) && !is_section(top(lower))
}

/// Whether a file is YAML or XML, by its name in lower case.
pub fn format(lower: &str) -> Option<Format> {
    match lower.rsplit_once('.')?.1 {
        "yml" | "yaml" => Some(Format::Yaml),
        "xml" => Some(Format::Xml),
        _ => None,
    }
}

/// What a component may be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML.
    Yaml,
    /// XML.
    Xml,
}

/// The first folder.
pub fn top(lower: &str) -> &str {
    lower.split('/').next().unwrap_or_default()
}

/// The part that a file of the folder `controls` is: beside the manifest, a control has files that nothing names.
pub fn of_control(name: &str) -> Option<String> {
    let (folder, rest) = name.split_once('/')?;
    (folder.eq_ignore_ascii_case("controls") && rest.contains('/')).then(|| format!("Controls/{}", encode_name(rest)))
}

/// The folder of an app's unpacked `.msapp` that a file lies in, in lower case and with a `/` at the end.
pub fn exploded(lower: &str) -> Option<&str> {
    const END: &str = "_documenturi/";
    let at = lower.find(END).filter(|_| top(lower) == "canvasapps")?;
    Some(&lower[..at + END.len()])
}

/// Where the table of a record has its rows: the folder of the set, if a document with this root and name is one.
pub fn record(name: &str, root: &Element) -> bool {
    let (_, file) = name.rsplit_once('/').unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let depth = name.matches('/').count();
    depth >= 2
        && depth.is_multiple_of(2)
        && stem == root.name
        && !root.name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The part that holds all rows of a relation between records, if a document is one of them:
/// `botcomponent_workflowset/<keys>/botcomponent_workflow.yml` is a row of `Assets/botcomponent_workflowset.xml`.
pub fn relation(name: &str, root: &Element) -> Option<String> {
    let set = name.split('/').next()?;
    let is_key = |(name, _): &(String, String)| name.contains('.');
    let is_row = name.matches('/').count() == 2
        && set.strip_suffix("set") == Some(&root.name)
        && root.attributes.len() >= 2
        && root.attributes.iter().all(is_key);
    is_row.then(|| set.to_owned())
}

/// Changes each name of a file that stands in a component to the name that exports have, and gives the names as they were
/// and as they are. The tree's own paths (`/modernflows/<id>/x.json`) become the places of the zip (`/Workflows/x.json`):
/// that an import looks there is an assumption, since all exports have their files there.
pub fn rename_files(section: &str, root: &mut Element, below: &str) -> Vec<(String, String)> {
    let mut renamed = Vec::new();
    for name in part_names().iter().filter(|name| name.section == section) {
        let Some(path) = name.path.strip_prefix(below) else { continue };
        rename_at(root, &path.split('/').collect::<Vec<_>>(), &mut renamed);
    }
    renamed
}

/// The names of files that stand in a component, in the order of their elements.
pub fn files_of(section: &str, root: &Element, below: &str) -> Vec<String> {
    rename_files(section, &mut root.clone(), below).into_iter().map(|(written, _)| written).collect()
}

fn rename_at(element: &mut Element, path: &[&str], renamed: &mut Vec<(String, String)>) {
    let Some((first, rest)) = path.split_first() else {
        let written = element.content().trim().to_owned();
        if !written.is_empty() {
            let exported = exported(&written);
            if exported != written {
                element.set_content(&exported);
            }
            renamed.push((written, exported));
        }
        return;
    };
    for child in element.elements_mut().filter(|child| child.name == *first) {
        rename_at(child, rest, renamed);
    }
}

/// The name that exports have for a file of a tree.
fn exported(written: &str) -> String {
    // The folder, the one of exports, and whether folders below it are the same.
    const FOLDERS: [(&str, &str, bool); 8] = [
        ("modernflows", "Workflows", false),
        ("workflows", "Workflows", false),
        ("canvasapps", "CanvasApps", false),
        ("webresources", "WebResources", false),
        ("reports", "Reports", false),
        ("connectors", "Connector", false),
        ("pluginassemblies", "PluginAssemblies", true),
        ("controls", "Controls", true),
    ];
    let path = written.trim_start_matches('/');
    let found = FOLDERS.iter().find_map(|(folder, there, is_deep)| {
        // Spelled as in the tree; a name that exports have begins with a capital.
        let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
        let file = if *is_deep { rest } else { rest.rsplit('/').next().unwrap_or(rest) };
        Some(format!("/{there}/{file}"))
    });
    found.unwrap_or_else(|| written.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_names_of_exports() {
        for (written, wanted) in [
            ("/modernflows/31e8/Flow-31E8.json", "/Workflows/Flow-31E8.json"),
            ("/canvasapps/a_b/a_b_DocumentUri.msapp", "/CanvasApps/a_b_DocumentUri.msapp"),
            ("/controls/a_C.D/ControlManifest.xml", "/Controls/a_C.D/ControlManifest.xml"),
            ("/WebResources/a_bjs55A4", "/WebResources/a_bjs55A4"),
            ("/Workflows/Flow-31E8.json", "/Workflows/Flow-31E8.json"),
        ] {
            assert_eq!(exported(written), wanted);
        }
        let mut app = Element::new("CanvasApp")
            .child(Element::text("DocumentUri", "/canvasapps/a/a_DocumentUri.msapp"))
            .child(Element::new("AdditionalUris").child(Element::text("AdditionalUri", "/canvasapps/a/a_0.json")));
        let mut renamed = rename_files("CanvasApps", &mut app, "");
        renamed.sort();
        assert_eq!(renamed[0], ("/canvasapps/a/a_0.json".into(), "/CanvasApps/a_0.json".into()));
        assert_eq!(renamed.len(), 2);
        assert_eq!(
            app.path(&["AdditionalUris", "AdditionalUri"]).map(Element::content),
            Some("/CanvasApps/a_0.json".into())
        );
    }

    #[test]
    fn rows_of_records_and_relations_are_known_by_name_and_root() {
        let keys = |names: &[&str]| names.iter().fold(Element::new("a_b"), |it, name| it.with(*name, "x"));
        assert!(record("bots/a/bot.yml", &Element::new("bot")));
        assert!(record("customapis/a/parameters/b/parameter.yml", &Element::new("parameter")));
        assert!(!record("bots/a/data.yml", &Element::new("bot")) && !record("bots/bot.yml", &Element::new("bot")));
        let name = "a_bset/aid.name=x,bid.name=y/a_b.yml";
        assert_eq!(relation(name, &keys(&["aid.name", "bid.name"])).as_deref(), Some("a_bset"));
        assert_eq!(relation(name, &keys(&["aid.name"])), None);
        assert_eq!(relation(name, &keys(&["name", "bid.name"])), None);
    }
}
