//! The review of one role: what its own rows give reason to say. What [`expand`] finds is part of it.

use std::collections::{BTreeMap, BTreeSet};

use super::expand::{self, expand};
use super::model::{Role, Row};
use super::own_tables::OwnTables;
use crate::catalog::{self, Grade, Level, Right};
use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::meant;

/// Tables that a role may change everywhere before it is as wide as System Administrator.
const WIDE: usize = 100;

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

/// What one role alone gives reason to say, with its rows.
pub(super) fn findings_of(role: &meant::Role, package: &meant::Package, own: &OwnTables) -> (Role, Vec<Diagnostic>) {
    let (expanded, mut findings) = expand(role, own);
    let assigned = package.application_user.as_ref().map(|user| user.roles.contains(&role.id));
    if assigned == Some(false) {
        findings.push(
            Diagnostic::note("role-not-assigned", format!("the application user does not hold role `{}`", role.name))
                .at(&role.span)
                .help("name it in `applicationUser.roles`, or leave it for people to hold"),
        );
    }
    let review = Review { role, expanded: &expanded, own, assigned };
    review.dangers(&mut findings);
    review.width(&mut findings);
    review.reading(&mut findings);
    review.appending(&mut findings);
    review.baseline(&mut findings);
    if assigned == Some(true) {
        review.person(&mut findings);
    }
    (expanded, findings)
}

struct Review<'a> {
    role: &'a meant::Role,
    expanded: &'a Role,
    own: &'a OwnTables,
    /// Whether the application user holds it, where that is known.
    assigned: Option<bool>,
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
                match danger.grade {
                    Grade::Admin => findings.push(
                        Diagnostic::warning(
                            "admin-equivalent",
                            format!("`{}` is as good as System Administrator", row.name),
                        )
                        .at(self.span(row))
                        .label(danger.why)
                        .help("leave it to the subscriber's admins, or accept it under `allow` with the reason"),
                    ),
                    // People may hold such a role; the application may not.
                    Grade::Maker if self.assigned == Some(true) => findings.push(
                        Diagnostic::warning(
                            "service-account-customizes",
                            format!("the application user could customize the environment with `{}`", row.name),
                        )
                        .at(self.span(row))
                        .label(danger.why)
                        .help("put the customization into the solution, or accept it under `allow` with the reason")
                        .help("Microsoft's certification for the Marketplace wants no service account that is a maker or customizer"),
                    ),
                    Grade::Maker => {}
                    Grade::High if row.because.is_none() => findings.push(
                        Diagnostic::warning("dangerous-without-because", format!("`{}` needs a reason", row.name))
                            .at(self.span(row))
                            .label(danger.why)
                            .help("say `because: …` beside it; reviewers read it in INSTALL.html"),
                    ),
                    Grade::High => {}
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

    /// The number is judgement: the widest of the real roles at hand changes three tables of Dataverse everywhere.
    fn width(&self, findings: &mut Vec<Diagnostic>) {
        let changes = |row: &&Row| {
            row.level == Level::Global
                && catalog::privilege(&row.name).and_then(|known| known.table).is_some_and(|(table, right)| {
                    matches!(right, Right::Write | Right::Delete) && self.own.find(table.logical).is_none()
                })
        };
        let tables: BTreeSet<&str> = self
            .expanded
            .rows
            .iter()
            .filter(changes)
            .filter_map(|row| catalog::split_privilege(&row.name).map(|(_, noun)| noun))
            .collect();
        if tables.len() >= WIDE {
            findings.push(
                Diagnostic::warning(
                    "as-wide-as-admin",
                    format!("role `{}` can change every row of {} tables of Dataverse", self.role.name, tables.len()),
                )
                .at(&self.role.span)
                .help("grant the tables that the application works with, or split the role"),
            );
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
