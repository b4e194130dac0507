//! The kinds whose components must have a root component.

use super::payload_names::at;
use crate::solution::xml::Element;

/// Types whose components must have a root component, by the key that it names them with: the first of these that is there.
pub(super) const ROOTED: [(u32, &str, &str, &str); 13] = [
    (1, "Entities", "Name", "table"),
    (9, "optionsets", "@Name", "choice"),
    (20, "Roles", "@id", "security role"),
    (29, "Workflows", "@WorkflowId", "process"),
    (61, "WebResources", "Name", "web resource"),
    (62, "AppModuleSiteMaps", "SiteMapUniqueName", "site map"),
    (66, "CustomControls", "Name", "code component"),
    (70, "FieldSecurityProfiles", "@fieldsecurityprofileid", "column security profile"),
    (80, "AppModules", "UniqueName", "app"),
    (91, "SolutionPluginAssemblies", "@PluginAssemblyId|@FullName", "plug-in assembly"),
    (92, "SdkMessageProcessingSteps", "@SdkMessageProcessingStepId", "step"),
    (95, "ServiceEndpoints", "@ServiceEndpointId", "service endpoint"),
    (300, "CanvasApps", "Name", "canvas app"),
];

/// Further types: a root component names a definition, which may also be there without one. Where it stands in an item of the
/// section, and its key.
pub(super) const NAMED_BY_ROOT: [(u32, &str, &str, &str); 12] = [
    (31, "Reports", "", "reportid"),
    (36, "Templates", "emailtemplate", "templateid"),
    (60, "Entities", "FormXml/forms/systemform", "formid"),
    (60, "Dashboards", "", "FormId"),
    (60, "InteractionCentricDashboards", "", "FormId"),
    (60, "Dialogs", "", "FormId"),
    (63, "ConnectionRoles", "ConnectionRole", "connectionroleid"),
    (150, "RoutingRules", "", "@RoutingRuleId"),
    (161, "MobileOfflineProfiles", "", "@MobileOfflineProfileId"),
    (183, "EntityDataSources", "", "@EntityDataSourceId"),
    (372, "Connectors", "", "connectorid"),
    (401, "AIModels", "", "msdyn_aimodelid"),
];

/// Type and key of what an element of a section defines and a root component of these types names.
pub(super) fn named_by_root(section: &str, element: &Element) -> Vec<(u32, String)> {
    let of_section = NAMED_BY_ROOT.iter().filter(|(_, of, ..)| *of == section);
    let mut found = Vec::new();
    for (kind, _, path, key) in of_section {
        let items = if path.is_empty() { vec![element] } else { at(element, path) };
        let keys = items.into_iter().filter_map(|item| item.value_at(key));
        found.extend(keys.map(|key| (*kind, key.trim_matches(['{', '}']).to_lowercase())));
    }
    found
}

/// What a component of a type is called in messages.
pub(in crate::solution) fn root_label(kind: u32) -> &'static str {
    let named = ROOTED.iter().find(|(it, ..)| *it == kind).map(|(.., label)| *label);
    named.or_else(|| crate::catalog::component_type_name(kind)).unwrap_or("component")
}

/// Type and key of what an element of a section defines and must have a root component.
pub(in crate::solution) fn rooted(section: &str, element: &Element) -> Vec<(u32, String)> {
    let of_section = ROOTED.into_iter().filter(|(_, of, ..)| *of == section);
    // Servers before 9.0 gave assemblies no id: the full name is the key there.
    let key = |place: &str| place.split('|').find_map(|place| element.value_at(place));
    let keys = of_section.filter_map(|(kind, _, place, _)| Some((kind, key(place)?)));
    keys.map(|(kind, key)| (kind, key.trim_matches(['{', '}']).to_lowercase())).collect()
}
