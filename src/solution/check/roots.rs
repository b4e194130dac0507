//! Root components against definitions, both ways.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::rooted::{NAMED_BY_ROOT, ROOTED, root_label};
use crate::diagnostic::Diagnostic;
use crate::solution::draft::root_key;
use crate::solution::package::SolutionPackage;

pub(super) fn root_components(facts: &Facts, package: &SolutionPackage, findings: &mut Vec<Diagnostic>) {
    let file = package.manifest.file.as_deref();
    let file = file.map_or_else(|| format!("{}: solution.xml", package.origin), str::to_owned);
    let at = |finding: Diagnostic, line: usize| finding.in_file(file.as_str(), (line > 0).then_some((line, 1)));
    // How often each is there, and the line of the last.
    let mut roots: BTreeMap<(u32, String), (usize, usize)> = BTreeMap::new();
    for root in package.root_components() {
        let entry = roots.entry(root_key(root)).or_default();
        *entry = (entry.0 + 1, root.line);
    }
    for ((kind, key), (_, line)) in roots.iter().filter(|((_, key), (count, _))| *count > 1 && !key.is_empty()) {
        let message = format!("the root component `{key}` of type {kind} is there more than once");
        findings.push(at(Diagnostic::error("duplicate-root-component", message), *line).help("remove one of the two"));
    }
    for (kind, _, _, label) in ROOTED {
        let from = (kind, String::new());
        let defined: BTreeSet<&String> =
            facts.defined.range(from..).take_while(|(found, _)| *found == kind).map(|(_, key)| key).collect();
        for key in defined.iter().filter(|key| !roots.contains_key(&(kind, (**key).clone()))) {
            // Tables also come along as parts of relationships; the server exports them without a root.
            if kind != 1 {
                let message = format!("the {label} `{key}` has no root component");
                let finding = Diagnostic::warning("missing-root-component", message);
                findings.push(at(finding, 0).help(format!("add a RootComponent of type {kind} to solution.xml")));
            }
        }
        let here = roots.iter().filter(|((found, key), _)| *found == kind && !defined.contains(key));
        findings.extend(here.map(|((_, key), (_, line))| at(undefined(key, label), *line)));
    }
    let further: BTreeSet<u32> = NAMED_BY_ROOT.iter().map(|(kind, ..)| *kind).collect();
    let here = roots.iter().filter(|(root, _)| further.contains(&root.0) && !facts.named_by_root.contains(*root));
    findings.extend(here.map(|((kind, key), (_, line))| at(undefined(key, root_label(*kind)), *line)));
}

fn undefined(key: &str, label: &str) -> Diagnostic {
    let message = format!("the root component `{key}` ({label}) has no definition in the solution");
    Diagnostic::warning("undefined-root-component", message).help("add the component, or remove its RootComponent")
}
