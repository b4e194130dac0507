//! The parts beside the two documents: definitions and values of environment variables, files with a name and a version.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::item::Item;
use crate::digest::sha256;
use crate::solution::components::Parts;
use crate::solution::part_name::encode_name;
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
    /// Its beginning, by which libraries are known.
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

/// A value that the solution brings for an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableValue {
    /// The folder of the definition: the variable's schema name.
    pub variable: String,
    /// The value, else the file's text.
    pub value: String,
    /// The part that has it.
    pub part: String,
    /// Why readers could see another value.
    pub problem: Option<&'static str>,
}

/// A file of a web resource, a plug-in assembly or a plug-in package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Its name in the zip.
    pub file: String,
    /// What it is.
    pub kind: &'static str,
    /// Its name in Dataverse.
    pub name: String,
    /// Its version, where one is stated.
    pub version: Option<String>,
}

impl NamedFile {
    /// The file of an item of customizations.xml.
    pub(super) fn of(section: &str, item: &Element) -> Option<Self> {
        let file = encode_name(item.child_text("FileName")?.trim_start_matches('/'));
        match (section, item.name.as_str()) {
            ("WebResources", "WebResource") => Some(Self {
                file,
                kind: "Web resource",
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
pub(super) fn named(items: &[Item], parts: &Parts) -> Vec<NamedFile> {
    let mut named: Vec<NamedFile> = items.iter().filter_map(|item| item.named_file.clone()).collect();
    for (name, bytes) in parts.iter().filter(|(name, _)| name.ends_with("/pluginpackage.xml")) {
        let Ok(root) = xml::parse(bytes, name) else { continue };
        let folder = name.trim_end_matches("pluginpackage.xml");
        let package = root.child_text("package").map(|file| format!("{folder}package/{}", encode_name(&file)));
        let called = root.child_text("name").or_else(|| root.child_text("uniquename"));
        if let (Some(file), Some(called)) = (package.filter(|file| parts.contains_key(file)), called) {
            let version = root.child_text("version");
            named.push(NamedFile { file, kind: "Plug-in package", name: called, version });
        }
    }
    named
}

/// `environmentvariablevalues.json`. A member that is there twice is an error of its own.
#[derive(Deserialize)]
struct Values {
    environmentvariablevalues: Inner,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Inner {
    environmentvariablevalue: Given,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Given {
    value: String,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl Values {
    fn has_doubles(&self) -> bool {
        let inner = &self.environmentvariablevalues;
        let levels = [
            (&self.others, "environmentvariablevalues"),
            (&inner.others, "environmentvariablevalue"),
            (&inner.environmentvariablevalue.others, "value"),
        ];
        levels.into_iter().any(|(others, name)| others.keys().any(|other| other.eq_ignore_ascii_case(name)))
    }
}

/// Values that stand beside definitions of environment variables.
pub(super) fn values(parts: &Parts) -> Vec<VariableValue> {
    let of = |(name, bytes): (&String, &Vec<u8>)| {
        let [folder, variable, file] = name.split('/').collect::<Vec<_>>()[..] else { return None };
        let is_values = folder.eq_ignore_ascii_case("environmentvariabledefinitions")
            && file.eq_ignore_ascii_case("environmentvariablevalues.json");
        let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned();
        let read =
            if std::str::from_utf8(bytes).is_err() { None } else { serde_json::from_slice::<Values>(bytes).ok() };
        let value = read.as_ref().map(|it| it.environmentvariablevalues.environmentvariablevalue.value.clone());
        let problem = match &read {
            // Readers take the first or the last of two members, with or without their case, and decode what is no UTF-8.
            None => Some(
                "it is not UTF-8 text of the form `{\"environmentvariablevalues\":{\"environmentvariablevalue\":{\"value\":\"…\"}}}`, each name once",
            ),
            Some(read) if read.has_doubles() => Some("it has two names that are equal without case"),
            Some(_) => None,
        };
        is_values.then(|| VariableValue {
            variable: variable.to_owned(),
            value: value.unwrap_or_else(|| text.trim().to_owned()),
            part: name.clone(),
            problem,
        })
    };
    parts.iter().filter_map(of).chain(older_values(parts)).collect()
}

/// `environment_variable_values.json` of solutions of 2019 and 2020, which have the definitions in customizations.xml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OlderValues {
    #[serde(rename = "version")]
    _version: Value,
    values: Vec<OlderValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OlderValue {
    name: String,
    value: String,
}

fn older_values(parts: &Parts) -> Vec<VariableValue> {
    let is_list = |name: &&String| name.eq_ignore_ascii_case("environment_variable_values.json");
    let Some((part, bytes)) = parts.iter().find(|(name, _)| is_list(name)) else { return Vec::new() };
    let of = |variable: String, value: String, problem: Option<&'static str>| VariableValue {
        variable,
        value,
        part: part.clone(),
        problem,
    };
    match serde_json::from_slice::<OlderValues>(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
        Ok(read) => read.values.into_iter().map(|it| of(it.name, it.value, None)).collect(),
        Err(_) => {
            let why = "it is not of the form `{\"version\":\"…\",\"values\":[{\"name\":\"…\",\"value\":\"…\"}]}`";
            vec![of(part.clone(), String::from_utf8_lossy(bytes).trim().to_owned(), Some(why))]
        }
    }
}
