//! The frames of customizations.xml and solution.xml: which sections there are, in which order.
//! Facts: one total order fits all of 327 real packages; nine sections are always there, two more
//! in every 9.x package.

use std::sync::Arc;

use super::xml::{Element, Node};

/// Every known section of customizations.xml in the order of real files, with those that only the
/// schema 9.0.0.2090 names at their place; `true` marks the ones that are written even if empty.
pub const SECTIONS: &[(&str, bool)] = &[
    ("Entities", true),
    ("Roles", true),
    ("Workflows", true),
    ("FieldSecurityProfiles", true),
    ("Templates", true),
    ("EntityImageConfigs", false),
    ("AttributeImageConfigs", false),
    ("RibbonDiffXml", false),
    ("IsvConfig", false),
    ("RelationshipRoles", false),
    ("ConnectionRoles", false),
    ("SiteMap", false),
    ("EntityMaps", true),
    ("EntityRelationships", true),
    ("EnvironmentVariables", false),
    ("OrganizationSettings", true),
    ("optionsets", true),
    ("Reports", false),
    ("RoutingRules", false),
    ("ChannelPropertyGroups", false),
    ("ConvertRules", false),
    ("MobileOfflineProfiles", false),
    ("Slas", false),
    ("ChannelAccessProfiles", false),
    ("ChannelAccessProfileRules", false),
    ("Dashboards", false),
    ("InteractionCentricDashboards", false),
    ("Dialogs", false),
    ("WebResources", false),
    ("CustomControls", true),
    ("SolutionPluginAssemblies", false),
    ("SdkMessageProcessingSteps", false),
    ("ServiceEndpoints", false),
    ("AppModuleSiteMaps", false),
    ("AppModules", false),
    ("EntityDataProviders", true),
    ("EntityDataSources", false),
    ("CanvasApps", false),
    ("Connectors", false),
    ("AIModels", false),
    ("appaction_appactionrule_classicrulesset", false),
    ("connectionreferences", false),
    ("msdyn_dataflows", false),
    // SolutionPackager has a folder for it; in no file and no schema, so its place is an assumption.
    ("SyncAttributeMappingProfiles", false),
    ("Languages", true),
    ("GlobalSearchConfigurations", false),
    ("StoredProcedures", false),
];

/// The namespace of `xsi:nil`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Where a section stands; unknown ones before `Languages`, as newer kinds do.
fn rank(section: &str) -> usize {
    let languages = SECTIONS.iter().position(|(name, _)| *name == "Languages").unwrap_or(SECTIONS.len());
    SECTIONS.iter().position(|(name, _)| *name == section).map_or(languages * 2 - 1, |index| index * 2)
}

/// An empty customizations.xml with the sections that are always there.
#[must_use]
pub fn customizations() -> Element {
    let mut root = Element::new("ImportExportXml").with("xmlns:xsi", XSI);
    for (name, _) in SECTIONS.iter().filter(|(_, always)| *always) {
        root.push(Element::new(*name));
    }
    root
}

/// The section of that name, made at its place where it is missing.
pub fn section<'a>(customizations: &'a mut Element, name: &str) -> &'a mut Element {
    let found = |node: &Node| matches!(node, Node::Element(element) if element.name == name);
    let index = customizations.children.iter().position(found).unwrap_or_else(|| {
        let after = |node: &Node| matches!(node, Node::Element(element) if rank(&element.name) > rank(name));
        let index = customizations.children.iter().position(after).unwrap_or(customizations.children.len());
        customizations.children.insert(index, Element::new(name).into());
        index
    });
    match &mut customizations.children[index] {
        Node::Element(element) => Arc::make_mut(element),
        _ => unreachable!("the index is that of an element"),
    }
}

/// An element that says "nothing": `<Name xsi:nil="true"></Name>`.
#[must_use]
pub fn nil(name: &str) -> Element {
    let mut element = Element::new(name).with("xsi:nil", "true");
    element.long_empty = true;
    element
}

/// One of a publisher's two addresses, as every real package has them: what is not in `set` is unset.
#[must_use]
pub fn address(number: u8, set: &[(&str, String)]) -> Element {
    let mut address = Element::new("Address").child(Element::text("AddressNumber", number.to_string()));
    for name in [
        "AddressTypeCode",
        "City",
        "County",
        "Country",
        "Fax",
        "FreightTermsCode",
        "ImportSequenceNumber",
        "Latitude",
        "Line1",
        "Line2",
        "Line3",
        "Longitude",
        "Name",
        "PostalCode",
        "PostOfficeBox",
        "PrimaryContactName",
        "ShippingMethodCode",
        "StateOrProvince",
        "Telephone1",
        "Telephone2",
        "Telephone3",
        "TimeZoneRuleVersionNumber",
        "UPSZone",
        "UTCOffset",
        "UTCConversionTimeZoneCode",
    ] {
        let value = set.iter().find(|(element, _)| *element == name);
        address.push(match (value, name) {
            (Some((_, text)), _) => Element::text(name, text.as_str()),
            (None, "AddressTypeCode" | "ShippingMethodCode") => Element::text(name, "1"),
            (None, _) => nil(name),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_made_at_their_place() {
        let mut root = customizations();
        section(&mut root, "connectionreferences");
        section(&mut root, "WebResources");
        section(&mut root, "brandnewthings");
        let names: Vec<_> = root.elements().map(|e| e.name.as_str()).collect();
        assert_eq!(
            names[7..],
            [
                "OrganizationSettings",
                "optionsets",
                "WebResources",
                "CustomControls",
                "EntityDataProviders",
                "connectionreferences",
                "brandnewthings",
                "Languages"
            ]
        );
    }
}
