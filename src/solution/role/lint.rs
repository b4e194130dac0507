//! The review of one role: what its own rows give reason to say.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Row;
use super::own_tables::OwnTables;
use super::subject::Subject;
use crate::catalog::{self, Grade, Level, Right};
use crate::diagnostic::Diagnostic;

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

/// What the rows of one role give reason to say.
pub(super) fn lint(subject: &Subject<'_>, own: &OwnTables, findings: &mut Vec<Diagnostic>) {
    if subject.assigned == Some(false) {
        let message = format!("the application user does not have role `{}`", subject.role.name);
        findings.push(
            subject
                .at_role(Diagnostic::note("role-not-assigned", message))
                .help("name it in `applicationUser.roles`, or leave it for people"),
        );
    }
    let review = Review { subject, own };
    review.dangers(findings);
    review.width(findings);
    review.reading(findings);
    review.appending(findings);
    review.baseline(findings);
    if subject.assigned == Some(true) {
        review.person(findings);
    }
}

struct Review<'a> {
    subject: &'a Subject<'a>,
    own: &'a OwnTables,
}

impl Review<'_> {
    fn say(&self, findings: &mut Vec<Diagnostic>, row: &Row, finding: Diagnostic) {
        findings.push(self.subject.at_row(finding, row));
    }

    fn dangers(&self, findings: &mut Vec<Diagnostic>) {
        for row in &self.subject.role.rows {
            let Some(known) = catalog::privilege(&row.name) else { continue };
            if let Some(danger) = known.danger {
                match danger.grade {
                    Grade::Admin => self.say(findings, row,
                        Diagnostic::warning(
                            "admin-equivalent",
                            format!("`{}` is as good as System Administrator", row.name),
                        )
                        .label(danger.why)
                        .help(format!("leave it to the subscriber's admins, or {}", self.subject.accept())),
                    ),
                    // People may hold such a role; the application may not.
                    Grade::Maker if self.subject.assigned == Some(true) => self.say(findings, row,
                        Diagnostic::warning(
                            "service-account-customizes",
                            format!("the application user could customize the environment with `{}`", row.name),
                        )
                        .label(danger.why)
                        .help(format!("put the customization into the solution, or {}", self.subject.accept()))
                        .help("Microsoft's certification for the Marketplace wants no service account that is a maker or customizer"),
                    ),
                    Grade::Maker => {}
                    Grade::High if row.because.is_none() => self.say(findings, row,
                        Diagnostic::warning("dangerous-without-because", format!("`{}` needs a reason", row.name))
                            .label(danger.why)
                            .help(format!("{}; reviewers read it in INSTALL.html", self.subject.reason())),
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
                self.say(
                    findings,
                    row,
                    Diagnostic::warning(
                        "delete-everything",
                        format!("every row of `{}` in the organization can be deleted", table.name()),
                    )
                    .help(format!("take `delete` away, make it shallower, or {}", self.subject.reason())),
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
            .subject
            .role
            .rows
            .iter()
            .filter(changes)
            .filter_map(|row| catalog::split_privilege(&row.name).map(|(_, noun)| noun))
            .collect();
        if tables.len() >= WIDE {
            findings.push(
                self.subject
                    .at_role(Diagnostic::warning(
                        "as-wide-as-admin",
                        format!(
                            "role `{}` can change every row of {} tables of Dataverse",
                            self.subject.role.name,
                            tables.len()
                        ),
                    ))
                    .help("grant the tables that the application works with, or split the role"),
            );
        }
    }

    /// Rights of the role by the noun of the privilege, in lower case.
    fn by_noun(&self) -> BTreeMap<String, Vec<(Right, &Row)>> {
        let mut nouns: BTreeMap<String, Vec<(Right, &Row)>> = BTreeMap::new();
        for row in &self.subject.role.rows {
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
                None => self.say(findings, row,
                    Diagnostic::warning(
                        "write-without-read",
                        format!("`{noun}` can be reached by `{}`, but not read", right.key()),
                    )
                    .help(format!("add `read` at level {}", row.level.title())),
                ),
                Some(read) if read < row.level => self.say(findings, row,
                    Diagnostic::warning(
                        "write-without-read",
                        format!(
                            "`{}` on `{noun}` goes deeper ({}) than `read` ({})",
                            right.key(),
                            row.level.title(),
                            read.title()
                        ),
                    )
                    .help(format!(
                        "rows that cannot be read cannot be reached: grant `read` at level {}, or make the other shallower",
                        row.level.title()
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
        self.say(
            findings,
            lone,
            Diagnostic::warning(
                "append-without-other-side",
                format!("`{}` is of no use: no table has `{}`", lone.name, missing.key()),
            )
            .help(format!("grant `{}` on the table at the other end of the relationship", missing.key())),
        );
    }

    fn baseline(&self, findings: &mut Vec<Diagnostic>) {
        for (name, level) in catalog::baseline() {
            if let Some(row) = self.subject.role.rows.iter().find(|row| row.name == name && row.level <= level) {
                self.say(
                    findings,
                    row,
                    Diagnostic::note("baseline-privilege", format!("every role has `{name}` by itself"))
                        .help("leave it out"),
                );
            }
        }
    }

    fn person(&self, findings: &mut Vec<Diagnostic>) {
        for row in self.subject.role.rows.iter().filter(|row| NEEDS_PERSON.contains(&row.name.as_str())) {
            self.say(
                findings,
                row,
                Diagnostic::warning("needs-person", format!("an application user cannot use `{}`", row.name))
                    .help("leave it out, or give people a role of their own"),
            );
        }
    }
}
