//! Which file goes where: `Other/Customizations.xml` is the skeleton, each of its empty elements is
//! filled from its folder, in the order of file names without case or of `Other/Order.txt`. Made from
//! names alone, so that the model ([`super::read`]) and the packer, which holds no tree ([`super::pack`]), follow the same plan.

use std::collections::BTreeMap;

use super::layout::{
    ELEMENT_FILES, MAPPINGS, RELATIONSHIP_NAMES, RELATIONSHIPS, REPORT_MAPPINGS, Root, SECTION_FILES, SectionFile,
    TABLES,
};
use super::misplaced::wrong_root;
use super::order::{self, Order};
use super::piece::{Piece, Table, parse};
use super::relationships::Listed;
use super::route::Routes;
use super::template;
use super::tree::{Id, Tree};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::solution::package::PackageType;
use crate::solution::skeleton;
use crate::solution::xml::{self, Element};

/// The section whose parts are in the order of their names, whatever file they stand in.
pub const SORTED: &str = "EntityRelationships";

/// What a folder becomes.
pub struct Plan {
    /// The folder, for messages.
    pub origin: String,
    /// `ImportExportXml` of solution.xml.
    pub manifest: Element,
    /// `ImportExportXml` of customizations.xml, with the sections in it that are small.
    pub skeleton: Element,
    /// The sections to fill, and with what, in its order.
    pub sections: Vec<(&'static str, Vec<Piece>)>,
    /// The relationships that the folder lists.
    pub relationships: Listed,
    /// Where the files go that are not merged.
    pub routes: Routes,
    /// What was noticed so far.
    pub findings: Vec<Diagnostic>,
    /// What forbids a package, and does not keep from reading the folder: what is named and missing.
    pub faults: Vec<Diagnostic>,
    /// The files.
    pub tree: Tree,
}

impl Plan {
    /// Plans the files of a folder; `findings` are what was noticed before.
    pub fn of(
        mut tree: Tree,
        origin: String,
        findings: Vec<Diagnostic>,
        wanted: Option<PackageType>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let order = match tree.take(order::FILE) {
            Some(id) => Order::parse(&tree.read(id).map_err(|finding| vec![*finding])?),
            None => Order::default(),
        };
        let mut planner = Planner {
            tree,
            origin,
            findings,
            faults: Vec::new(),
            managed: false,
            order,
            relationships: Listed::default(),
            unmerged: Vec::new(),
        };
        let manifest = planner.required("Other/Solution.xml");
        let skeleton = planner.required("Other/Customizations.xml");
        let (Some(mut manifest), Some(mut skeleton)) = (manifest, skeleton) else {
            return Err(planner.findings);
        };
        let flag =
            manifest.path(&["SolutionManifest", "Managed"]).map(|m| m.content().trim().to_owned()).unwrap_or_default();
        let package_type = wanted.unwrap_or(if flag == "1" { PackageType::Managed } else { PackageType::Unmanaged });
        planner.managed = package_type == PackageType::Managed;
        if let Some(managed) = manifest.find_mut("SolutionManifest").and_then(|m| m.find_mut("Managed")) {
            managed.set_content(package_type.flag());
        }
        let mut routes = Routes::default();
        let mut sections = planner.sections(&mut skeleton, &mut routes);
        // In the order in which they are written, so that what is said of them has one order.
        let place = |name: &str| skeleton.elements().position(|section| section.name == name);
        sections.sort_by_cached_key(|(name, _)| place(name));
        let planned = sections.iter().any(|(name, pieces)| *name == "Connectors" && !pieces.is_empty());
        routes.connectors = planned || skeleton.find("Connectors").is_some_and(|element| !element.is_empty());
        let Planner { tree, origin, findings, faults, relationships, unmerged, .. } = planner;
        routes.unmerged = unmerged;
        Ok(Self { origin, manifest, skeleton, sections, relationships, routes, findings, faults, tree })
    }

    /// Whether something is wrong that keeps from reading the folder.
    pub fn failed(&self) -> bool {
        has_errors(&self.findings)
    }
}

struct Planner {
    tree: Tree,
    origin: String,
    findings: Vec<Diagnostic>,
    faults: Vec<Diagnostic>,
    managed: bool,
    order: Order,
    relationships: Listed,
    /// Folders and files, in lower case, that are not merged because their section is not empty.
    unmerged: Vec<String>,
}

impl Planner {
    fn required(&mut self, name: &str) -> Option<Element> {
        let found = self.parse(name);
        if found.is_none() && !self.tree.has(name) {
            self.findings.push(
                Diagnostic::error("missing-file", format!("it has no `{name}`"))
                    .in_file(self.origin.as_str(), None)
                    .help("name the folder that contains `Other/Solution.xml`, as `dvpack unpack` or SolutionPackager writes it"),
            );
        }
        found
    }

    fn parse(&mut self, name: &str) -> Option<Element> {
        let id = self.tree.take(name)?;
        parse(&self.tree, &self.origin, id).map_err(|finding| self.findings.push(*finding)).ok()
    }

    /// The name to read instead, when this one has a managed twin and managed is wanted.
    fn variant(&self, name: &str) -> String {
        let twin = format!("{}_managed.xml", name.strip_suffix(".xml").unwrap_or(name));
        if self.managed && self.tree.has(&twin) { twin } else { name.to_owned() }
    }

    fn take_variant(&mut self, name: &str) -> Option<Id> {
        let name = self.variant(name);
        self.tree.take(&name)
    }

    /// The files in a folder that end so, each once, whether only one or both variants are there.
    fn names(&self, folder: &str, end: &str) -> Vec<String> {
        let end = end.to_lowercase();
        let twin = |name: &str| {
            let plain = name.len().checked_sub("_managed.xml".len())?;
            name.is_char_boundary(plain).then_some(())?;
            name[plain..].eq_ignore_ascii_case("_managed.xml").then(|| format!("{}.xml", &name[..plain]))
        };
        // A managed twin without its plain form counts as the plain name, when managed is wanted.
        let mut names: Vec<String> = self
            .tree
            .below(folder)
            .filter_map(|name| match twin(name) {
                Some(plain) if self.tree.has(&plain) => None,
                Some(plain) => self.managed.then_some(plain),
                None => Some(name.to_owned()),
            })
            .filter(|name| name.to_lowercase().ends_with(&end))
            .collect();
        self.order.sort(&mut names);
        names
    }

    /// The files in a folder that end so, in the variant that is wanted.
    fn taken(&mut self, folder: &str, end: &str) -> Vec<Id> {
        self.names(folder, end).iter().filter_map(|name| self.take_variant(name)).collect()
    }

    fn sections(&mut self, skeleton: &mut Element, routes: &mut Routes) -> Vec<(&'static str, Vec<Piece>)> {
        let mut sections = Vec::new();
        for place in ELEMENT_FILES {
            let mut names = self.names(place.folder, place.end);
            names.retain(|name| !place.flat || name.matches('/').count() == 1);
            if self.target(skeleton, place.section, place.folder, !names.is_empty()).is_some() {
                let piece = |name: String| {
                    let beside = place.end == ".data.xml";
                    let beside = beside.then(|| name[..name.len() - place.end.len()].to_lowercase());
                    Some(Piece::Root(self.take_variant(&name)?, place, beside))
                };
                sections.push((place.section, names.into_iter().filter_map(piece).collect()));
            }
        }
        for places in SECTION_FILES.chunk_by(|one, other| one.section == other.section) {
            self.section_files(skeleton, places);
        }
        self.relationships(skeleton, &mut sections);
        self.tables(skeleton, routes, &mut sections);
        // Last, so that it does not make the section look filled.
        if let Some(root) = self.parse(REPORT_MAPPINGS) {
            if root.name != MAPPINGS {
                let file = format!("{}/{REPORT_MAPPINGS}", self.origin);
                self.findings.push(wrong_root(&file, root.line, &root.name, MAPPINGS));
            } else if let Some(target) = skeleton.find_mut("Reports") {
                target.children.insert(0, root.into());
            }
        }
        sections
    }

    /// Fills a section from the files that hold it.
    fn section_files(&mut self, skeleton: &mut Element, places: &[SectionFile]) {
        let files = places.iter().map(|place| (place, self.variant(place.file)));
        let files: Vec<_> = files.filter(|(_, file)| self.tree.has(file)).collect();
        let Some((first, file)) = files.first() else { return };
        if self.target(skeleton, first.section, file, true).is_none() {
            let others = files.iter().skip(1).map(|(_, file)| file.to_lowercase());
            self.unmerged.extend(others);
            return;
        }
        for (place, file) in &files {
            let Some(mut root) = self.parse(file) else { continue };
            root.elements_mut().for_each(|template| self.put_texts(template));
            let Some(target) = skeleton.find_mut(place.section) else { continue };
            // A site map and connection roles hold an element of their own name.
            let is_inner = place.element == Some(root.name.as_str()) && root.find(place.section).is_none();
            if is_inner {
                target.push(root);
            } else if matches!(place.root, Root::Section) && root.name == place.section {
                let attributes = std::mem::take(&mut target.attributes);
                *target = root;
                if target.attributes.is_empty() {
                    target.attributes = attributes;
                }
            } else {
                let wanted = if let Root::Only(name) = place.root { name } else { place.section };
                self.findings.push(wrong_root(&format!("{}/{file}", self.origin), root.line, &root.name, wanted));
            }
        }
    }

    /// Puts the texts of a template in place, where they are in files.
    fn put_texts(&mut self, element: &mut Element) {
        let Some(folder) = template::folder_of(element) else { return };
        let is_outside = template::is_outside(element);
        let missing = template::put_texts(element, |name| {
            let id = self.tree.take(name)?;
            let file = format!("{}/{}", self.origin, self.tree.name(id));
            let read = self.tree.read(id).and_then(|bytes| xml::check_text(&bytes, &file).map(|()| bytes));
            read.map_err(|finding| self.findings.push(*finding)).ok()
        });
        let mut fault = |finding: Diagnostic| {
            let file = element.file.as_deref().unwrap_or(&self.origin).to_owned();
            self.faults.push(finding.in_file(file, (element.line > 0).then_some((element.line, 1))));
        };
        if self.tree.below(&folder).next().is_some() {
            // It may have been empty, of which a folder that another tool wrote has no sign.
            for name in missing {
                let message = format!("a text of the template is empty here, and there is no `{name}`");
                let finding = Diagnostic::warning("missing-component-source", message);
                fault(finding.help("restore the file; an empty one says that the text is empty"));
            }
        } else if is_outside {
            let message = format!("the texts of a template are missing: there is no `{folder}`");
            let finding = Diagnostic::error("missing-component-source", message);
            fault(finding.help("restore the folder, or remove the template"));
        }
    }

    /// The section to fill, which must be empty. SolutionPackager drops a folder whose element is missing;
    /// here it is made, and said.
    fn target<'e>(
        &mut self,
        skeleton: &'e mut Element,
        section: &str,
        folder: &str,
        there: bool,
    ) -> Option<&'e mut Element> {
        if !there {
            return None;
        }
        if skeleton.find(section).is_none() {
            let message = format!("`Other/Customizations.xml` has no `<{section} />`; `{folder}` is packed anyway");
            self.findings.push(
                Diagnostic::warning("unlisted-section", message).in_file(self.origin.as_str(), None).help(format!(
                    "add `<{section} />`, without which SolutionPackager silently leaves out `{folder}`"
                )),
            );
        }
        let found = skeleton::section(skeleton, section);
        if !found.is_empty() {
            self.findings.push(
                Diagnostic::warning(
                    "section-not-empty",
                    format!("`{folder}` is not merged: `<{section}>` is not empty"),
                )
                .in_file(format!("{}/Other/Customizations.xml", self.origin), Some((found.line, 1)))
                .help(format!("keep one of the two: the content of `<{section}>`, or `{folder}`")),
            );
            self.unmerged.push(folder.to_lowercase());
            return None;
        }
        Some(found)
    }

    fn relationships(&mut self, skeleton: &mut Element, sections: &mut Vec<(&'static str, Vec<Piece>)>) {
        let mut names = self.names(RELATIONSHIPS, ".xml");
        names.retain(|name| name.matches('/').count() == 2);
        if let Some(list) = self.parse(RELATIONSHIP_NAMES) {
            self.relationships = Listed::read(&list, format!("{}/{RELATIONSHIP_NAMES}", self.origin));
        }
        if let Some(target) = self.target(skeleton, SORTED, RELATIONSHIPS, !names.is_empty()) {
            target.children.clear();
            let files: Vec<Id> = names.iter().filter_map(|name| self.tree.take(name)).collect();
            sections.push((SORTED, files.into_iter().map(Piece::Relationships).collect()));
        } else {
            let nothing = Element::default();
            let inline = skeleton.find(SORTED).unwrap_or(&nothing);
            self.faults.extend(self.relationships.missing(&inline.children));
        }
    }

    fn tables(&mut self, skeleton: &mut Element, routes: &mut Routes, sections: &mut Vec<(&'static str, Vec<Piece>)>) {
        let folder = |name: &str| Some(format!("{TABLES}{}", name.split_once('/')?.1.split_once('/')?.0));
        let mut folders: Vec<String> = self.tree.below(TABLES).filter_map(folder).collect();
        folders.sort_by_cached_key(|folder| folder.to_lowercase());
        folders.dedup_by_key(|folder| folder.to_lowercase());
        folders.retain(|folder| self.tree.has(&format!("{folder}/Entity.xml")));
        self.order.sort(&mut folders);
        if self.target(skeleton, "Entities", TABLES, !folders.is_empty()).is_none() {
            return;
        }
        let mut pieces = Vec::new();
        for folder in folders {
            let below = |part: &str| format!("{folder}/{part}");
            let Some(entity) = self.tree.take(&below("Entity.xml")) else { continue };
            let forms = self.forms(&below("FormXml/"));
            let views = self.taken(&below("SavedQueries/"), ".xml");
            let charts = self.taken(&below("Visualizations/"), ".xml");
            let ribbon = self.take_variant(&below("RibbonDiff.xml"));
            pieces.push(Piece::Table(Box::new(Table { entity, forms, views, charts, ribbon })));
            for name in self.tree.below(&below("Formulas/")).map(str::to_owned).collect::<Vec<_>>() {
                let file = name.rsplit('/').next().unwrap_or(&name);
                let part = format!("Formulas/{file}");
                if let Some(id) = self.tree.take(&name) {
                    routes.fixed.push((part, id));
                }
            }
        }
        sections.push(("Entities", pieces));
    }

    /// The forms of a table by type, in the order of the types.
    fn forms(&mut self, folder: &str) -> Vec<(String, Vec<Id>)> {
        let mut by_type: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        for name in self.names(folder, ".xml") {
            let Some(form_type) = name.split('/').nth(3).map(order::form_type) else { continue };
            if !order::is_form_type(form_type) && !by_type.contains_key(form_type) {
                let message =
                    format!("`{form_type}` is no known type of form; its forms are packed with it all the same");
                let finding = Diagnostic::warning("unknown-form-type", message);
                self.findings.push(finding.in_file(format!("{}/{folder}{form_type}", self.origin), None));
            }
            by_type.entry(form_type.to_owned()).or_default().extend(self.take_variant(&name));
        }
        let mut types: Vec<String> = by_type.keys().cloned().collect();
        self.order.sort_form_types(folder, &mut types);
        types.into_iter().filter_map(|name| by_type.remove_entry(&name)).collect()
    }
}
