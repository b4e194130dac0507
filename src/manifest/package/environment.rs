//! `environments:` and `requires:`

use crate::diagnostic::Diagnostic;
use crate::manifest::meant;
use crate::manifest::written::package::{Environment, Requires};
use crate::yaml::shape::Map;

/// What the environment must have.
pub fn requires(written: &Requires) -> meant::Requires {
    let solutions = written.solutions.iter().flat_map(|list| &list.items);
    meant::Requires {
        server_version: written.server_version.as_ref().map(|version| version.value.0),
        solutions: solutions
            .filter_map(|it| Some((it.name.as_ref()?.value.0.clone(), it.version.as_ref().map(|v| v.value.0))))
            .collect(),
        tables: written.tables.iter().flat_map(|list| &list.items).map(|table| table.value.0.clone()).collect(),
    }
}

/// The chosen environment, and the names of all.
pub fn environments(
    written: Option<&Map<Environment>>,
    chosen: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> (Option<meant::Environment>, Vec<String>) {
    let environments = written.map_or(&[][..], |map| &map.entries[..]);
    for (name, span, _) in environments {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            findings.push(
                Diagnostic::error("environment-name", format!("`{name}` is not a name for an environment"))
                    .at(span)
                    .help("use letters, digits, `-` and `_`: the name becomes part of file names"),
            );
        }
    }
    let found = environments.iter().find(|(name, ..)| Some(name.as_str()) == chosen);
    let environment = found.map(|(name, _, environment)| meant::Environment {
        name: name.clone(),
        url: environment.url.as_ref().map(|url| url.value.0.clone()),
    });
    (environment, environments.iter().map(|(name, ..)| name.clone()).collect())
}
