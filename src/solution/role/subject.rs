//! A role as the review sees it: its rows, and how its author is told about them.

use super::expand::{self, Granted};
use super::judge::{Form, Judge};
use super::model::{Role, Row};
use super::own_tables::OwnTables;
use super::placed::Placed;
use crate::diagnostic::Diagnostic;
use crate::manifest::package::application_user::ApplicationUser;
use crate::manifest::package::role;

/// A role under review.
pub(super) struct Subject<'a> {
    /// The role, with the rows that Dataverse takes.
    pub(super) role: Role,
    /// Whether the application user holds it, where that is known.
    pub(super) assigned: Option<bool>,
    written: Written<'a>,
    own: &'a OwnTables,
}

/// Where a role is written.
enum Written<'a> {
    Manifest(&'a role::Role),
    /// With what the solution is known by.
    Solution(&'a Placed, &'a str),
}

impl<'a> Subject<'a> {
    /// A role of a manifest, and what its grants give reason to say.
    pub(super) fn of_manifest(
        role: &'a role::Role,
        granted: &Granted,
        user: Option<&ApplicationUser>,
        own: &'a OwnTables,
    ) -> (Self, Vec<Diagnostic>) {
        let assigned = user.map(|user| user.holds(role.id, &role.name));
        (Self { role: granted.role.clone(), assigned, written: Written::Manifest(role), own }, granted.findings.clone())
    }

    /// A role of a solution, and what its rows alone give reason to say.
    pub(super) fn of_solution(
        placed: &'a Placed,
        user: Option<&ApplicationUser>,
        own: &'a OwnTables,
        origin: &'a str,
    ) -> (Self, Vec<Diagnostic>) {
        let mut findings = Vec::new();
        let mut judge = Judge::new(own, Form::Solution);
        let mut role = Role { rows: Vec::new(), ..placed.role.clone() };
        let mut seen = std::collections::HashSet::new();
        for row in &placed.role.rows {
            if !seen.insert(row.name.to_lowercase()) {
                let message = format!("privilege `{}` is declared twice", row.name);
                let finding = Diagnostic::error("duplicate-name", message).help("remove one of the two");
                findings.push(placed.mark_row(finding, row, origin));
                continue;
            }
            let verdict = judge.privilege(&row.name, row.level);
            findings.extend(verdict.findings.into_iter().map(|finding| placed.mark_row(finding, row, origin)));
            if !verdict.refused {
                role.rows.push(row.clone());
            }
        }
        if placed.role.rows.is_empty() {
            let message = format!("role `{}` grants nothing", role.name);
            findings.push(placed.mark(Diagnostic::warning("empty-role", message), origin));
        }
        let assigned = user.map(|user| user.holds(role.id, &role.name));
        (Self { role, assigned, written: Written::Solution(placed, origin), own }, findings)
    }

    /// The role in the manifest, if it stands there.
    pub(super) fn meant(&self) -> Option<&'a role::Role> {
        match self.written {
            Written::Manifest(role) => Some(role),
            Written::Solution(..) => None,
        }
    }

    /// Points a finding at the role.
    pub(super) fn at_role(&self, finding: Diagnostic) -> Diagnostic {
        match self.written {
            Written::Manifest(role) => finding.at(&role.span),
            Written::Solution(placed, origin) => placed.mark(finding, origin),
        }
    }

    /// Points a finding at where a row is granted.
    pub(super) fn at_row(&self, finding: Diagnostic, row: &Row) -> Diagnostic {
        let role = match self.written {
            Written::Manifest(role) => role,
            Written::Solution(placed, origin) => return placed.mark_row(finding, row, origin),
        };
        let by_name = role.privileges.iter().find(|it| it.name.eq_ignore_ascii_case(&row.name)).map(|it| &it.span);
        let by_grant = || {
            role.grants.iter().find(|grant| {
                let target = expand::target(&grant.table, self.own);
                grant.rights.iter().any(|(right, _)| target.privilege(*right).eq_ignore_ascii_case(&row.name))
            })
        };
        finding.at(by_name.or_else(|| by_grant().map(|grant| &grant.span)).unwrap_or(&role.span))
    }

    /// How a finding is accepted; the end of a sentence.
    pub(super) fn accept(&self) -> &'static str {
        match self.written {
            Written::Manifest(_) => "accept it under `allow` with the reason",
            Written::Solution(..) => "declare the role under `roles`, where `allow` takes the reason",
        }
    }

    /// How a reason is given; the end of a sentence.
    pub(super) fn reason(&self) -> &'static str {
        match self.written {
            Written::Manifest(_) => "add `because: …` beside it",
            Written::Solution(..) => "declare the role under `roles`, where `because: …` gives the reason",
        }
    }
}
