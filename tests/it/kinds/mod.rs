//! Every kind of component that a manifest can declare: its XML, beside a real one of that kind.
//!
//! `tests/kinds/<kind>/` holds a small manifest for each row of [`KINDS`]. What a real component has
//! and ours lacks, or the other way round, is listed with its reason; anything else fails, and so does
//! a reason for a difference that is no longer there.

mod explained;
mod exports;
mod row;
mod rows;
mod shapes;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dvpack::manifest::{Request, load};
use dvpack::solution::xml::{self, Element, write_fragment};
use dvpack::solution::{SolutionPackage, Unpacked, assemble, read_folder, read_zip};

use crate::support::{Test, corpus, repository};

use self::row::Difference::{Adds, Lacks};
use self::row::Part::{self, File, Section};
use self::rows::KINDS;

/// What a snapshot shows of kinds whose whole XML would be long; the others show all of it.
const SHOWN: &[(&str, &[&str])] = &[
    ("table-columns", &["Entities/Entity/EntityInfo", "EntityImageConfigs", "AttributeImageConfigs", "optionsets"]),
    ("form-view-chart", &["Entities/Entity/FormXml", "Entities/Entity/SavedQueries", "Entities/Entity/Visualizations"]),
    ("relationship", &["EntityRelationships"]),
];

fn shown<'a>(element: &'a Element, path: &str) -> Vec<&'a Element> {
    let mut level = vec![element];
    for name in path.split('/') {
        level = level.into_iter().flat_map(Element::elements).filter(|child| child.name == name).collect();
    }
    level
}

fn build(kind: &str) -> (Vec<u8>, SolutionPackage) {
    let request = Request::new(repository().join("tests/kinds").join(kind));
    let loaded = load(&request).unwrap_or_else(|findings| panic!("{kind}: {findings:#?}"));
    let built = assemble(&loaded.package).unwrap_or_else(|findings| panic!("{kind}: {findings:#?}"));
    assert!(built.findings.is_empty(), "{kind}: {:#?}", built.findings);
    let package = read_zip(&built.zip, kind).expect("read again");
    (built.zip, package)
}

#[test]
fn every_kind_with_a_folder_has_a_row_and_every_row_a_folder() {
    let folder = repository().join("tests/kinds");
    let folders: BTreeSet<String> = fs::read_dir(folder)
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let rows: BTreeSet<String> = KINDS.iter().map(|row| row.kind.to_owned()).collect();
    assert_eq!(folders, rows);
}

#[test]
fn every_kind_gives_the_xml_that_was_reviewed() {
    for row in KINDS {
        let (_, package) = build(row.kind);
        let mut text = String::new();
        for root in package.root_components() {
            text.push_str(&write_fragment(root));
            text.push('\n');
        }
        let filled = |section: &&Element| section.name != "Languages" && !section.is_empty();
        let sections: Vec<&Element> = match SHOWN.iter().find(|(kind, _)| *kind == row.kind) {
            Some((_, paths)) => paths.iter().flat_map(|path| shown(&package.customizations, path)).collect(),
            None => package.customizations.elements().filter(filled).collect(),
        };
        for section in sections {
            text.push_str(&format!("\n{}\n", write_fragment(section)));
        }
        for (name, bytes) in &package.files {
            text.push_str(&format!("\n=== {name}\n"));
            let small = std::str::from_utf8(bytes).ok().filter(|text| text.len() < 8000 && !text.contains('\0'));
            text.push_str(small.map_or_else(|| format!("({} bytes)", bytes.len()), str::to_owned).trim_end());
            text.push('\n');
        }
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("kind_{}", row.kind), text.replace("\r\n", "\n"));
        });
    }
}

#[test]
fn every_kind_looks_like_a_real_one() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    for row in KINDS {
        let (_, ours) = build(row.kind);
        for pair in row.pairs {
            let theirs = if Path::new(pair.solution).extension().is_some_and(|extension| extension == "zip") {
                let path = corpus.join("exported").join(pair.solution);
                read_zip(&fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())), pair.solution)
            } else {
                read_folder(&corpus.join("unpacked").join(pair.solution).join("src"))
            };
            let theirs = theirs.unwrap_or_else(|findings| panic!("{}: {}", pair.solution, findings[0]));
            let (ours, theirs) =
                (paths_of(&pair.ours, &ours, row.kind), paths_of(&pair.theirs, &theirs, pair.solution));
            let mut stale: Vec<String> = Vec::new();
            let mut explained: Vec<(bool, &str)> = Vec::new();
            for difference in pair.differences {
                let (lacks, path, reason) = match difference {
                    Lacks(path, reason) => (true, *path, reason),
                    Adds(path, reason) => (false, *path, reason),
                };
                assert!(reason.len() > 10, "{}: {path} without a reason", row.kind);
                let (with, without) = if lacks { (&theirs, &ours) } else { (&ours, &theirs) };
                if !with.difference(without).any(|found| covers(path, found)) {
                    stale.push(path.to_owned());
                }
                explained.push((lacks, path));
            }
            let open = |lacks: bool, with: &BTreeSet<String>, without: &BTreeSet<String>| {
                let known = |found: &str| explained.iter().any(|(side, path)| *side == lacks && covers(path, found));
                with.difference(without).filter(|found| !known(found)).cloned().collect::<Vec<_>>()
            };
            let (lacks, adds) = (open(true, &theirs, &ours), open(false, &ours, &theirs));
            let both = ours.intersection(&theirs).count();
            println!("{}: {both} paths as in {}, {} explained", row.kind, pair.solution, explained.len());
            if !(lacks.is_empty() && adds.is_empty() && stale.is_empty()) {
                let told = format!("lacks {lacks:#?}\nadds {adds:#?}\nno longer different {stale:#?}");
                wrong.push(format!("{} beside {}:\n{told}", row.kind, pair.solution));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn covers(path: &str, found: &str) -> bool {
    found.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The paths of all elements and attributes of a component.
fn paths_of(part: &Part, package: &SolutionPackage, of: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match part {
        File(name) => {
            let bytes = package.files.get(*name).unwrap_or_else(|| panic!("{of}: no file {name}"));
            let root = xml::parse(bytes, name).unwrap_or_else(|finding| panic!("{of}: {finding}"));
            paths(&root, "", &mut found);
        }
        Section(path, key) => {
            let names: Vec<&str> = path.split('/').collect();
            let element = find(&package.customizations, &names, key);
            paths(element.unwrap_or_else(|| panic!("{of}: no {key} in {path}")), "", &mut found);
        }
    }
    found
}

fn find<'a>(element: &'a Element, names: &[&str], key: &str) -> Option<&'a Element> {
    let named = |child: &Element| {
        child.attributes.iter().any(|(_, value)| value == key)
            || child.elements().any(|inner| {
                inner.content() == key || inner.elements().any(|label| label.attribute("description") == Some(key))
            })
    };
    match names {
        [] => element.elements().find(|child| named(child)),
        [name, rest @ ..] => element.elements().filter(|child| child.name == *name).find_map(|it| find(it, rest, key)),
    }
}

fn paths(element: &Element, above: &str, found: &mut BTreeSet<String>) {
    let path = if above.is_empty() { element.name.clone() } else { format!("{above}/{}", element.name) };
    for (name, _) in element.attributes.iter().filter(|(name, _)| !name.starts_with("xmlns")) {
        found.insert(format!("{path}/@{name}"));
    }
    for child in element.elements() {
        paths(child, &path, found);
    }
    found.insert(path);
}

#[test]
fn every_kind_gives_the_same_bytes_twice_and_survives_unpacking() {
    for row in KINDS {
        let (zip, package) = build(row.kind);
        assert!(zip == build(row.kind).0, "{}", row.kind);
        let mut test = Test::new();
        for (name, bytes) in Unpacked::new(&package).files() {
            test = test.file(name, bytes);
        }
        let again = read_folder(test.path()).unwrap_or_else(|findings| panic!("{}: {}", row.kind, findings[0]));
        assert_eq!(again.files, package.files, "{}", row.kind);
        for (one, other) in [(&package.manifest, &again.manifest), (&package.customizations, &again.customizations)] {
            assert_eq!(xml::first_difference(one, other), None, "{}", row.kind);
        }
    }
}
