//! The review of a package's roles: each alone, and all of them beside what the components need.
//!
//! `allow: [{ rule, because }]` in a role accepts a warning of that role; errors cannot be accepted,
//! because the role could not be built.

use std::collections::BTreeSet;

use super::expand;
use super::lint::findings_of;
use super::model::Role;
use super::needs::{Need, Needs};
use super::own_tables::OwnTables;
use super::rules::RULES;
use crate::catalog::Right;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::manifest::meant;

/// Reviews all roles of a package. Findings are in the order of the roles, errors included.
#[must_use]
pub fn review(package: &meant::Package, own: &OwnTables, needs: &Needs) -> Vec<Diagnostic> {
    let (expanded, mut findings): (Vec<Role>, Vec<Vec<Diagnostic>>) =
        package.roles.iter().map(|role| findings_of(role, package, own)).unzip();
    let all = Together { package, own, expanded: &expanded };
    for (role, findings) in package.roles.iter().zip(&mut findings) {
        all.unused_grants(role, needs, findings);
    }
    // What no role alone is to blame for is said of the one that the application user holds.
    let held = package.roles.iter().position(|role| all.is_held(role)).unwrap_or(0);
    if let Some(findings) = findings.get_mut(held) {
        all.ungranted_uses(findings);
        all.component_rights(&package.roles[held], needs, findings);
    }
    package.roles.iter().zip(findings).flat_map(|(role, findings)| allowed(role, findings)).collect()
}

struct Together<'a> {
    package: &'a meant::Package,
    own: &'a OwnTables,
    expanded: &'a [Role],
}

impl Together<'_> {
    fn is_held(&self, role: &meant::Role) -> bool {
        self.package.application_user.as_ref().is_none_or(|user| user.roles.contains(&role.id))
    }

    fn uses(&self) -> Option<&[(String, diagnostic::Span)]> {
        self.package.application.as_ref()?.uses.as_deref()
    }

    /// What a table's privileges are named after, in lower case: tables with one noun are one to a role.
    fn noun(&self, table: &str) -> String {
        let read = expand::target(table, self.own).privilege(Right::Read);
        read.trim_start_matches("prvRead").to_lowercase()
    }

    fn unused_grants(&self, role: &meant::Role, needs: &Needs, findings: &mut Vec<Diagnostic>) {
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
                            "remove the grant, list the table under `application.uses`, or say `because: …` beside it",
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
        let by_name = |noun: &str| {
            let named = |row: &super::model::Row| row.name.to_lowercase() == format!("prvread{noun}");
            self.expanded.iter().flat_map(|role| &role.rows).any(named)
        };
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
                        "grant it in the role, such as `{table}: {{ read: organization }}`, or remove it here"
                    )),
                );
            }
        }
    }

    fn component_rights(&self, role: &meant::Role, needs: &Needs, findings: &mut Vec<Diagnostic>) {
        let granted: BTreeSet<String> =
            self.expanded.iter().flat_map(|role| &role.rows).map(|row| row.name.to_lowercase()).collect();
        let mut said = BTreeSet::new();
        for Need { table, right, by } in &needs.rights {
            let privilege = expand::target(table, self.own).privilege(*right);
            if !granted.contains(&privilege.to_lowercase()) && said.insert((privilege, by)) {
                findings.push(
                    Diagnostic::note(
                        "component-needs-right",
                        format!("{by} needs `{}` on `{table}`, which no role of the package grants", right.key()),
                    )
                    .at(&role.span)
                    .help("grant it if the application user is to run it; else say so under `allow`"),
                );
            }
        }
        for (api, privilege) in &needs.execute {
            if !granted.contains(&privilege.to_lowercase()) {
                findings.push(
                    Diagnostic::warning(
                        "custom-api-privilege",
                        format!("the custom API `{api}` can only be called with `{privilege}`, which no role grants"),
                    )
                    .at(&role.span)
                    .help(format!("add `{privilege}` under `privileges`, or the grant that gives it")),
                );
            }
        }
    }
}

/// Takes out what the role's `allow` accepts, and reports an `allow` that is of no use.
fn allowed(role: &meant::Role, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
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
            let mut finding =
                Diagnostic::warning("unknown-rule", format!("role `{}` allows `{rule}`, which is no rule", role.name))
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
