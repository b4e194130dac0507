//! Roles beside what the application and the components need.

use std::collections::BTreeSet;

use super::expand;
use super::model::Row;
use super::needs::{Need, Needs};
use super::own_tables::OwnTables;
use super::subject::Subject;
use crate::catalog::Right;
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::package::Package;
use crate::manifest::package::role::Role;

/// All roles of a project.
pub(super) struct Together<'a> {
    pub(super) package: &'a Package,
    pub(super) own: &'a OwnTables,
    pub(super) subjects: &'a [Subject<'a>],
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

    pub(super) fn unused_grants(&self, role: &Role, needs: &Needs, findings: &mut Vec<Diagnostic>) {
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

    pub(super) fn ungranted_uses(&self, findings: &mut Vec<Diagnostic>) {
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

    pub(super) fn component_rights(&self, subject: &Subject<'_>, needs: &Needs, findings: &mut Vec<Diagnostic>) {
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
