//! The review of roles: each alone, and all of them beside what the components need. Roles of a manifest and roles that
//! come with a folder or zip are reviewed alike.
//!
//! `allow: [{ rule, because }]` in a role accepts a warning of that role; errors cannot be accepted,
//! because the role could not be built.

use std::collections::HashSet;

use uuid::Uuid;

use super::allowed::allowed;
use super::column_security::ColumnSecurity;
use super::expand::Granted;
use super::identities::{identities, unknown_roles, unreadable_columns};
use super::lint::lint;
use super::needs::Needs;
use super::own_tables::OwnTables;
use super::placed::Collected;
use super::subject::Subject;
use super::together::Together;
use crate::diagnostic::Diagnostic;
use crate::manifest::package::Package;
use crate::solution::package::SolutionPackage;

/// Reviews all roles of a project: those of its manifest (`granted`, in the same order), then those of its sources. Findings are in this order,
/// errors included.
#[must_use]
pub fn review(
    package: &Package,
    granted: &[Granted],
    model: &SolutionPackage,
    own: &OwnTables,
    needs: &Needs,
) -> Vec<Diagnostic> {
    let collected = Collected::of(model);
    let declared: HashSet<Uuid> = package.roles.iter().map(|role| role.id).collect();
    let user = package.application_user.as_ref();
    let of_manifest =
        package.roles.iter().zip(granted).map(|(role, granted)| Subject::of_manifest(role, granted, user, own));
    let brought: Vec<_> = collected.roles().iter().filter(|placed| !declared.contains(&placed.role.id)).collect();
    let of_sources = brought.iter().map(|placed| Subject::of_solution(placed, user, own, &model.origin));
    let (subjects, mut findings): (Vec<Subject<'_>>, Vec<Vec<Diagnostic>>) = of_manifest.chain(of_sources).unzip();
    let all = Together { package, own, subjects: &subjects };
    for (subject, findings) in subjects.iter().zip(&mut findings) {
        lint(subject, own, findings);
        if let Some(role) = subject.meant() {
            all.unused_grants(role, needs, findings);
        }
    }
    identities(&subjects, &mut findings);
    let security = ColumnSecurity::of(model);
    if let Some(user) = user {
        unreadable_columns(user, &security, &subjects, &mut findings);
    }
    // What no role alone is to blame for is said of the one that the application user holds.
    let held = subjects.iter().position(|subject| subject.assigned != Some(false)).unwrap_or(0);
    if let (Some(subject), Some(findings)) = (subjects.get(held), findings.get_mut(held)) {
        all.ungranted_uses(findings);
        all.component_rights(subject, needs, findings);
    }
    let mut reviewed: Vec<Diagnostic> = subjects
        .iter()
        .zip(findings)
        .flat_map(|(subject, findings)| match subject.meant() {
            Some(role) => allowed(role, findings),
            None => findings,
        })
        .collect();
    reviewed.extend(collected.unread(&model.origin));
    reviewed.extend(user.into_iter().flat_map(|user| unknown_roles(user, package, &subjects)));
    reviewed.extend(user.into_iter().flat_map(|user| security.unknown(&user.column_security_profiles)));
    reviewed
}

/// Reviews the roles of a solution that no manifest describes.
#[must_use]
pub fn review_solution(collected: &Collected, package: &SolutionPackage) -> Vec<Diagnostic> {
    let own = collected.own_tables(package);
    let all = collected.roles().iter().map(|placed| Subject::of_solution(placed, None, &own, &package.origin));
    let (subjects, mut findings): (Vec<Subject<'_>>, Vec<Vec<Diagnostic>>) = all.unzip();
    for (subject, findings) in subjects.iter().zip(&mut findings) {
        lint(subject, &own, findings);
    }
    identities(&subjects, &mut findings);
    findings.into_iter().flatten().chain(collected.unread(&package.origin)).collect()
}
