//! What differs in bytes and is not in any list of facts: each part and section, by its path. As long as two
//! digests differ there is a difference, and everything that no listed fact explains is named.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::{ComponentChange, Difference};
use super::side::{BUNDLE, Side};
use super::values::{ValueChange, values};
use crate::bundle::signature;
use crate::solution::contents::{EMPTY, Introduced};

/// Files of a bundle that follow from other content: they differ whenever that content does.
const MADE: [&str; 5] = ["bundle.json", "SHA256SUMS", "sbom.cdx.json", "INSTALL.html", "deploymentSettings.json"];

/// Where the values of solution.xml are; facts leave it out.
const MANIFEST: &str = "solution.xml/SolutionManifest/";

const WRITTEN: &str = "Part, written in another way";
const FILE: &str = "Bundle file";

/// Adds it to a difference.
pub(super) fn rest(old: &Side, new: &Side, difference: &mut Difference) {
    let (files, made): (Vec<_>, Vec<_>) = differing(&old.files, &new.files).into_iter().partition(|it| {
        let is_signature = it.name.starts_with(signature::FOLDER);
        // A signature that is new or gone matters; a different signature on a different bundle does not.
        !(MADE.contains(&it.name.as_str()) || is_signature && it.old.is_some() && it.new.is_some())
    });
    push(difference, FILE, files);
    if old.parts.is_some() && new.parts.is_some() {
        let written = written(old, new, difference);
        push(difference, WRITTEN, written);
        introduced(old, new, difference);
    }
    let parts = differing(&old.parts, &new.parts);
    if difference.is_empty() {
        push(difference, FILE, made);
        push(difference, WRITTEN, parts.clone());
    }
    // The same parts, and other bytes: their order, their times, how they are compressed.
    if parts.is_empty() {
        let packed = differing(&old.archives, &new.archives);
        let packed = packed.into_iter().filter(|it| it.old.is_some() && it.new.is_some());
        let alike = difference.is_empty();
        push(difference, "Archive, packed in another way", packed.filter(|it| alike || it.name != BUNDLE).collect());
    }
}

fn push(difference: &mut Difference, kind: &str, changes: Vec<ValueChange>) {
    for it in changes {
        let change = match (&it.old, &it.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        difference.components.push(ComponentChange::new(kind.to_owned(), it.name, change));
    }
}

type Digests = Option<BTreeMap<String, String>>;

fn differing(before: &Digests, after: &Digests) -> Vec<ValueChange> {
    before.as_ref().zip(after.as_ref()).map(|(before, after)| values(before, after)).unwrap_or_default()
}

/// Paths whose form or order differs and no fact explains it.
fn written(old: &Side, new: &Side, difference: &Difference) -> Vec<ValueChange> {
    let explained = |it: &ValueChange| {
        // A section gets its first item, or loses its last one.
        let is_empty = |form: &Option<String>| form.as_ref().is_none_or(|form| form == EMPTY);
        let is_filled = |side: &Side| side.orders.contains_key(&it.name);
        let emptied = is_empty(&it.old) && is_empty(&it.new) && (is_filled(old) || is_filled(new));
        // A value of solution.xml.
        let value = it.name.replacen(MANIFEST, "", 1);
        let below = format!("{value}/");
        emptied || difference.facts.iter().any(|fact| fact.name == value || fact.name.starts_with(&below))
    };
    // The rules for a document can depend on the parts around it: one with the same bytes does not differ.
    let is_same = |path: &str| {
        let document = path.split('/').next().unwrap_or(path);
        let digest = |side: &Side| side.parts.as_ref().and_then(|parts| parts.get(document)).cloned();
        digest(old).is_some_and(|before| Some(before) == digest(new))
    };
    let mut changes: Vec<ValueChange> =
        values(&old.forms, &new.forms).into_iter().filter(|it| !is_same(&it.name) && !explained(it)).collect();
    // Only a section without items is new or gone; others have a different form.
    for it in &mut changes {
        if [&it.old, &it.new].into_iter().flatten().any(|form| form != EMPTY) {
            it.old.get_or_insert_default();
            it.new.get_or_insert_default();
        }
    }
    changes.extend(items(old, new));
    let orders = new.orders.iter().filter(|(path, after)| {
        old.orders.get(*path).is_some_and(|before| in_common(before, after) != in_common(after, before))
    });
    for (path, _) in orders {
        if !changes.iter().any(|it| it.name == *path) {
            let (old, new) = (Some("one order".to_owned()), Some("another order".to_owned()));
            changes.push(ValueChange { name: path.clone(), old, new });
        }
    }
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

/// Items of both sides that are written differently, by section. One that is new or gone is listed separately.
fn items(old: &Side, new: &Side) -> Vec<ValueChange> {
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let differing = new.items.iter().filter(|(path, form)| old.items.get(*path).is_some_and(|other| other != *form));
    for (path, _) in differing {
        // `W: customizations.xml/Section/label`
        let section = path.match_indices('/').nth(1).map_or(path.as_str(), |(at, _)| &path[..at]);
        sections.entry(section).or_default().push(path);
    }
    let named = sections.into_iter().map(|(section, paths)| match paths.as_slice() {
        [one] => (*one).to_owned(),
        more => format!("{section} ({} items)", more.len()),
    });
    let changed = |name| ValueChange { name, old: Some(String::new()), new: Some(String::new()) };
    named.map(changed).collect()
}

/// Those of a list that the other one also has.
fn in_common<'a>(list: &'a [String], other: &[String]) -> Vec<&'a String> {
    let other: BTreeSet<&String> = other.iter().collect();
    list.iter().filter(|name| other.contains(name)).collect()
}

/// Versions of introduction that differ when nothing else in a component does.
fn introduced(old: &Side, new: &Side, difference: &mut Difference) {
    let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (key, digest) in &new.components {
        let of = |side: &Side| side.introduced.get(key).cloned().unwrap_or_default();
        let (before, after): (Introduced, Introduced) = (of(old), of(new));
        if old.components.get(key) == Some(digest) && before != after {
            groups.entry((before.versions(), after.versions())).or_default().push(format!("{} {}", key.0, key.1));
        }
    }
    for ((before, after), of) in groups {
        let name = match of.as_slice() {
            [one] => format!("introduced version of {one}"),
            more => format!("introduced version of {} components", more.len()),
        };
        let is_alike = before == after;
        let shown = |text: String| Some(text).filter(|text| !text.is_empty());
        let (old, mut new) = (shown(before), shown(after));
        // The same ones, each in another place or not as often.
        if let Some(new) = new.as_mut().filter(|_| is_alike) {
            new.push_str(", in another order or number");
        }
        difference.facts.push(ValueChange { name, old, new });
    }
}
