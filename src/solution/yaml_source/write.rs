//! Writing a tree in this layout: an experiment, since no program can be asked whether it is what Microsoft's tools write.
//! It is compared with the package before it is given away: what it reads back as has the same parts and components.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::components::{CUSTOMIZATIONS, SECTIONS};
use super::places::{self, Format, files_of, is_carried, of_control, section_of};
use super::read::read_tree;
use super::{tables, to_yaml};
use crate::archive::SafeNames;
use crate::diagnostic::Diagnostic;
use crate::files::{is_build_output, is_tools_own};
use crate::solution::folder::PARTS;
use crate::solution::folder::column_files;
use crate::solution::folder::split::{Content, document_with_xsi};
use crate::solution::folder::tree::Tree;
use crate::solution::package::{PackageType, SolutionPackage};
use crate::solution::part_name::{decode_name, encode_name};
use crate::solution::xml::{self, Element, Node};

/// Where an element has the name of its folder.
const KEYS: [&str; 16] = [
    "@WorkflowId",
    "WebResourceId",
    "@SdkMessageProcessingStepId",
    "@PluginAssemblyId",
    "@EntityDataSourceId",
    "FormId",
    "@Name",
    "Name",
    "UniqueName",
    "SiteMapUniqueName",
    "@name",
    "name",
    "reportid",
    "@connectionreferencelogicalname",
    "@id",
    "@fieldsecurityprofileid",
];

/// The files of the tree by name.
///
/// # Errors
/// A finding where the layout cannot hold the package.
pub fn split(package: &SolutionPackage) -> Result<BTreeMap<String, Content>, Vec<Diagnostic>> {
    let mut writer = Writer {
        package,
        files: BTreeMap::new(),
        names: SafeNames::default(),
        folders: BTreeSet::new(),
        placed: BTreeSet::new(),
    };
    let solution = writer.manifest().ok_or_else(|| refused(package, "its solution.xml has more than YAML holds"))?;
    for section in package.customizations.elements().filter(|section| !section.children.is_empty()) {
        writer.section(section);
    }
    for part in package.files.keys().filter(|part| !writer.placed.contains(*part)).cloned().collect::<Vec<_>>() {
        writer.part(&part);
    }
    writer.list(&solution);
    let files = writer.files;
    match difference(package, &files, &solution) {
        None => Ok(files),
        Some(what) => Err(refused(package, &format!("{what} would come back changed"))),
    }
}

fn refused(package: &SolutionPackage, why: &str) -> Vec<Diagnostic> {
    let message = format!("the YAML layout cannot hold the solution: {why}");
    let finding = Diagnostic::error("not-for-layout", message).in_file(package.origin.as_str(), None);
    vec![finding.help("leave `--layout` out: SolutionPackager's layout holds every solution")]
}

struct Writer<'a> {
    package: &'a SolutionPackage,
    files: BTreeMap<String, Content>,
    names: SafeNames,
    /// The folders of components, in lower case.
    folders: BTreeSet<String>,
    /// Parts that have a place.
    placed: BTreeSet<String>,
}

impl Writer<'_> {
    /// Writes a file, unless its name is unsafe or taken.
    fn put(&mut self, name: &str, content: Content) -> bool {
        let is_free = self.names.take(name);
        if is_free {
            self.files.insert(name.to_owned(), content);
        }
        is_free
    }

    fn manifest(&mut self) -> Option<String> {
        let mut root = self.package.manifest.clone();
        let solution = self.package.unique_name();
        let manifest = root.find_mut("SolutionManifest")?;
        let mut parts = Vec::new();
        for name in ["RootComponents", "MissingDependencies"] {
            let at = manifest.children.iter().position(|it| matches!(it, Node::Element(it) if it.name == name));
            let part = at.map(|at| manifest.children.remove(at));
            parts.push(match part {
                Some(Node::Element(part)) => Arc::unwrap_or_clone(part),
                _ => Element::new(name),
            });
        }
        let publisher = manifest.find_mut("Publisher")?;
        let name = publisher.child_text("UniqueName")?;
        let short = Element::new("Publisher").child(Element::text("UniqueName", name.as_str()));
        let full = std::mem::replace(publisher, short);
        let missing = parts.pop()?;
        for (file, element) in [
            (format!("solutions/{solution}/solution.yml"), root),
            (format!("solutions/{solution}/rootcomponents.yml"), parts.pop()?),
            (format!("solutions/{solution}/missingdependencies.yml"), missing),
            (format!("publishers/{name}/publisher.yml"), full),
        ] {
            // The declaration is the reader's own.
            let text = to_yaml::written(&element).or_else(|| to_yaml::written(&without_xsi(element)))?;
            self.put(&file, Content::Made(text.into_bytes().into())).then_some(())?;
        }
        Some(solution)
    }

    fn section(&mut self, section: &Element) {
        if section.name == "Languages" && self.is_base_language(section) {
            return;
        }
        let is_item = |node: &Node| match node {
            Node::Element(item) => {
                section_of(&item.name) == Some(section.name.as_str())
                    || section.name == "Entities" && item.name == "Entity"
            }
            _ => false,
        };
        if !section.attributes.is_empty() || !section.children.iter().all(is_item) {
            let text = document_with_xsi(section.clone());
            self.put(&format!("{SECTIONS}{}.xml", section.name), Content::Made(text));
            return;
        }
        for item in section.elements() {
            let folder = self.folder(section, item);
            if item.name == "Entity" {
                let (table, parts) = tables::split(item.clone());
                self.component(&folder, &table);
                for (file, part) in parts {
                    let (inner, _) = file.rsplit_once('/').unwrap_or_default();
                    self.payloads(
                        "Entities",
                        "EntityInfo/entity/attributes/attribute/",
                        &part,
                        &format!("{folder}/{inner}"),
                    );
                    self.document(&format!("{folder}/{file}"), &part);
                }
            } else {
                self.component(&folder, item);
            }
            self.payloads(&section.name, "", item, &folder);
        }
    }

    fn is_base_language(&self, section: &Element) -> bool {
        let language = self.package.manifest.attribute("languagecode").unwrap_or("1033");
        let plain = Element::new("Languages").child(Element::text("Language", language));
        xml::write_fragment(section) == xml::write_fragment(&plain)
    }

    /// A folder of its own for a component.
    fn folder(&mut self, section: &Element, item: &Element) -> String {
        let top = match section.name.as_str() {
            "Workflows" if item.child_text("Category").as_deref() == Some("5") => "modernflows".to_owned(),
            "SolutionPluginAssemblies" => "pluginassemblies".to_owned(),
            "CustomControls" => "controls".to_owned(),
            name => name.to_lowercase(),
        };
        let key = if item.name == "Entity" { item.child_text("Name").map(|name| name.to_lowercase()) } else { None };
        let key = key.or_else(|| KEYS.iter().find_map(|place| item.value_at(place).filter(|key| !key.is_empty())));
        let kept = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
        let key: String = key
            .unwrap_or_default()
            .trim_matches(['{', '}'])
            .chars()
            .take(100)
            .map(|c| if kept(c) { c } else { '_' })
            .collect();
        let key = key.trim_matches([' ', '.']);
        let named = |number: usize| if number == 0 { format!("{top}/{key}") } else { format!("{top}/{key}_{number}") };
        let mut folders = (usize::from(key.is_empty())..).map(named);
        folders.find(|folder| self.folders.insert(folder.to_lowercase())).unwrap_or_default()
    }

    fn component(&mut self, folder: &str, element: &Element) {
        self.document(&format!("{folder}/{}", element.name.to_lowercase()), element);
    }

    /// An element as YAML, or as XML where YAML does not hold it.
    fn document(&mut self, stem: &str, element: &Element) {
        let (name, text) = match to_yaml::written(element) {
            Some(text) => (format!("{stem}.yml"), text.into_bytes().into()),
            None => (format!("{stem}.xml"), document_with_xsi(element.clone())),
        };
        self.put(&name, Content::Made(text));
    }

    /// The files that an element names, each beside it.
    fn payloads(&mut self, section: &str, below: &str, element: &Element, folder: &str) {
        for written in files_of(section, element, below) {
            let part = encode_name(written.trim_start_matches('/'));
            let file = written.rsplit('/').next().unwrap_or_default().to_owned();
            if self.package.files.contains_key(&part)
                && !self.placed.contains(&part)
                && self.put(&format!("{folder}/{file}"), Content::Part(part.clone()))
            {
                self.placed.insert(part);
            }
        }
    }

    fn part(&mut self, part: &str) {
        let file = decode_name(part);
        let lower = file.to_lowercase();
        let top = places::top(&lower);
        let control = file.split_once('/').filter(|_| top == "controls").map(|(_, rest)| format!("controls/{rest}"));
        let is_seen = !file.split('/').any(is_tools_own) && !is_build_output(top);
        let is_own = matches!(top, "solutions" | "publishers" | CUSTOMIZATIONS | "other");
        let is_yaml = places::format(&lower) == Some(Format::Yaml);
        let place = match control {
            Some(control) => (of_control(&control).as_deref() == Some(part)).then_some(control),
            None if !lower.contains('/') || is_own || !is_carried(&lower) => None,
            None => {
                let again = column_files::part_among(&self.package.files, &file);
                (again.unwrap_or_else(|| encode_name(&file)) == part).then_some(file)
            }
        };
        let place = place.filter(|_| is_seen && !is_yaml);
        let bytes = self.package.files.get(part).map(Vec::as_slice).unwrap_or_default();
        if let Some(place) = &place
            && let Some(text) = as_record(place, bytes)
        {
            let stem = place.rsplit_once('.').map_or(place.as_str(), |(stem, _)| stem);
            if self.put(&format!("{stem}.yml"), Content::Made(text.into_bytes().into())) {
                return;
            }
        }
        let content = || Content::Part(part.to_owned());
        if !place.is_some_and(|place| self.put(&place, content())) {
            self.put(&format!("{PARTS}{part}"), content());
        }
    }

    /// `solutioncomponents.yml`: the folders of all components.
    fn list(&mut self, solution: &str) {
        let folder = |name: &String| {
            let mut pieces = name.splitn(3, '/');
            let (top, key) = (pieces.next()?, pieces.next()?);
            (top != "solutions")
                .then(|| if pieces.next().is_some() { format!("/{top}/{key}") } else { format!("/{top}") })
        };
        let paths: BTreeSet<String> = self.files.keys().filter_map(folder).collect();
        let mut root = Element::new("SolutionComponents");
        for path in paths {
            root.push(Element::new("Component").with("path", path));
        }
        if let Some(text) = to_yaml::written(&root) {
            self.put(&format!("solutions/{solution}/solutioncomponents.yml"), Content::Made(text.into_bytes().into()));
        }
    }
}

/// The YAML of a record whose XML is written as dvpack writes it.
fn as_record(name: &str, bytes: &[u8]) -> Option<String> {
    (places::format(name) == Some(Format::Xml)).then_some(())?;
    let root = xml::parse(bytes, name).ok()?;
    (places::record(name, &root) && xml::write_document(&root) == bytes).then_some(())?;
    to_yaml::written(&root)
}

fn without_xsi(mut element: Element) -> Element {
    element.attributes.retain(|(name, _)| name != "xmlns:xsi");
    element
}

/// What does not come back from the tree.
fn difference(package: &SolutionPackage, files: &BTreeMap<String, Content>, solution: &str) -> Option<String> {
    let content = |content: &Content| match content {
        Content::Made(bytes) => bytes.clone(),
        Content::Part(part) => package.files.get(part).map(Vec::as_slice).unwrap_or_default().into(),
    };
    let whole = || Some("all of it".to_owned());
    let Ok(tree) = Tree::of(files.iter().map(|(name, of)| (name.clone(), content(of)))) else { return whole() };
    let wanted = if package.managed() { PackageType::Managed } else { PackageType::Unmanaged };
    let again = match read_tree(tree, &package.origin, solution, Some(wanted), Vec::new()) {
        Ok(again) => again,
        Err(findings) => return Some(findings.first().map(ToString::to_string).unwrap_or_default()),
    };
    for name in package.files.keys().chain(again.files.keys()) {
        if package.files.get(name) != again.files.get(name) {
            return Some(format!("the part `{name}`"));
        }
    }
    let manifest = |package: &SolutionPackage| xml::write_fragment(&without_xsi(package.manifest.clone()));
    if manifest(package) != manifest(&again) {
        return Some("solution.xml".to_owned());
    }
    let sections = |package: &SolutionPackage| {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for section in package.customizations.elements().filter(|section| !section.children.is_empty()) {
            let items = all.entry(section.name.clone()).or_default();
            items.extend(section.children.iter().map(settled));
            items.sort();
        }
        all
    };
    let (ours, theirs) = (sections(package), sections(&again));
    let differs = |name: &&String| ours.get(*name) != theirs.get(*name);
    ours.keys().chain(theirs.keys()).find(differs).map(|name| format!("the section `{name}`"))
}

/// An item as text, with the columns, forms, views and charts of a table in a fixed order: in this layout they have that of
/// their files' names.
fn settled(node: &Node) -> String {
    match node {
        Node::Element(item) => xml::write_fragment(&tables::settled((**item).clone())),
        other => format!("{other:?}"),
    }
}
