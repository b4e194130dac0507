//! Web resources: metadata in customizations.xml, content in a part whose name is derived from
//! name and id (the rule reproduces 2501 of 2501 real names).

use uuid::Uuid;

use super::extra::{Order, merge};
use super::kind::{Component, Kind};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::guid;
use crate::manifest::components::web_resource;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The largest file that can be in a solution at all.
const LIMIT: u64 = 95 * 1024 * 1024;

/// Counted over 1267 real ones.
const ORDER: Order = Order {
    attributes: &["unmodified"],
    children: &[
        "WebResourceId",
        "Name",
        "DisplayName",
        "Description",
        "LanguageCode",
        "WebResourceType",
        "IntroducedVersion",
        "IsEnabledForMobileClient",
        "IsAvailableForMobileOffline",
        "DependencyXml",
        "IsCustomizable",
        "CanBeDeleted",
        "IsHidden",
        "FileName",
    ],
    inner: &[],
};

/// The kind.
pub struct WebResource;

/// The part of a web resource, without the leading `/`.
pub(crate) fn payload_name(name: &str, id: Uuid) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(50);
    format!("WebResources/{}{}", kept.collect::<String>(), id.hyphenated().to_string().to_uppercase())
}

fn definition(resource: &web_resource::WebResource, package: &Package, id: Uuid, file: &str) -> Element {
    let mut element = Element::new("WebResource")
        .child(Element::text("WebResourceId", guid::braced(id)))
        .child(Element::text("Name", resource.name.as_str()))
        .child(Element::text("DisplayName", resource.display_name.as_deref().unwrap_or(&resource.name)));
    if let Some(description) = &resource.description {
        element.push(Element::text("Description", description.as_str()));
    }
    if let Some(language) = resource.language {
        element.push(Element::text("LanguageCode", language.to_string()));
    }
    for (name, value) in [
        ("WebResourceType", resource.kind.to_string()),
        ("IntroducedVersion", package.solution.version.to_string()),
        ("IsEnabledForMobileClient", "0".to_owned()),
        ("IsAvailableForMobileOffline", "0".to_owned()),
        ("IsCustomizable", "1".to_owned()),
        ("CanBeDeleted", "1".to_owned()),
        ("IsHidden", "0".to_owned()),
        ("FileName", format!("/{file}")),
    ] {
        element.push(Element::text(name, value));
    }
    element
}

impl Kind for WebResource {
    fn label(&self) -> &'static str {
        "Web resource"
    }
    fn place(&self) -> &'static str {
        "WebResources"
    }
    fn root_type(&self) -> Option<u32> {
        Some(61)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.webResources")
    }
    fn folder(&self) -> &'static str {
        "WebResources/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        if item.name != "WebResource" {
            return Vec::new();
        }
        let text = |name| item.child_text(name).unwrap_or_default();
        vec![Component { kind: self.label(), name: text("Name"), id: text("WebResourceId") }]
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for resource in &package.components.web_resources {
            let bytes = match files::read(&resource.path, LIMIT) {
                Ok(bytes) => bytes,
                Err(error) => {
                    draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&resource.span));
                    continue;
                }
            };
            let id =
                resource.id.unwrap_or_else(|| guid::stable("webresource", &package.publisher.name, &resource.name));
            let file = payload_name(&resource.name, id);
            let mut element = definition(resource, package, id, &file);
            merge(&mut element, &resource.extra, &ORDER, &mut draft.findings);
            if draft.add_element("WebResources", element, &resource.span) {
                draft.add_root("61", "schemaName", &resource.name);
                draft.add_file(&file, bytes, &resource.span);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_names_are_those_of_the_server() {
        let id = Uuid::from_u128(0x087c_d252_0bfc_ee11_a1fe_6045_bdd5_5fb1);
        assert_eq!(
            payload_name("sifund_images/donationimport.svg", id),
            "WebResources/sifund_imagesdonationimportsvg087CD252-0BFC-EE11-A1FE-6045BDD55FB1"
        );
    }
}
