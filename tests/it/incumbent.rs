//! SolutionPackager's own packs of real folders: unpacked here, they give those folders back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dvpack::solution::xml::{Element, Node, canonical, first_difference, parse};
use dvpack::solution::{Unpacked, read_zip};
use rayon::prelude::*;

use crate::support::{corpus, report};

/// Files that are not the same, by folder and how their names start, and why.
const NOT_THE_SAME: &[(&str, &str, &str)] = &[
    ("", "CanvasApps/src/", "sources of a canvas app, whose .msapp is packed"),
    ("", "Resources/", "localised strings, which only /localize merges"),
    (INLINE_TABLES, "Entities/", "hand-made: the tables are in Customizations.xml, the folder is copied as it is"),
    (INLINE_TABLES, "Other/Customizations.xml", "the same"),
];
const INLINE_TABLES: &str = "ls5986+DRACRM_Dataverse__temp_src";

/// The files of a folder by the name that they have in a pack of one type: `X_managed.xml` stands for `X.xml` in a managed one.
fn source(folder: &Path, managed: bool) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("an entry")) {
        let name = entry.path().strip_prefix(folder).expect("below").to_str().expect("Unicode").to_owned();
        if entry.file_type().is_file() && name.contains('/') {
            files.insert(name, fs::read(entry.path()).expect("read"));
        }
    }
    let twins: Vec<String> = files.keys().filter(|name| name.ends_with("_managed.xml")).cloned().collect();
    for twin in twins {
        let bytes = files.remove(&twin).expect("the twin");
        if managed {
            files.insert(twin.replace("_managed.xml", ".xml"), bytes);
        }
    }
    files
}

/// An element with the order of root components settled, and without what a pack sets.
fn settled(mut root: Element) -> Element {
    if let Some(manifest) = root.find_mut("SolutionManifest") {
        if let Some(managed) = manifest.find_mut("Managed") {
            managed.set_content("");
        }
        if let Some(roots) = manifest.find_mut("RootComponents") {
            roots.children.sort_by_cached_key(|node| format!("{node:?}"));
        }
    }
    canonical(&root)
}

fn difference(name: &str, ours: &[u8], theirs: &[u8]) -> Option<String> {
    if ours == theirs {
        return None;
    }
    match (parse(ours, name), parse(theirs, name)) {
        (Ok(ours), Ok(theirs)) => {
            let without_lines = |root: Element| settled(root);
            first_difference(&without_lines(theirs), &without_lines(ours))
        }
        _ => Some("has other bytes".to_owned()),
    }
}

/// Whether a list names nothing, as that of relationships that `pac solution init` writes.
fn is_empty_list(name: &str, bytes: &[u8]) -> bool {
    parse(bytes, name).is_ok_and(|root| !root.children.iter().any(|node| matches!(node, Node::Element(_))))
}

#[test]
fn every_pack_of_the_incumbent_unpacks_to_its_folder() {
    let Some(corpus) = corpus() else { return };
    let mut packs: Vec<_> = walkdir::WalkDir::new(corpus.join("unpacked"))
        .max_depth(2)
        .into_iter()
        .map(|entry| entry.expect("an entry").into_path())
        .filter(|path| path.extension().is_some_and(|it| it == "zip"))
        .collect();
    packs.sort();
    let rows: Vec<(String, Vec<String>)> = packs
        .par_iter()
        .map(|path| {
            let folder = path.parent().expect("a folder");
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            let mut package = read_zip(&fs::read(path).expect("read"), &name).expect("a solution");
            // The incumbent leaves blanks in names, so that Dataverse ignores those parts.
            package.files = package.files.into_iter().map(|(name, bytes)| (name.replace(' ', "%20"), bytes)).collect();
            let theirs = source(&folder.join("src"), package.managed());
            let unpacked = Unpacked::new(&package);
            let ours: BTreeMap<&str, &[u8]> = unpacked.files().collect();
            let mut wrong = Vec::new();
            let mut excused = BTreeSet::new();
            for (file, bytes) in &theirs {
                // What Dataverse would not see in the package stands where the incumbent reads nothing.
                let elsewhere = format!("Other/Parts/{file}");
                let found = match ours.get(file.as_str()).or_else(|| ours.get(elsewhere.as_str())) {
                    Some(found) => difference(file, found, bytes),
                    None if is_empty_list(file, bytes) => None,
                    None => Some("is lost".to_owned()),
                };
                let Some(found) = found else { continue };
                let excuse = NOT_THE_SAME.iter().find(|(of, start, _)| name.starts_with(of) && file.starts_with(start));
                match excuse {
                    Some((_, start, _)) => {
                        excused.insert(*start);
                    }
                    None => wrong.push(format!("{name}: {file}: {found}")),
                }
            }
            // The order of the disk that they were packed on, and what only the zip has.
            let known = |file: &str| theirs.contains_key(file.strip_prefix("Other/Parts/").unwrap_or(file));
            let new = ours.keys().filter(|file| !known(file) && **file != "Other/Order.txt");
            wrong.extend(new.map(|file| format!("{name}: {file} is new")));
            let managed = if package.managed() { "managed" } else { "unmanaged" };
            let short: String = name.chars().take(60).collect();
            (format!("{short:60} {managed:9} {:5} files {excused:?}", theirs.len()), wrong)
        })
        .collect();
    let table: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    println!("{table}{} packs", rows.len());
    report("incumbent.txt", &table);
    let wrong: Vec<String> = rows.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}
