//! What a solution zip says about itself, read from `solution.xml`, `customizations.xml` and the
//! definitions of environment variables.

use roxmltree::{Document, Node, ParsingOptions};
use uuid::Uuid;

use super::descriptor::{Privilege, Role};
use crate::archive::{self, Entry, Limits, Refusal};
use crate::catalog::Level;
use crate::solution::xml;
use crate::version::Version;

/// The largest XML that is read, in bytes and in nodes.
const XML_BYTES: usize = 256 << 20;

/// Facts of a solution zip.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Unique name.
    pub name: String,
    /// Display name; the unique name where there is none.
    pub display_name: String,
    /// Version.
    pub version: Version,
    /// Whether it is managed.
    pub managed: bool,
    /// Unique name of the publisher.
    pub publisher: String,
    /// The publisher's customization prefix, where it is told.
    pub prefix: Option<String>,
    /// Security roles, sorted as in the file.
    pub roles: Vec<Role>,
    /// Environment variables: schema name, type's number, whether required, whether there is a default.
    pub variables: Vec<Variable>,
    /// Connection references: logical name and connector.
    pub connections: Vec<(String, Option<String>)>,
    /// Every file of the zip.
    pub files: Vec<Entry>,
    /// Files that the customizations give a name and a version.
    pub named_files: Vec<NamedFile>,
}

/// A file of a web resource, a plug-in assembly or a plug-in package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Its path in the zip.
    pub file: String,
    /// What it is.
    pub kind: &'static str,
    /// Its name in Dataverse.
    pub name: String,
    /// Its version, where one is stated.
    pub version: Option<String>,
}

/// An environment variable's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Schema name.
    pub name: String,
    /// Dataverse's number of the type.
    pub kind: u32,
    /// Whether it must have a value.
    pub required: bool,
    /// Whether it has a default.
    pub has_default: bool,
}

/// Why a file is not a solution that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASolution {
    /// The zip was refused.
    #[error(transparent)]
    Archive(#[from] Refusal),
    /// A part is missing.
    #[error("it has no `{0}`")]
    Missing(String),
    /// A part cannot be understood.
    #[error("`{file}`: {why}")]
    Bad {
        /// The part.
        file: String,
        /// The reason.
        why: String,
    },
}

impl Facts {
    /// Reads a solution zip.
    pub fn read(zip: &[u8]) -> Result<Self, NotASolution> {
        let files = archive::read(zip, &Limits::default())?;
        let nodes = xml::node_limit(zip.len());
        let text = text_of(&files, "solution.xml")?;
        let document = parse("solution.xml", text, nodes)?;
        let manifest = child(document.root_element(), "SolutionManifest")
            .ok_or_else(|| NotASolution::Missing("SolutionManifest in solution.xml".into()))?;
        let value = |parent: Node<'_, '_>, name: &str| {
            child(parent, name).and_then(|node| node.text()).map(|t| t.trim().to_owned())
        };
        let need =
            |name: &str| value(manifest, name).ok_or_else(|| NotASolution::Missing(format!("{name} in solution.xml")));
        let name = need("UniqueName")?;
        let version =
            need("Version")?.parse().map_err(|error: crate::version::NotAVersion| bad("solution.xml", error))?;
        let display_name = child(manifest, "LocalizedNames")
            .and_then(|names| names.children().find(Node::is_element))
            .and_then(|node| node.attribute("description"))
            .unwrap_or(&name)
            .to_owned();
        let customizations = text_of(&files, "customizations.xml")?;
        let customizations = parse("customizations.xml", customizations, nodes)?;
        let mut variables = Vec::new();
        for file in &files {
            let mut parts = file.name.split('/');
            if parts.next() == Some("environmentvariabledefinitions")
                && parts.nth(1) == Some("environmentvariabledefinition.xml")
            {
                variables.extend(variable(file, nodes)?);
            }
        }
        variables.sort_by(|a, b| a.name.cmp(&b.name));
        let mut connections: Vec<_> = customizations
            .descendants()
            .filter(|node| node.has_tag_name("connectionreference"))
            .filter_map(|node| {
                Some((node.attribute("connectionreferencelogicalname")?.to_owned(), value(node, "connectorid")))
            })
            .collect();
        connections.sort();
        Ok(Self {
            managed: need("Managed")? == "1",
            publisher: child(manifest, "Publisher").and_then(|node| value(node, "UniqueName")).unwrap_or_default(),
            prefix: child(manifest, "Publisher").and_then(|node| value(node, "CustomizationPrefix")),
            roles: roles(customizations.root_element())?,
            name,
            display_name,
            version,
            variables,
            connections,
            named_files: named_files(customizations.root_element(), &files, nodes),
            files,
        })
    }
}

fn roles(root: Node<'_, '_>) -> Result<Vec<Role>, NotASolution> {
    let Some(list) = child(root, "Roles") else { return Ok(Vec::new()) };
    let wrong = |why: String| bad("customizations.xml", why);
    let mut roles = Vec::new();
    for node in list.children().filter(|node| node.has_tag_name("Role")) {
        let name = node.attribute("name").unwrap_or_default().to_owned();
        let id = node
            .attribute("id")
            .and_then(|id| Uuid::try_parse(id).ok())
            .ok_or_else(|| wrong(format!("the role `{name}` has no GUID")))?;
        let mut privileges = Vec::new();
        for row in node.descendants().filter(|row| row.has_tag_name("RolePrivilege")) {
            let privilege = row.attribute("name").unwrap_or_default().to_owned();
            let level = row
                .attribute("level")
                .and_then(|word| Level::ALL.into_iter().find(|level| level.name() == word))
                .ok_or_else(|| wrong(format!("the privilege `{privilege}` of the role `{name}` has no level")))?;
            privileges.push(Privilege { name: privilege, level, because: None });
        }
        roles.push(Role { id, name, privileges });
    }
    Ok(roles)
}

/// Web resources and assemblies in the customizations; plug-in packages in files of their own.
fn named_files(root: Node<'_, '_>, files: &[Entry], nodes: u32) -> Vec<NamedFile> {
    let value =
        |node: Node<'_, '_>, name: &str| child(node, name).and_then(|it| it.text()).map(|t| t.trim().to_owned());
    let mut named = Vec::new();
    let mut add = |node: Node<'_, '_>, kind, name: Option<String>, version: Option<String>| {
        if let (Some(file), Some(name)) = (value(node, "FileName"), name) {
            named.push(NamedFile { file: file.trim_start_matches('/').to_owned(), kind, name, version });
        }
    };
    for node in root.descendants().filter(|node| node.has_tag_name("WebResource")) {
        add(node, "Web resource", value(node, "Name"), value(node, "IntroducedVersion"));
    }
    for node in root.descendants().filter(|node| node.has_tag_name("PluginAssembly")) {
        // `Contoso.Plugins, Version=1.0.0.0, Culture=neutral, PublicKeyToken=…`
        let mut parts = node.attribute("FullName").unwrap_or_default().split(',').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty()).map(str::to_owned);
        let version = parts.find_map(|part| part.strip_prefix("Version=")).map(str::to_owned);
        add(node, "Plug-in assembly", name, version);
    }
    for file in files.iter().filter(|file| file.name.ends_with("/pluginpackage.xml")) {
        let Some(document) = std::str::from_utf8(&file.bytes).ok().and_then(|text| parse(&file.name, text, nodes).ok())
        else {
            continue;
        };
        let package = document.root_element();
        let folder = file.name.trim_end_matches("pluginpackage.xml");
        let inside = |it: &&Entry| it.name.starts_with(folder) && it.name.to_ascii_lowercase().ends_with(".nupkg");
        if let (Some(found), Some(name)) =
            (files.iter().find(inside), value(package, "name").or(value(package, "uniquename")))
        {
            let version = value(package, "version");
            named.push(NamedFile { file: found.name.clone(), kind: "Plug-in package", name, version });
        }
    }
    named
}

fn variable(file: &Entry, nodes: u32) -> Result<Option<Variable>, NotASolution> {
    let text = std::str::from_utf8(&file.bytes).map_err(|error| bad(&file.name, error))?;
    let document = parse(&file.name, text, nodes)?;
    let root = document.root_element();
    let value = |name: &str| child(root, name).and_then(|node| node.text()).unwrap_or_default().trim();
    Ok(root.attribute("schemaname").map(|name| Variable {
        name: name.to_owned(),
        kind: value("type").parse().unwrap_or(100_000_000),
        required: value("isrequired") == "1",
        has_default: !value("defaultvalue").is_empty(),
    }))
}

fn text_of<'a>(files: &'a [Entry], name: &str) -> Result<&'a str, NotASolution> {
    let file = files.iter().find(|file| file.name == name).ok_or_else(|| NotASolution::Missing(name.to_owned()))?;
    std::str::from_utf8(&file.bytes).map_err(|error| bad(name, error))
}

fn parse<'a>(name: &str, text: &'a str, nodes: u32) -> Result<Document<'a>, NotASolution> {
    if text.len() > XML_BYTES {
        return Err(bad(name, "it is too large"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((_, message)) = xml::too_much(text, nodes) {
        return Err(bad(name, message));
    }
    Document::parse_with_options(text, ParsingOptions { nodes_limit: nodes, ..ParsingOptions::default() })
        .map_err(|error| bad(name, error))
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn bad(file: &str, why: impl ToString) -> NotASolution {
    NotASolution::Bad { file: file.to_owned(), why: why.to_string() }
}
