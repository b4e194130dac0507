//! The result of a run as text, JSON, Markdown and `JUnit` XML: the same facts in each.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::{self, Level, Right};
use crate::deploy::plan::Plan;
use crate::deploy::verify::Check;

/// A finished run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether it ended well.
    pub ok: bool,
    /// One line.
    pub verdict: String,
    /// How the run signed in.
    pub signed_in: String,
    /// The plan; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// What was read back.
    pub verification: Vec<Check>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// What went wrong, the root cause first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// The service's id of the request that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Requests to the Web API.
    pub requests: u32,
    /// Those of them that write.
    pub writes: u32,
}

/// The plan as people read it. Colour only repeats what the words say.
#[must_use]
pub fn plan_text(plan: &Plan, color: bool) -> String {
    let paint = Paint(color);
    let mut text = format!("Plan for {}\n", plan.environment);
    if plan.is_empty() {
        text.push_str("  nothing to do: the environment is as the bundle says\n");
    }
    for (index, step) in plan.steps.iter().enumerate() {
        text.push_str(&format!("  {}. {}\n     because {}\n", index + 1, paint.strong(&step.what), step.why));
        if !step.privileges.is_empty() {
            text.push_str(&format!("     gains {} privileges:\n", step.privileges.len()));
            text.push_str(&gained(&step.privileges, paint));
        }
    }
    for warning in &plan.warnings {
        text.push_str(&format!("  {}: {warning}\n", paint.yellow("warning")));
    }
    text
}

/// Privileges (`prvReadAccount (Global)`) as a table: a line for each table, its rights by level.
fn gained(privileges: &[String], paint: Paint) -> String {
    let mut tables: BTreeMap<String, BTreeMap<Option<Level>, Vec<Right>>> = BTreeMap::new();
    let mut others = Vec::new();
    for privilege in privileges {
        let (name, level) = privilege.split_once(' ').unwrap_or((privilege, ""));
        let level = Level::from_word(level.trim_matches(['(', ')']));
        match catalog::split_privilege(name) {
            Some((right, noun)) => tables.entry(noun.to_owned()).or_default().entry(level).or_default().push(right),
            None => others.push(privilege.as_str()),
        }
    }
    let width = tables.keys().map(|noun| noun.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (noun, levels) in &tables {
        let rights: Vec<String> = levels
            .iter()
            .map(|(level, rights)| {
                let mut rights = rights.clone();
                rights.sort_unstable();
                let words: Vec<&str> = rights.iter().map(|right| words(*right)).collect();
                let level = level.map(|level| format!(" ({})", level.title())).unwrap_or_default();
                format!("{}{level}", words.join(", "))
            })
            .collect();
        text.push_str(&format!("       {} {noun:width$}  {}\n", paint.green("+"), rights.join("; ")));
    }
    for privilege in others {
        text.push_str(&format!("       {} {privilege}\n", paint.green("+")));
    }
    text
}

fn words(right: Right) -> &'static str {
    match right {
        Right::Create => "create",
        Right::Read => "read",
        Right::Write => "write",
        Right::Delete => "delete",
        Right::Append => "append",
        Right::AppendTo => "append to",
        Right::Assign => "assign",
        Right::Share => "share",
    }
}

/// The verification as people read it.
#[must_use]
pub fn checks_text(checks: &[Check], color: bool) -> String {
    let paint = Paint(color);
    let mut text = String::new();
    for check in checks {
        let mark = if check.ok { paint.green("ok     ") } else { paint.red("differs") };
        text.push_str(&format!("  {mark}  {}: {}\n", check.what, check.found));
    }
    text
}

/// ANSI colour, or none.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    fn strong(self, text: &str) -> String {
        self.with("1", text)
    }
    fn green(self, text: &str) -> String {
        self.with("32", text)
    }
    fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }
    fn red(self, text: &str) -> String {
        self.with("31", text)
    }
}

impl Report {
    /// For CI summaries.
    #[must_use]
    pub fn markdown(&self) -> String {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;");
        let mut text = format!("# dvpack: {}\n", self.verdict);
        if let Some(plan) = &self.plan {
            text.push_str(&format!("\nEnvironment: {}\n\n| Step | Why |\n|---|---|\n", plan.environment));
            for step in &plan.steps {
                text.push_str(&format!("| {} | {} |\n", cell(&step.what), cell(&step.why)));
            }
        }
        if !self.verification.is_empty() {
            text.push_str("\n| Verified | | Found |\n|---|---|---|\n");
            for check in &self.verification {
                let mark = if check.ok { "ok" } else { "**differs**" };
                text.push_str(&format!("| {} | {mark} | {} |\n", cell(&check.what), cell(&check.found)));
            }
        }
        for (title, lines) in [("Warnings", &self.warnings), ("Errors", &self.errors), ("What to do", &self.help)] {
            if !lines.is_empty() {
                text.push_str(&format!("\n## {title}\n\n"));
                text.extend(lines.iter().map(|line| format!("- {}\n", cell(line))));
            }
        }
        text
    }

    /// For test reports of CI: a case for each check, and one for the run.
    #[must_use]
    pub fn junit(&self) -> String {
        let failed = self.verification.iter().filter(|check| !check.ok).count() + usize::from(!self.errors.is_empty());
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"dvpack\" tests=\"{}\" failures=\"{failed}\">\n",
            self.verification.len() + 1
        );
        let mut case = |name: &str, failure: Option<String>| {
            text.push_str(&format!("  <testcase classname=\"dvpack\" name=\"{}\"", escape(name)));
            match failure {
                None => text.push_str("/>\n"),
                Some(why) => text.push_str(&format!("><failure message=\"{}\"/></testcase>\n", escape(&why))),
            }
        };
        case("apply", (!self.errors.is_empty()).then(|| self.errors.join("; ")));
        for check in &self.verification {
            case(&check.what, (!check.ok).then(|| check.found.clone()));
        }
        text.push_str("</testsuite>\n");
        text
    }
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
