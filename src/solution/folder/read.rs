//! Reading an unpacked folder: `Other/Customizations.xml` is the skeleton, each of its empty
//! elements is filled from its folder, in the order of file names without case or of `Other/Order.txt`.

use std::collections::BTreeMap;
use std::path::Path;

use super::layout::{
    ELEMENT_FILES, PAYLOAD_FIELDS, RELATIONSHIP_NAMES, RELATIONSHIPS, REPORT_MAPPINGS, Root, SECTION_FILES, TABLES,
};
use super::map::FileMap;
use super::order::{self, Order};
use super::tree::Tree;
use super::{MERGED, PARTS, email};
use crate::diagnostic::Diagnostic;
use crate::solution::package::{PackageType, SolutionPackage};
use crate::solution::xml::{self, Element, Node};
use crate::solution::{skeleton, yaml_source};

/// What to read a folder as, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct FolderOptions<'a> {
    /// Managed or unmanaged; without it, what the folder says, where both are possible unmanaged.
    pub package_type: Option<PackageType>,
    /// Where some files are read from instead.
    pub map: Option<&'a FileMap>,
    /// Which solution of a folder in the YAML layout.
    pub solution: Option<&'a str>,
}

/// Reads a folder as what it says it is; one that can be both is read as unmanaged.
pub fn read_folder(path: &Path) -> Result<SolutionPackage, Vec<Diagnostic>> {
    read_folder_with(path, FolderOptions::default())
}

/// Reads a folder as managed or unmanaged.
pub fn read_folder_as(path: &Path, package_type: PackageType) -> Result<SolutionPackage, Vec<Diagnostic>> {
    read_folder_with(path, FolderOptions { package_type: Some(package_type), ..FolderOptions::default() })
}

/// Reads a folder.
pub fn read_folder_with(path: &Path, options: FolderOptions<'_>) -> Result<SolutionPackage, Vec<Diagnostic>> {
    let origin = path.display().to_string();
    let mut findings = Vec::new();
    if !path.is_dir() {
        return Err(vec![Diagnostic::error("not-a-folder", "it is not a folder").in_file(origin, None)]);
    }
    if !yaml_source::solutions(path).is_empty() {
        if options.map.is_some() {
            let finding = Diagnostic::error("invalid-map", "map files are for SolutionPackager's layout");
            return Err(vec![
                finding.in_file(origin, None).help("leave `--map` out: the folder is in the YAML layout"),
            ]);
        }
        return yaml_source::read(path, options.solution, options.package_type);
    }
    let tree = Tree::read(path, options.map, &mut findings).map_err(|finding| vec![*finding])?;
    if !tree.has("Other/Solution.xml") && path.join("src").is_dir() {
        // `pac solution init` and `clone` keep the tree below src/.
        return read_folder_with(&path.join("src"), options);
    }
    read_tree(tree, &origin, findings, options.package_type)
}

/// Reads the files of a folder; `findings` are what was noticed before.
pub(super) fn read_tree(
    mut tree: Tree,
    origin: &str,
    findings: Vec<Diagnostic>,
    wanted: Option<PackageType>,
) -> Result<SolutionPackage, Vec<Diagnostic>> {
    let order = tree.take(order::FILE).map_or_else(Order::default, |(_, bytes)| Order::parse(bytes));
    let mut reader = Reader {
        tree: &mut tree,
        origin: origin.to_owned(),
        findings,
        managed: false,
        order,
        files: BTreeMap::new(),
        payloads: BTreeMap::new(),
    };
    let manifest = reader.required("Other/Solution.xml");
    let customizations = reader.required("Other/Customizations.xml");
    let (Some(mut manifest), Some(mut customizations)) = (manifest, customizations) else {
        return Err(reader.findings);
    };
    let flag =
        manifest.path(&["SolutionManifest", "Managed"]).map(|m| m.content().trim().to_owned()).unwrap_or_default();
    let package_type = wanted.unwrap_or(if flag == "1" { PackageType::Managed } else { PackageType::Unmanaged });
    reader.managed = package_type == PackageType::Managed;
    if let Some(managed) = manifest.find_mut("SolutionManifest").and_then(|m| m.find_mut("Managed")) {
        managed.set_content(package_type.flag());
    }
    reader.fill(&mut customizations);
    reader.copy_rest(&customizations);
    let Reader { findings, files, .. } = reader;
    if findings.iter().any(|finding| finding.severity == crate::diagnostic::Severity::Error) {
        return Err(findings);
    }
    Ok(SolutionPackage { origin: origin.to_owned(), manifest, customizations, files, findings })
}

struct Reader<'a> {
    tree: &'a mut Tree,
    origin: String,
    findings: Vec<Diagnostic>,
    managed: bool,
    order: Order,
    files: BTreeMap<String, Vec<u8>>,
    /// Files beside a `.data.xml`, in lower case, and the parts that they are in the zip.
    payloads: BTreeMap<String, String>,
}

impl Reader<'_> {
    fn required(&mut self, name: &str) -> Option<Element> {
        let found = self.parse(name);
        if found.is_none() && !self.tree.has(name) {
            self.findings.push(
                Diagnostic::error("missing-file", format!("it has no `{name}`"))
                    .in_file(self.origin.as_str(), None)
                    .help("give the folder that holds `Other/Solution.xml`, as `dvpack unpack` or SolutionPackager writes it"),
            );
        }
        found
    }

    /// Parses a file of the tree and drops the declaration of `xsi`, which only the root carries.
    fn parse(&mut self, name: &str) -> Option<Element> {
        let (name, bytes) = self.tree.take(name)?;
        match xml::parse(bytes, &format!("{}/{name}", self.origin)) {
            Ok(mut root) => {
                if root.name != "ImportExportXml" {
                    root.attributes.retain(|(name, _)| name != "xmlns:xsi");
                }
                Some(root)
            }
            Err(finding) => {
                self.findings.push(*finding);
                None
            }
        }
    }

    /// The name to read instead, when this one has a managed twin and managed is wanted.
    fn variant(&self, name: &str) -> String {
        let twin = format!("{}_managed.xml", name.strip_suffix(".xml").unwrap_or(name));
        if self.managed && self.tree.has(&twin) { twin } else { name.to_owned() }
    }

    /// The files in a folder that end so, each once, whether only one or both variants are there.
    fn names(&self, folder: &str, end: &str) -> Vec<String> {
        let end = end.to_lowercase();
        let mut names: Vec<String> = self.tree.below(folder).map(str::to_owned).collect();
        let twin = |name: &String| {
            let lower = name.to_lowercase();
            lower.strip_suffix("_managed.xml").map(|_| format!("{}.xml", &name[..name.len() - "_managed.xml".len()]))
        };
        let all = names.clone();
        // A managed twin without its plain form counts as the plain name, when managed is wanted.
        names = names
            .into_iter()
            .filter_map(|name| match twin(&name) {
                Some(plain) if all.iter().any(|other| other.eq_ignore_ascii_case(&plain)) => None,
                Some(plain) => self.managed.then_some(plain),
                None => Some(name),
            })
            .filter(|name| name.to_lowercase().ends_with(&end))
            .collect();
        self.order.sort(&mut names);
        names
    }

    fn fill(&mut self, customizations: &mut Element) {
        for place in ELEMENT_FILES {
            let mut names = self.names(place.folder, place.end);
            names.retain(|name| !place.flat || name.matches('/').count() == 1);
            let Some(target) = self.target(customizations, place.section, place.folder, !names.is_empty()) else {
                continue;
            };
            for name in names {
                let file = self.variant(&name);
                let Some(element) = self.parse(&file) else { continue };
                if place.end == ".data.xml"
                    && let Some(part) = PAYLOAD_FIELDS.iter().find_map(|field| element.child_text(field))
                {
                    let beside = name[..name.len() - place.end.len()].to_lowercase();
                    self.payloads.insert(beside, part.trim_start_matches('/').to_owned());
                }
                target.push(element);
            }
        }
        for place in SECTION_FILES {
            let file = self.variant(place.file);
            let there = self.tree.has(&file);
            let Some(target) = self.target(customizations, place.section, &file, there) else { continue };
            let Some(mut root) = self.parse(&file) else { continue };
            for template in root.elements_mut().filter(|element| element.name == "emailtemplate") {
                email::put_texts(template, |name| self.tree.take(name).map(|(_, bytes)| bytes));
            }
            // A site map and connection roles hold an element of their own name.
            let inner = ["SiteMap", "ConnectionRoles"].contains(&place.section) && root.find(place.section).is_none();
            if matches!(place.root, Root::Section) && root.name == place.section && !inner {
                let attributes = std::mem::take(&mut target.attributes);
                *target = root;
                if target.attributes.is_empty() {
                    target.attributes = attributes;
                }
            } else {
                target.push(root);
            }
        }
        if let Some(root) = self.parse(REPORT_MAPPINGS)
            && let Some(target) = customizations.find_mut("Reports")
        {
            target.children.insert(0, Node::Element(root));
        }
        self.relationships(customizations);
        self.entities(customizations);
    }

    /// The section to fill, which must be empty. SolutionPackager drops a folder whose element is missing;
    /// here it is made, and said.
    fn target<'e>(
        &mut self,
        customizations: &'e mut Element,
        section: &str,
        folder: &str,
        there: bool,
    ) -> Option<&'e mut Element> {
        if !there {
            return None;
        }
        if customizations.find(section).is_none() {
            let message =
                format!("`Other/Customizations.xml` has no `<{section} />`; `{folder}` is packed all the same");
            self.findings.push(
                Diagnostic::warning("unlisted-section", message).in_file(self.origin.as_str(), None).help(format!(
                    "add `<{section} />`, without which SolutionPackager leaves `{folder}` out in silence"
                )),
            );
        }
        let found = skeleton::section(customizations, section);
        if !found.is_empty() {
            self.findings.push(
                Diagnostic::warning(
                    "section-not-empty",
                    format!("`{folder}` is not merged: `<{section}>` is not empty"),
                )
                .in_file(format!("{}/Other/Customizations.xml", self.origin), Some((found.line, 1)))
                .help(format!("keep one of the two: the content of `<{section}>`, or `{folder}`")),
            );
            return None;
        }
        Some(found)
    }

    fn relationships(&mut self, customizations: &mut Element) {
        let mut names = self.names(RELATIONSHIPS, ".xml");
        names.retain(|name| name.matches('/').count() == 2);
        let listed = self.parse(RELATIONSHIP_NAMES);
        let Some(target) = self.target(customizations, "EntityRelationships", RELATIONSHIPS, !names.is_empty()) else {
            return;
        };
        let mut all: Vec<Node> = Vec::new();
        for name in names {
            all.extend(self.parse(&name).into_iter().flat_map(|root| root.children));
        }
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (place, element) in listed.iter().flat_map(Element::elements).enumerate() {
            places.entry(element.attribute("Name").unwrap_or_default().to_lowercase()).or_insert(place);
        }
        all.sort_by_cached_key(|node| {
            let name = match node {
                Node::Element(element) => element.attribute("Name").unwrap_or_default().to_lowercase(),
                _ => String::new(),
            };
            (places.get(&name).copied().unwrap_or(usize::MAX), name)
        });
        target.children = all;
    }

    fn entities(&mut self, customizations: &mut Element) {
        let folder = |name: &str| Some(format!("{TABLES}{}", name.split_once('/')?.1.split_once('/')?.0));
        let mut folders: Vec<String> = self.tree.below(TABLES).filter_map(folder).collect();
        folders.sort();
        folders.dedup();
        folders.retain(|folder| self.tree.has(&format!("{folder}/Entity.xml")));
        self.order.sort(&mut folders);
        let Some(target) = self.target(customizations, "Entities", TABLES, !folders.is_empty()) else { return };
        for folder in folders {
            let Some(mut entity) = self.parse(&format!("{folder}/Entity.xml")) else { continue };
            self.forms(&mut entity, &format!("{folder}/FormXml/"));
            let mut queries = Element::new("savedqueries");
            for name in self.names(&format!("{folder}/SavedQueries/"), ".xml") {
                let file = self.variant(&name);
                add(self.parse(&file), "savedquery", &mut queries);
            }
            if !queries.children.is_empty() {
                entity_part(&mut entity, "SavedQueries").push(queries);
            }
            for name in self.names(&format!("{folder}/Visualizations/"), ".xml") {
                let file = self.variant(&name);
                add(self.parse(&file), "visualization", entity_part(&mut entity, "Visualizations"));
            }
            let ribbon = self.variant(&format!("{folder}/RibbonDiff.xml"));
            if let Some(root) = self.parse(&ribbon) {
                *entity_part(&mut entity, "RibbonDiffXml") = root;
            }
            for name in self.tree.below(&format!("{folder}/Formulas/")).map(str::to_owned).collect::<Vec<_>>() {
                if let Some((name, bytes)) = self.tree.take(&name) {
                    let file = name.rsplit('/').next().unwrap_or(name);
                    self.files.insert(format!("Formulas/{file}"), bytes.to_vec());
                }
            }
            target.push(entity);
        }
    }

    fn forms(&mut self, entity: &mut Element, folder: &str) {
        let mut by_type: BTreeMap<String, Element> = BTreeMap::new();
        for name in self.names(folder, ".xml") {
            let Some(form_type) = name.split('/').nth(3).map(str::to_owned) else { continue };
            let file = self.variant(&name);
            let forms =
                by_type.entry(form_type.clone()).or_insert_with(|| Element::new("forms").with("type", form_type));
            add(self.parse(&file), "systemform", forms);
        }
        let mut types: Vec<String> = by_type.keys().cloned().collect();
        self.order.sort_form_types(folder, &mut types);
        for forms in types.iter().filter_map(|name| by_type.remove(name)).filter(|forms| !forms.is_empty()) {
            entity_part(entity, "FormXml").push(forms);
        }
    }

    /// Payloads go to the name that their element gives; folders nobody knows are copied as they are.
    fn copy_rest(&mut self, customizations: &Element) {
        let merged: Vec<String> = ELEMENT_FILES
            .iter()
            .filter(|place| customizations.find(place.section).is_some_and(|e| !e.is_empty()))
            .map(|place| place.folder.to_lowercase())
            .collect();
        for resource in customizations.find("WebResources").into_iter().flat_map(Element::elements) {
            if let (Some(name), Some(file)) = (resource.child_text("Name"), resource.child_text("FileName")) {
                let file = file.trim_start_matches('/').to_owned();
                self.payloads.entry(format!("webresources/{}", name.to_lowercase())).or_insert(file);
            }
        }
        let mut unpacked: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let rest: Vec<(String, Vec<u8>)> =
            self.tree.rest().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
        for (name, bytes) in rest {
            if let Some(part) = name.strip_prefix(PARTS) {
                self.files.insert(part.to_owned(), bytes);
                continue;
            }
            let lower = name.to_lowercase();
            let (top, inner) = lower.split_once('/').unwrap_or((&lower, ""));
            let entities_inline = top == "entities"
                && customizations.find("Entities").is_some_and(|e| !e.is_empty())
                && lower.ends_with("/entity.xml");
            if MERGED.contains(&top) && !entities_inline {
                let why = match top {
                    "resources" => "localised strings, which only SolutionPackager's /localize merges",
                    _ => "nothing in the solution refers to them",
                };
                if !self.is_twin(&name) {
                    unpacked.entry(why).or_default().push(name);
                }
                continue;
            }
            let target = match top {
                _ if self.payloads.contains_key(&lower) => self.payloads[&lower].clone(),
                "connectors" if merged.contains(&"connectors/".to_owned()) => {
                    format!("Connector/{}", &name["connectors/".len()..])
                }
                "canvasapps" if inner.contains('/') => {
                    unpacked.entry("sources of canvas apps, whose .msapp is packed").or_default().push(name);
                    continue;
                }
                "workflows" if !mentioned(customizations, "Workflows", &name) => {
                    unpacked.entry("nothing in the solution refers to them").or_default().push(name);
                    continue;
                }
                _ => name,
            };
            self.files.insert(target, bytes);
        }
        for (why, names) in unpacked {
            let shown = names.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
            let message = format!("not packed ({why}): {shown}{more}");
            self.findings.push(Diagnostic::note("not-packed", message).in_file(self.origin.as_str(), None));
        }
    }

    /// Whether the other variant of a file was taken.
    fn is_twin(&self, name: &str) -> bool {
        let stem = name.strip_suffix(".xml").unwrap_or(name);
        let plain = stem.strip_suffix("_managed").map(|stem| format!("{stem}.xml"));
        self.tree.has(&plain.unwrap_or_else(|| format!("{stem}_managed.xml")))
    }
}

/// Whether an element of the section names the file as its payload.
fn mentioned(customizations: &Element, section: &str, file: &str) -> bool {
    let mut elements = customizations.find(section).into_iter().flat_map(Element::elements);
    elements.any(|element| {
        element.elements().any(|child| {
            child.name.ends_with("FileName") && child.content().trim_start_matches('/').eq_ignore_ascii_case(file)
        })
    })
}

/// Adds what a file holds: the element itself, or the elements in its root.
fn add(root: Option<Element>, name: &str, target: &mut Element) {
    let Some(root) = root else { return };
    if root.name == name { target.push(root) } else { target.children.extend(root.children) }
}

/// A part of an `<Entity>`, made at its place where it is missing.
fn entity_part<'e>(entity: &'e mut Element, name: &str) -> &'e mut Element {
    const ORDER: [&str; 8] = [
        "Name",
        "EntityInfo",
        "FormXml",
        "SavedQueries",
        "Visualizations",
        "RibbonDiffXml",
        "CustomControlDefaultConfigs",
        "Strings",
    ];
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    let is = |node: &Node, test: &dyn Fn(&str) -> bool| matches!(node, Node::Element(element) if test(&element.name));
    if !entity.children.iter().any(|node| is(node, &|other| other == name)) {
        let after = entity.children.iter().position(|node| is(node, &|other| rank(other) > rank(name)));
        let index = after.unwrap_or(entity.children.len());
        entity.children.insert(index, Node::Element(Element::new(name)));
    }
    let found = entity.elements_mut().find(|element| element.name == name);
    found.unwrap_or_else(|| unreachable!("it was just made"))
}
