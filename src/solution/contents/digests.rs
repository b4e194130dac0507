//! What tells whether a component changed: the digest of its XML, and of the files that belong to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::item::Item;
use crate::digest::sha256;
use crate::solution::components::{self, Component, Parts};

/// Kind and name → digest.
pub type Digests = BTreeMap<(String, String), String>;

/// The digest of every component, of every other element of a section, and of every file that no component claims;
/// and what each part belongs to, in words.
pub(super) fn digests(items: &[Item], parts: &Parts) -> (Digests, BTreeMap<String, String>) {
    let files = Files::new(parts);
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let mut found: Digests = BTreeMap::new();
    let mut add = |kind: &str, title: String, text: &str| {
        // Two forms may share a name: their digests are joined, so that a change of either is seen.
        let entry = found.entry((kind.to_owned(), title)).or_default();
        *entry = sha256(format!("{entry}{text}").as_bytes());
    };
    let mut with_files = |mut text: String, of: BTreeSet<usize>, owner: &str| {
        for index in of {
            text.push_str(&format!("\n{} {}", files.names[index], files.digests[index]));
            owners.entry(files.names[index].to_owned()).or_insert_with(|| owner.to_owned());
        }
        text
    };
    for item in items {
        let named = || item.files.iter().filter_map(|name| files.by_name.get(name)).copied();
        if item.components.is_empty() {
            let text = with_files(item.digests.concat(), named().collect(), &item.label);
            add(&format!("Section {}", item.section), item.label.clone(), &text);
        }
        for (component, digest) in item.components.iter().zip(&item.digests) {
            let of = named().chain(files.of(component, "")).collect();
            let text = with_files(digest.clone(), of, &owner(component));
            // Roles are compared by their privileges and properties.
            if component.kind != "Security role" {
                add(component.kind, title(component), &text);
            }
        }
    }
    for kind in components::all() {
        let folder = if kind.place().ends_with('/') { kind.place().to_lowercase() } else { String::new() };
        for component in kind.in_parts(parts) {
            let text = with_files(String::new(), files.of(&component, &folder).collect(), &owner(&component));
            add(component.kind, title(&component), &text);
        }
    }
    for (name, digest) in files.names.iter().zip(&files.digests).filter(|(name, _)| !owners.contains_key(**name)) {
        found.insert(("File".to_owned(), (*name).to_owned()), digest.clone());
    }
    (found, owners)
}

/// A component in words.
fn owner(component: &Component) -> String {
    format!("{} {}", component.kind, title(component))
}

fn title(component: &Component) -> String {
    if component.name.is_empty() { component.id.clone() } else { component.name.clone() }
}

/// The parts, by all that a component may know them by.
struct Files<'a> {
    names: Vec<&'a str>,
    digests: Vec<String>,
    /// Names in lower case.
    by_name: HashMap<String, usize>,
    /// GUIDs in names.
    by_id: HashMap<String, Vec<usize>>,
    /// The first two pieces of a name: `set/key`.
    by_folder: HashMap<String, Vec<usize>>,
}

impl<'a> Files<'a> {
    fn new(parts: &'a Parts) -> Self {
        let digests = parts.par_iter().map(|(_, bytes)| match std::str::from_utf8(bytes) {
            Ok(text) => sha256(timeless(text).as_bytes()),
            Err(_) => sha256(bytes),
        });
        let mut files = Self {
            names: parts.keys().map(String::as_str).collect(),
            digests: digests.collect(),
            by_name: HashMap::new(),
            by_id: HashMap::new(),
            by_folder: HashMap::new(),
        };
        for (index, name) in parts.keys().enumerate() {
            let lower = name.to_lowercase();
            for id in guids(&lower) {
                files.by_id.entry(id.to_owned()).or_default().push(index);
            }
            let mut pieces = lower.split('/');
            if let (Some(set), Some(key), Some(_)) = (pieces.next(), pieces.next(), pieces.next()) {
                files.by_folder.entry(format!("{set}/{key}")).or_default().push(index);
            }
            files.by_name.insert(lower, index);
        }
        files
    }

    /// Those of a component: by its id, or by its folder below `folder`.
    fn of(&self, component: &Component, folder: &str) -> impl Iterator<Item = usize> {
        let [id, name] = [bare(&component.id), bare(&component.name)];
        let by_id = self.by_id.get(&id).filter(|_| id.len() == 36);
        let keys = match folder {
            "" => Vec::new(),
            // Rows of any table.
            "<set>/" => vec![id],
            _ => vec![format!("{folder}{id}"), format!("{folder}{name}")],
        };
        let in_folder = keys.into_iter().filter_map(|key| self.by_folder.get(&key)).flatten();
        by_id.into_iter().flatten().chain(in_folder).copied()
    }
}

/// The GUIDs in a name in lower case.
fn guids(name: &str) -> impl Iterator<Item = &str> {
    let is_guid = |text: &&str| {
        text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    (0..name.len().saturating_sub(35)).filter_map(|at| name.get(at..at + 36)).filter(is_guid)
}

/// Without the version in which something was introduced: it says nothing of the thing itself.
pub(super) fn timeless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let (open, close) = ("<introducedversion>", "</introducedversion>");
    let find = |text: &str, word: &str| {
        let mut at = 0;
        while let Some(step) = text[at..].find('<') {
            let start = at + step;
            if text.get(start..start + word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word)) {
                return Some(start);
            }
            at = start + 1;
        }
        None
    };
    while let Some(start) = find(rest, open) {
        let Some(length) = find(&rest[start..], close) else { break };
        out.push_str(&rest[..start]);
        rest = &rest[start + length + close.len()..];
    }
    out.push_str(rest);
    out
}

/// In lower case, without braces.
fn bare(text: &str) -> String {
    text.trim().trim_matches(['{', '}']).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_introduction_is_no_change() {
        assert_eq!(timeless("<a><IntroducedVersion>1.0</IntroducedVersion>é<b/></a>"), "<a>é<b/></a>");
        assert_eq!(timeless("<introducedversion>1"), "<introducedversion>1");
    }
}
