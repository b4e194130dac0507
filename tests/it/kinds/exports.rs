//! Every kind beside all real solutions of the corpus: what we write stands in a real one at the same path, what stands
//! in every real one is written, in the same order, and values have a form that real ones have. What differs is in
//! [`EXPLAINED`] with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use dvpack::solution::{SolutionPackage, read_folder, read_zip};
use rayon::prelude::*;

use super::explained::{EXPLAINED, Reason};
use super::shapes::{Shape, Shapes, fits, join, shapes};
use super::{KINDS, build, covers};
use crate::support::{corpus, report};

/// What is wrong, at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// We write what no real solution has there.
    Adds,
    /// We do not write what all real ones have there.
    Lacks,
    /// We write in an order that no real one has.
    Order,
    /// Our value has a form that no real one has.
    Form,
    /// Real ones have the same few values again and again, and ours is none of them.
    Value,
}

/// So many real values are needed before one that is not among them is suspect.
const ENOUGH: usize = 20;

fn real() -> Vec<PathBuf> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let listed = |part: &str| {
        let entries = fs::read_dir(corpus.join(part)).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    let zips = listed("exported").into_iter().filter(|path| path.extension().is_some_and(|it| it == "zip"));
    let folders = listed("unpacked").into_iter().map(|path| path.join("src")).filter(|path| path.is_dir());
    let mut paths: Vec<PathBuf> = zips.chain(folders).collect();
    paths.sort();
    paths
}

fn read(path: &PathBuf) -> SolutionPackage {
    let name = path.display().to_string();
    let read = if path.is_dir() { read_folder(path) } else { read_zip(&fs::read(path).expect("bytes"), &name) };
    read.unwrap_or_else(|findings| panic!("{name}: {}", findings[0]))
}

/// Whether a server of version 9 or later wrote it: older ones did not know all that ours has to know.
fn recent(package: &SolutionPackage) -> bool {
    package.manifest.attribute("version").is_some_and(|version| version.starts_with("9."))
}

/// The solutions, how many have an element of a path, and the shapes: of all, and of recent ones.
struct Real {
    solutions: usize,
    with: BTreeMap<String, usize>,
    all: Shapes,
    recent: Shapes,
}

fn look(paths: &[PathBuf], ours: &Shapes) -> Real {
    let none = || Real { solutions: 0, with: BTreeMap::new(), all: Shapes::new(), recent: Shapes::new() };
    let one = |path: &PathBuf| {
        let package = read(path);
        let all = shapes(&package, Some(ours));
        let recent = if recent(&package) { all.clone() } else { Shapes::new() };
        Real { solutions: 1, with: all.keys().map(|path| (path.clone(), 1)).collect(), all, recent }
    };
    paths.par_iter().map(one).reduce(none, |mut one, other| {
        other.with.into_iter().for_each(|(path, count)| *one.with.entry(path).or_default() += count);
        Real {
            solutions: one.solutions + other.solutions,
            with: one.with,
            all: join(one.all, other.all),
            recent: join(one.recent, other.recent),
        }
    })
}

/// Pairs of children of which the first always stands before the second.
fn always_before(shape: &Shape) -> BTreeSet<(&str, &str)> {
    let mut pairs = BTreeSet::new();
    for order in &shape.orders {
        for (index, first) in order.iter().enumerate() {
            pairs.extend(order[index + 1..].iter().map(|second| (first.as_str(), second.as_str())));
        }
    }
    pairs.iter().filter(|(a, b)| !pairs.contains(&(*b, *a))).copied().collect()
}

/// What our elements of a path have that differs from the real ones.
fn faults(path: &str, ours: &Shape, all: &Shape, recent: &Shape) -> Vec<(Fault, String)> {
    let mut found = Vec::new();
    for part in ours.parts.keys().filter(|part| !all.parts.contains_key(*part)) {
        found.push((Fault::Adds, format!("{path}/{part}")));
    }
    let every = if recent.seen > 0 { recent } else { all };
    for (part, _) in every.parts.iter().filter(|(_, count)| **count == every.seen) {
        if ours.parts.get(part) != Some(&ours.seen) {
            found.push((Fault::Lacks, format!("{path}/{part}")));
        }
    }
    let real = always_before(every);
    for (first, second) in always_before(ours) {
        if real.contains(&(second, first)) {
            found.push((Fault::Order, format!("{path}/{second} before {first}")));
        }
    }
    for (part, forms) in &ours.forms {
        let Some(theirs) = all.forms.get(part) else { continue };
        for form in forms.iter().filter(|form| !fits(form, theirs)) {
            found.push((Fault::Form, format!("{path}/{part}/{form}, not {theirs:?}")));
        }
    }
    for (part, values) in ours.values.iter().filter(|(part, _)| *part != "@description") {
        let Some(theirs) = all.values.get(part).filter(|theirs| theirs.seen >= ENOUGH) else { continue };
        let Some(known) = &theirs.known else { continue };
        for value in values.known.iter().flatten().filter(|value| is_word(value) && !known.contains(*value)) {
            found.push((Fault::Value, format!("{path}/{part}/{value}, not {known:?} ({} times)", theirs.seen)));
        }
    }
    found
}

/// Whether a value may be one of Dataverse's words: numbers and flags are the manifest's, other texts are names.
fn is_word(value: &str) -> bool {
    let flag = ["true", "false"].contains(&value.to_ascii_lowercase().as_str());
    !flag && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The component that a path is of: the section or folder and its element.
fn component(path: &str) -> String {
    let pieces: Vec<&str> = path.split('/').take(2).collect();
    pieces.join("/").split('(').next().unwrap_or_default().to_owned()
}

/// A line of the report.
#[derive(Default)]
struct Line {
    kinds: BTreeSet<&'static str>,
    solutions: usize,
    seen: usize,
    paths: usize,
    adds: usize,
    every: usize,
    lacks: usize,
}

#[test]
fn every_kind_has_what_all_real_ones_have_and_nothing_that_none_has() {
    let paths = real();
    if paths.is_empty() {
        return;
    }
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut ours = Shapes::new();
    for row in KINDS {
        let found = shapes(&build(row.kind).1, None);
        for path in found.keys() {
            lines.entry(component(path)).or_default().kinds.insert(row.kind);
        }
        ours = join(ours, found);
    }
    let real = look(&paths, &ours);
    for Reason(fault, place, reason) in EXPLAINED {
        assert!(reason.len() > 10, "{fault:?} {place} without a reason");
    }
    let mut open = Vec::new();
    let mut used = BTreeSet::new();
    for (path, shape) in &ours {
        let line = lines.entry(component(path)).or_default();
        line.paths += 1 + shape.parts.keys().filter(|part| part.starts_with('@')).count();
        let nothing = Shape::default();
        let all = real.all.get(path).unwrap_or(&nothing);
        line.solutions = line.solutions.max(real.with.get(path).copied().unwrap_or_default());
        // A section of customizations.xml, or what a part of the zip holds.
        let outermost = path.rsplit_once('/').is_none_or(|(parent, _)| !ours.contains_key(parent));
        let is_component = if outermost { path.contains('/') } else { path.split('/').count() == 2 };
        line.seen += if is_component { all.seen } else { 0 };
        let found = if all.seen == 0 {
            // Any other is told at its parent.
            if outermost { vec![(Fault::Adds, path.clone())] } else { Vec::new() }
        } else {
            let recent = real.recent.get(path).unwrap_or(&nothing);
            let every = if recent.seen > 0 { recent } else { all };
            line.every += every.parts.values().filter(|count| **count == every.seen).count();
            faults(path, shape, all, recent)
        };
        for (fault, at) in found {
            line.adds += usize::from(fault == Fault::Adds);
            line.lacks += usize::from(fault == Fault::Lacks);
            match EXPLAINED.iter().position(|Reason(kind, place, _)| *kind == fault && covers(place, &at)) {
                Some(index) => _ = used.insert(index),
                None => open.push(format!("{fault:?} {at}")),
            }
        }
    }
    let mut said = format!(
        "{:<46}{:>10}{:>11}{:>8}{:>8}{:>10}{:>10}\n",
        "component: paths and attributes", "solutions", "real ones", "ours", "no real", "in every", "not ours"
    );
    for (component, line) in &lines {
        _ = writeln!(
            said,
            "{component:<46}{:>10}{:>11}{:>8}{:>8}{:>10}{:>10}  {}",
            line.solutions,
            line.seen,
            line.paths,
            line.adds,
            line.every,
            line.lacks,
            if line.kinds.len() > 3 {
                "…".to_owned()
            } else {
                line.kinds.iter().copied().collect::<Vec<_>>().join(", ")
            }
        );
    }
    _ = writeln!(
        said,
        "{} real solutions; {} differences explained by {} reasons, {} not explained",
        real.solutions,
        lines.values().map(|line| line.adds + line.lacks).sum::<usize>(),
        EXPLAINED.len(),
        open.len()
    );
    print!("{said}");
    let stale = EXPLAINED.iter().enumerate().filter(|(index, _)| !used.contains(index));
    open.extend(stale.map(|(_, Reason(fault, place, _))| format!("{fault:?} {place} is explained, but not found")));
    assert!(open.is_empty(), "{} not explained:\n{}", open.len(), open.join("\n"));
    report("kinds.txt", &said);
}
