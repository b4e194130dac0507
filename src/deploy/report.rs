//! The result of a run as text, JSON, Markdown and `JUnit` XML: the same facts in each.

mod deletions;
mod differences;
pub mod junit;
mod looks;
mod markdown;
mod paint;
mod plans;

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::dataverse::import::Missing;
use crate::deploy::accepted::{Accepted, Idle};
use crate::deploy::consent::Consents;
use crate::deploy::difference::{Check, Difference};
use crate::deploy::doctor::{Answer, State};
use crate::deploy::plan::Plan;
use crate::deploy::progress::Ran;
use crate::deploy::report::junit::Case;
use crate::deploy::step::Action;
use crate::diagnostic::Record;
use differences::differences_markdown;
pub use differences::{
    accepted_text, advice, apart_from, comparison_text, differences_text, read_back_text, warnings_text,
};
use looks::checks_markdown;
pub use looks::{Notes, answers_markdown, status_markdown};
pub use markdown::{cell, list};
use paint::Paint;
pub use plans::{facts_text, plan_markdown, plan_text};

/// A finished run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// One line.
    pub verdict: String,
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Url>,
    /// The organization's name, where the environment says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// How the run signed in; empty if it did not get that far.
    pub signed_in: String,
    /// The plan, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// The consents of the plan that the run had before it asked for any.
    #[serde(skip)]
    pub given: Consents,
    /// What was read back.
    pub verification: Vec<Check>,
    /// What differs from the bundle.
    pub differences: Vec<Difference>,
    /// The steps that were carried out or tried, and how long each took.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Ran>,
    /// What differs and is accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<Idle>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// What went wrong, the root cause first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// Components that the environment lacks, each with the solution that owns it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// Findings with positions, where the bundle or the manifest is invalid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Record>,
    /// What to do about it. Every document has it.
    #[serde(skip)]
    pub help: Vec<String>,
    /// The service's id of the request that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Requests to the Web API.
    pub requests: u32,
    /// Those of them that write.
    pub writes: u32,
}

/// Where a run goes, as headings say it: the address, and the organization's name where it is known.
#[must_use]
pub fn place(environment: &Url, organization: Option<&str>) -> String {
    match organization {
        Some(name) => format!("{environment} ({name})"),
        None => environment.to_string(),
    }
}

/// The answers of `doctor` as people read them: a line for each question, below it what to do.
#[must_use]
pub fn answers_text(answers: &[Answer], color: bool) -> String {
    let paint = Paint(color);
    let mut text = String::new();
    for answer in answers {
        let mark = match answer.state {
            State::Ok => paint.green("ok     "),
            State::Problem => paint.red("PROBLEM"),
            State::Differs => paint.red("differs"),
            State::Asks => paint.yellow("asks   "),
            State::Open | State::Unread => paint.yellow("unknown"),
        };
        text.push_str(&format!("  {mark}  {}: {}\n", answer.what, answer.found));
        text.extend(answer.help.iter().map(|line| format!("           {line}\n")));
    }
    text
}

impl Report {
    /// For CI summaries.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("# dvpack: {}\n", cell(&self.verdict));
        if let Some(environment) = &self.environment {
            text.push_str(&format!("\nEnvironment: {}\n", cell(&place(environment, self.organization.as_deref()))));
        }
        // What a person must see first.
        for (title, lines) in [("Errors", &self.errors), ("What to do", &self.help)] {
            list(&mut text, title, lines);
        }
        if !self.missing.is_empty() {
            text.push_str("\n| Missing | Owned by solution | Needed by |\n|---|---|---|\n");
            for missing in &self.missing {
                let or = |text: &Option<String>| text.as_deref().map_or_else(|| "?".to_owned(), cell);
                let row = (cell(&missing.component), or(&missing.solution), or(&missing.needed_by));
                text.push_str(&format!("| {} | {} | {} |\n", row.0, row.1, row.2));
            }
        }
        if let Some(id) = &self.request_id {
            text.push_str(&format!("\nRequest id for Microsoft's support: `{}`\n", cell(id)));
        }
        if let Some(plan) = &self.plan {
            // Warnings are below, with later ones.
            text.push_str(&plan_markdown(&Plan { warnings: Vec::new(), ..plan.clone() }, &self.given));
        }
        text.push_str(&checks_markdown(&self.verification));
        text.push_str(&self.remaining_markdown());
        list(&mut text, "Warnings", &self.warnings);
        text
    }

    /// What differs after the run, and who can fix it. What the plan already lists is not repeated.
    fn remaining_markdown(&self) -> String {
        let planned = |it: &&Difference| self.plan.iter().any(|plan| plan.remaining().any(|other| other == *it));
        let new: Vec<&Difference> = self.differences.iter().filter(|it| !planned(it)).collect();
        if self.verification.is_empty() { String::new() } else { differences_markdown("Differs after the run", &new) }
    }

    /// The steps, what upgrades delete, and what was read back.
    fn cases(&self) -> Vec<Case> {
        let planned = self.plan.iter().flat_map(|plan| &plan.steps).map(|step| step.what.as_str());
        let mut cases = junit::steps(&self.steps, planned);
        for deletion in self.plan.iter().flat_map(|plan| &plan.deletions) {
            let upgraded = self.plan.iter().flat_map(|plan| plan.steps.iter().zip(&self.steps)).any(|(step, ran)| {
                matches!(&step.action, Action::ImportSolution { solution, .. } if *solution == deletion.solution)
                    && ran.done
            });
            cases.push(junit::deletion(deletion, upgraded));
        }
        // Before an apply, what a step fixes is not a failure.
        let stays = |it: &&Difference| !self.verification.is_empty() || !it.has_step();
        let differences: Vec<Difference> = self.differences.iter().filter(stays).cloned().collect();
        cases.extend(junit::cases(&self.verification, &differences));
        cases.extend(junit::notes(Notes { accepted: &self.accepted, idle: &self.idle, warnings: &self.warnings }));
        cases
    }

    /// For test reports of CI: why it failed, and a case for everything that was read back.
    #[must_use]
    pub fn suite(&self) -> junit::Suite {
        let failure = self.errors.first().map(|first| {
            let mut more = self.errors[1..].to_vec();
            more.extend(self.help.iter().map(|help| format!("help: {help}")));
            more.extend(self.request_id.iter().map(|id| format!("request id: {id}")));
            (first.clone(), more.join("\n"))
        });
        let environment = self.environment.as_ref().map(|url| place(url, self.organization.as_deref()));
        junit::Suite {
            name: environment.unwrap_or_default(),
            verb: "apply",
            seconds: 0.0,
            failure,
            cases: self.cases(),
        }
    }
}
