//! An element of a section: read by its kind, then dropped.

use std::collections::BTreeSet;

use super::acting::{self, Act};
use super::addresses::Addresses;
use super::canvas::Lists;
use super::documents;
use super::introduction::{introduced, timeless};
use super::parts::NamedFile;
use super::piece::Piece;
use super::piece_inside::inside;
use super::processes::Process;
use super::roots;
use crate::digest::sha256;
use crate::solution::check::payload_parts;
use crate::solution::components::{self, Component};
use crate::solution::connection::ConnectionFacts;
use crate::solution::profile::{Walk, name_in};
use crate::solution::role::{ColumnSecurity, OwnTable, Role};
use crate::solution::variable::VariableFacts;
use crate::solution::xml::{self, Element};

/// How deep items are nested in customizations.xml.
const DEPTH: usize = 2;

/// A security role, and what only its XML contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleFacts {
    /// The role.
    pub role: Role,
    /// What else the element says: attributes and children other than name, id and privileges.
    pub properties: Vec<(String, String)>,
    /// The line in customizations.xml.
    pub line: usize,
}

/// A service endpoint or webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// Where it sends data to.
    pub address: String,
}

/// What an element of a section says.
#[derive(Debug)]
pub struct Item {
    /// The section.
    pub section: String,
    /// The element's name, and its line.
    pub element: (String, usize),
    /// What a person knows it by.
    pub label: String,
    /// Its components.
    pub components: Vec<Component>,
    /// The digest of each of its components, else one of the whole.
    pub digests: Vec<String>,
    /// Whether it is a list of components, each in its own element.
    pub is_list: bool,
    /// The names of its files in the zip, in lower case.
    pub payloads: BTreeSet<String>,
    /// Hosts and connectors that it names.
    pub(super) addresses: Addresses,
    /// The part with the description of a custom connector's API, in lower case.
    pub(super) api: Option<String>,
    /// The id of the custom connector that it is.
    pub own_connector: Option<String>,
    pub role: Option<RoleFacts>,
    /// Settings of the organization that it changes: path and value.
    pub settings: Vec<(String, String)>,
    /// The code of a language that it lists.
    pub language: Option<u32>,
    pub variable: Option<VariableFacts>,
    pub connection: Option<ConnectionFacts>,
    pub processes: Vec<Process>,
    pub endpoint: Option<Endpoint>,
    /// What acts in it.
    pub acting: Vec<Act>,
    pub named_file: Option<NamedFile>,
    pub table: Option<OwnTable>,
    pub column_security: ColumnSecurity,
    /// Type and key of everything that must have a root component.
    pub rooted: Vec<(u32, String)>,
    /// What is inside.
    pub pieces: Vec<Piece>,
    /// What the profile says about it.
    pub walk: Walk,
    /// The versions in which its contents were introduced.
    pub introduced: Vec<String>,
    /// The line, the text and the normal form, if they differ.
    pub abnormal: Option<(usize, String, String)>,
}

impl Item {
    /// Reads an element, which is `text` in the document.
    pub fn read(section: &str, element: &Element, text: &str, file: &str, language: Option<&str>) -> Self {
        let mut walk = Walk::new(file).with_language(language);
        walk.item(element, &format!("customizations.xml/{section}"));
        let kinds = components::all();
        let of_section = kinds.iter().filter(|kind| kind.place() == section || kind.older_section() == Some(section));
        let components: Vec<Component> = of_section.flat_map(|kind| kind.in_item(element)).collect();
        let normal = xml::write_at(element, DEPTH);
        let written = timeless(&normal);
        let inner: Vec<&Element> = element.elements().collect();
        // A list of components inside a section: each has a digest of its own.
        let is_list = components.len() > 1 && components.len() == inner.len();
        let digests = if is_list {
            inner.iter().map(|it| sha256(timeless(&xml::write_at(it, DEPTH)).as_bytes())).collect()
        } else {
            vec![sha256(written.as_bytes()); components.len().max(1)]
        };
        let is_settings = section == "OrganizationSettings";
        let label = if is_settings { element.name.clone() } else { label(section, element) };
        let role = (section == "Roles").then(|| role(element, file, &mut walk)).flatten();
        let lists = Lists::of(section, element);
        lists.problems.into_iter().for_each(|(line, why)| walk.deviate(line, why));
        let connection = (section == "connectionreferences").then(|| ConnectionFacts::of(element)).flatten();
        let endpoint = (section == "ServiceEndpoints").then(|| endpoint(element));
        Self {
            section: section.to_owned(),
            element: (element.name.clone(), element.line),
            processes: Process::all(section, element, &label),
            label,
            settings: if is_settings { settings(element) } else { Vec::new() },
            digests,
            is_list,
            payloads: payload_parts(section, element),
            addresses: Addresses::of_item(&normal, connection.as_ref(), &lists.references)
                .with_called(if endpoint.is_some() { called(element) } else { Vec::new() }),
            api: documents::api(element).filter(|_| section == "Connectors"),
            own_connector: element.child_text("connectorid").filter(|_| section == "Connectors"),
            role,
            language: if section == "Languages" { element.content().trim().parse().ok() } else { None },
            variable: (section == "EnvironmentVariables").then(|| VariableFacts::of_item(element)).flatten(),
            connection,
            endpoint,
            acting: acting::of_item(section, element),
            named_file: NamedFile::of(section, element),
            rooted: roots::defined(section, element),
            pieces: inside(section, element),
            table: (section == "Entities").then(|| OwnTable::of_entity(element)).flatten(),
            column_security: ColumnSecurity::of_item(section, element),
            walk,
            introduced: introduced(&normal),
            abnormal: (text != normal).then(|| (element.line, text.to_owned(), normal)),
            components,
        }
    }
}

fn role(element: &Element, file: &str, walk: &mut Walk) -> Option<RoleFacts> {
    if element.name != "Role" {
        return None;
    }
    let role = match Role::read(element, file) {
        Ok(role) => role,
        Err(findings) => {
            walk.deviations.extend(findings);
            return None;
        }
    };
    let mut names = BTreeSet::new();
    for row in &role.rows {
        if !names.insert(row.name.to_lowercase()) {
            walk.deviate(element.line, format!("the role `{}` has the privilege `{}` twice", role.name, row.name));
        }
    }
    let attributes = element.attributes.iter().filter(|(name, _)| !["id", "name"].contains(&name.as_str()));
    let children = element.elements().filter(|child| child.name != "RolePrivileges");
    let properties = attributes
        .map(|(name, value)| (name.clone(), value.clone()))
        .chain(children.map(|child| (child.name.clone(), child.content())))
        .collect();
    Some(RoleFacts { role, properties, line: element.line })
}

fn endpoint(element: &Element) -> Endpoint {
    let text = |name: &str| element.child_text(name).filter(|text| !text.is_empty());
    let queue = text("Path").map(|path| format!("/{path}")).unwrap_or_default();
    // Which of them counts depends on the contract: all are shown.
    let namespaces = ["NamespaceAddress", "SolutionNamespace"].into_iter().filter_map(text);
    let namespaces = namespaces.map(|namespace| format!("{}{queue}", namespace.trim_end_matches('/')));
    let all: Vec<String> = text("Url").into_iter().chain(namespaces).collect();
    let address = (!all.is_empty()).then(|| all.join(", "));
    Endpoint {
        name: element.attribute("Name").unwrap_or_default().to_owned(),
        address: address.unwrap_or_else(|| "(no address)".to_owned()),
    }
}

/// The addresses that an endpoint calls, one by one. A bare name is a namespace of Azure Service Bus.
fn called(endpoint: &Element) -> Vec<String> {
    let text = |name: &str| endpoint.child_text(name).filter(|text| !text.trim().is_empty());
    let namespace = text("SolutionNamespace").map(|name| {
        let name = name.trim();
        if name.contains(['.', '/', ':']) { name.to_owned() } else { format!("{name}.servicebus.windows.net") }
    });
    let with_scheme = |address: String| {
        let address = address.trim().to_owned();
        if address.contains("://") { address } else { format!("sb://{}", address.trim_start_matches('/')) }
    };
    let namespaces = text("NamespaceAddress").into_iter().chain(namespace).map(with_scheme);
    text("Url").into_iter().chain(namespaces).collect()
}

/// Each setting in a group of settings, by its path.
fn settings(group: &Element) -> Vec<(String, String)> {
    fn add(element: &Element, path: &str, found: &mut Vec<(String, String)>) {
        found.extend(element.attributes.iter().map(|(name, value)| (format!("{path}/@{name}"), value.clone())));
        let text = element.content();
        if element.elements().next().is_none() || !text.trim().is_empty() {
            found.push((path.to_owned(), text));
        }
        element.elements().for_each(|child| add(child, &format!("{path}/{}", child.name), found));
    }
    let mut found = Vec::new();
    add(group, &group.name, &mut found);
    found
}

/// What people know an element by: a name, an id, or the texts directly inside.
fn label(section: &str, element: &Element) -> String {
    let found = name_in(element, &format!("customizations.xml/{section}/{}", element.name));
    let texts = || {
        let inside: Vec<String> = element.elements().map(|child| child.content().trim().to_owned()).collect();
        inside.into_iter().filter(|text| !text.is_empty()).take(2).collect::<Vec<_>>().join(" → ")
    };
    let text = found.unwrap_or_else(|| {
        let own = element.content().trim().to_owned();
        if own.is_empty() { texts() } else { own }
    });
    if text.is_empty() { element.name.clone() } else { format!("{} {text}", element.name) }
}
