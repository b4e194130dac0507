//! A component that a manifest could declare: its keys, and what of the package it stands for.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use crate::manifest::components::environment_variable::VariableKind;
use crate::solution::components::web_resource;
use crate::solution::draft::root_key;
use crate::solution::package::SolutionPackage;
use crate::solution::part_name::encode_name;
use crate::solution::role::{OwnTables, Role, to_value};
use crate::solution::xml::{self, Element, Node};
use crate::yaml::write::{Value, section};

/// What a component is in the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// An element of a section, by section and the text that tells it from others.
    Element(&'static str, String),
    /// An XML part.
    Part(String),
}

/// A component that could be declared.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The key of the list: `roles`, or a kind below `components`.
    pub list: &'static str,
    /// Its keys and values.
    keys: Vec<(String, Value)>,
    /// Elements and attributes (`@name`) that differ from what the keys give; `None` takes one away.
    pub overrides: Vec<(String, Option<String>)>,
    /// What it stands for.
    pub stands: Stands,
    /// The element as the package has it.
    pub original: Element,
    /// A part that moves to a file of the project: name in the package, path of the file.
    pub file: Option<(String, String)>,
    /// Type and key of its root component.
    root: Option<(u32, String)>,
}

impl Candidate {
    /// The item of the list.
    #[must_use]
    pub fn item(&self) -> Value {
        let mut keys = self.keys.clone();
        if !self.overrides.is_empty() {
            let value = |value: &Option<String>| value.as_ref().map_or(Value::Null, Value::text);
            keys.push(("xml".into(), Value::inline_map(self.overrides.iter().map(|(name, it)| (name, value(it))))));
        }
        Value::Map(keys)
    }

    /// The lines of its item in the manifest, where it stands as deep as here.
    #[must_use]
    pub fn lines(&self) -> String {
        let list = Value::List(vec![self.item()]);
        let (written, above) = match self.list {
            "roles" => (section("roles", list), 1),
            list_name => (section("components", Value::map([(list_name, list)])), 2),
        };
        written.split_inclusive('\n').skip(above).collect()
    }

    /// Where its element stands: section and key.
    fn element(&self) -> Option<(&'static str, &str)> {
        match &self.stands {
            Stands::Element(section, key) => Some((section, key)),
            Stands::Part(_) => None,
        }
    }
}

/// Takes what candidates stand for out of a package.
pub fn take(chosen: &[Candidate], package: &mut SolutionPackage) {
    let elements: HashSet<(&str, &str)> = chosen.iter().filter_map(Candidate::element).collect();
    for name in ["Roles", "WebResources", "connectionreferences"] {
        if let Some(section) = package.customizations.find_mut(name) {
            section.children.retain(|node| {
                let key = if let Node::Element(element) = node { identity(name, element) } else { None };
                key.is_none_or(|key| !elements.contains(&(name, key.as_str())))
            });
        }
    }
    for candidate in chosen {
        if let Stands::Part(name) = &candidate.stands {
            package.files.remove(name);
        }
        if let Some((part, _)) = &candidate.file {
            package.files.remove(&encode_name(part));
        }
    }
    let roots: HashSet<&(u32, String)> = chosen.iter().filter_map(|candidate| candidate.root.as_ref()).collect();
    let list = package.manifest.find_mut("SolutionManifest").and_then(|manifest| manifest.find_mut("RootComponents"));
    if let Some(list) = list {
        list.children.retain(|node| !matches!(node, Node::Element(element) if roots.contains(&root_key(element))));
    }
}

/// The elements of a package, by section and key.
pub struct Built<'a> {
    package: &'a SolutionPackage,
    elements: HashMap<(&'static str, String), &'a Element>,
}

impl<'a> Built<'a> {
    /// Looks at a package.
    #[must_use]
    pub fn new(package: &'a SolutionPackage) -> Self {
        let mut elements = HashMap::new();
        for name in ["Roles", "WebResources", "connectionreferences"] {
            for element in package.section(name) {
                if let Some(key) = identity(name, element) {
                    elements.entry((name, key)).or_insert(element);
                }
            }
        }
        Self { package, elements }
    }

    /// The element that was built for a candidate.
    #[must_use]
    pub fn find(&self, candidate: &Candidate) -> Option<Element> {
        match &candidate.stands {
            Stands::Element(section, key) => self.elements.get(&(*section, key.clone())).map(|it| (*it).clone()),
            Stands::Part(name) => xml::parse(self.package.files.get(name)?, name).ok(),
        }
    }
}

/// What tells an element from others of its section.
fn identity(section: &str, element: &Element) -> Option<String> {
    let key = match section {
        "Roles" => element.attribute("id").map(str::to_owned),
        "WebResources" => element.child_text("Name"),
        _ => element.attribute("connectionreferencelogicalname").map(str::to_owned),
    };
    key.map(|key| key.to_lowercase())
}

/// A number, or the text that is none.
pub fn number(text: &str) -> Value {
    text.parse().map_or_else(|_| Value::text(text), Value::Number)
}

/// A key with a text.
fn text_key(key: &str, text: impl Into<String>) -> (String, Value) {
    (key.to_owned(), Value::text(text))
}

/// All candidates of a package, by list.
#[must_use]
pub fn candidates(package: &SolutionPackage) -> Vec<Candidate> {
    let mut found = roles(package);
    found.extend(web_resources(package));
    found.extend(environment_variables(package));
    found.extend(connection_references(package));
    // Servers before version 8 wrote root components in another form, which a manifest does not give.
    let usual = |element: &Element| element.attributes.len() == 3 && element.attribute("behavior") == Some("0");
    let mut roots: HashMap<(u32, String), bool> = HashMap::new();
    for root in package.root_components() {
        roots.entry(root_key(root)).and_modify(|only| *only = false).or_insert_with(|| usual(root));
    }
    found.retain(|candidate| candidate.root.as_ref().is_none_or(|root| roots.get(root) == Some(&true)));
    found
}

fn roles(package: &SolutionPackage) -> Vec<Candidate> {
    let own: OwnTables = OwnTables::of_solution(package);
    let candidate = |element: &Element| {
        let role = Role::read(element, "customizations.xml").ok()?;
        let Value::Map(keys) = to_value(&role, &own) else { return None };
        Some(Candidate {
            list: "roles",
            keys,
            overrides: Vec::new(),
            stands: Stands::Element("Roles", identity("Roles", element)?),
            original: element.clone(),
            file: None,
            root: Some((20, role.id.to_string())),
        })
    };
    package.role_elements().filter_map(candidate).collect()
}

fn web_resources(package: &SolutionPackage) -> Vec<Candidate> {
    let mut paths: BTreeSet<String> = BTreeSet::new();
    let mut found = Vec::new();
    for element in package.section("WebResources").filter(|element| element.name == "WebResource") {
        let text = |name: &str| element.child_text(name).filter(|text| !text.is_empty());
        let (Some(name), Some(id), Some(file)) = (text("Name"), text("WebResourceId"), text("FileName")) else {
            continue;
        };
        let part = file.trim_start_matches('/').to_owned();
        let Ok(id) = Uuid::try_parse(id.trim_matches(['{', '}'])) else { continue };
        let Some(extension) = text("WebResourceType").and_then(|number| extension(&number)) else { continue };
        let tail = name.split_once('_').map_or(name.as_str(), |(_, rest)| rest).trim_matches('/');
        let has_ending = tail.rsplit('/').next().and_then(|last| last.rsplit_once('.'));
        let path = if has_ending.is_some() { format!("web/{tail}") } else { format!("web/{tail}.{extension}") };
        let safe =
            path.split('/').all(|piece| !piece.is_empty() && !piece.starts_with('.') && !piece.ends_with(['.', ' ']));
        let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'-'));
        // Its file would get another name than it has.
        if part != web_resource::payload_name(&name, id) {
            continue;
        }
        if !safe || !plain || package.named_part(&part).is_none() || !paths.insert(path.to_lowercase()) {
            continue;
        }
        let mut keys = vec![text_key("path", &path), text_key("name", &name), text_key("id", id.to_string())];
        if let Some(title) = text("DisplayName").filter(|title| *title != name) {
            keys.push(text_key("displayName", title));
        }
        if let Some(description) = text("Description") {
            keys.push(text_key("description", description));
        }
        if has_ending.is_none_or(|(_, ending)| !ending.eq_ignore_ascii_case(extension)) {
            keys.push(text_key("type", extension));
        }
        if let Some(language) = text("LanguageCode") {
            keys.push(("language".into(), number(&language)));
        }
        found.push(Candidate {
            list: "webResources",
            keys,
            overrides: Vec::new(),
            stands: Stands::Element("WebResources", name.to_lowercase()),
            original: element.clone(),
            file: Some((part, path)),
            root: Some((61, name.to_lowercase())),
        });
    }
    found
}

/// The word of a web resource's type, by its number.
fn extension(number: &str) -> Option<&'static str> {
    let number: u8 = number.parse().ok()?;
    let word = crate::manifest::components::web_resource::WEB_RESOURCE_KINDS.iter().find(|(_, kind)| *kind == number);
    word.map(|(word, _)| *word)
}

fn environment_variables(package: &SolutionPackage) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (part, bytes) in &package.files {
        let pieces: Vec<&str> = part.split('/').collect();
        let ["environmentvariabledefinitions", folder, "environmentvariabledefinition.xml"] = pieces[..] else {
            continue;
        };
        let Ok(root) = xml::parse(bytes, part) else { continue };
        let Some(name) = root.attribute("schemaname").filter(|name| *name == folder) else { continue };
        let number: u32 = root.child_text("type").and_then(|text| text.parse().ok()).unwrap_or(100_000_000);
        let Some((kind, word)) = VariableKind::ALL.iter().find(|(kind, _)| kind.number() == number) else { continue };
        let label =
            |name: &str| root.find(name).and_then(|label| label.attribute("default")).filter(|text| !text.is_empty());
        let mut keys = vec![text_key("name", name), text_key("type", *word)];
        if let Some(title) = label("displayname").filter(|title| *title != name) {
            keys.push(text_key("displayName", title));
        }
        if let Some(description) = label("description") {
            keys.push(text_key("description", description));
        }
        if let Some(default) = root.find("defaultvalue").map(Element::content).filter(|_| *kind != VariableKind::Secret)
        {
            keys.push(text_key("default", default));
        }
        if root.child_text("isrequired").as_deref() == Some("1") {
            keys.push(("required".into(), Value::Flag(true)));
        }
        for (element, key) in [("apiid", "connector"), ("parameterkey", "parameterKey")] {
            if let Some(value) = root.child_text(element).filter(|_| *kind == VariableKind::DataSource) {
                keys.push(text_key(key, value));
            }
        }
        found.push(Candidate {
            list: "environmentVariables",
            keys,
            overrides: Vec::new(),
            stands: Stands::Part(part.clone()),
            original: root.clone(),
            file: None,
            root: None,
        });
    }
    found
}

fn connection_references(package: &SolutionPackage) -> Vec<Candidate> {
    let mut found = Vec::new();
    for element in package.section("connectionreferences") {
        let text = |name: &str| element.child_text(name).filter(|text| !text.is_empty());
        let Some(name) = element.attribute("connectionreferencelogicalname") else { continue };
        let Some(connector) = text("connectorid") else { continue };
        let mut keys = vec![text_key("name", name), text_key("connector", &connector)];
        if let Some(title) = text("connectionreferencedisplayname").filter(|title| title != name) {
            keys.push(text_key("displayName", title));
        }
        if let Some(description) = text("description") {
            keys.push(text_key("description", description));
        }
        found.push(Candidate {
            list: "connectionReferences",
            keys,
            overrides: Vec::new(),
            stands: Stands::Element("connectionreferences", name.to_lowercase()),
            original: element.clone(),
            file: None,
            root: None,
        });
    }
    found
}
