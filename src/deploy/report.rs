//! The result of a run as text, JSON, Markdown and `JUnit` XML: the same facts in each.

mod deletions;
mod differences;
pub mod junit;
mod looks;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::catalog::{self, Level, Right};
use crate::dataverse::import::Missing;
use crate::deploy::accepted::{Accepted, Idle};
use crate::deploy::desired::Origin;
use crate::deploy::difference::{Check, Difference};
use crate::deploy::doctor::{Answer, State};
use crate::deploy::plan::{Action, Fact, Gain, Need, Plan, SettingSource};
use crate::deploy::signature::Signature;
use crate::text::{one_line, style};
use crate::version::Version;
use deletions::{deletions_markdown, deletions_text};
use differences::differences_markdown;
pub use differences::{accepted_text, apart_from, comparison_text, differences_text, warnings_text};
use looks::checks_markdown;
pub use looks::{Notes, answers_markdown, status_markdown};

/// A finished run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The exit code.
    pub exit_code: u8,
    /// One line.
    pub verdict: String,
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Url>,
    /// The organization's name, where the environment says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// How the run signed in; empty where it did not come so far.
    pub signed_in: String,
    /// The plan; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// What was read back.
    pub verification: Vec<Check>,
    /// What differs from the bundle.
    pub differences: Vec<Difference>,
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

/// Where a run goes, as headings say it: the address, and the organization's name where it is known.
#[must_use]
pub fn place(environment: &Url, organization: Option<&str>) -> String {
    match organization {
        Some(name) => format!("{environment} ({name})"),
        None => environment.to_string(),
    }
}

/// The plan as people read it. Colour only repeats what the words say.
#[must_use]
pub fn plan_text(plan: &Plan, color: bool) -> String {
    let paint = Paint(color);
    let mut text = format!("Plan for {}\n", place(&plan.environment, plan.organization_name.as_deref()));
    text.push_str(&signatures_text(&plan.signatures));
    text.push_str(&settings_text(plan));
    if plan.is_same() {
        let apart = apart_from(plan.accepted.len());
        text.push_str(&format!("  nothing to do: the environment is as the bundle says{apart}\n"));
    }
    for (index, step) in plan.steps.iter().enumerate() {
        text.push_str(&format!(
            "  {}. {}\n     because {}\n",
            index + 1,
            paint.strong(&one_line(&step.what)),
            one_line(&step.why)
        ));
        if let Action::ImportSolution { solution, .. } = &step.action {
            for need in &plan.needs {
                text.push_str(&format!("     needs {}\n", needed(need, paint)));
            }
            text.push_str(&deletions_text(plan, solution, paint));
        }
        if !step.privileges.is_empty() {
            let word = if step.privileges.len() == 1 { "privilege" } else { "privileges" };
            text.push_str(&format!("     gains {} {word}:\n", step.privileges.len()));
            text.push_str(&gained(&step.privileges, paint));
        }
    }
    let remaining: Vec<Difference> = plan.remaining().cloned().collect();
    if !remaining.is_empty() && !plan.is_empty() {
        text.push_str("  What remains after these steps:\n");
    }
    text.push_str(&differences_text(&remaining, color));
    text.push_str(&accepted_text(&plan.accepted, &plan.idle, false, color));
    text.push_str(&consents_text(plan));
    text + &warnings_text(&plan.warnings, color)
}

/// Every setting: name ← source.
fn settings_text(plan: &Plan) -> String {
    let width = plan.settings.iter().map(|setting| setting.name.chars().count()).max().unwrap_or_default();
    plan.settings
        .iter()
        .map(|setting| format!("  {:width$} ← {}\n", one_line(&setting.name), one_line(&source(setting))))
        .collect()
}

fn source(setting: &SettingSource) -> String {
    let words = setting.origin.words();
    match (&setting.origin, setting.value.as_deref()) {
        (Origin::Text | Origin::Solution, Some("***")) => format!("{words}, not shown: it has the form of a secret"),
        (Origin::Text | Origin::Connection | Origin::Default | Origin::Solution, Some(value)) => {
            format!("{words} `{}`", one_line(value))
        }
        (origin, _) => match origin.of_machine() {
            Some(value) => format!("{words} of this machine (`--allow-value {value}`), `***`"),
            None => words,
        },
    }
}

/// Who signed.
fn signatures_text(signatures: &[Signature]) -> String {
    match signatures {
        [] => "  not signed\n".into(),
        signatures => signatures.iter().map(|it| format!("  {it}\n")).collect(),
    }
}

/// What the run needs consent to, besides what is accepted.
fn consents_text(plan: &Plan) -> String {
    let asked = plan.asked();
    if asked.is_empty() {
        return String::new();
    }
    let head = "  What an apply needs consent to (`--yes` does not give it, an approved plan does):\n";
    asked.iter().fold(head.to_owned(), |text, words| format!("{text}    {words}\n"))
}

/// What the plan rests on, for those who ask for detail.
#[must_use]
pub fn facts_text(plan: &Plan) -> String {
    let width = plan.found.iter().map(|fact| fact.about.chars().count()).max().unwrap_or_default();
    let mut text: String = plan
        .found
        .iter()
        .map(|fact| format!("  found {:width$}  {}\n", one_line(&fact.about), one_line(&fact.found)))
        .collect();
    // The others stand in the plan itself.
    let quiet: Vec<Accepted> = plan.accepted.iter().filter(|accepted| !accepted.grants_more).cloned().collect();
    text.push_str(&accepted_text(&quiet, &[], true, false));
    text
}

fn needed(need: &Need, paint: Paint) -> String {
    let wanted = need.version.map(|version| format!(" {version}")).unwrap_or_default();
    let installed = match need.installed {
        Some(version) => format!("{version} is installed"),
        None => paint.yellow("not installed"),
    };
    let components = match need.components.len() {
        0 => String::new(),
        1 => ", 1 component".to_owned(),
        count => format!(", {count} components"),
    };
    format!("solution `{}`{wanted}{components}: {installed}", need.solution)
}

/// Privileges as a table: a line for each table, its rights by level; then what a reviewer should look at twice.
fn gained(privileges: &[Gain], paint: Paint) -> String {
    let mut tables: BTreeMap<String, BTreeMap<Level, Vec<Right>>> = BTreeMap::new();
    let mut others = Vec::new();
    for gain in privileges {
        match catalog::split_privilege(&gain.privilege) {
            Some((right, noun)) => {
                tables.entry(noun.to_owned()).or_default().entry(gain.level).or_default().push(right);
            }
            None => others.push(gain),
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
                format!("{} ({})", words.join(", "), level.title())
            })
            .collect();
        text.push_str(&format!("       {} {noun:width$}  {}\n", paint.green("+"), rights.join("; ")));
    }
    for gain in others {
        text.push_str(&format!("       {} {} ({})\n", paint.green("+"), gain.privilege, gain.level));
    }
    for (gain, why) in privileges.iter().filter_map(|gain| Some((gain, gain.unusual.as_ref()?))) {
        text.push_str(&format!("       {} {} ({}): {why}\n", paint.yellow("!"), gain.privilege, gain.level.title()));
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

/// ANSI colour, or none.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        style(self.0, code, text)
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
            // What warns stands below, with what came up later.
            text.push_str(&plan_markdown(&Plan { warnings: Vec::new(), ..plan.clone() }));
        }
        text.push_str(&checks_markdown(&self.verification));
        list(&mut text, "Warnings", &self.warnings);
        text
    }

    /// Whether it ended well; a plan with steps does, too.
    #[must_use]
    pub fn ended_well(&self) -> bool {
        matches!(self.exit_code, 0 | 10)
    }

    /// For test reports of CI: why it failed, and a case for whatever was read back.
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

impl Report {
    /// Before an apply, what a step mends is no failure.
    fn cases(&self) -> Vec<junit::Case> {
        let stays = |it: &&Difference| !self.verification.is_empty() || !it.has_step();
        let differences: Vec<Difference> = self.differences.iter().filter(stays).cloned().collect();
        let notes = Notes { accepted: &self.accepted, idle: &self.idle, warnings: &self.warnings };
        let compared = junit::cases(&self.verification, &differences);
        compared.into_iter().chain(junit::notes(notes)).collect()
    }
}

/// A plan for CI summaries.
#[must_use]
pub fn plan_markdown(plan: &Plan) -> String {
    let mut text = String::from("\n");
    text.extend(signatures_text(&plan.signatures).lines().map(|line| format!("Bundle: {}\n", cell(line.trim()))));
    if !plan.settings.is_empty() {
        text.push_str("\n| Setting | Source |\n|---|---|\n");
    }
    for setting in &plan.settings {
        text.push_str(&format!("| {} | {} |\n", cell(&setting.name), cell(&source(setting))));
    }
    if plan.is_same() {
        let apart = apart_from(plan.accepted.len());
        text.push_str(&format!("\nNothing to do: the environment is as the bundle says{apart}.\n"));
    } else if !plan.is_empty() {
        text.push_str("\n| Step | Why |\n|---|---|\n");
    }
    for step in &plan.steps {
        let gains = match step.privileges.len() {
            0 => String::new(),
            count => format!(" (gains {count} privileges)"),
        };
        text.push_str(&format!("| {}{gains} | {} |\n", cell(&step.what), cell(&step.why)));
    }
    let gains = plan.steps.iter().flat_map(|step| &step.privileges);
    let unusual: Vec<_> = gains.filter_map(|gain| Some((gain, gain.unusual.as_ref()?))).collect();
    if !unusual.is_empty() {
        text.push_str("\n| Look twice at | Level | Why |\n|---|---|---|\n");
    }
    for (gain, why) in unusual {
        text.push_str(&format!("| {} | {} | {} |\n", cell(&gain.privilege), gain.level.title(), cell(why)));
    }
    for step in plan.steps.iter().filter(|step| !step.privileges.is_empty()) {
        text.push_str(&format!("\n<details><summary>{}: privileges gained</summary>\n\n```\n", cell(&step.what)));
        text.push_str(&gained(&step.privileges, Paint(false)));
        text.push_str("```\n\n</details>\n");
    }
    text.push_str(&deletions_markdown(plan));
    text.push_str(&differences_markdown("Differs, and apply does not mend it", &plan.remaining().collect::<Vec<_>>()));
    text.push_str(&Notes { accepted: &plan.accepted, idle: &plan.idle, warnings: &plan.warnings }.markdown());
    if !plan.needs.is_empty() {
        text.push_str("\n| Needs solution | Version | Installed |\n|---|---|---|\n");
    }
    for need in &plan.needs {
        let or = |version: Option<Version>, none: &str| version.map_or_else(|| none.to_owned(), |v| v.to_string());
        let installed = or(need.installed, "**not installed**");
        text.push_str(&format!("| {} | {} | {installed} |\n", cell(&need.solution), or(need.version, "any")));
    }
    let asked = plan.asked();
    list(&mut text, "What an apply needs consent to", &asked.iter().map(ToString::to_string).collect::<Vec<_>>());
    if !plan.found.is_empty() {
        text.push_str("\n<details><summary>What was found</summary>\n\n| About | Found |\n|---|---|\n");
        let row = |fact: &Fact| format!("| {} | {} |\n", cell(&fact.about), cell(&fact.found));
        text.extend(plan.found.iter().map(row));
        text.push_str("\n</details>\n");
    }
    text
}

/// Text in Markdown that can neither end a table's cell nor bring markup along.
#[must_use]
pub fn cell(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ");
    text.replace('<', "&lt;").replace('[', "\\[").replace('!', "\\!")
}

/// A list under a heading, in Markdown; nothing where it is empty.
pub fn list(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        text.push_str(&format!("\n## {title}\n\n"));
        text.extend(lines.iter().map(|line| format!("- {}\n", cell(line))));
    }
}
