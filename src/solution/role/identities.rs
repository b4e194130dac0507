//! Roles and columns that are called or covered in a way that cannot be.

use std::collections::HashSet;

use super::column_security::ColumnSecurity;
use super::subject::Subject;
use crate::catalog;
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::package::Package;
use crate::manifest::package::application_user::{ApplicationUser, ByNameOrId};

/// Roles that cannot be imported as they are called: two of one id or name, and those of Dataverse itself. A manifest
/// says so of its own roles when it is read.
pub(super) fn identities(subjects: &[Subject<'_>], findings: &mut [Vec<Diagnostic>]) {
    let (mut ids, mut names) = (HashSet::new(), HashSet::new());
    for (subject, findings) in subjects.iter().zip(findings) {
        let role = &subject.role;
        let (id, name) = (ids.insert(role.id), names.insert(role.name.trim().to_lowercase()));
        if subject.meant().is_some() {
            continue;
        }
        for (new, what) in [(id, format!("role id `{}`", role.id)), (name, format!("role `{}`", role.name))] {
            if !new {
                let finding = Diagnostic::error("duplicate-name", format!("{what} is declared twice"));
                findings.push(subject.at_role(finding).help("remove one or give it another name and id"));
            }
        }
        if let Some(known) = catalog::built_in_role(Some(role.id), &role.name) {
            let message = format!("role `{}` is the role `{}` of Dataverse itself", role.name, known.name);
            let finding = Diagnostic::error("built-in-role", message);
            findings.push(
                subject
                    .at_role(finding)
                    .help("a package brings its own role with just the rights it needs: copy it to a new role"),
            );
        }
    }
}

/// Secured columns of tables that the application user reads, and that none of its column security profiles covers.
pub(super) fn unreadable_columns(
    user: &ApplicationUser,
    security: &ColumnSecurity,
    subjects: &[Subject<'_>],
    findings: &mut [Vec<Diagnostic>],
) {
    let named = &user.column_security_profiles;
    let held = security.profiles.iter().filter(|it| named.iter().any(|named| named.means(it.id, &it.name)));
    let held = held.map(|profile| profile.id).collect();
    for (subject, findings) in subjects.iter().zip(findings).filter(|(subject, _)| subject.assigned == Some(true)) {
        let rows = &subject.role.rows;
        for unreadable in security.unreadable(rows.iter().map(|row| row.name.as_str()), &held) {
            let finding = Diagnostic::warning("secured-columns-unreadable", unreadable.to_string());
            let help = format!("{}, or {}", unreadable.way_out(), subject.accept());
            let row = rows.iter().find(|row| row.name.eq_ignore_ascii_case(&unreadable.privilege));
            let placed =
                row.map_or_else(|| subject.at_role(finding.clone()), |row| subject.at_row(finding.clone(), row));
            findings.push(placed.help(help));
        }
    }
}

/// Roles that the application user shall hold and that neither the manifest nor a source has.
pub(super) fn unknown_roles(user: &ApplicationUser, package: &Package, subjects: &[Subject<'_>]) -> Vec<Diagnostic> {
    let known: Vec<&str> = subjects.iter().map(|subject| subject.role.name.as_str()).collect();
    let missing =
        |named: &&ByNameOrId| !subjects.iter().any(|subject| named.means(subject.role.id, &subject.role.name));
    let finding = |named: &ByNameOrId| {
        let place =
            if package.components.sources.is_empty() { "this manifest" } else { "this manifest and its sources" };
        let finding =
            Diagnostic::error("unknown-role", format!("`{}` is not a role of {place}", named.text)).at(&named.span);
        match diagnostic::nearest(&named.text, known.iter().copied()) {
            Some(near) => finding.help(format!("write `{near}`")),
            None if known.is_empty() => finding.help("declare it under `roles`, or add the source that has it"),
            None => finding.help(format!("roles of {place}: {}", known.join(", "))),
        }
    };
    user.of_sources.iter().filter(missing).map(finding).collect()
}
