//! What is one and the same on both sides: by its key, else by its id, else by its name.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::all::{Acting, Key};
use super::one::One;

/// Both sides.
pub(super) struct Pairs<'a> {
    /// What is on both sides, before and now.
    pub(super) both: Vec<(&'a One, &'a One)>,
    /// What is new.
    pub(super) new: Vec<&'a One>,
    /// What is gone.
    pub(super) gone: Vec<&'a One>,
}

impl<'a> Pairs<'a> {
    pub(super) fn of(old: &'a Acting, new: &'a Acting) -> Self {
        let mut pairs = Self { both: Vec::new(), new: Vec::new(), gone: Vec::new() };
        for (key, now) in &new.0 {
            match old.0.get(key) {
                Some(then) => pairs.both.push((then, now)),
                None => pairs.new.push(now),
            }
        }
        let is_gone = |(key, then): (&Key, &'a One)| (!new.0.contains_key(key)).then_some(then);
        pairs.gone = old.0.iter().filter_map(is_gone).collect();
        pairs.by(|one| one.id.as_deref().map(|id| (one.kind, id.to_owned())));
        pairs.by(|one| Some((one.kind, one.name.to_lowercase())));
        pairs
    }

    /// Joins, in order, what has no other half yet and is alike.
    fn by<K: Eq + Hash>(&mut self, alike: impl Fn(&One) -> Option<K>) {
        let mut places: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (at, then) in self.gone.iter().enumerate() {
            if let Some(key) = alike(then) {
                places.entry(key).or_default().push_back(at);
            }
        }
        let mut left: Vec<Option<&One>> = self.gone.drain(..).map(Some).collect();
        let mut rest = Vec::new();
        for now in self.new.drain(..) {
            let found = alike(now).and_then(|key| places.get_mut(&key)?.pop_front()).and_then(|at| left[at].take());
            match found {
                Some(then) => self.both.push((then, now)),
                None => rest.push(now),
            }
        }
        self.new = rest;
        self.gone = left.into_iter().flatten().collect();
    }
}
