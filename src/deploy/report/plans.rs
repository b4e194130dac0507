//! A plan as text and as Markdown.

use std::collections::BTreeMap;

use super::deletions::{deletions_markdown, deletions_text};
use super::differences::differences_markdown;
use super::{Notes, Paint, accepted_text, apart_from, cell, differences_text, list, place, warnings_text};
use crate::catalog::{self, Level, Right};
use crate::deploy::accepted::Accepted;
use crate::deploy::brought::Brought;
use crate::deploy::consent::{Consents, Words};
use crate::deploy::desired::Origin;
use crate::deploy::difference::Difference;
use crate::deploy::facts::Fact;
use crate::deploy::plan::{Plan, SettingSource};
use crate::deploy::signature::Signature;
use crate::deploy::step::{Action, Gain, Need};
use crate::text::{one_line, shortened};
use crate::version::Version;

/// The plan as people read it. `given`: what an apply need not ask for any more. Colour only repeats what the words
/// say.
#[must_use]
pub fn plan_text(plan: &Plan, given: &Consents, color: bool) -> String {
    let paint = Paint(color);
    let mut text = format!("Plan for {}\n", place(&plan.environment, plan.organization_name.as_deref()));
    text.push_str(&signatures_text(&plan.signatures));
    text.push_str(&settings_text(plan));
    if plan.is_same() {
        let apart = apart_from(plan.accepted.len());
        text.push_str(&format!("  nothing to do: the environment matches the bundle{apart}\n"));
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
            text.extend(step.brings.iter().map(|it| format!("     brings {}\n", one_line(&brought(it)))));
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
    text.push_str(&consents_text(plan, given));
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

/// What the run needs consent to, besides what is accepted; first what it still needs.
fn consents_text(plan: &Plan, given: &Consents) -> String {
    let (asked, agreed) = consents(plan, given);
    let mut text = String::new();
    if !asked.is_empty() {
        text.push_str("  What an apply needs consent to (`--yes` does not give it, an approved plan does):\n");
        text.extend(asked.iter().map(|line| format!("    {line}\n")));
    }
    if !agreed.is_empty() {
        text.push_str("  What was consented to:\n");
        text.extend(agreed.iter().map(|line| format!("    {line}\n")));
    }
    text
}

/// What a plan still needs consent to, with how to give it; and what was given.
fn consents(plan: &Plan, given: &Consents) -> (Vec<String>, Vec<String>) {
    let given = given.words();
    let (agreed, asked): (Vec<Words>, Vec<Words>) = plan.asked().into_iter().partition(|words| given.contains(words));
    (asked.iter().map(ToString::to_string).collect(), agreed.into_iter().map(|words| words.what).collect())
}

/// What the plan relies on, for those who ask for detail.
#[must_use]
pub fn facts_text(plan: &Plan) -> String {
    let width = plan.found.iter().map(|fact| fact.about.chars().count()).max().unwrap_or_default();
    let mut text: String = plan
        .found
        .iter()
        .map(|fact| format!("  found {:width$}  {}\n", one_line(&fact.about), one_line(&fact.found)))
        .collect();
    // The others are in the plan itself.
    let quiet: Vec<Accepted> = plan.accepted.iter().filter(|accepted| !accepted.grants_more).cloned().collect();
    text.push_str(&accepted_text(&quiet, &[], true, false));
    text
}

fn brought(it: &Brought) -> String {
    let says = if it.says.is_empty() { String::new() } else { format!(": {}", shortened(&it.says, LONGEST)) };
    format!("{} {}{says}", it.kind, it.name)
}

/// How many characters are shown of what something says; the JSON has all of it.
const LONGEST: usize = 200;

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
                format!("{} ({level})", words.join(", "))
            })
            .collect();
        text.push_str(&format!("       {} {noun:width$}  {}\n", paint.green("+"), rights.join("; ")));
    }
    for gain in others {
        text.push_str(&format!("       {} {} ({})\n", paint.green("+"), gain.privilege, gain.level));
    }
    for (gain, why) in privileges.iter().filter_map(|gain| Some((gain, gain.unusual.as_ref()?))) {
        text.push_str(&format!("       {} {} ({}): {why}\n", paint.yellow("!"), gain.privilege, gain.level));
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

/// A plan for CI summaries.
#[must_use]
pub fn plan_markdown(plan: &Plan, given: &Consents) -> String {
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
        text.push_str(&format!("\nNothing to do: the environment matches the bundle{apart}.\n"));
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
        text.push_str(&format!("| {} | {} | {} |\n", cell(&gain.privilege), gain.level, cell(why)));
    }
    for step in plan.steps.iter().filter(|step| !step.privileges.is_empty()) {
        text.push_str(&format!("\n<details><summary>{}: privileges gained</summary>\n\n```\n", cell(&step.what)));
        text.push_str(&gained(&step.privileges, Paint(false)));
        text.push_str("```\n\n</details>\n");
    }
    let brings: Vec<&Brought> = plan.steps.iter().flat_map(|step| &step.brings).collect();
    if !brings.is_empty() {
        text.push_str("\n| The import brings | Name | |\n|---|---|---|\n");
    }
    for it in brings {
        let says = shortened(&it.says, LONGEST);
        text.push_str(&format!("| {} | {} | {} |\n", cell(&it.kind), cell(&it.name), cell(&says)));
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
    let (asked, agreed) = consents(plan, given);
    list(&mut text, "What an apply needs consent to", &asked);
    list(&mut text, "What was consented to", &agreed);
    if !plan.found.is_empty() {
        text.push_str("\n<details><summary>What was found</summary>\n\n| About | Found |\n|---|---|\n");
        let row = |fact: &Fact| format!("| {} | {} |\n", cell(&fact.about), cell(&fact.found));
        text.extend(plan.found.iter().map(row));
        text.push_str("\n</details>\n");
    }
    text
}
