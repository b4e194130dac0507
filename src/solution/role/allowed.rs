//! What an author accepts.

use super::rules::RULES;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::manifest::package::role::Role;

/// Takes out what the role's `allow` accepts, and reports an `allow` that is of no use.
pub(super) fn allowed(role: &Role, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut used = vec![false; role.allow.len()];
    let mut kept: Vec<Diagnostic> = findings
        .into_iter()
        .filter(|finding| {
            let mut accepted = false;
            for (used, (rule, _)) in used.iter_mut().zip(&role.allow) {
                if finding.severity != Severity::Error && *rule == finding.code {
                    *used = true;
                    accepted = true;
                }
            }
            !accepted
        })
        .collect();
    for (used, (rule, _)) in used.into_iter().zip(&role.allow) {
        if !RULES.iter().any(|known| known.id == rule) {
            let mut finding = Diagnostic::warning(
                "unknown-rule",
                format!("role `{}` allows `{rule}`, which is not a rule", role.name),
            )
            .at(&role.span);
            if let Some(near) = diagnostic::nearest(rule, RULES.iter().map(|rule| rule.id)) {
                finding = finding.help(format!("did you mean `{near}`?"));
            }
            kept.push(finding);
        } else if !used {
            kept.push(
                Diagnostic::note(
                    "unused-allow",
                    format!("role `{}` allows `{rule}`, but there is no such finding", role.name),
                )
                .at(&role.span)
                .help("remove it"),
            );
        }
    }
    kept
}
