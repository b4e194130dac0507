//! A solution in the making: what sources bring and what the manifest declares, merged, with the
//! place that each component comes from, so that a conflict can name both.

use std::collections::btree_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::package::SolutionPackage;
use super::part_name::encode_name;
use super::profile::{identity, is_container};
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

impl Draft {
    /// A draft that starts with `package`.
    #[must_use]
    pub fn new(package: SolutionPackage) -> Self {
        let roots = package.root_components().map(root_key).collect();
        Self { package, findings: Vec::new(), granted: Vec::new(), places: HashMap::new(), roots }
    }

    fn slot(place: &str, key: &str) -> (String, String) {
        (place.to_lowercase(), key.to_lowercase())
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

    /// Adds a declared component to a section; `false`, and an error, if the section already has it.
    pub fn add_element(&mut self, section: &str, element: Element, span: &Span) -> bool {
        let key = identity(section, &element).unwrap_or_default();
        let added = self.claim(section, &key, "the manifest", span, false);
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

    /// Adds a declared component to an element of a section that only contains components. If the section does not have
    /// it yet, it is made before the section's other components. `false`, and an error, if it already has the
    /// component.
    pub fn add_element_in(&mut self, section: &str, container: &str, element: Element, span: &Span) -> bool {
        let place = format!("{section}/{container}");
        let key = identity(&place, &element).unwrap_or_default();
        let added = self.claim(&place, &key, "the manifest", span, false);
        if added {
            let known = skeleton::section(&mut self.package.customizations, section);
            if known.find(container).is_none() {
                let is_other = |node: &Node| matches!(node, Node::Element(it) if !is_container(section, it));
                let index = known.children.iter().position(is_other).unwrap_or(known.children.len());
                known.children.insert(index, Element::new(container).into());
            }
            self.parent(&[section, container]).push(element);
        }
        added
    }

    /// The section, or the element in it, that contains components; made where it is missing.
    fn parent(&mut self, path: &[&str]) -> &mut Element {
        let mut parent = skeleton::section(&mut self.package.customizations, path[0]);
        for name in &path[1..] {
            if parent.find(name).is_none() {
                parent.push(Element::new(*name));
            }
            parent = parent.find_mut(name).unwrap_or_else(|| unreachable!("it was added above"));
        }
        parent
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
        self.merge_into(&[&section.name], section, section.file.as_ref(), from, span);
    }

    fn merge_container(&mut self, section: &str, source: &Element, file: Option<&Arc<str>>, from: &str, span: &Span) {
        let parent = self.parent(&[section]);
        match parent.find_mut(&source.name) {
            Some(known) => {
                for (name, value) in &source.attributes {
                    if known.attribute(name).is_none() {
                        known.set_attribute(name, value.as_str());
                    }
                }
            }
            None => parent.push(Element { file: file.cloned(), children: Vec::new(), ..source.clone() }),
        }
        self.merge_into(&[section, &source.name], source, file, from, span);
    }

    /// Merges the components of a section, or of an element in it that only contains components.
    fn merge_into(&mut self, path: &[&str], source: &Element, file: Option<&Arc<str>>, from: &str, span: &Span) {
        for node in &source.children {
            let Node::Element(element) = node else {
                let known = self.parent(path);
                if !known.children.contains(node) {
                    known.children.push(node.clone());
                }
                continue;
            };
            let file = element.file.as_ref().or(file);
            if let [section] = path
                && is_container(section, element)
            {
                self.merge_container(section, element, file, from, span);
                continue;
            }
            let place = path.join("/");
            let key = identity(&place, element);
            // Only a component of another source has a twin; languages are those of the frame.
            let may_have = key
                .as_ref()
                .is_none_or(|key| self.places.contains_key(&Self::slot(&place, key)) || element.name == "Language");
            let is_same = |other: &Element| xml::first_difference(other, element).is_none();
            let same = may_have
                && self
                    .parent(path)
                    .elements()
                    .any(|other| other.name == element.name && identity(&place, other) == key && is_same(other));
            let claimed = key.is_none_or(|key| self.claim(&place, &key, from, span, same));
            if claimed && !same {
                // What is beside others in a file of the source is still of that file.
                let element = Element { file: file.cloned(), ..(**element).clone() };
                self.parent(path).push(element);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::solution::xml::parse;

    /// What two sources with these templates and roles of connections become, and how many findings there are.
    fn merged(first: &str, second: &str) -> (String, usize) {
        let package = |origin: &str, inside: &str| SolutionPackage {
            origin: origin.to_owned(),
            manifest: Element::new("ImportExportXml").child(
                Element::new("SolutionManifest")
                    .child(Element::new("RootComponents"))
                    .child(Element::new("MissingDependencies")),
            ),
            customizations: parse(format!("<ImportExportXml>{inside}</ImportExportXml>").as_bytes(), origin)
                .expect("customizations.xml"),
            files: std::collections::BTreeMap::default(),
            findings: Vec::new(),
        };
        let mut draft = Draft::new(package("manifest", ""));
        let span = Span::new(&Source::new("dvpack.yaml", ""), 0..0);
        draft.merge(package("one", first), &span);
        draft.merge(package("two", second), &span);
        (xml::write_fragment(&draft.package.customizations), draft.findings.len())
    }

    #[test]
    fn a_component_of_two_sources_is_there_once_or_refused_wherever_it_is() {
        let template = |id: &str, title: &str| {
            format!(
                "<Templates><EmailTemplates><emailtemplate><templateid>{id}</templateid><title>{title}</title>\
                 </emailtemplate></EmailTemplates></Templates>"
            )
        };
        let sla = |id: &str, name: &str| format!("<Slas><Sla><SLAId>{id}</SLAId><Name>{name}</Name></Sla></Slas>");
        for (first, second, element, count, findings) in [
            (template("{1}", "Hello"), template("{1}", "Hello"), "<emailtemplate>", 1, 0),
            (template("{1}", "Hello"), template("{1}", "Goodbye"), "<emailtemplate>", 1, 1),
            (template("{1}", "Hello"), template("{2}", "Hello"), "<emailtemplate>", 2, 0),
            // Two agreements with one name are two.
            (sla("{1}", "Gold"), sla("{2}", "Gold"), "<Sla>", 2, 0),
            (sla("{1}", "Gold"), sla("1", "Silver"), "<Sla>", 1, 1),
        ] {
            let (text, found) = merged(&first, &second);
            assert_eq!((text.matches(element).count(), found), (count, findings), "{text}");
            assert!(text.matches("<EmailTemplates>").count() <= 1, "{text}");
        }
    }

    #[test]
    fn what_a_container_has_besides_components_stays() {
        let reports =
            "<Reports><ReportLinks new=\"1\"><!--kept--><ReportLink a=\"1\"></ReportLink></ReportLinks></Reports>";
        let (text, found) = merged(reports, reports);
        assert_eq!(found, 0);
        for (part, count) in [("<ReportLinks new=\"1\">", 1), ("<!--kept-->", 1), ("<ReportLink a", 1)] {
            assert_eq!(text.matches(part).count(), count, "{part}: {text}");
        }
    }
}
