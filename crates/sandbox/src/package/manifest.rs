//! `solution.xml`: the solution, its publisher, its root components and what it needs.

use roxmltree::{Document, Node};

use super::xml::{all, child, child_text, label};
use super::{Package, Required};

/// What it says; nothing where it is not one.
pub(super) fn manifest(document: &Document<'_>) -> Option<Package> {
    let root = child(document.root_element(), "SolutionManifest")?;
    let mut package = Package {
        unique_name: child_text(root, "UniqueName"),
        friendly_name: label(root, "LocalizedNames"),
        description: label(root, "Descriptions"),
        version: child_text(root, "Version"),
        managed: child_text(root, "Managed") == "1",
        ..Package::default()
    };
    if let Some(publisher) = child(root, "Publisher") {
        package.publisher = child_text(publisher, "UniqueName");
        package.publisher_name = label(publisher, "LocalizedNames");
        package.prefix = child_text(publisher, "CustomizationPrefix");
        package.option_prefix = child_text(publisher, "CustomizationOptionValuePrefix").parse().unwrap_or_default();
    }
    package.patch_of = child(root, "ParentSolution").map(|parent| child_text(parent, "UniqueName"));
    for node in all(document, "RootComponent") {
        let kind = node.attribute("type").and_then(|text| text.parse().ok()).unwrap_or_default();
        let own = |name| node.attribute(name).map(|text: &str| text.trim_matches(['{', '}']).to_lowercase());
        if let (1, Some(table)) = (kind, own("schemaName")) {
            let behavior = node.attribute("behavior").and_then(|text| text.parse().ok()).unwrap_or_default();
            package.behaviors.insert(table, behavior);
        }
        package.roots.push((kind, own("id"), own("schemaName")));
    }
    for node in all(document, "MissingDependency") {
        let Some(required) = child(node, "Required") else { continue };
        let read = |node: Option<Node<'_, '_>>, name: &str| {
            node.and_then(|n| n.attribute(name)).unwrap_or_default().to_owned()
        };
        let dependent = child(node, "Dependent");
        package.required.push(Required {
            kind: read(Some(required), "type"),
            schema_name: read(Some(required), "schemaName"),
            display_name: read(Some(required), "displayName"),
            solution: read(Some(required), "solution"),
            dependent_kind: read(dependent, "type"),
            dependent_name: read(dependent, "schemaName"),
        });
    }
    Some(package)
}
