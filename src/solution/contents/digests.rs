//! What shows whether a component changed: the digest of its XML, and of the files that belong to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::introduction::{self, Introduced};
use super::item::Item;
use super::original::{Source, Sources};
use crate::digest::sha256;
use crate::solution::components::{self, Component, Parts};
use crate::solution::part_name;

/// The folder of rows of any table.
const SET: &str = "<set>/";

/// Kind and name → digest.
pub type Digests = BTreeMap<(String, String), String>;

/// The digest of every component, of every other element of a section, and of every file that no component claims;
/// what each part belongs to, in words; and what each component is made of.
pub(super) fn digests(
    items: &[Item],
    parts: &Parts,
    since: &mut BTreeMap<(String, String), Introduced>,
) -> (Digests, BTreeMap<String, String>, Sources) {
    let files = Files::new(parts);
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let mut found: Digests = BTreeMap::new();
    let mut sources: Sources = BTreeMap::new();
    let mut add = |key: (String, String),
                   mut text: String,
                   (item, versions): (Option<Source>, &[String]),
                   of: BTreeSet<usize>,
                   owner: &str| {
        let mut introduced = versions.to_vec();
        let made_of = sources.entry(key.clone()).or_default();
        made_of.extend(item);
        for index in of {
            made_of.push(Source::Part(files.names[index].to_owned()));
            text.push_str(&format!("\n{} {}", files.names[index], files.digests[index]));
            introduced.extend_from_slice(&files.introduced[index]);
            owners.entry(files.names[index].to_owned()).or_insert_with(|| owner.to_owned());
        }
        if !introduced.is_empty() {
            since.entry(key.clone()).or_default().extend(&introduced);
        }
        // Two forms may share a name: their digests are joined, so that a change of either is seen.
        let entry = found.entry(key).or_default();
        *entry = sha256(format!("{entry}{text}").as_bytes());
    };
    for (place, item) in items.iter().enumerate() {
        let named = || item.payloads.iter().filter_map(|name| files.by_name.get(name)).copied();
        if item.components.is_empty() {
            let kind = format!("Section {}", item.section);
            let whole = (Some(Source::Item(place, None)), item.introduced.as_slice());
            add((kind, item.label.clone()), item.digests.concat(), whole, named().collect(), &item.label);
        }
        for (inner, (component, digest)) in item.components.iter().zip(&item.digests).enumerate() {
            // Roles are compared by their privileges and properties, and have no files.
            if component.kind != "Security role" {
                let inner = item.is_list.then_some(inner);
                let from = (Some(Source::Item(place, inner)), item.introduced.as_slice());
                add(key(component), digest.clone(), from, named().collect(), &owner(component));
            }
        }
    }
    for kind in components::all() {
        let folder = match kind.place() {
            place if place.ends_with('/') => place.to_lowercase(),
            place if place.starts_with(SET) => SET.to_owned(),
            _ => String::new(),
        };
        for component in kind.in_parts(parts) {
            let of = files.of(&component, &folder).collect();
            add(key(&component), String::new(), (None, &[]), of, &owner(&component));
        }
    }
    for (index, name) in files.names.iter().enumerate().filter(|(_, name)| !owners.contains_key(**name)) {
        let key = ("File".to_owned(), (*name).to_owned());
        if !files.introduced[index].is_empty() {
            since.entry(key.clone()).or_default().extend(&files.introduced[index]);
        }
        sources.insert(key.clone(), vec![Source::Part((*name).to_owned())]);
        found.insert(key, files.digests[index].clone());
    }
    (found, owners, sources)
}

/// Kind and name of a component.
fn key(component: &Component) -> (String, String) {
    (component.kind.to_owned(), title(component))
}

/// A component in words.
fn owner(component: &Component) -> String {
    format!("{} {}", component.kind, title(component))
}

fn title(component: &Component) -> String {
    if component.name.is_empty() { component.id.clone() } else { component.name.clone() }
}

/// The parts, by every name that a component may use for them.
struct Files<'a> {
    names: Vec<&'a str>,
    digests: Vec<String>,
    /// The versions in which the contents of each were introduced.
    introduced: Vec<Vec<String>>,
    /// By what XML names them.
    by_name: HashMap<String, usize>,
    /// The first two pieces of a name: `set/key`.
    by_folder: HashMap<String, Vec<usize>>,
}

impl<'a> Files<'a> {
    fn new(parts: &'a Parts) -> Self {
        let read = parts.par_iter().map(|(name, bytes)| match std::str::from_utf8(bytes) {
            Ok(text) if introduction::says_introduction(name, bytes) => {
                let (text, versions) = introduction::split(text);
                (sha256(text.as_bytes()), versions)
            }
            _ => (sha256(bytes), Vec::new()),
        });
        let (digests, introduced) = read.unzip();
        let mut files = Self {
            names: parts.keys().map(String::as_str).collect(),
            digests,
            introduced,
            by_name: HashMap::new(),
            by_folder: HashMap::new(),
        };
        for (index, name) in parts.keys().enumerate() {
            let lower = name.to_lowercase();
            let mut pieces = lower.split('/');
            if let (Some(set), Some(key), Some(_)) = (pieces.next(), pieces.next(), pieces.next()) {
                files.by_folder.entry(format!("{set}/{key}")).or_default().push(index);
            }
            files.by_name.insert(part_name::key(name), index);
        }
        files
    }

    /// Those of a component: in its folder below `folder`.
    fn of(&self, component: &Component, folder: &str) -> impl Iterator<Item = usize> {
        let [id, name] = [bare(&component.id), bare(&component.name)];
        let keys = match folder {
            "" => Vec::new(),
            // Rows of any table.
            SET => vec![id],
            _ => vec![format!("{folder}{id}"), format!("{folder}{name}")],
        };
        keys.into_iter().filter_map(|key| self.by_folder.get(&key)).flatten().copied()
    }
}

/// In lower case, without braces.
fn bare(text: &str) -> String {
    text.trim().trim_matches(['{', '}']).to_lowercase()
}
