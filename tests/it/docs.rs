//! The documents: links lead somewhere, verbs that they name exist.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Test, repository};

#[test]
fn every_relative_link_leads_to_a_file() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', ' ', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') && !page.parent().expect("a folder").join(target).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_verb_that_a_page_names_exists() {
    let help = Test::new().args("--help").success().stdout;
    let verbs: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .take_while(|line| !line.starts_with("Options:"))
        .filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split_whitespace().next())
        .collect();
    assert!(verbs.contains(&"apply"), "{help}");
    let mut wrong = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        // In code only: `dvpack verb …` and indented command lines.
        for rest in text.split("`dvpack ").chain(text.split("\n    dvpack ")).skip(1) {
            let word = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
            if !word.is_empty() && !verbs.contains(&word) && text.contains(&format!("dvpack {word}")) {
                wrong.push(format!("{}: dvpack {word}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn pages() -> Vec<PathBuf> {
    let root = repository();
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/components", "examples/contoso-widgets", "manifests/catalog", "templates"] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        found.extend(entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| is_page(path)));
    }
    found.sort();
    found
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}
