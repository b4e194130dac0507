//! The documents: links lead somewhere, verbs that they name exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{EXAMPLES, Test, repository};

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
fn every_page_and_example_is_linked_from_the_readme() {
    let root = repository();
    let readme = fs::read_to_string(root.join("README.md")).expect("the page");
    // The pages on kinds are listed by `docs/components.md`, those on decisions by the first of them.
    let kinds = fs::read_to_string(root.join("docs/components.md")).expect("the page");
    let decisions = fs::read_to_string(root.join("docs/decisions/README.md")).expect("the page");
    let mut lost = Vec::new();
    for page in pages().iter().filter_map(|page| page.strip_prefix(&root).ok()) {
        let listed = readme.contains(&format!("]({})", page.display()));
        let linked = if let Ok(kind) = page.strip_prefix("docs/components") {
            kinds.contains(&format!("](components/{}", kind.display()))
        } else if let Ok(decision) = page.strip_prefix("docs/decisions") {
            listed || decisions.contains(&format!("]({})", decision.display()))
        } else {
            listed
        };
        if (page.starts_with("docs") || page.starts_with("examples")) && !linked {
            lost.push(page.display().to_string());
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
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

/// `docs/components/examples.md` shows the manifests under `tests/kinds`, without their first four lines.
#[test]
fn every_kind_has_its_example_on_the_page() {
    let page = fs::read_to_string(repository().join("docs/components/examples.md")).expect("the page");
    let mut count = 0;
    for entry in fs::read_dir(repository().join("tests/kinds")).expect("listed") {
        let folder = entry.expect("an entry").path();
        let kind = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let manifest = fs::read_to_string(folder.join("dvpack.yaml")).expect("a manifest");
        let body: Vec<&str> = manifest.lines().skip(4).collect();
        let (_, section) = page.split_once(&format!("\n### {kind}\n")).unwrap_or_else(|| panic!("no `{kind}`"));
        let section = section.split("\n### ").next().unwrap_or_default();
        assert!(section.contains(&format!("```yaml\n{}\n```", body.join("\n"))), "another example of `{kind}`");
        count += 1;
    }
    assert_eq!(page.matches("\n### ").count(), count, "an example of a kind that does not exist");
}

/// Where a code stands in the source: behind these, as the first literal.
const CODES: [&str; 9] = [
    "Diagnostic::error(",
    "Diagnostic::warning(",
    "Diagnostic::note(",
    "self.refuse(",
    "report(",
    "error(",
    "text!(",
    "parsed!(",
    "choice!(",
];

#[test]
fn every_code_of_a_finding_is_documented() {
    let documented = fs::read_to_string(repository().join("docs/diagnostics.md")).expect("the document");
    let mut found = BTreeSet::new();
    let mut missing = BTreeSet::new();
    for file in sources(&repository().join("src")) {
        let text = fs::read_to_string(&file).expect("read");
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let pieces = CODES.iter().flat_map(|start| text.split(start).skip(1).map(move |piece| (*start, piece)));
        for (start, piece) in pieces {
            let Some((before, rest)) = piece.split_once('"') else { continue };
            // The macros for leaves have a comment and a name before the code.
            if !start.ends_with("!(") && !before.trim().is_empty() {
                continue;
            }
            let code = rest.split('"').next().unwrap_or_default();
            if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
                continue;
            }
            found.insert(code.to_owned());
            if !documented.contains(&format!("`{code}`")) {
                missing.insert(format!("{code} of {}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/diagnostics.md: {missing:#?}");
    assert!(found.len() > 150, "only {} codes found", found.len());
}

/// The files of a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).expect("listed").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn pages() -> Vec<PathBuf> {
    let root = repository();
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["", "docs", "docs/components", "docs/decisions", "docs/internals", "manifests/catalog", "templates"]
            .map(PathBuf::from)
            .into();
    folders.extend(EXAMPLES.map(|(folder, ..)| PathBuf::from(folder)));
    for folder in folders {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        found.extend(entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| is_page(path)));
    }
    found.sort();
    found
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

#[test]
fn every_test_that_the_page_on_security_names_exists() {
    let page = fs::read_to_string(repository().join("docs/security.md")).expect("the page");
    let section = page.split("\n## How it is tested\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows = section.expect("the section").lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows {
        let mut module = String::new();
        // What stands in backquotes is every second piece.
        for name in row.split('`').skip(1).step_by(2) {
            let (before, function) = name.rsplit_once("::").unwrap_or((&module, name));
            module = before.to_owned();
            let path = repository().join("tests/it").join(module.replace("::", "/"));
            let files = [path.with_extension("rs"), path.join("mod.rs")];
            let text = files.iter().find_map(|file| fs::read_to_string(file).ok());
            let heads = [format!("#[test]\nfn {function}()"), format!("#[tokio::test]\nasync fn {function}()")];
            let is_there = text.is_some_and(|text| match function {
                "" => text.contains("#[test]") || text.contains("\nmod "),
                _ => heads.iter().any(|head| text.contains(head)),
            });
            count += 1;
            wrong.extend((!is_there).then(|| format!("{module}::{function}")));
        }
    }
    assert!(count > 40, "only {count} names were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
