//! The review of a manifest's roles: rules with an id, a reason, and `allow` from the manifest.
//!
//! What [`expand`] finds is part of it. `allow: [{ rule, because }]` in a role accepts a warning of
//! that role; errors cannot be accepted, because the role could not be built.

use std::collections::BTreeMap;

use super::expand::{self, expand};
use super::model::{Role, Row};
use super::own_tables::OwnTables;
use crate::catalog::{self, Level, Right};
use crate::diagnostic::{self, Diagnostic, Severity, Span};
use crate::manifest::meant;

/// A rule of the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id, the code of its findings and the word for `allow`.
    pub id: &'static str,
    /// How grave its findings are.
    pub severity: Severity,
    /// Why there is such a rule.
    pub reason: &'static str,
}

const fn rule(id: &'static str, severity: Severity, reason: &'static str) -> Rule {
    Rule { id, severity, reason }
}

/// All rules, by id.
pub const RULES: [Rule; 18] = [
    rule(
        "admin-equivalent",
        Severity::Warning,
        "whoever can change roles, users or code can give itself everything else",
    ),
    rule(
        "append-without-other-side",
        Severity::Warning,
        "to attach one row to another takes Append on one table and Append To on the other",
    ),
    rule("baseline-privilege", Severity::Note, "Dataverse puts these into every role by itself"),
    rule("dangerous-without-because", Severity::Warning, "a reviewer must read why the application needs it"),
    rule("delete-everything", Severity::Warning, "deleting any row of a table that others own needs a reason"),
    rule(
        "granted-twice",
        Severity::Warning,
        "two levels for one privilege: the deeper one holds, which may not be what was meant",
    ),
    rule("level-not-possible", Severity::Error, "Dataverse knows no such level for this privilege"),
    rule(
        "needs-person",
        Severity::Warning,
        "privileges of an app or Outlook are of no use to an application user, and reviewers ask about them",
    ),
    rule(
        "privilege-spelling",
        Severity::Warning,
        "whether import finds a privilege spelled otherwise is not documented",
    ),
    rule("right-not-possible", Severity::Error, "the table has no such right"),
    rule("role-not-assigned", Severity::Note, "a role that the application user does not hold is easily forgotten"),
    rule("table-without-privileges", Severity::Error, "rows of this table follow those that they belong to"),
    rule("unknown-privilege", Severity::Warning, "a misspelled privilege is not granted"),
    rule("unknown-rule", Severity::Warning, "an `allow` for a rule that does not exist allows nothing"),
    rule("unknown-table", Severity::Warning, "a misspelled table gives privileges that do not exist"),
    rule("unsure-spelling", Severity::Warning, "the privilege's exact spelling is not known to the catalog"),
    rule("unused-allow", Severity::Note, "an `allow` that allows nothing hides the next finding"),
    rule("write-without-read", Severity::Warning, "rows cannot be changed or deleted where they cannot be read"),
];

/// Privileges that only somebody at a screen can use.
const NEEDS_PERSON: [&str; 13] = [
    "prvAddressBook",
    "prvBrowseAvailability",
    "prvGoOffline",
    "prvMailMerge",
    "prvOneDrive",
    "prvPrint",
    "prvSearchAvailability",
    "prvSyncToOutlook",
    "prvUseInternetMarketing",
    "prvUseOfficeApps",
    "prvUseTabletApp",
    "prvWebMailMerge",
    "prvDocumentGeneration",
];

/// Reviews all roles of a package. Findings are in the order of the roles, errors included.
#[must_use]
pub fn lint(package: &meant::Package, own: &OwnTables) -> Vec<Diagnostic> {
    package.roles.iter().flat_map(|role| review(role, package, own).1).collect()
}

/// Expands a role of a package, and reviews it.
#[must_use]
pub fn review(role: &meant::Role, package: &meant::Package, own: &OwnTables) -> (Role, Vec<Diagnostic>) {
    let (expanded, mut findings) = expand(role, own);
    let assigned = package.application_user.as_ref().map(|user| user.roles.contains(&role.id));
    if assigned == Some(false) {
        findings.push(
            Diagnostic::note("role-not-assigned", format!("the application user does not hold role `{}`", role.name))
                .at(&role.span)
                .help("name it in `applicationUser.roles`, or leave it for people to hold"),
        );
    }
    let review = Review { role, expanded: &expanded, own };
    review.dangers(&mut findings);
    review.reading(&mut findings);
    review.appending(&mut findings);
    review.baseline(&mut findings);
    if assigned == Some(true) {
        review.person(&mut findings);
    }
    let findings = allowed(role, findings);
    (expanded, findings)
}

struct Review<'a> {
    role: &'a meant::Role,
    expanded: &'a Role,
    own: &'a OwnTables,
}

impl Review<'_> {
    /// Where a row is granted.
    fn span(&self, row: &Row) -> &Span {
        let by_name = self.role.privileges.iter().find(|it| it.name.eq_ignore_ascii_case(&row.name)).map(|it| &it.span);
        let by_grant = || {
            self.role.grants.iter().find(|grant| {
                let target = expand::target(&grant.table, self.own);
                grant.rights.iter().any(|(right, _)| target.privilege(*right).eq_ignore_ascii_case(&row.name))
            })
        };
        by_name.or_else(|| by_grant().map(|grant| &grant.span)).unwrap_or(&self.role.span)
    }

    fn dangers(&self, findings: &mut Vec<Diagnostic>) {
        for row in &self.expanded.rows {
            let Some(known) = catalog::privilege(&row.name) else { continue };
            if let Some(danger) = known.danger {
                if danger.administers {
                    findings.push(
                        Diagnostic::warning(
                            "admin-equivalent",
                            format!("`{}` is as good as System Administrator", row.name),
                        )
                        .at(self.span(row))
                        .label(danger.why)
                        .help("leave it to the subscriber's admins, or accept it under `allow` with the reason"),
                    );
                } else if row.because.is_none() {
                    findings.push(
                        Diagnostic::warning("dangerous-without-because", format!("`{}` needs a reason", row.name))
                            .at(self.span(row))
                            .label(danger.why)
                            .help("say `because: …` beside it; reviewers read it in INSTALL.html"),
                    );
                }
                continue;
            }
            let others = known.table.filter(|(table, _)| self.own.find(table.logical).is_none());
            if let Some((table, Right::Delete)) = others
                && row.level == Level::Global
                && table.ownership == catalog::Ownership::User
                && row.because.is_none()
            {
                findings.push(
                    Diagnostic::warning(
                        "delete-everything",
                        format!("every row of `{}` in the organization can be deleted", table.name()),
                    )
                    .at(self.span(row))
                    .help("take `delete` away, make it shallower, or say `because: …` beside it"),
                );
            }
        }
    }

    /// Rights of the role by the noun of the privilege, in lower case.
    fn by_noun(&self) -> BTreeMap<String, Vec<(Right, &Row)>> {
        let mut nouns: BTreeMap<String, Vec<(Right, &Row)>> = BTreeMap::new();
        for row in &self.expanded.rows {
            let known = catalog::privilege(&row.name).map(|known| known.table);
            // Known, but of no table: `prvAssignManager` is not Assign on `Manager`.
            if known == Some(None) {
                continue;
            }
            let right = known.flatten().map(|(_, right)| right);
            if let Some((split, noun)) = catalog::split_privilege(&row.name) {
                let right = right.unwrap_or(split);
                let noun = if right == Right::AppendTo && split == Right::Append { &noun[2..] } else { noun };
                nouns.entry(noun.to_lowercase()).or_default().push((right, row));
            }
        }
        nouns
    }

    fn reading(&self, findings: &mut Vec<Diagnostic>) {
        for rights in self.by_noun().values() {
            let level = |wanted: Right| rights.iter().find(|(right, _)| *right == wanted).map(|(_, row)| row.level);
            let deepest = rights
                .iter()
                .filter(|(right, _)| {
                    matches!(right, Right::Write | Right::Delete | Right::Append | Right::Assign | Right::Share)
                })
                .max_by_key(|(_, row)| row.level);
            let Some((right, row)) = deepest else { continue };
            let noun = catalog::split_privilege(&row.name).map_or("", |(_, noun)| noun);
            match level(Right::Read) {
                None => findings.push(
                    Diagnostic::warning(
                        "write-without-read",
                        format!("`{noun}` can be reached by `{}`, but not read", right.key()),
                    )
                    .at(self.span(row))
                    .help(format!("add `read: {}`", row.level.key())),
                ),
                Some(read) if read < row.level => findings.push(
                    Diagnostic::warning(
                        "write-without-read",
                        format!(
                            "`{}` on `{noun}` goes deeper (`{}`) than `read` (`{}`)",
                            right.key(),
                            row.level.key(),
                            read.key()
                        ),
                    )
                    .at(self.span(row))
                    .help(format!(
                        "rows that cannot be read cannot be reached: write `read: {}`, or make the other shallower",
                        row.level.key()
                    )),
                ),
                Some(_) => {}
            }
        }
    }

    fn appending(&self, findings: &mut Vec<Diagnostic>) {
        let nouns = self.by_noun();
        let with = |wanted: Right| nouns.values().flatten().find(|(right, _)| *right == wanted).map(|(_, row)| *row);
        let (lone, missing) = match (with(Right::Append), with(Right::AppendTo)) {
            (Some(row), None) => (row, Right::AppendTo),
            (None, Some(row)) => (row, Right::Append),
            _ => return,
        };
        findings.push(
            Diagnostic::warning(
                "append-without-other-side",
                format!("`{}` is of no use: no table has `{}`", lone.name, missing.key()),
            )
            .at(self.span(lone))
            .help(format!("grant `{}` on the table at the other end of the relationship", missing.key())),
        );
    }

    fn baseline(&self, findings: &mut Vec<Diagnostic>) {
        for (name, level) in catalog::baseline() {
            if let Some(row) = self.expanded.rows.iter().find(|row| row.name == name && row.level <= level) {
                findings.push(
                    Diagnostic::note("baseline-privilege", format!("every role has `{name}` by itself"))
                        .at(self.span(row))
                        .help("leave it out"),
                );
            }
        }
    }

    fn person(&self, findings: &mut Vec<Diagnostic>) {
        for row in self.expanded.rows.iter().filter(|row| NEEDS_PERSON.contains(&row.name.as_str())) {
            findings.push(
                Diagnostic::warning("needs-person", format!("an application user cannot use `{}`", row.name))
                    .at(self.span(row))
                    .help("leave it out, or give people a role of their own"),
            );
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
