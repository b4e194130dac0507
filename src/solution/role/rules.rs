//! The rules of the review: `docs/diagnostics.md` lists them, a test holds the two together.

use crate::diagnostic::Severity;

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
pub const RULES: [Rule; 25] = [
    rule(
        "admin-equivalent",
        Severity::Warning,
        "whoever can change roles, users or code can give itself everything else",
    ),
    rule(
        "append-without-other-side",
        Severity::Warning,
        "attaching one row to another needs Append on one table and Append To on the other",
    ),
    rule(
        "as-wide-as-admin",
        Severity::Warning,
        "a role that changes nearly everything is System Administrator by another name",
    ),
    rule("baseline-privilege", Severity::Note, "Dataverse puts these into every role by itself"),
    rule(
        "component-needs-right",
        Severity::Note,
        "a flow or step that uses a table without the right to do so fails only when it runs",
    ),
    rule(
        "custom-api-privilege",
        Severity::Warning,
        "an application that may not execute the custom API of its own package is refused at run time",
    ),
    rule("dangerous-without-because", Severity::Warning, "a reviewer must read why the application needs it"),
    rule("delete-everything", Severity::Warning, "deleting any row of a table that others own needs a reason"),
    rule("grant-without-use", Severity::Warning, "a right that nothing needs only helps an attacker"),
    rule(
        "granted-twice",
        Severity::Warning,
        "two levels for one privilege: the deeper one applies, which may not be intended",
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
        "it is not documented whether an import finds a privilege with another spelling",
    ),
    rule("right-not-possible", Severity::Error, "the table has no such right"),
    rule(
        "role-not-assigned",
        Severity::Note,
        "a role that is not assigned to the application user may have been forgotten",
    ),
    rule(
        "secured-columns-unreadable",
        Severity::Warning,
        "a secured column is empty for whoever no column security profile lets read it, whatever the roles say",
    ),
    rule(
        "service-account-customizes",
        Severity::Warning,
        "the Marketplace certifies no package whose service account is a maker or customizer",
    ),
    rule("table-without-privileges", Severity::Error, "rows of this table follow those that they belong to"),
    rule("unknown-privilege", Severity::Warning, "a misspelled privilege is not granted"),
    rule("unknown-rule", Severity::Warning, "an `allow` for a rule that does not exist has no effect"),
    rule("unknown-table", Severity::Warning, "a misspelled table results in privileges that do not exist"),
    rule("unsure-spelling", Severity::Warning, "the privilege's exact spelling is not known to the catalog"),
    rule("unused-allow", Severity::Note, "an `allow` that allows nothing hides the next finding"),
    rule("use-without-grant", Severity::Warning, "a table that the application works with, but may not touch"),
    rule("write-without-read", Severity::Warning, "rows cannot be changed or deleted where they cannot be read"),
];
