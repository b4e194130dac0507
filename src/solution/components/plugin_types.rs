//! The plug-in types that a solution has, for the kinds that run them.

use crate::diagnostic::{Diagnostic, nearest};
use crate::manifest::components::plugin_type::PluginTypeReference;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// A plug-in type as XML names it.
pub enum PluginType {
    /// Of an assembly of the solution: assembly-qualified name (empty where unknown) and GUID.
    Here(String, String),
    /// By its export key: of a package, or of elsewhere.
    ByKey(String),
}

/// Finds a type: in the assemblies of the draft, or among the keys that packages declare.
pub fn find(reference: &PluginTypeReference, package: &Package, draft: &mut Draft) -> Option<PluginType> {
    let (name, span) = match reference {
        PluginTypeReference::Key(key) if key.len() == 36 => {
            return Some(PluginType::Here(String::new(), key.to_lowercase()));
        }
        PluginTypeReference::Key(key) => return Some(PluginType::ByKey(key.to_uppercase())),
        PluginTypeReference::Name(name, span) => (name, span),
    };
    let assemblies = draft.package.section("SolutionPluginAssemblies");
    let mut known: Vec<String> = Vec::new();
    for element in assemblies.filter_map(|it| it.find("PluginTypes")).flat_map(Element::elements) {
        let qualified = element.attribute("AssemblyQualifiedName").unwrap_or_default();
        let own = element.attribute("Name").or_else(|| qualified.split(',').next()).unwrap_or_default();
        if own == name {
            let id = element.attribute("PluginTypeId").unwrap_or_default();
            return Some(PluginType::Here(qualified.to_owned(), id.to_owned()));
        }
        known.push(own.to_owned());
    }
    for (own, key) in package.components.plugin_packages.iter().flat_map(|it| &it.types) {
        if own == name {
            return Some(match key.len() {
                36 => PluginType::Here(String::new(), key.to_lowercase()),
                _ => PluginType::ByKey(key.to_uppercase()),
            });
        }
        known.push(own.clone());
    }
    let finding =
        Diagnostic::error("unknown-plugin-type", format!("no assembly of this solution has the plug-in type `{name}`"))
            .at(span);
    draft.findings.push(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => finding.label(format!("did you mean `{near}`?")).help(format!("write `{near}`")),
        None => finding.help(
            "declare its assembly under `pluginAssemblies`, or its key under `types` of its package; \
             for a type of another solution write `pluginTypeKey: …` in place of `pluginType`",
        ),
    });
    None
}
