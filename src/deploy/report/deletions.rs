//! What upgrades delete, as text and as Markdown.

use super::markdown::cell;
use super::paint::Paint;
use crate::deploy::deletions::ways_around;
use crate::deploy::plan::Plan;
use crate::deploy::step::{Action, Step};
use crate::solution::deletion::by_solution;

/// What the upgrade of a solution deletes, below its step.
pub(super) fn deletions_text(plan: &Plan, solution: &str, paint: Paint) -> String {
    let mut text = String::new();
    for (_, words, all) in by_solution(&plan.deletions).into_iter().filter(|(name, ..)| *name == solution) {
        let goes = all.iter().any(|it| it.needs_consent());
        text.push_str(&format!("     {}:\n", if goes { paint.red(&words) } else { words }));
        for deletion in all {
            let mark = if deletion.needs_consent() { paint.red("-") } else { " ".to_owned() };
            text.push_str(&format!("       {mark} {deletion}\n"));
        }
        if !goes {
            continue;
        }
        let is_own =
            |step: &&Step| matches!(&step.action, Action::ImportSolution { solution: own, .. } if own == solution);
        let steps: Vec<Step> = plan.steps.iter().filter(is_own).cloned().collect();
        let ways: String = ways_around(&steps).iter().map(|way| format!("; {way}")).collect();
        text.push_str(&format!("     an apply needs `--allow-delete` for it{ways}\n"));
    }
    text
}

/// The same as a list.
pub(super) fn deletions_markdown(plan: &Plan) -> String {
    let mut text = String::new();
    for (solution, words, all) in by_solution(&plan.deletions) {
        text.push_str(&format!("\n**The upgrade of solution {} {words}**\n\n", cell(solution)));
        text.extend(all.iter().map(|it| format!("- {}\n", cell(&it.to_string()))));
    }
    text
}
