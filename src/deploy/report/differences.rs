//! What differs, and who can fix it, as text and as Markdown.

use super::markdown::cell;
use super::paint::Paint;
use crate::deploy::accepted::{Accepted, Idle};
use crate::deploy::apply::Applied;
use crate::deploy::difference::{Check, Difference, Mender};
use crate::deploy::plan::Plan;
use crate::text::one_line;

/// What was compared as people read it: what is as it should be, then what is not.
#[must_use]
pub fn comparison_text(checks: &[Check], differences: &[Difference], color: bool) -> String {
    let paint = Paint(color);
    let good = checks.iter().filter(|check| check.ok);
    let mut text: String = good
        .map(|check| format!("  {}  {}: {}\n", paint.green("ok     "), one_line(&check.what), one_line(&check.found)))
        .collect();
    text.push_str(&differences_text(differences, color));
    text
}

/// What an apply read back, as people read it below the plan. What the plan lists already is one line, and nothing
/// where no step came in between.
#[must_use]
pub fn read_back_text(applied: &Applied, plan: &Plan, all: bool, color: bool) -> String {
    let text = comparison_text(&applied.checks, &[], color);
    if plan.is_empty() {
        return text;
    }
    let planned = |it: &&Difference| plan.remaining().any(|other| other == *it);
    let (known, new): (Vec<&Difference>, Vec<&Difference>) = applied.differences.iter().partition(planned);
    let accepted: Vec<Accepted> = applied.accepted.iter().filter(|it| !plan.accepted.contains(it)).cloned().collect();
    let idle: Vec<Idle> = applied.idle.iter().filter(|it| !plan.idle.contains(it)).cloned().collect();
    let mark = Paint(color).red("differs");
    let known: String =
        known.iter().map(|it| format!("  {mark}  {}, as the plan says\n", one_line(&it.to_string()))).collect();
    let new: Vec<Difference> = new.into_iter().cloned().collect();
    text + &known + &differences_text(&new, color) + &accepted_text(&accepted, &idle, all, color)
}

/// What prevents nothing but should be known.
#[must_use]
pub fn warnings_text(warnings: &[String], color: bool) -> String {
    let mark = Paint(color).yellow("warning");
    warnings.iter().map(|warning| format!("  {mark}: {}\n", one_line(warning))).collect()
}

/// What differs: a line each, and below those that have it in common, who mends it and how.
#[must_use]
pub fn differences_text(differences: &[Difference], color: bool) -> String {
    let paint = Paint(color);
    let mut text = String::new();
    for (index, difference) in differences.iter().enumerate() {
        text.push_str(&format!("  {}  {}\n", paint.red("differs"), one_line(&difference.to_string())));
        if differences.get(index + 1).is_some_and(|next| next.mended_by == difference.mended_by) {
            continue;
        }
        match &difference.mended_by {
            Mender::Step { step } => {
                text.push_str(&format!("           `dvpack apply` mends it: {}\n", one_line(step)));
            }
            Mender::Person { who, why, how } => {
                text.push_str(&format!("           `dvpack apply` does not mend it: {}\n", one_line(why)));
                text.push_str(&format!("           {who} can: {}\n", one_line(how)));
            }
        }
    }
    text
}

/// What to do about differences, a line for each that has another mender than the others.
#[must_use]
pub fn advice(differences: &[Difference]) -> Vec<String> {
    let mut groups: Vec<(&Difference, usize)> = Vec::new();
    for difference in differences {
        match groups.iter_mut().find(|(first, _)| first.mended_by == difference.mended_by) {
            Some((_, others)) => *others += 1,
            None => groups.push((difference, 0)),
        }
    }
    let line = |(first, others): (&Difference, usize)| {
        let more = if others == 0 { String::new() } else { format!(" (and {others} more)") };
        one_line(&format!("{}, {}{more}: {}", first.place, first.what, first.mended_by)).into_owned()
    };
    groups.into_iter().map(line).collect()
}

/// What is accepted: all of it, or only what a person must see in every run; and what of the list accepts nothing.
#[must_use]
pub fn accepted_text(accepted: &[Accepted], idle: &[Idle], all: bool, color: bool) -> String {
    let paint = Paint(color);
    let mut text = String::new();
    for it in accepted.iter().filter(|it| all || it.grants_more) {
        let more = if it.grants_more { ": it allows more than the bundle says" } else { "" };
        text.push_str(&format!("  {}  {}{more}\n", paint.yellow("accepted"), it.difference));
        text.extend(it.why.iter().map(|why| format!("            because {why}\n")));
    }
    let others = accepted.iter().filter(|it| !it.grants_more).count();
    if !all && others > 0 {
        let (one, are) = if others == 1 { ("difference", "is") } else { ("differences", "are") };
        text.push_str(&format!("  {others} {one} {are} accepted (`-v` shows each)\n"));
    }
    for it in idle {
        text.push_str(&format!(
            "  {}  list of accepted differences: {}: {}\n",
            paint.yellow("note"),
            it.entry,
            it.reason
        ));
    }
    text
}

/// Added to a verdict that nothing differs.
#[must_use]
pub fn apart_from(accepted: usize) -> String {
    match accepted {
        0 => String::new(),
        1 => ", apart from 1 accepted difference".into(),
        count => format!(", apart from {count} accepted differences"),
    }
}

/// What is accepted as a table.
pub(super) fn accepted_markdown(accepted: &[Accepted], idle: &[Idle]) -> String {
    let mut text = String::new();
    if !accepted.is_empty() {
        text.push_str("\n| Differs, and is accepted | Found | Wanted | Why |\n|---|---|---|---|\n");
    }
    for it in accepted {
        let what = format!("{}, {}", it.difference.place, it.difference.what);
        let more = if it.grants_more { "**allows more than the bundle says** " } else { "" };
        let why = format!("{more}{}", cell(it.why.as_deref().unwrap_or_default()));
        let row = [what.as_str(), &it.difference.found, &it.difference.wanted].map(cell).join(" | ");
        text.push_str(&format!("| {row} | {why} |\n"));
    }
    if !idle.is_empty() {
        text.push_str("\n| List of accepted differences | |\n|---|---|\n");
    }
    for it in idle {
        text.push_str(&format!("| {} | {} |\n", cell(&it.entry.to_string()), cell(&it.reason.to_string())));
    }
    text
}

/// The same as a table.
pub(super) fn differences_markdown(title: &str, differences: &[&Difference]) -> String {
    let mut text = String::new();
    if !differences.is_empty() {
        text.push_str(&format!("\n| {title} | Found | Wanted | What mends it |\n|---|---|---|---|\n"));
    }
    for difference in differences {
        let what = format!("{}, {}", difference.place, difference.what);
        let mender = difference.mended_by.to_string();
        let row = [what.as_str(), &difference.found, &difference.wanted, &mender].map(cell).join(" | ");
        text.push_str(&format!("| {row} |\n"));
    }
    text
}
