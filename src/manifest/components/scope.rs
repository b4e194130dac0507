//! What every kind needs to know of its manifest, and names that occur once.

use std::collections::HashMap;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Span};
use crate::yaml::shape::List;

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
    /// Where findings go.
    pub findings: &'a mut Vec<Diagnostic>,
}

impl Scope<'_> {
    /// The meaning of a list, each name once; `name` tells name and place.
    pub fn each<W, M>(
        &mut self,
        noun: &str,
        written: Option<&List<W>>,
        mean: impl Fn(&W, &mut Self) -> Option<M>,
        name: impl Fn(&M) -> (&str, &Span),
    ) -> Vec<M> {
        let items = written.map_or(&[][..], |list| &list.items[..]);
        let meant: Vec<M> = items.iter().filter_map(|item| mean(item, self)).collect();
        check_unique(noun, meant.iter().map(name), self.findings);
        meant
    }
}

/// Reports names that occur twice (without regard to case, as Dataverse compares them).
pub fn check_unique<'a>(
    what: &str,
    names: impl IntoIterator<Item = (&'a str, &'a Span)>,
    findings: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<String, &Span> = HashMap::new();
    for (name, span) in names {
        if let Some(first) = seen.get(&name.to_lowercase()) {
            let finding = Diagnostic::error("duplicate-name", format!("{what} `{name}` is declared twice")).at(span);
            findings.push(
                finding.label("again here").related(first, "first here").help("remove one or give it another name"),
            );
        } else {
            seen.insert(name.to_lowercase(), span);
        }
    }
}
