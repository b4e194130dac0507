//! A solution in the making: what sources bring and what the manifest declares, merged, with the
//! place that each component comes from, so that a conflict can name both.

use std::collections::btree_map::Entry;
use std::collections::{HashMap, HashSet};

use super::package::SolutionPackage;
use super::part_name::encode_name;
use super::role::Granted;
use super::skeleton;
use super::xml::{self, Element, Node};
use crate::diagnostic::{Diagnostic, Span};

/// A solution in the making.
pub struct Draft {
    /// What there is so far.
    pub package: SolutionPackage,
    /// What was found wrong so far.
    pub findings: Vec<Diagnostic>,
    /// The roles of the manifest, in its order, with their rows.
    pub granted: Vec<Granted>,
    /// Section or file, and key, in lower case → where it comes from.
    places: HashMap<(String, String), (String, Span)>,
    /// The root components that are there, by [`root_key`].
    roots: HashSet<(u32, String)>,
}

/// Sections whose one child only holds the components.
const CONTAINERS: [&str; 3] = ["EmailTemplates", "ConnectionRoles", "ReportSignatureIdMappings"];

/// What tells one component of a section from another.
fn identity(element: &Element) -> Option<String> {
    const ATTRIBUTES: [&str; 9] = [
        "id",
        "WorkflowId",
        "PluginAssemblyId",
        "SdkMessageProcessingStepId",
        "ServiceEndpointId",
        "fieldsecurityprofileid",
        "EntityDataSourceId",
        "connectionreferencelogicalname",
        "Name",
    ];
    const CHILDREN: [&str; 9] = [
        "UniqueName",
        "SiteMapUniqueName",
        "SchemaName",
        "FormId",
        "reportid",
        "msdyn_aimodelid",
        "parententitylogicalname",
        "Name",
        "name",
    ];
    if element.name == "Language" {
        return Some(element.content().trim().to_owned());
    }
    if element.name == "EntityMap" || element.name == "AttributeImageConfig" {
        return Some(element.elements().take(2).map(Element::content).collect::<Vec<_>>().join("/"));
    }
    let attribute = ATTRIBUTES.iter().find_map(|name| element.attribute(name).map(str::to_owned));
    let key = attribute.or_else(|| CHILDREN.iter().find_map(|name| element.child_text(name)))?;
    Some(key.trim_matches(['{', '}']).to_owned())
}

impl Draft {
    /// A draft that starts with `package`.
    #[must_use]
    pub fn new(package: SolutionPackage) -> Self {
        let roots = package.root_components().map(root_key).collect();
        Self { package, findings: Vec::new(), granted: Vec::new(), places: HashMap::new(), roots }
    }

    fn slot(place: &str, key: &str) -> (String, String) {
        (place.to_lowercase(), key.trim_matches(['{', '}']).to_lowercase())
    }

    /// Notes where a component comes from; `false`, and an error unless both are `same`, when it is there already.
    fn claim(&mut self, place: &str, key: &str, from: &str, span: &Span, same: bool) -> bool {
        let slot = Self::slot(place, key);
        let Some((other, other_span)) = self.places.get(&slot) else {
            self.places.insert(slot, (from.to_owned(), span.clone()));
            return true;
        };
        if !same {
            let message = format!("`{key}` comes from {other} and again from {from}, and the two differ");
            self.findings.push(
                Diagnostic::error("conflicting-component", message)
                    .at(span)
                    .label("the second one")
                    .related(other_span, "the first one")
                    .help("remove one of the two"),
            );
        }
        false
    }

    /// Adds a declared component to a section; `false` when there is one with this key already.
    pub fn add_element(&mut self, section: &str, key: &str, element: Element, span: &Span) -> bool {
        let added = self.claim(section, key, "the manifest", span, false);
        if added {
            skeleton::section(&mut self.package.customizations, section).push(element);
        }
        added
    }

    /// Puts the components of a section in the order of `key`, which is that of the files of an unpacked solution.
    pub fn sort_section(&mut self, section: &str, key: impl Fn(&Element) -> String) {
        let section = skeleton::section(&mut self.package.customizations, section);
        section.children.sort_by_cached_key(|node| match node {
            Node::Element(element) => key(element).to_lowercase(),
            _ => String::new(),
        });
    }

    /// Adds a declared component to an element that holds those of a section, which is made before its plain components
    /// where it is not there; `false` when there is one with this key already.
    pub fn add_element_in(&mut self, section: &str, container: &str, key: &str, element: Element, span: &Span) -> bool {
        let added = self.claim(&format!("{section}/{container}"), key, "the manifest", span, false);
        if added {
            let section = skeleton::section(&mut self.package.customizations, section);
            if section.find(container).is_none() {
                let is_plain =
                    |node: &Node| matches!(node, Node::Element(it) if !CONTAINERS.contains(&it.name.as_str()));
                let index = section.children.iter().position(is_plain).unwrap_or(section.children.len());
                section.children.insert(index, Element::new(container).into());
            }
            if let Some(container) = section.find_mut(container) {
                container.push(element);
            }
        }
        added
    }

    /// Adds a declared part, by the name of its file.
    pub fn add_file(&mut self, name: &str, bytes: Vec<u8>, span: &Span) {
        self.add_file_from(&encode_name(name), bytes, "the manifest", span);
    }

    fn add_file_from(&mut self, name: &str, bytes: Vec<u8>, from: &str, span: &Span) {
        let same = self.package.files.get(name).is_some_and(|other| *other == bytes);
        if self.claim("file", name, from, span, same)
            && let Entry::Vacant(slot) = self.package.files.entry(name.to_owned())
        {
            slot.insert(bytes);
        }
    }

    /// Adds a root component by its one key attribute.
    pub fn add_root(&mut self, kind: &str, attribute: &str, key: &str) {
        self.add_root_by(kind, &[(attribute, key)]);
    }

    /// Adds a root component by its key attributes.
    pub fn add_root_by(&mut self, kind: &str, keys: &[(&str, &str)]) {
        self.add_root_with(kind, keys, "0");
    }

    /// Adds a root component with its behavior: 0 with everything, 1 without parts, 2 the shell only.
    pub fn add_root_as(&mut self, kind: &str, attribute: &str, key: &str, behavior: &str) {
        self.add_root_with(kind, &[(attribute, key)], behavior);
    }

    fn add_root_with(&mut self, kind: &str, keys: &[(&str, &str)], behavior: &str) {
        let mut root = Element::new("RootComponent").with("type", kind);
        for (attribute, key) in keys {
            root.set_attribute(attribute, *key);
        }
        self.push_root(root.with("behavior", behavior));
    }

    fn push_root(&mut self, root: Element) {
        let key = root_key(&root);
        if !self.roots.contains(&key)
            && let Some(roots) = self.manifest_list("RootComponents")
        {
            roots.push(root);
            self.roots.insert(key);
        }
    }

    fn manifest_list(&mut self, name: &str) -> Option<&mut Element> {
        self.package.manifest.find_mut("SolutionManifest")?.find_mut(name)
    }

    /// Merges a source in; publisher and solution identity stay the manifest's.
    pub fn merge(&mut self, source: SolutionPackage, span: &Span) {
        let from = format!("`{}`", source.origin);
        self.findings.extend(source.findings.iter().cloned());
        let roots: Vec<Element> = source.root_components().cloned().collect();
        let missing = source.manifest.path(&["SolutionManifest", "MissingDependencies"]).cloned();
        for root in roots {
            self.push_root(root);
        }
        if let (Some(missing), Some(list)) = (missing, self.manifest_list("MissingDependencies")) {
            let text = |dependency: &Element| xml::write_fragment(&xml::canonical(dependency));
            let mut known: HashSet<String> = list.elements().map(text).collect();
            for dependency in missing.elements() {
                if known.insert(text(dependency)) {
                    list.push(dependency.clone());
                }
            }
        }
        for section in source.customizations.elements() {
            self.merge_section(section, &from, span);
        }
        for (name, bytes) in source.files {
            self.add_file_from(&name, bytes, &from, span);
        }
    }

    fn merge_section(&mut self, section: &Element, from: &str, span: &Span) {
        let known = skeleton::section(&mut self.package.customizations, &section.name);
        for (name, value) in &section.attributes {
            if known.attribute(name).is_none() {
                known.set_attribute(name, value.as_str());
            }
        }
        for node in &section.children {
            let Node::Element(element) = node else {
                let known = skeleton::section(&mut self.package.customizations, &section.name);
                if !known.children.contains(node) {
                    known.children.push(node.clone());
                }
                continue;
            };
            let known = skeleton::section(&mut self.package.customizations, &section.name);
            match identity(element) {
                Some(key) => {
                    let slot = Self::slot(&section.name, &key);
                    // Only a component of another source has a twin; languages are those of the frame.
                    let may_have = self.places.contains_key(&slot) || element.name == "Language";
                    let twin = known
                        .elements()
                        .filter(|_| may_have)
                        .find(|other| other.name == element.name && identity(other).as_ref() == Some(&key));
                    let same = twin.is_some_and(|other| xml::first_difference(other, element).is_none());
                    if self.claim(&section.name, &key, from, span, same) && !same {
                        // What stands beside others in a file of the source is still of that file.
                        let file = element.file.clone().or_else(|| section.file.clone());
                        let element = Element { file, ..(**element).clone() };
                        skeleton::section(&mut self.package.customizations, &section.name).push(element);
                    }
                }
                None => match known.find_mut(&element.name).filter(|_| CONTAINERS.contains(&element.name.as_str())) {
                    Some(container) => container.children.extend(element.children.iter().cloned()),
                    None => {
                        if !known.elements().any(|other| xml::first_difference(other, element).is_none()) {
                            known.children.push(node.clone());
                        }
                    }
                },
            }
        }
    }
}

/// What a root component names: type and key, without case and braces.
#[must_use]
pub fn root_key(root: &Element) -> (u32, String) {
    let kind = root.attribute("type").and_then(|text| text.parse().ok()).unwrap_or(u32::MAX);
    let key = root.attribute("id").or_else(|| root.attribute("schemaName")).unwrap_or_default();
    (kind, key.trim_matches(['{', '}']).to_lowercase())
}
