//! Opens a solution zip as the server would: three files at the root, content types, well-formed XML,
//! and what the parts declare. Its own reader on purpose: it must not share a mistake with the tool.

mod part;
mod table;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use roxmltree::{Document, Node};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::exchange::Fault;
use super::schema::Table;
use super::shared::Shared;
use super::world::named;
pub(super) use part::Part;
use table::table;

const LARGEST: u64 = 256 * 1024 * 1024;

/// What a solution zip says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Package {
    pub unique_name: String,
    pub friendly_name: String,
    pub description: String,
    pub version: String,
    pub managed: bool,
    pub publisher: String,
    pub publisher_name: String,
    pub prefix: String,
    pub option_prefix: i64,
    pub patch_of: Option<String>,
    /// Component type, identifier, schema name.
    pub roots: Vec<(u32, Option<String>, Option<String>)>,
    pub required: Vec<Required>,
    pub roles: Vec<Role>,
    pub tables: Vec<Shared<Table>>,
    /// How much of a table comes along: 0 all of it, 1 or 2 only the parts that are there. By logical name.
    #[serde(default)]
    pub behaviors: BTreeMap<String, i64>,
    /// Views, forms, charts, keys and relationships.
    #[serde(default)]
    pub parts: Vec<Part>,
    pub definitions: Vec<Definition>,
    /// Logical name, display name, connector.
    pub connections: Vec<(String, String, String)>,
    /// Identifier, name, category, state.
    pub workflows: Vec<(Uuid, String, i64, i64)>,
    /// The connection references that a cloud flow cannot be on without, by its identifier.
    #[serde(default)]
    pub flow_connections: BTreeMap<Uuid, Vec<String>>,
    pub web_resources: Vec<(Uuid, String)>,
    /// The size of the largest file that becomes a web resource.
    #[serde(default)]
    pub largest_resource: usize,
    /// The languages that it has labels in.
    #[serde(default)]
    pub languages: Vec<i64>,
    pub steps: Vec<(Uuid, String)>,
    /// Column security profiles: identifier, name, description.
    #[serde(default)]
    pub profiles: Vec<(Uuid, String, String)>,
    /// What the server would refuse: error code and message.
    pub problems: Vec<(String, String)>,
}

/// A component that must be there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Required {
    pub kind: String,
    pub schema_name: String,
    pub display_name: String,
    pub solution: String,
    pub dependent_kind: String,
    pub dependent_name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Role {
    pub id: Uuid,
    pub name: String,
    pub inherited: u8,
    /// Name and depth.
    pub privileges: Vec<(String, String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Definition {
    pub schema_name: String,
    pub display_name: String,
    pub kind: i64,
    pub default: Option<String>,
    pub value: Option<String>,
}

fn invalid_file() -> Fault {
    Fault::new(
        400,
        "0x80048060",
        "The solution file is invalid. The compressed file must contain the following files at its root: solution.xml, customizations.xml, and [Content_Types].xml. Customization files exported from previous versions of Microsoft Dynamics 365 are not supported.",
    )
}

fn invalid_xml(part: &str, error: &roxmltree::Error) -> Fault {
    Fault::new(
        400,
        "0x8004802c",
        format!(
            "This solution package cannot be imported because it contains invalid XML. You can attempt to repair the file by manually editing the XML contents using the information found in the schema validation errors, or you can contact your solution provider. {part}: {error}"
        ),
    )
}

/// Opens a zip.
pub(super) fn open(bytes: &[u8]) -> Result<Package, Fault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| invalid_file())?;
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut total = 0;
    for index in 0..archive.len().min(20_000) {
        let mut entry = archive.by_index(index).map_err(|_| invalid_file())?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|_| invalid_file())?.into_owned();
        let mut content = Vec::new();
        entry.by_ref().take(LARGEST - total + 1).read_to_end(&mut content).map_err(|_| invalid_file())?;
        total += content.len() as u64;
        if total > LARGEST {
            return Err(Fault::new(413, "0x80044a02", "The solution file is too large."));
        }
        parts.push((name, content));
    }
    let part = |name: &str| parts.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, bytes)| decode(bytes));
    let types = part("[Content_Types].xml").ok_or_else(invalid_file)?;
    let solution = part("solution.xml").ok_or_else(invalid_file)?;
    let customizations = part("customizations.xml").ok_or_else(invalid_file)?;
    let types = Document::parse(&types).map_err(|error| invalid_xml("[Content_Types].xml", &error))?;
    let solution = Document::parse(&solution).map_err(|error| invalid_xml("solution.xml", &error))?;
    let customizations = Document::parse(&customizations).map_err(|error| invalid_xml("customizations.xml", &error))?;
    // A part without a content type does not exist for a reader of the packaging format.
    let covered: Vec<&(String, Vec<u8>)> = parts.iter().filter(|(name, _)| has_content_type(&types, name)).collect();
    if !covered.iter().any(|(name, _)| name.eq_ignore_ascii_case("solution.xml")) {
        return Err(invalid_file());
    }
    let mut package = manifest(&solution)?;
    package.customizations(&customizations);
    for (name, bytes) in covered {
        let lower = name.to_lowercase();
        if lower.starts_with("environmentvariabledefinitions/") && lower.ends_with("/environmentvariabledefinition.xml")
        {
            let text = decode(bytes);
            let document = Document::parse(&text).map_err(|error| invalid_xml(name, &error))?;
            let folder = &name[..name.len() - "environmentvariabledefinition.xml".len()];
            let beside =
                parts.iter().find(|(n, _)| n.eq_ignore_ascii_case(&format!("{folder}environmentvariablevalues.json")));
            package.definitions.push(definition(&document, beside.map(|(_, bytes)| decode(bytes))));
        }
    }
    for node in all(&customizations, "Workflow") {
        let file = child_text(node, "JsonFileName");
        if let Some(id) = node.attribute("WorkflowId").and_then(guid)
            && let Some(text) = part(file.trim_start_matches('/'))
        {
            package.flow_connections.insert(id, flow_connections(&text));
        }
    }
    let resource = |name: &str| {
        let lower = name.to_lowercase();
        lower.starts_with("webresources/")
            || (lower.starts_with("controls/") && !lower.ends_with("controlmanifest.xml"))
    };
    let sizes = parts.iter().filter(|(name, _)| resource(name)).map(|(_, bytes)| bytes.len());
    package.largest_resource = sizes.max().unwrap_or_default();
    let codes = all(&customizations, "Language").filter_map(|node| node.text()?.trim().parse().ok());
    package.languages = codes.collect();
    package.check();
    Ok(package)
}

/// The connection references that a flow's definition names.
fn flow_connections(definition: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(definition).unwrap_or_default();
    let references = json.pointer("/properties/connectionReferences").and_then(serde_json::Value::as_object);
    let name = |reference: &serde_json::Value| {
        reference.pointer("/connection/connectionReferenceLogicalName")?.as_str().map(str::to_owned)
    };
    references.into_iter().flatten().filter_map(|(_, reference)| name(reference)).collect()
}

fn decode(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned()
}

fn has_content_type(types: &Document<'_>, name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    types.descendants().any(|node| match node.tag_name().name() {
        "Default" => node.attribute("Extension").is_some_and(|e| e.eq_ignore_ascii_case(extension)),
        "Override" => node.attribute("PartName").is_some_and(|p| p.trim_start_matches('/').eq_ignore_ascii_case(name)),
        _ => false,
    })
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn child_text(node: Node<'_, '_>, name: &str) -> String {
    child(node, name).and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
}

fn label(node: Node<'_, '_>, group: &str) -> String {
    let inner = child(node, group).and_then(|group| group.children().find(Node::is_element));
    inner.and_then(|node| node.attribute("description")).unwrap_or_default().to_owned()
}

fn all<'a, 'i: 'a>(document: &'a Document<'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

fn guid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim().trim_matches(['{', '}'])).ok()
}

fn manifest(document: &Document<'_>) -> Result<Package, Fault> {
    let root = child(document.root_element(), "SolutionManifest").ok_or_else(invalid_file)?;
    let mut package = Package {
        unique_name: child_text(root, "UniqueName"),
        friendly_name: label(root, "LocalizedNames"),
        description: label(root, "Descriptions"),
        version: child_text(root, "Version"),
        managed: child_text(root, "Managed") == "1",
        ..Package::default()
    };
    if let Some(publisher) = child(root, "Publisher") {
        package.publisher = child_text(publisher, "UniqueName");
        package.publisher_name = label(publisher, "LocalizedNames");
        package.prefix = child_text(publisher, "CustomizationPrefix");
        package.option_prefix = child_text(publisher, "CustomizationOptionValuePrefix").parse().unwrap_or_default();
    }
    package.patch_of = child(root, "ParentSolution").map(|parent| child_text(parent, "UniqueName"));
    for node in all(document, "RootComponent") {
        let kind = node.attribute("type").and_then(|text| text.parse().ok()).unwrap_or_default();
        let own = |name| node.attribute(name).map(|text: &str| text.trim_matches(['{', '}']).to_lowercase());
        if let (1, Some(table)) = (kind, own("schemaName")) {
            let behavior = node.attribute("behavior").and_then(|text| text.parse().ok()).unwrap_or_default();
            package.behaviors.insert(table, behavior);
        }
        package.roots.push((kind, own("id"), own("schemaName")));
    }
    for node in all(document, "MissingDependency") {
        let Some(required) = child(node, "Required") else { continue };
        let read = |node: Option<Node<'_, '_>>, name: &str| {
            node.and_then(|n| n.attribute(name)).unwrap_or_default().to_owned()
        };
        let dependent = child(node, "Dependent");
        package.required.push(Required {
            kind: read(Some(required), "type"),
            schema_name: read(Some(required), "schemaName"),
            display_name: read(Some(required), "displayName"),
            solution: read(Some(required), "solution"),
            dependent_kind: read(dependent, "type"),
            dependent_name: read(dependent, "schemaName"),
        });
    }
    Ok(package)
}

impl Package {
    fn customizations(&mut self, document: &Document<'_>) {
        let root = document.root_element();
        let within = |group: &str, item: &'static str| -> Vec<Node<'_, '_>> {
            child(root, group)
                .map(|group| group.children().filter(|node| node.has_tag_name(item)).collect())
                .unwrap_or_default()
        };
        for node in within("Roles", "Role") {
            let Some(id) = node.attribute("id").and_then(guid) else {
                self.problems
                    .push(("0x80048017".into(), "Cannot import security role. A role has no valid id.".into()));
                continue;
            };
            let rows = child(node, "RolePrivileges");
            let privileges =
                rows.into_iter().flat_map(|rows| rows.children()).filter(|row| row.has_tag_name("RolePrivilege"));
            self.roles.push(Role {
                id,
                name: node.attribute("name").unwrap_or_default().to_owned(),
                inherited: u8::from(node.attribute("isinherited") == Some("1")),
                privileges: privileges
                    .map(|row| {
                        (
                            row.attribute("name").unwrap_or_default().to_owned(),
                            row.attribute("level").unwrap_or_default().to_owned(),
                        )
                    })
                    .collect(),
            });
        }
        for node in within("EntityRelationships", "EntityRelationship") {
            self.parts.extend(part::many_to_many(node));
        }
        for node in within("Entities", "Entity") {
            self.parts.extend(part::of_table(node));
            if let Some(table) = table(node) {
                self.tables.push(table.into());
            }
        }
        for node in within("Workflows", "Workflow") {
            if let Some(id) = node.attribute("WorkflowId").and_then(guid) {
                let number = |name| child_text(node, name).parse().unwrap_or_default();
                self.workflows.push((
                    id,
                    node.attribute("Name").unwrap_or_default().into(),
                    number("Category"),
                    number("StateCode"),
                ));
            }
        }
        for node in within("WebResources", "WebResource") {
            let name = child_text(node, "Name");
            let id = guid(&child_text(node, "WebResourceId")).unwrap_or_else(|| named(&format!("webresource {name}")));
            self.web_resources.push((id, name));
        }
        for node in within("SdkMessageProcessingSteps", "SdkMessageProcessingStep") {
            if let Some(id) = node.attribute("SdkMessageProcessingStepId").and_then(guid) {
                self.steps.push((id, node.attribute("Name").unwrap_or_default().into()));
            }
        }
        for node in within("FieldSecurityProfiles", "FieldSecurityProfile") {
            let text = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
            if let Some(id) = guid(&text("fieldsecurityprofileid")) {
                self.profiles.push((id, text("name"), text("description")));
            }
        }
        for node in within("connectionreferences", "connectionreference") {
            let name = node.attribute("connectionreferencelogicalname").unwrap_or_default().to_owned();
            self.connections.push((
                name,
                child_text(node, "connectionreferencedisplayname"),
                child_text(node, "connectorid"),
            ));
        }
    }

    /// Keeps what an earlier version had, as an update does.
    pub fn keep(&mut self, old: &Self) {
        let new: Vec<Uuid> = self.parts.iter().map(|part| part.id).collect();
        self.parts.extend(old.parts.iter().filter(|part| !new.contains(&part.id)).cloned());
        for table in &old.tables {
            match self.tables.iter_mut().find(|known| known.logical == table.logical) {
                Some(known) => {
                    let columns: Vec<_> = table.columns.iter().filter(|it| !known.has(&it.name)).cloned().collect();
                    let lookups: Vec<_> = table.lookups.iter().filter(|it| !known.has(&it.property)).cloned().collect();
                    known.columns.extend(columns);
                    known.lookups.extend(lookups);
                }
                None => self.tables.push(table.clone()),
            }
        }
        for (table, behavior) in &old.behaviors {
            self.behaviors.entry(table.clone()).or_insert(*behavior);
        }
        let names: Vec<String> = self.web_resources.iter().map(|(_, name)| name.clone()).collect();
        self.web_resources.extend(old.web_resources.iter().filter(|(_, name)| !names.contains(name)).cloned());
    }

    /// What can be said without looking at the environment.
    fn check(&mut self) {
        let mut problems = Vec::new();
        if self.unique_name.is_empty() || !self.unique_name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            problems.push(("0x8004f002", format!("The solution unique name '{}' is invalid.", self.unique_name)));
        }
        let parts: Vec<&str> = self.version.split('.').collect();
        if !(2..=4).contains(&parts.len()) || parts.iter().any(|part| part.parse::<i32>().is_err()) {
            problems.push(("0x8004f01e", format!("The solution version '{}' is invalid.", self.version)));
        }
        if !(2..=8).contains(&self.prefix.len()) || self.prefix.to_lowercase().starts_with("mscrm") {
            problems.push((
                "0x80043b09",
                format!("The customization prefix '{}' of publisher '{}' is invalid.", self.prefix, self.publisher),
            ));
        }
        let undeclared = |name: &str, kind: u32| {
            (
                "0x8004803a",
                format!(
                    "The import has failed because component {name} of type {kind} is not declared in the solution file as a root component. To fix this, import again using the XML file that was generated when you exported the solution."
                ),
            )
        };
        let has = |kind: u32, text: &str| {
            self.roots
                .iter()
                .any(|(k, id, schema)| *k == kind && (id.as_deref() == Some(text) || schema.as_deref() == Some(text)))
        };
        for role in self.roles.iter().filter(|role| !has(20, &role.id.to_string())) {
            problems.push(undeclared(&role.id.to_string(), 20));
        }
        for table in self.tables.iter().filter(|table| !has(1, &table.logical)) {
            problems.push(undeclared(&table.logical, 1));
        }
        for (_, name) in self.web_resources.iter().filter(|(_, name)| !has(61, &name.to_lowercase())) {
            problems.push(undeclared(name, 61));
        }
        for (id, _, _, _) in self.workflows.iter().filter(|(id, ..)| !has(29, &id.to_string())) {
            problems.push(undeclared(&id.to_string(), 29));
        }
        self.problems.extend(problems.into_iter().map(|(code, message)| (code.to_owned(), message)));
        // The reverse: a declared role that is not in the file.
        for (kind, id, _) in &self.roots {
            let id = id.as_deref().unwrap_or_default();
            if *kind == 20 && !self.roles.iter().any(|role| role.id.to_string() == id) {
                self.problems.push((
                    "0x80048017".into(),
                    format!("Cannot import security role. The root component {id} has no definition."),
                ));
            }
        }
        for role in &self.roles {
            for (name, depth) in role.privileges.iter().filter(|(_, depth)| super::world::depth_rank(depth) == 0) {
                self.problems.push(("0x8004802c".into(), format!("This solution package cannot be imported because it contains invalid XML. RolePrivilege '{name}' has the level '{depth}'.")));
            }
        }
    }
}

fn definition(document: &Document<'_>, values: Option<String>) -> Definition {
    let root = document.root_element();
    let value = values.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok()).and_then(|json| {
        let value = json.pointer("/environmentvariablevalues/environmentvariablevalue/value");
        value.and_then(serde_json::Value::as_str).map(str::to_owned)
    });
    Definition {
        schema_name: root.attribute("schemaname").unwrap_or_default().to_owned(),
        display_name: child(root, "displayname")
            .and_then(|node| node.attribute("default"))
            .unwrap_or_default()
            .to_owned(),
        kind: child_text(root, "type").parse().unwrap_or(100_000_000),
        default: child(root, "defaultvalue").and_then(|node| node.text()).map(str::to_owned),
        value,
    }
}
