//! The overlay of one environment: its keys override the manifest's, key by key.
//!
//! `settings`, `applicationUser` and `application` can differ; a value (a list, a reference to a
//! secret) replaces the other completely. Working on the tree keeps the position of every value.

use crate::manifest::package::environment::ENVIRONMENT_KEYS;
use crate::yaml::node::{Content, Node};

/// The manifest as it is in environment `name`.
#[must_use]
pub fn lay(base: &Node, name: &str) -> Node {
    let mut result = base.clone();
    let Some(environment) = base.get("environments").and_then(|environments| environments.get(name)) else {
        return result;
    };
    let Content::Mapping(top) = &mut result.content else { return result };
    for over in environment.entries().iter().filter(|entry| ENVIRONMENT_KEYS.contains(&entry.key.as_str())) {
        match top.iter_mut().find(|entry| entry.key == over.key) {
            Some(under) => merge(&mut under.value, &over.value),
            None => top.push(over.clone()),
        }
    }
    result
}

fn merge(under: &mut Node, over: &Node) {
    let (Content::Mapping(below), Content::Mapping(above)) = (&mut under.content, &over.content) else {
        return; // One of the two has the wrong shape; the reader reports it.
    };
    for entry in above {
        match below.iter_mut().find(|other| other.key == entry.key) {
            Some(other) => *other = entry.clone(),
            None => below.push(entry.clone()),
        }
    }
}
