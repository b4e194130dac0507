//! Root components against definitions, both ways.

use std::collections::{BTreeMap, BTreeSet};

use super::Facts;
use crate::diagnostic::Diagnostic;
use crate::solution::draft::root_key;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// Types whose components must have a root component, by the key that it names them with: the first of these that is there.
const ROOTED: [(u32, &str, &str, &str); 13] = [
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

pub(super) fn root_components(facts: &Facts, package: &SolutionPackage, findings: &mut Vec<Diagnostic>) {
    let file = package.manifest.file.as_deref();
    let file = file.map_or_else(|| format!("{}: solution.xml", package.origin), str::to_owned);
    let at = |finding: Diagnostic, line: usize| finding.in_file(file.as_str(), (line > 0).then_some((line, 1)));
    // How often each is there, and the line of the last.
    let mut roots: BTreeMap<(u32, String), (usize, usize)> = BTreeMap::new();
    for root in package.root_components() {
        let entry = roots.entry(root_key(root)).or_default();
        *entry = (entry.0 + 1, root.line);
    }
    for ((kind, key), (_, line)) in roots.iter().filter(|((_, key), (count, _))| *count > 1 && !key.is_empty()) {
        let message = format!("the root component `{key}` of type {kind} is there more than once");
        findings.push(at(Diagnostic::error("duplicate-root-component", message), *line).help("remove one of the two"));
    }
    for (kind, _, _, label) in ROOTED {
        let from = (kind, String::new());
        let defined: BTreeSet<&String> =
            facts.defined.range(from..).take_while(|(found, _)| *found == kind).map(|(_, key)| key).collect();
        for key in defined.iter().filter(|key| !roots.contains_key(&(kind, (**key).clone()))) {
            // Tables also come along as parts of relationships; the server exports them without a root.
            if kind != 1 {
                let message = format!("the {label} `{key}` has no root component");
                let finding = Diagnostic::warning("missing-root-component", message);
                findings.push(at(finding, 0).help(format!("add a RootComponent of type {kind} to solution.xml")));
            }
        }
        let here = roots.iter().filter(|((found, key), _)| *found == kind && !defined.contains(key));
        for ((_, key), (_, line)) in here {
            let message = format!("the root component `{key}` ({label}) has no definition in the solution");
            let finding = Diagnostic::warning("undefined-root-component", message);
            findings.push(at(finding, *line).help("add the component, or remove its RootComponent"));
        }
    }
}
