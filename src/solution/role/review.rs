//! The review of roles: each alone, and all of them beside what the components need. Roles of a manifest and roles that
//! come with a folder or zip are reviewed alike.
//!
//! `allow: [{ rule, because }]` in a role accepts a warning of that role; errors cannot be accepted,
//! because the role could not be built.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use super::column_security::ColumnSecurity;
use super::expand;
use super::lint::lint;
use super::model::Row;
use super::needs::{Need, Needs};
use super::own_tables::OwnTables;
use super::placed::Collected;
use super::rules::RULES;
use super::subject::Subject;
use crate::catalog::{self, Right};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::manifest::package::Package;
use crate::manifest::package::application_user::{ApplicationUser, ByNameOrId};
use crate::manifest::package::role::Role;
use crate::solution::package::SolutionPackage;

/// Reviews all roles of a project: those of its manifest, then those of its sources. Findings are in this order,
/// errors included.
#[must_use]
pub fn review(package: &Package, model: &SolutionPackage, own: &OwnTables, needs: &Needs) -> Vec<Diagnostic> {
    let collected = Collected::of(model);
    let declared: HashSet<Uuid> = package.roles.iter().map(|role| role.id).collect();
    let user = package.application_user.as_ref();
    let of_manifest = package.roles.iter().map(|role| Subject::of_manifest(role, user, own));
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

/// Roles that cannot be imported as they are called: two of one id or name, and those of Dataverse itself. A manifest
/// says so of its own roles when it is read.
fn identities(subjects: &[Subject<'_>], findings: &mut [Vec<Diagnostic>]) {
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
fn unreadable_columns(
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
fn unknown_roles(user: &ApplicationUser, package: &Package, subjects: &[Subject<'_>]) -> Vec<Diagnostic> {
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

struct Together<'a> {
    package: &'a Package,
    own: &'a OwnTables,
    subjects: &'a [Subject<'a>],
}

impl Together<'_> {
    fn is_held(&self, role: &Role) -> bool {
        self.package.application_user.as_ref().is_none_or(|user| user.holds(role.id, &role.name))
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.subjects.iter().flat_map(|subject| &subject.role.rows)
    }

    fn uses(&self) -> Option<&[(String, diagnostic::Span)]> {
        self.package.application.as_ref()?.uses.as_deref()
    }

    /// What a table's privileges are named after, in lower case: tables with one noun are one to a role.
    fn noun(&self, table: &str) -> String {
        let read = expand::target(table, self.own).privilege(Right::Read);
        read.trim_start_matches("prvRead").to_lowercase()
    }

    fn unused_grants(&self, role: &Role, needs: &Needs, findings: &mut Vec<Diagnostic>) {
        let Some(uses) = self.uses() else { return };
        if !self.is_held(role) {
            return;
        }
        let needed: BTreeSet<String> =
            uses.iter().map(|(table, _)| table).chain(&needs.tables).map(|table| self.noun(table)).collect();
        for grant in &role.grants {
            let own = self.own.find(&grant.table).is_some() || self.own.has_own_prefix(&grant.table);
            if grant.because.is_none() && !own && !needed.contains(&self.noun(&grant.table)) {
                findings.push(
                    Diagnostic::warning("grant-without-use", format!("nothing is known to need `{}`", grant.table))
                        .at(&grant.span)
                        .help(
                            "remove the grant, list the table under `application.uses`, or add `because: …` beside it",
                        ),
                );
            }
        }
    }

    fn ungranted_uses(&self, findings: &mut Vec<Diagnostic>) {
        let granted: BTreeSet<String> = self
            .package
            .roles
            .iter()
            .filter(|role| self.is_held(role))
            .flat_map(|role| &role.grants)
            .map(|grant| self.noun(&grant.table))
            .collect();
        let by_name = |noun: &str| self.rows().any(|row| row.name.to_lowercase() == format!("prvread{noun}"));
        for (table, span) in self.uses().unwrap_or_default() {
            let noun = self.noun(table);
            if !granted.contains(&noun) && !by_name(&noun) {
                findings.push(
                    Diagnostic::warning(
                        "use-without-grant",
                        format!("the application uses `{table}` without a right on it"),
                    )
                    .at(span)
                    .help(format!(
                        "grant it in the role, for example `{table}: {{ read: organization }}`, or remove it here"
                    )),
                );
            }
        }
    }

    fn component_rights(&self, subject: &Subject<'_>, needs: &Needs, findings: &mut Vec<Diagnostic>) {
        let granted: BTreeSet<String> = self.rows().map(|row| row.name.to_lowercase()).collect();
        let mut said = BTreeSet::new();
        for Need { table, right, by } in &needs.rights {
            let privilege = expand::target(table, self.own).privilege(*right);
            if !granted.contains(&privilege.to_lowercase()) && said.insert((privilege, by)) {
                let message = format!("{by} needs `{}` on `{table}`, which no role of the package grants", right.key());
                findings.push(
                    subject
                        .at_role(Diagnostic::note("component-needs-right", message))
                        .help("grant it if the application user runs it; otherwise say so under `allow`"),
                );
            }
        }
        for (api, privilege) in &needs.execute {
            if !granted.contains(&privilege.to_lowercase()) {
                let message =
                    format!("the custom API `{api}` can only be called with `{privilege}`, which no role grants");
                findings.push(
                    subject
                        .at_role(Diagnostic::warning("custom-api-privilege", message))
                        .help(format!("add `{privilege}` under `privileges`, or the grant that gives it")),
                );
            }
        }
    }
}

/// Takes out what the role's `allow` accepts, and reports an `allow` that is of no use.
fn allowed(role: &Role, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
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
