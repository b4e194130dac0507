//! What `status` and `doctor` saw, and what `apply` read back, as Markdown.

use super::differences::{accepted_markdown, differences_markdown};
use super::markdown::{cell, list};
use crate::deploy::accepted::{Accepted, Idle};
use crate::deploy::difference::{Check, Difference};
use crate::deploy::doctor::{Answer, State};

/// What a run reports besides what it checked: it prevents nothing, but somebody should see it in every form.
#[derive(Clone, Copy, Debug)]
pub struct Notes<'a> {
    /// What differs and is accepted.
    pub accepted: &'a [Accepted],
    /// Entries of the list of accepted differences that accept nothing.
    pub idle: &'a [Idle],
    /// What should be known.
    pub warnings: &'a [String],
}

impl Notes<'_> {
    /// As Markdown.
    pub(super) fn markdown(self) -> String {
        let mut text = accepted_markdown(self.accepted, self.idle);
        list(&mut text, "Warnings", self.warnings);
        text
    }
}

/// What was looked at, as a table.
#[must_use]
pub fn checks_markdown(checks: &[Check]) -> String {
    let row = |check: &Check| {
        let mark = if check.ok { "ok" } else { "**differs**" };
        format!("| {} | {mark} | {} |\n", cell(&check.what), cell(&check.found))
    };
    table("Verified", checks.iter().map(row))
}

/// What `status` saw.
#[must_use]
pub fn status_markdown(checks: &[Check], differences: &[Difference], notes: Notes<'_>) -> String {
    checks_markdown(checks) + &all_differences(differences) + &notes.markdown()
}

/// The answers of `doctor`, and what differs.
#[must_use]
pub fn answers_markdown(answers: &[Answer], differences: &[Difference], notes: Notes<'_>) -> String {
    let row = |answer: &Answer| {
        let mark = match answer.state {
            State::Ok => "ok",
            State::Problem => "**problem**",
            State::Differs => "**differs**",
            State::Asks => "asks",
            State::Open | State::Unread => "unknown",
        };
        let help: String = answer.help.iter().map(|line| format!(" ({line})")).collect();
        format!("| {} | {mark} | {} |\n", cell(&answer.what), cell(&(answer.found.clone() + &help)))
    };
    table("Looked at", answers.iter().map(row)) + &all_differences(differences) + &notes.markdown()
}

/// What differs, whoever fixes it.
fn all_differences(differences: &[Difference]) -> String {
    differences_markdown("Differs", &differences.iter().collect::<Vec<_>>())
}

fn table(title: &str, rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() { rows } else { format!("\n| {title} | | Found |\n|---|---|---|\n{rows}") }
}
