//! Two trees side by side: what belongs together by name, and what has no counterpart.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use super::shown::Shown;
use super::tree::{Tree, join};
use crate::bundle::diff::values::ValueChange;

/// How many names of an order are shown.
const NAMES: usize = 12;

/// What differs.
pub(super) struct Found<'a> {
    shown: &'a Shown,
    most: usize,
    /// The first of them.
    pub(super) details: Vec<ValueChange>,
    /// How many there are.
    pub(super) count: usize,
}

impl<'a> Found<'a> {
    pub(super) const fn new(shown: &'a Shown, most: usize) -> Self {
        Self { shown, most, details: Vec::new(), count: 0 }
    }

    fn add(&mut self, path: &str, old: Option<&Tree>, new: Option<&Tree>) {
        self.count += 1;
        if self.details.len() >= self.most {
            return;
        }
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => {
                let (old, new) = self.shown.both(old, new);
                (Some(old), Some(new))
            }
            (old, new) => (old.map(|it| self.shown.whole(it)), new.map(|it| self.shown.whole(it))),
        };
        let name = if path.is_empty() { "its text".to_owned() } else { self.shown.path(path) };
        self.details.push(ValueChange { name, old, new });
    }

    /// Compares two that belong together.
    pub(super) fn compare(&mut self, old: &Tree, new: &Tree, path: &str) {
        if old.text != new.text {
            self.add(path, Some(old), Some(new));
        }
        if old.children == new.children {
            return;
        }
        let pairs = pairs(&old.children, &new.children);
        // If a component is made of one thing, that is known by the component.
        let alone = if path.is_empty() { alone(&old.children, &new.children) } else { BTreeSet::new() };
        let step = |child: &Tree, same_key: bool| step(path, child, same_key && !alone.contains(child.name.as_str()));
        // In the order of the new side, and what is gone at its end.
        for (at, child) in new.children.iter().enumerate() {
            match pairs[at] {
                Some(before) => {
                    let other = &old.children[before];
                    if other != child {
                        self.compare(other, child, &step(child, other.key == child.key));
                    }
                }
                None => self.add(&step(child, true), None, Some(child)),
            }
        }
        let met: BTreeSet<usize> = pairs.iter().flatten().copied().collect();
        for child in old.children.iter().enumerate().filter(|(at, _)| !met.contains(at)).map(|(_, child)| child) {
            self.add(&step(child, true), Some(child), None);
        }
        self.order(&pairs, old, new, path);
    }

    /// Says that things on both sides are in a different order.
    fn order(&mut self, of_new: &[Option<usize>], old: &Tree, new: &Tree, path: &str) {
        let places: Vec<usize> = of_new.iter().flatten().copied().collect();
        if places.is_sorted() {
            return;
        }
        let called = |tree: &Tree| match tree.key.as_deref() {
            Some(key) if key != tree.text.trim() => self.shown.path(&join("", &tree.name, Some(key))),
            _ if tree.text.is_empty() => tree.name.clone(),
            _ => join("", &tree.name, Some(&self.shown.one(tree))),
        };
        let names = |trees: Vec<&Tree>| {
            let first: Vec<String> = trees.iter().take(NAMES).map(|it| called(it)).collect();
            let more = if trees.len() > NAMES { ", …" } else { "" };
            first.join(", ") + more
        };
        // From the first that is elsewhere.
        let mut sorted = places.clone();
        sorted.sort_unstable();
        let from = places.iter().zip(&sorted).take_while(|(one, other)| one == other).count();
        let before = sorted[from..].iter().map(|at| &old.children[*at]).collect();
        let there = new.children.iter().zip(of_new).filter(|(_, at)| at.is_some()).map(|(child, _)| child);
        let now = there.skip(from).collect();
        self.count += 1;
        if self.details.len() < self.most {
            let place = if path.is_empty() { "its parts" } else { path };
            let name = format!("order in {}", self.shown.path(place));
            let (old, new) = (Some(names(before)), Some(names(now)));
            self.details.push(ValueChange { name, old, new });
        }
    }
}

fn step(path: &str, child: &Tree, with_key: bool) -> String {
    // A leaf that is identified by its own text needs no other name.
    let key = child.key.as_deref().filter(|key| with_key && (!child.children.is_empty() || *key != child.text.trim()));
    join(path, &child.name, key)
}

/// For each of the new side, the place of its counterpart: the only one with its name and key; the only one with its
/// name; what is the same; what has one name and key; and the rest in order, if it has no key.
fn pairs(old: &[Tree], new: &[Tree]) -> Vec<Option<usize>> {
    let mut pairs = Pairs { old, new, of_new: vec![None; new.len()], is_taken: vec![false; old.len()] };
    let alone = alone(old, new);
    pairs.by(|tree| Some((tree.name.as_str(), tree.key.as_deref()?)), true);
    pairs.by(|tree| alone.contains(tree.name.as_str()).then_some(tree.name.as_str()), false);
    pairs.by(Some, false);
    pairs.by(|tree| Some((tree.name.as_str(), tree.key.as_deref()?)), false);
    pairs.by(|tree| tree.key.is_none().then_some(tree.name.as_str()), false);
    pairs.of_new
}

/// The names that only one has, on both sides.
fn alone<'a>(old: &'a [Tree], new: &'a [Tree]) -> BTreeSet<&'a str> {
    names_of_one(old).intersection(&names_of_one(new)).copied().collect()
}

/// The names that only one of these has.
fn names_of_one(trees: &[Tree]) -> BTreeSet<&str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for tree in trees {
        *counts.entry(&tree.name).or_default() += 1;
    }
    counts.into_iter().filter_map(|(name, count)| (count == 1).then_some(name)).collect()
}

struct Pairs<'a> {
    old: &'a [Tree],
    new: &'a [Tree],
    of_new: Vec<Option<usize>>,
    is_taken: Vec<bool>,
}

impl<'a> Pairs<'a> {
    /// Joins, in order, similar ones without a counterpart; `alone`: only if there is no other one.
    fn by<K: Eq + Hash>(&mut self, alike: impl Fn(&'a Tree) -> Option<K>, alone: bool) {
        let mut places: HashMap<K, Vec<usize>> = HashMap::new();
        for (at, tree) in self.old.iter().enumerate().rev().filter(|(at, _)| !self.is_taken[*at]) {
            if let Some(key) = alike(tree) {
                places.entry(key).or_default().push(at);
            }
        }
        let mut wanted: HashMap<K, Vec<usize>> = HashMap::new();
        for (at, tree) in self.new.iter().enumerate().filter(|(at, _)| self.of_new[*at].is_none()) {
            if let Some(key) = alike(tree) {
                wanted.entry(key).or_default().push(at);
            }
        }
        for (key, wanted) in wanted {
            let Some(found) = places.get_mut(&key) else { continue };
            if alone && (found.len() != 1 || wanted.len() != 1) {
                continue;
            }
            for (at, before) in wanted.into_iter().zip(found.iter().rev()) {
                self.is_taken[*before] = true;
                self.of_new[at] = Some(*before);
            }
        }
    }
}
