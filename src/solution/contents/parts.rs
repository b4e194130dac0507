//! The parts beside the two documents, and the files among them that have a name and a version.

use std::collections::BTreeMap;

use crate::digest::sha256;
use crate::solution::components::Parts;
use crate::solution::part_name::{encode_name, is_file, key};
use crate::solution::xml::{self, Element};

/// A part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFacts {
    /// Its name in the zip.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
    /// Its SHA-256.
    pub sha256: String,
    /// Its beginning, which identifies libraries.
    pub head: Vec<u8>,
}

/// How much of a part is kept.
const HEAD: usize = 400;

impl PartFacts {
    pub(super) fn of(name: &str, bytes: &[u8]) -> Self {
        let head = bytes[..bytes.len().min(HEAD)].to_vec();
        Self { name: name.to_owned(), size: bytes.len(), sha256: sha256(bytes), head }
    }
}

/// The kind of a web resource's file.
pub const WEB_RESOURCE: &str = "Web resource";

/// A file of a web resource, a plug-in assembly or a plug-in package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Its name in the zip.
    pub file: String,
    /// What it is.
    pub kind: &'static str,
    /// Its name in Dataverse.
    pub name: String,
    /// Its version, if it is stated.
    pub version: Option<String>,
}

impl NamedFile {
    /// The file of an item of customizations.xml.
    pub(super) fn of(section: &str, item: &Element) -> Option<Self> {
        let file = encode_name(item.child_text("FileName")?.trim_start_matches('/'));
        match (section, item.name.as_str()) {
            ("WebResources", "WebResource") => Some(Self {
                file,
                kind: WEB_RESOURCE,
                name: item.child_text("Name")?,
                version: item.child_text("IntroducedVersion"),
            }),
            ("SolutionPluginAssemblies", "PluginAssembly") => {
                // `Contoso.Plugins, Version=1.0.0.0, Culture=neutral, PublicKeyToken=…`
                let mut pieces = item.attribute("FullName").unwrap_or_default().split(',').map(str::trim);
                let name = pieces.next().filter(|name| !name.is_empty())?.to_owned();
                let version = pieces.find_map(|piece| piece.strip_prefix("Version=")).map(str::to_owned);
                Some(Self { file, kind: "Plug-in assembly", name, version })
            }
            _ => None,
        }
    }
}

/// Files with a name and a version: those of items, and plug-in packages, which have folders of their own.
pub(super) fn named(of_items: Vec<NamedFile>, parts: &Parts) -> Vec<NamedFile> {
    let mut named = of_items;
    // Whatever way its name is encoded, a file is known by the part's own.
    let encoded: BTreeMap<String, &String> =
        parts.keys().filter(|part| part.contains('%')).map(|part| (key(part), part)).collect();
    for it in named.iter_mut().filter(|it| !parts.contains_key(&it.file)) {
        if let Some(part) = encoded.get(&key(&it.file)) {
            it.file.clone_from(part);
        }
    }
    for (name, bytes) in parts.iter().filter(|(name, _)| name.ends_with("/pluginpackage.xml")) {
        let Ok(root) = xml::parse(bytes, name) else { continue };
        let folder = name.trim_end_matches("pluginpackage.xml");
        let files = format!("{folder}package/");
        let inside = || parts.range(files.clone()..).map(|(part, _)| part).take_while(|part| part.starts_with(&files));
        let package = root
            .child_text("package")
            .and_then(|file| inside().find(|part| is_file(&part[files.len()..], &file)).cloned());
        let called = root.child_text("name").or_else(|| root.child_text("uniquename"));
        if let (Some(file), Some(called)) = (package, called) {
            let version = root.child_text("version");
            named.push(NamedFile { file, kind: "Plug-in package", name: called, version });
        }
    }
    named
}
