//! Real solutions: every one is read; packs equal the incumbent's; round trips lose nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dvpack::solution::xml::{Element, Node, canonical, first_difference};
use dvpack::solution::{
    PackageType, SolutionPackage, read_folder, read_folder_as, read_zip, unpacked_files, write_zip,
};

use crate::support::corpus;

/// Content with the order of components aside: sections, root components, dependencies and the
/// forms of a table sorted. `SolutionPackager` writes them in the order in which the file system
/// lists its folders, which differs between machines, so no other order could be expected.
fn orderless(root: &Element) -> Element {
    let mut root = canonical(root);
    let by_content = |node: &Node| format!("{node:?}");
    for section in root.elements_mut() {
        // The children of `SolutionManifest` have one fixed order; those of the other sections are components.
        let components = section.name != "SolutionManifest";
        for list in
            section.elements_mut().filter(|e| ["RootComponents", "MissingDependencies"].contains(&e.name.as_str()))
        {
            list.children.sort_by_cached_key(by_content);
        }
        for forms in section.elements_mut().filter_map(|entity| entity.find_mut("FormXml")) {
            forms.children.sort_by_cached_key(by_content);
        }
        if components {
            section.children.sort_by_cached_key(by_content);
        }
    }
    root
}

fn difference(left: &SolutionPackage, right: &SolutionPackage) -> Option<String> {
    let names = |package: &SolutionPackage| package.files.keys().cloned().collect::<Vec<_>>();
    let (a, b) = (names(left), names(right));
    if a != b {
        let only = |one: &[String], other: &[String]| {
            one.iter().filter(|n| !other.contains(n)).take(3).cloned().collect::<Vec<_>>()
        };
        return Some(format!("parts differ: only left {:?}, only right {:?}", only(&a, &b), only(&b, &a)));
    }
    for (name, bytes) in &left.files {
        if right.files[name] != *bytes {
            return Some(format!("the bytes of {name} differ"));
        }
    }
    first_difference(&orderless(&left.manifest), &orderless(&right.manifest))
        .or_else(|| first_difference(&orderless(&left.customizations), &orderless(&right.customizations)))
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn write_all(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, bytes).expect("written");
    }
}

#[test]
fn every_export_is_read_and_round_trips() {
    let Some(corpus) = corpus() else { return };
    let mut failures = Vec::new();
    let (mut read, mut zips, mut folders) = (0, 0, 0);
    for path in listed(&corpus.join("exported")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "zip"))
    {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let package = match read_zip(&fs::read(&path).expect("read"), &name) {
            Ok(package) => package,
            Err(findings) => {
                failures.push(format!("{name}: not read: {}", findings[0]));
                continue;
            }
        };
        read += 1;
        assert!(!package.unique_name().is_empty(), "{name}");
        let again = read_zip(&write_zip(&package).expect("written"), &name).expect("read again");
        match difference(&package, &again) {
            None => zips += 1,
            Some(text) => failures.push(format!("{name}: zip: {text}")),
        }
        let folder = tempfile::tempdir().expect("a folder");
        write_all(&unpacked_files(&package), folder.path());
        match read_folder(folder.path()) {
            Ok(again) => match difference(&package, &again) {
                None => folders += 1,
                Some(text) => failures.push(format!("{name}: folder: {text}")),
            },
            Err(findings) => failures.push(format!("{name}: folder: {}", findings[0])),
        }
    }
    println!("exports: {read} read, {zips} zip round trips, {folders} folder round trips");
    println!("{}", failures.join("\n"));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_folder_is_packed_as_the_incumbent_packs_it() {
    let Some(corpus) = corpus() else { return };
    let mut failures = Vec::new();
    let (mut packs, mut equal) = (0, 0);
    for path in listed(&corpus.join("unpacked")).into_iter().filter(|path| path.is_dir()) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        for (file, package_type) in
            [("packed.managed.zip", PackageType::Managed), ("packed.unmanaged.zip", PackageType::Unmanaged)]
        {
            let ours = read_folder_as(&path.join("src"), package_type);
            let Ok(bytes) = fs::read(path.join(file)) else {
                continue;
            };
            packs += 1;
            let theirs = read_zip(&bytes, file).expect("their zip");
            match ours {
                Err(findings) => failures.push(format!("{name} {file}: {}", findings[0])),
                Ok(ours) => {
                    let ours = read_zip(&write_zip(&ours).expect("written"), file).expect("read again");
                    match difference(&ours, &theirs) {
                        None => equal += 1,
                        Some(text) => failures.push(format!("{name} {file}: {text}")),
                    }
                }
            }
        }
    }
    println!("reference packs: {packs}, equal: {equal}");
    println!("{}", failures.join("\n"));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
