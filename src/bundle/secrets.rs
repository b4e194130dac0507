//! Secrets that a bundle or a solution contains as plain text: whoever has the file has them. They are reported by what
//! they look like, and not shown again.

use crate::bundle::descriptor::{Descriptor, SettingValue};
use crate::catalog::secret_forms::{self, Scope};
use crate::diagnostic::Diagnostic;
use crate::secret::Secret;
use crate::solution::Contents;

/// More are not reported.
const MOST: usize = 50;

/// Texts in the form of a secret, as warnings about `file`. From now on they are hidden in everything that is printed.
#[must_use]
pub fn find(descriptor: Option<&Descriptor>, solutions: &[Contents], file: &str) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut look = |place: &str, text: &str| {
        for found in secret_forms::find(text.as_bytes(), Scope::Manifest) {
            if findings.len() >= MOST {
                return;
            }
            let _known = text.get(found.range).map(|secret| Secret::new(secret.trim()));
            findings.push(
                Diagnostic::warning("secret-in-bundle", format!("{place} contains what looks like {}", found.what))
                    .in_file(file, None)
                    .help("whoever has the file has it too: have it replaced where it was issued")
                    .help("the publisher writes a reference to it, for example `{ secret: { keyVault: … } }`"),
            );
        }
    };
    for setting in descriptor.iter().flat_map(|it| &it.settings) {
        if let Some(SettingValue::Text(text) | SettingValue::Connection(text)) = &setting.value {
            look(&format!("setting `{}`", setting.name), text);
        }
    }
    for solution in solutions {
        for variable in &solution.variables {
            look(
                &format!("the default of environment variable `{}`", variable.name),
                variable.default.as_deref().unwrap_or_default(),
            );
        }
        for value in &solution.values {
            look(&format!("the value of environment variable `{}`", value.variable), &value.value);
        }
        for endpoint in &solution.endpoints {
            look(&format!("the address of endpoint `{}`", endpoint.name), &endpoint.address);
        }
    }
    findings
}

/// A description as it may be shown.
#[must_use]
pub fn shown(mut descriptor: Descriptor) -> Descriptor {
    for setting in &mut descriptor.settings {
        if let Some(SettingValue::Text(text) | SettingValue::Connection(text)) = &mut setting.value {
            *text = secret_forms::shown(text).into_owned();
        }
        if let Some(text) = &mut setting.shipped {
            *text = secret_forms::shown(text).into_owned();
        }
    }
    descriptor
}

/// What a solution says as it may be shown.
pub fn hide_in(solution: &mut Contents) {
    let defaults = solution.variables.iter_mut().filter_map(|it| it.default.as_mut());
    let values = solution.values.iter_mut().map(|it| &mut it.value);
    let addresses = solution.endpoints.iter_mut().map(|it| &mut it.address);
    let acting = solution.acting.iter_mut().flat_map(|it| &mut it.facts).map(|it| &mut it.value);
    for text in defaults.chain(values).chain(addresses).chain(acting) {
        *text = secret_forms::shown(text).into_owned();
    }
}
