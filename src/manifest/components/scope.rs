//! What a kind of component is, and what it needs to know of its manifest.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::names::check_unique;
use crate::manifest::package::role::Role;
use crate::yaml::shape::{List, Shape};

/// What every kind needs to know of its manifest.
pub struct Scope<'a> {
    /// The manifest's folder.
    pub folder: &'a Path,
    /// The publisher's prefix, where it could be read.
    pub prefix: Option<&'a str>,
    /// The publisher's option value prefix, or the lowest one.
    pub option_value_prefix: u32,
    /// The solution's languages, the base language first.
    pub languages: &'a [u32],
    /// The manifest's roles.
    pub roles: &'a [Role],
    /// Where findings go.
    pub findings: &'a mut Vec<Diagnostic>,
}

/// A kind of component that can be declared.
pub trait Kind: Sized {
    /// An entry as it is written.
    type Written: Shape;

    /// What an entry means; `None` when that has been reported.
    fn mean(written: &Self::Written, scope: &mut Scope<'_>) -> Option<Self>;

    /// The name that no other of the kind has, and where it is; none where names do not matter.
    fn name(&self) -> Option<(&str, &Span)>;

    /// What a list means; names that occur twice are reported.
    fn all(noun: &str, written: &List<Self::Written>, scope: &mut Scope<'_>) -> Vec<Self> {
        let all: Vec<Self> = written.items.iter().filter_map(|item| Self::mean(item, scope)).collect();
        unique(noun, &all, scope.findings);
        all
    }
}

/// Reports names that occur twice.
pub fn unique<K: Kind>(noun: &str, all: &[K], findings: &mut Vec<Diagnostic>) {
    check_unique(noun, all.iter().filter_map(K::name), findings);
}
