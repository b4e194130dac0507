//! The YAML source layout of Dataverse's Git integration and newer `pac` versions.
//! Facts: its documentation (folders, manifests, publisher.yml, components that are missing), and public
//! generators (names of files below `entities/`, attributes as `'@name'`). No complete tree made by
//! Microsoft's tools is public. So files are told by their root element, wherever they lie, and what is
//! not understood is an error, never left out in silence.

mod convert;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::folder::layout::{ELEMENT_FILES, PAYLOAD_FIELDS};
use super::folder::order::form_type;
use super::folder::tree::Tree;
use super::package::{PackageType, SolutionPackage};
use super::skeleton;
use super::xml::{self, Element};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::files;

/// Root elements of files, and the sections that they go to, beside those of the classic layout.
const MORE_ROOTS: &[(&str, &str)] = &[
    ("EntityRelationship", "EntityRelationships"),
    ("connectionreference", "connectionreferences"),
    ("FieldSecurityProfile", "FieldSecurityProfiles"),
    ("AIModel", "AIModels"),
    ("EntityImageConfig", "EntityImageConfigs"),
    ("AttributeImageConfig", "AttributeImageConfigs"),
    ("InteractionCentricDashboard", "InteractionCentricDashboards"),
    ("ServiceEndpoint", "ServiceEndpoints"),
    ("EntityMap", "EntityMaps"),
    ("SiteMap", "SiteMap"),
];

/// The solutions of a folder in this layout; none if it is in another.
pub fn solutions(folder: &Path) -> Vec<String> {
    let Ok(entries) = files::entries(&folder.join("solutions")) else { return Vec::new() };
    let named = entries.iter().filter(|entry| files::is_file(&entry.path.join("solution.yml")));
    named.filter_map(|entry| entry.name().to_str().map(str::to_owned)).collect()
}

/// Reads a solution of the folder; `name` tells which, where there are several.
pub fn read(
    folder: &Path,
    name: Option<&str>,
    wanted: Option<PackageType>,
) -> Result<SolutionPackage, Vec<Diagnostic>> {
    let origin = folder.display().to_string();
    let all = solutions(folder);
    let name = match (name, all.as_slice()) {
        (Some(name), all) if all.iter().any(|other| other == name) => name.to_owned(),
        (None, [only]) => only.clone(),
        (wanted, _) => {
            let message = match wanted {
                Some(name) => format!("it has no solution `{name}`"),
                None => "it contains several solutions".to_owned(),
            };
            let finding = Diagnostic::error("which-solution", message).in_file(origin, None);
            return Err(vec![finding.help(format!("name one with `--solution`: {}", all.join(", ")))]);
        }
    };
    let mut findings = Vec::new();
    let tree = Tree::list(folder, None, &mut findings).map_err(|finding| vec![*finding])?;
    let mut reader = Reader { tree, origin: origin.clone(), findings, files: BTreeMap::new() };
    let manifest = reader.manifest(&name, wanted);
    let customizations = reader.customizations(&name, manifest.as_ref());
    let Reader { mut findings, files, .. } = reader;
    let Some(manifest) = manifest.filter(|_| !has_errors(&findings)) else { return Err(findings) };
    findings.push(
        Diagnostic::note("yaml-source", "the YAML source layout is read as far as it is documented")
            .in_file(origin.as_str(), None)
            .help("compare the zip with an export before you rely on it: `dvpack diff`"),
    );
    Ok(SolutionPackage { origin, manifest, customizations, files, findings })
}

struct Reader {
    tree: Tree,
    origin: String,
    findings: Vec<Diagnostic>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Reader {
    fn take(&mut self, name: &str) -> Option<(String, Vec<u8>)> {
        let id = self.tree.take(name)?;
        let bytes = self.tree.read(id).map_err(|finding| self.findings.push(*finding)).ok()?;
        Some((self.tree.name(id).to_owned(), bytes))
    }

    /// A file's root element, from YAML or XML.
    fn root(&mut self, name: &str) -> Option<Element> {
        let (name, bytes) = self.take(name)?;
        let file = format!("{}/{name}", self.origin);
        let root = if name.to_lowercase().ends_with(".xml") {
            xml::parse(&bytes, &file).map_err(|finding| self.findings.push(*finding)).ok()?
        } else {
            convert::root(&bytes, &file, &mut self.findings)?
        };
        if convert::names_are_sound(&root) {
            return Some(root);
        }
        let message = "a key is not a name that XML allows";
        self.findings.push(Diagnostic::error("invalid-yaml-source", message).in_file(file, None));
        None
    }

    fn required(&mut self, name: &str) -> Option<Element> {
        if !self.tree.has(name) {
            let finding = Diagnostic::error("missing-file", format!("it has no `{name}`"));
            self.findings.push(finding.in_file(self.origin.as_str(), None));
        }
        self.root(name)
    }

    fn manifest(&mut self, solution: &str, wanted: Option<PackageType>) -> Option<Element> {
        let below = |file: &str| format!("solutions/{solution}/{file}");
        let mut root = self.required(&below("solution.yml"))?;
        let roots = self.required(&below("rootcomponents.yml"));
        let missing = self.root(&below("missingdependencies.yml"));
        let Some(manifest) = root.find_mut("SolutionManifest") else {
            let finding = Diagnostic::error("not-a-solution", "it has no `SolutionManifest`");
            self.findings.push(finding.in_file(format!("{}/{}", self.origin, below("solution.yml")), None));
            return None;
        };
        let publisher = manifest.path(&["Publisher", "UniqueName"]).map(Element::content).unwrap_or_default();
        if let Some(full) = self.required(&format!("publishers/{}/publisher.yml", publisher.trim()))
            && let Some(place) = manifest.find_mut("Publisher")
        {
            *place = full;
        }
        for (name, part) in [("RootComponents", roots), ("MissingDependencies", missing)] {
            let part = part.unwrap_or_else(|| Element::new(name));
            match manifest.find_mut(name) {
                Some(place) => *place = part,
                None => manifest.push(part),
            }
        }
        if root.attribute("xmlns:xsi").is_none() {
            root.set_attribute("xmlns:xsi", skeleton::XSI);
        }
        let flag = root.path(&["SolutionManifest", "Managed"]).map(Element::content).unwrap_or_default();
        let managed = wanted.map_or(flag.trim() == "1", |wanted| wanted == PackageType::Managed);
        let flag = if managed { PackageType::Managed } else { PackageType::Unmanaged }.flag();
        if let Some(place) = root.find_mut("SolutionManifest").and_then(|manifest| manifest.find_mut("Managed")) {
            place.set_content(flag);
        }
        Some(root)
    }

    /// The paths that belong to the solution, in lower case.
    fn listed(&mut self, solution: &str) -> BTreeSet<String> {
        let name = format!("solutions/{solution}/solutioncomponents.yml");
        let Some((file, bytes)) = self.take(&name) else { return BTreeSet::new() };
        let file = format!("{}/{file}", self.origin);
        let mut paths = BTreeSet::new();
        let Some(document) = convert::document(&bytes, &file, &mut self.findings) else { return paths };
        let mut waiting = vec![&document];
        while let Some(node) = waiting.pop() {
            for entry in node.entries() {
                if ["@path", "path"].contains(&entry.key.to_lowercase().as_str()) {
                    paths.insert(convert::text(&entry.value).trim_matches('/').to_lowercase());
                }
                waiting.push(&entry.value);
            }
            if let crate::yaml::node::Content::Sequence(items) = &node.content {
                waiting.extend(items);
            }
        }
        for path in &paths {
            if !self.tree.has(path) && self.tree.below(&format!("{path}/")).next().is_none() {
                let message = format!("the component `{path}` is listed, but its source does not exist");
                let finding = Diagnostic::warning("missing-component-source", message).in_file(file.as_str(), None);
                self.findings.push(finding.help("it is left out of the package, as Microsoft's tool does"));
            }
        }
        paths
    }

    fn customizations(&mut self, solution: &str, manifest: Option<&Element>) -> Element {
        let mut customizations = skeleton::customizations();
        let listed = self.listed(solution);
        let belongs = |name: &str| {
            let lower = name.to_lowercase();
            let top = lower.split('/').next().unwrap_or_default();
            let ours = listed.is_empty()
                || lower.match_indices('/').any(|(at, _)| listed.contains(&lower[..at]))
                || listed.contains(&lower);
            !matches!(top, "solutions" | "publishers") && ours
        };
        let names: Vec<String> = self.tree.below("").filter(|name| belongs(name)).map(str::to_owned).collect();
        let (mut payloads, mut rest) = (BTreeMap::new(), Vec::new());
        let (mut tables, mut parts): (BTreeMap<String, Element>, Vec<(String, Element)>) = Default::default();
        for name in names {
            let lower = name.to_lowercase();
            let extension = lower.rsplit_once('.').map_or("", |(_, extension)| extension);
            let known = matches!(extension, "yml" | "yaml") || extension == "xml" && !carried(&lower);
            let Some(root) = known.then(|| self.root(&name)).flatten() else {
                if !known {
                    rest.push(name);
                }
                continue;
            };
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_lowercase();
            let table = lower.strip_prefix("entities/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
            match root.name.as_str() {
                "Entity" => {
                    tables.insert(table.to_owned(), root);
                }
                "attribute" | "systemform" | "savedquery" | "visualization" | "RibbonDiffXml" if !table.is_empty() => {
                    parts.push((lower, root));
                }
                other => match section_of(other) {
                    Some(section) => {
                        for field in PAYLOAD_FIELDS.iter().chain(&["DocumentUri", "BackgroundImageUri"]) {
                            if let Some(part) = root.child_text(field) {
                                let part = part.trim_start_matches('/').to_owned();
                                let file = part.rsplit('/').next().unwrap_or(&part).to_lowercase();
                                payloads.insert(format!("{folder}/{file}"), part);
                            }
                        }
                        skeleton::section(&mut customizations, section).push(root);
                    }
                    None => self.not_understood(&name, &format!("its root is `{other}`")),
                },
            }
        }
        self.tables(&mut customizations, tables, parts);
        for name in rest {
            self.carry(&name, &payloads);
        }
        let language = manifest.and_then(|manifest| manifest.attribute("languagecode")).unwrap_or("1033");
        skeleton::section(&mut customizations, "Languages").push(Element::text("Language", language));
        customizations
    }

    fn tables(
        &mut self,
        customizations: &mut Element,
        mut tables: BTreeMap<String, Element>,
        parts: Vec<(String, Element)>,
    ) {
        for (file, part) in parts {
            let pieces: Vec<&str> = file.split('/').collect();
            let Some(table) = tables.get_mut(pieces[1]) else {
                self.not_understood(&file, "its table has no `entity.yml`");
                continue;
            };
            match part.name.as_str() {
                "attribute" => match table.find_mut("EntityInfo").and_then(|info| info.find_mut("entity")) {
                    Some(entity) => attributes(entity).push(part),
                    None => self.not_understood(&file, "its table has no `EntityInfo`"),
                },
                "systemform" => {
                    let form_type = form_type(pieces.get(3).copied().unwrap_or_default());
                    let forms = child(table, "FormXml");
                    let found = forms.elements().position(|list| list.attribute("type") == Some(form_type));
                    if found.is_none() {
                        forms.push(Element::new("forms").with("type", form_type));
                    }
                    let place = found.unwrap_or(forms.children.len() - 1);
                    if let Some(list) = forms.elements_mut().nth(place) {
                        list.push(part);
                    }
                }
                "savedquery" => child(child(table, "SavedQueries"), "savedqueries").push(part),
                "visualization" => child(table, "Visualizations").push(part),
                _ => *child(table, "RibbonDiffXml") = part,
            }
        }
        let section = skeleton::section(customizations, "Entities");
        for table in tables.into_values() {
            section.push(table);
        }
    }

    /// A file that is no component's own: a payload, or a part of the zip as it is.
    fn carry(&mut self, name: &str, payloads: &BTreeMap<String, String>) {
        let lower = name.to_lowercase();
        let Some((_, bytes)) = self.take(name) else { return };
        let part = match payloads.get(&lower) {
            Some(part) => part.clone(),
            None if carried(&lower) => name.to_owned(),
            None => {
                self.not_understood(name, "no component names it");
                return;
            }
        };
        self.files.insert(part, bytes);
    }

    fn not_understood(&mut self, name: &str, why: &str) {
        let finding = Diagnostic::error("not-understood", format!("what `{name}` becomes is not known: {why}"));
        self.findings.push(
            finding
                .in_file(format!("{}/{name}", self.origin), None)
                .help("export the solution, or unpack it with `dvpack unpack`, and pack that folder"),
        );
    }
}

/// Folders whose files become files of the zip as they are: all but those with sections of their own.
fn carried(lower: &str) -> bool {
    const OWN: [&str; 12] = [
        "entities",
        "workflows",
        "modernflows",
        "canvasapps",
        "connectors",
        "webresources",
        "entityrelationships",
        "optionsets",
        "roles",
        "dashboards",
        "pluginassemblies",
        "sdkmessageprocessingsteps",
    ];
    let top = lower.split('/').next().unwrap_or_default();
    !OWN.contains(&top) && !["appmodules", "appmodulesitemaps", "sitemaps", "ribbons", "controls"].contains(&top)
}

fn section_of(root: &str) -> Option<&'static str> {
    let classic = ELEMENT_FILES.iter().map(|place| (place.element, place.section));
    classic.chain(MORE_ROOTS.iter().copied()).find(|(element, _)| *element == root).map(|(_, section)| section)
}

/// A child, made at the end where it is missing.
fn child<'a>(element: &'a mut Element, name: &str) -> &'a mut Element {
    let found = element.children.iter().position(|node| matches!(node, xml::Node::Element(e) if e.name == name));
    let index = found.unwrap_or_else(|| {
        element.push(Element::new(name));
        element.children.len() - 1
    });
    match &mut element.children[index] {
        xml::Node::Element(element) => Arc::make_mut(element),
        _ => unreachable!("the index is that of an element"),
    }
}

/// The columns of a table, at their place: behind its names and descriptions.
fn attributes(entity: &mut Element) -> &mut Element {
    if entity.find("attributes").is_none() {
        let head = ["LocalizedNames", "LocalizedCollectionNames", "Descriptions"];
        let after = entity
            .children
            .iter()
            .rposition(|node| matches!(node, xml::Node::Element(e) if head.contains(&e.name.as_str())));
        let at = after.map_or(0, |index| index + 1);
        entity.children.insert(at, Element::new("attributes").into());
    }
    child(entity, "attributes")
}
