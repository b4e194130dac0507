//! `dvpack init --from`: a project made from a solution that exists builds the same solution: the same parts, root
//! components and content of customizations.xml. Not compared: texts of solution and publisher beyond the first language,
//! declared dependencies (`build` adds to them), and of a role what servers of different ages write or leave out.
#![allow(clippy::print_stdout, reason = "a table of the corpus is printed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dvpack::manifest::{self, Request};
use dvpack::solution::xml::{Element, Node, canonical, first_difference};
use dvpack::solution::{SolutionPackage, adopt, assemble, check, read_folder, read_zip};
use rayon::prelude::*;

use crate::support::{Test, corpus};

/// Sections with their components in one order; what servers of different ages write or leave out of a role is
/// left out.
fn comparable(root: &Element) -> Element {
    let mut root = canonical(root);
    for section in root.elements_mut() {
        for component in section.elements_mut() {
            if component.name == "Role" {
                component.children.retain(
                    |node| matches!(node, Node::Element(e) if e.name == "RolePrivileges" || e.name == "Description"),
                );
                if let Some(rows) = component.find_mut("RolePrivileges") {
                    rows.children.sort_by_cached_key(|node| format!("{node:?}").to_lowercase());
                }
            }
        }
        section.children.sort_by_cached_key(|node| format!("{node:?}"));
    }
    root.children.retain(|node| !matches!(node, Node::Element(e) if e.children.is_empty()));
    // One zip was made by hand, with its sections in an order of its own.
    root.children.sort_by_cached_key(|node| {
        if let Node::Element(section) = node { section.name.clone() } else { String::new() }
    });
    root.attributes.clear();
    root
}

fn roots(package: &SolutionPackage) -> Vec<String> {
    let mut roots: Vec<String> =
        package.root_components().map(|root| format!("{:?}", canonical(root).attributes)).collect();
    roots.sort();
    roots
}

fn difference(old: &SolutionPackage, new: &SolutionPackage) -> Option<String> {
    let names = |package: &SolutionPackage| package.files.keys().cloned().collect::<Vec<_>>();
    if names(old) != names(new) {
        let (a, b) = (names(old), names(new));
        let only =
            |x: &[String], y: &[String]| x.iter().filter(|n| !y.contains(n)).take(2).cloned().collect::<Vec<_>>();
        return Some(format!("parts: only before {:?}, only now {:?}", only(&a, &b), only(&b, &a)));
    }
    for (name, bytes) in &old.files {
        let same_xml = || {
            let parse = |bytes| dvpack::solution::xml::parse(bytes, name).ok();
            Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("xml"))
                && matches!((parse(bytes), parse(&new.files[name])), (Some(a), Some(b)) if first_difference(&a, &b).is_none())
        };
        if new.files[name] != *bytes && !same_xml() {
            return Some(format!("the bytes of {name} differ"));
        }
    }
    if roots(old) != roots(new) {
        let (a, b) = (roots(old), roots(new));
        let only =
            |x: &[String], y: &[String]| x.iter().filter(|n| !y.contains(n)).take(2).cloned().collect::<Vec<_>>();
        return Some(format!("root components: only before {:?}, only now {:?}", only(&a, &b), only(&b, &a)));
    }
    first_difference(&comparable(&old.customizations), &comparable(&new.customizations))
}

/// What came of a solution: what was made of it, and what differs.
type Outcome = Result<(adopt::Adopted, Option<String>), String>;

fn adopted(original: &SolutionPackage) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |findings: Vec<dvpack::diagnostic::Diagnostic>| {
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let adopted = adopt::adopt(original, folder.path()).map_err(told)?;
    let loaded = manifest::load(&Request::new(folder.path())).map_err(told)?;
    match assemble(&loaded.package) {
        Ok(built) => Ok((adopted, difference(original, &built.model))),
        // What is wrong with the solution itself is not mended by adopting it.
        Err(findings) => {
            let own: Vec<String> =
                check::check(original).iter().map(|it| format!("{} {}", it.code, it.message)).collect();
            let errors = findings.iter().filter(|it| it.severity == dvpack::diagnostic::Severity::Error);
            let of_its_own = errors.clone().all(|it| own.contains(&format!("{} {}", it.code, it.message)));
            if of_its_own { Err(format!("REFUSED {}", told(findings))) } else { Err(told(findings)) }
        }
    }
}

fn real() -> Vec<PathBuf> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let listed =
        |part: &str| fs::read_dir(corpus.join(part)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        listed("exported").filter(|path| path.extension().is_some_and(|e| e == "zip")).collect();
    paths.extend(listed("unpacked").filter(|path| path.join("src").is_dir()).map(|path| path.join("src")));
    paths.sort();
    paths
}

#[test]
fn every_real_solution_is_built_again_from_the_project_made_of_it() {
    let paths = real();
    let results: Vec<(String, Outcome)> = paths
        .par_iter()
        .map(|path| {
            let name = path.strip_prefix(corpus().expect("a corpus")).expect("below").display().to_string();
            let package =
                if path.is_dir() { read_folder(path) } else { read_zip(&fs::read(path).expect("bytes"), &name) };
            (name, package.map_err(|findings| findings[0].to_string()).and_then(|package| adopted(&package)))
        })
        .collect();
    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut kept, mut refused, mut wrong) = (0, 0, Vec::new());
    for (name, result) in &results {
        let row = match result {
            Ok((adopted, None)) => format!("same   declared {:?}, kept {}", adopted.declared, adopted.kept.len()),
            Ok((_, Some(difference))) => format!("DIFFERS {difference}"),
            Err(text) if text.starts_with("REFUSED") => text.clone(),
            Err(text) => format!("FAILS  {text}"),
        };
        println!("{name}: {row}");
        if row.starts_with("REFUSED") {
            refused += 1;
        } else if let Ok((adopted, None)) = result {
            kept += adopted.kept.len();
            adopted.declared.iter().for_each(|(list, count)| *totals.entry(list).or_default() += count);
        } else {
            wrong.push(format!("{name}: {row}"));
        }
    }
    println!(
        "{} solutions, {} the same, {refused} refused for what is wrong with the solution itself; declared {totals:?}, kept in the folder {kept}",
        results.len(),
        results.len() - wrong.len() - refused
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_project_is_made_checked_and_built_by_hand() {
    let ran = Test::new().copy("examples/contoso-widgets").args("build .").success();
    let zip = ran.folder.path().join("dist/ContosoWidgets_1_4_0_0_managed.zip");
    let test = Test::new().args("init made --from").arg(zip.display().to_string());
    let made = test.success();
    insta::assert_snapshot!("the_summary", made.stdout);
    insta::assert_snapshot!("the_manifest", String::from_utf8(made.read("made/dvpack.yaml")).expect("UTF-8"));
    let folder = made.folder.path();
    let run = |arguments: &[&str]| crate::support::dvpack(folder).args(arguments).output().expect("run");
    let built = run(&["build", "made"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let again = run(&["init", "made", "--from", &zip.display().to_string()]);
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stderr));
}
