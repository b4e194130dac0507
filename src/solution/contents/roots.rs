//! Root components: what a solution owns, and how much of it. A role without one leaves the environment's solution at
//! an upgrade, one with `behavior="2"` is a shell (an assumption, from how upgrades work): reviewers see each.
//! Facts: 1,699 root components of real solutions; none is there twice, and of [`ACTING`] kinds each definition has
//! one.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::catalog::component_type_name;
use crate::diagnostic::Diagnostic;
use crate::solution::check::{self, root_label};
use crate::solution::components::Component;
use crate::solution::draft::root_key;
use crate::solution::package::SolutionPackage;
use crate::solution::profile::Walk;
use crate::solution::xml::Element;

/// Kinds that grant rights or run by themselves: root component and definition belong together.
const ACTING: [u32; 6] = [20, 29, 70, 91, 92, 95];

/// Kinds that a root component names by its id: roles, workflows, forms and dashboards, steps and their images,
/// endpoints. Source: all 200 of them in real solutions; what Dataverse does with a schema name there is not known.
const BY_ID: [u32; 6] = [20, 29, 60, 70, 92, 95];

/// A root component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootComponent {
    /// The number of its kind; none if it is not a number.
    pub kind: Option<u32>,
    /// What its kind is called.
    pub label: String,
    /// Its schema name or id.
    pub key: String,
    /// What people know it by, if the solution contains it.
    pub name: Option<String>,
    /// How much of it the solution owns, as written.
    pub behavior: Option<String>,
    /// Its other attributes, such as its parent.
    pub others: Vec<(String, String)>,
}

impl RootComponent {
    /// `names`: those of the components, by their ids in lower case.
    fn of(element: &Element, names: &BTreeMap<String, &str>) -> Self {
        let text = |name: &str| element.attribute(name).map(str::to_owned);
        let written = text("type").unwrap_or_default();
        let kind = written.parse().ok();
        let known = kind.and_then(component_type_name);
        let key = text("id").or_else(|| text("schemaName")).unwrap_or_default();
        let name = names.get(&bare(&key)).map(|name| (*name).to_owned()).filter(|name| !name.is_empty());
        let told = ["type", if element.attribute("id").is_some() { "id" } else { "schemaName" }, "behavior"];
        Self {
            kind,
            label: known.map_or_else(|| format!("Component of type {written}"), str::to_owned),
            name: name.filter(|name| *name != key),
            key,
            behavior: text("behavior"),
            others: element.attributes.iter().filter(|(name, _)| !told.contains(&name.as_str())).cloned().collect(),
        }
    }

    /// Kind and key.
    #[must_use]
    pub fn title(&self) -> String {
        let key = if self.key.is_empty() { "without a name" } else { self.key.as_str() };
        format!("{} {key}", self.label)
    }

    /// How much of it the solution owns, in words.
    #[must_use]
    pub fn extent(&self) -> String {
        let extent = match self.behavior.as_deref() {
            None => "no behavior stated".to_owned(),
            Some("0") => "with all that belongs to it".to_owned(),
            Some("1") => "without what belongs to it".to_owned(),
            Some("2") => "as a shell only".to_owned(),
            Some(other) => format!("behavior {other}"),
        };
        let others = self.others.iter().map(|(name, value)| format!(", {name} {value}"));
        std::iter::once(extent).chain(others).collect()
    }
}

fn elements(manifest: &Element) -> impl Iterator<Item = &Element> {
    let list = manifest.path(&["SolutionManifest", "RootComponents"]);
    list.into_iter().flat_map(Element::elements).filter(|root| root.name == "RootComponent")
}

/// The root components, in the order of solution.xml.
pub(super) fn roots(manifest: &Element, components: &[Component]) -> Vec<RootComponent> {
    let named = components.iter().rev().filter(|it| !bare(&it.id).is_empty());
    let names: BTreeMap<String, &str> = named.map(|it| (bare(&it.id), it.name.as_str())).collect();
    elements(manifest).map(|root| RootComponent::of(root, &names)).collect()
}

/// Reports duplicate root components, and those of acting kinds that do not match the definitions.
/// `defined`: type and key of what the sections have.
pub(super) fn compare(manifest: &Element, defined: &BTreeSet<(u32, String)>, walk: &mut Walk) {
    let mut met: BTreeMap<(u32, String), usize> = BTreeMap::new();
    for root in elements(manifest) {
        let key = root_key(root);
        let label = root_label(key.0);
        if let Some(first) = met.insert(key.clone(), root.line).filter(|_| !key.1.is_empty()) {
            let message =
                format!("a second root component of the {label} `{}`; the first one is in line {first}", key.1);
            walk.deviate_with(root, message, "remove one of the two".to_owned());
        }
        let [has_id, has_name] = ["id", "schemaName"].map(|name| root.attribute(name).is_some());
        if BY_ID.contains(&key.0) && (has_name || !has_id) {
            let message = format!("the root component `{}` ({label}) is not named by its `id` alone", key.1);
            walk.deviate_with(root, message, "write `id` instead of `schemaName`".to_owned());
        }
        if ACTING.contains(&key.0) && !defined.contains(&key) {
            let message = format!("the root component `{}` ({label}) has no definition in the solution", key.1);
            walk.deviate_with(root, message, "add the component, or remove its RootComponent".to_owned());
        }
    }
    let list = manifest.path(&["SolutionManifest", "RootComponents"]).unwrap_or(manifest);
    for (kind, key) in defined.iter().filter(|key| ACTING.contains(&key.0) && !met.contains_key(*key)) {
        let message = format!("the {} `{key}` has no root component", root_label(*kind));
        walk.deviate_with(list, message, format!("add a RootComponent of type {kind} to solution.xml"));
    }
}

/// Adds the root components that a source leaves out, and reports that: without them an import fails (`0x8004803a`).
pub(super) fn complete(package: &mut SolutionPackage) -> Vec<Diagnostic> {
    let present: BTreeSet<(u32, String)> = package.root_components().map(root_key).collect();
    let mut missing = BTreeSet::new();
    for section in package.customizations.elements() {
        for key in section.elements().flat_map(|item| check::rooted(&section.name, item)) {
            // A root component that names an assembly by its full name has since been known by another key.
            let is_acting = ACTING.contains(&key.0) && Uuid::try_parse(&key.1).is_ok();
            if is_acting && !present.contains(&key) {
                missing.insert(key);
            }
        }
    }
    let origin = package.origin.clone();
    let list = package.manifest.find_mut("SolutionManifest").and_then(|it| it.find_mut("RootComponents"));
    let Some(list) = list else { return Vec::new() };
    let mut findings = Vec::new();
    for (kind, key) in missing {
        let root = Element::new("RootComponent").with("type", kind.to_string()).with("id", format!("{{{key}}}"));
        list.push(root.with("behavior", "0"));
        let message = format!("the {} `{key}` has no root component; the solution gets one", root_label(kind));
        let finding = Diagnostic::warning("missing-root-component", message);
        findings.push(
            finding
                .in_file(format!("{origin}: solution.xml"), None)
                .help(format!("add a RootComponent of type {kind} to solution.xml")),
        );
    }
    findings
}

/// Type and key of what an element of a section defines.
pub(super) fn defined(section: &str, element: &Element) -> Vec<(u32, String)> {
    check::rooted(section, element)
}

fn bare(text: &str) -> String {
    text.trim_matches(['{', '}']).to_lowercase()
}
