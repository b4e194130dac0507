//! What the upgrades of a plan delete, and who has agreed to that.
//!
//! It is read only for upgrades, and relies on the environment's list of the solution's contents. `--yes` is
//! never a consent to it.

mod read;

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::dataverse::solution::Installed;
use crate::dataverse::{ApiError, Client};
use crate::deploy::desired::{Desired, Package};
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::observed::{Observed, holding};
use crate::deploy::plan::Plan;
use crate::deploy::step::{Action, Mode, Step};
pub use crate::solution::deletion::{Deletion, Fate};
use crate::solution::deletion::{by_solution, sort};
use crate::{secret, text};

/// What to do if nobody has agreed.
const CONSENT: &str = "add `--allow-delete`, or apply an approved plan that lists what is deleted (`dvpack plan -o FILE`, then `--plan FILE`)";

/// What to do if nobody has agreed to what these steps delete: agree, or keep it.
pub fn advice(steps: &[Step]) -> impl Iterator<Item = String> {
    std::iter::once(CONSENT.to_owned()).chain(ways_around(steps))
}

/// How to keep what these steps delete; each way is listed once.
pub fn ways_around(steps: &[Step]) -> BTreeSet<String> {
    steps.iter().filter_map(way_around).collect()
}

/// A staged upgrade can only be finished or given up, whatever `--mode` says.
fn way_around(step: &Step) -> Option<String> {
    match &step.action {
        Action::ImportSolution { mode: Mode::Upgrade, .. } => {
            Some("`--mode update` keeps what the new version no longer has".to_owned())
        }
        Action::ImportSolution { mode: Mode::Promote, solution, .. } => {
            let staged = holding(solution);
            Some(format!("to keep it, delete solution `{staged}` in Power Apps, then apply with `--mode update`"))
        }
        _ => None,
    }
}

/// What these steps delete, tables first.
pub async fn of_steps(
    client: &Client,
    desired: &Desired,
    observed: &Observed,
    steps: &[Step],
) -> Result<Vec<Deletion>, ApiError> {
    let upgraded = |package: &&Package| {
        let is_own = |step: &Step| matches!(&step.action, Action::ImportSolution { solution, .. } if *solution == package.solution.name);
        steps.iter().any(|step| is_own(step) && is_upgrade(step))
    };
    of_upgrades(client, desired.packages.iter().filter(upgraded), &observed.solutions).await
}

/// What the upgrades to these packages delete.
pub async fn of_upgrades(
    client: &Client,
    packages: impl Iterator<Item = &Package>,
    installed: &[Installed],
) -> Result<Vec<Deletion>, ApiError> {
    let mut found = Vec::new();
    for package in packages {
        let name = &package.solution.name;
        let there = installed.iter().find(|installed| installed.name.eq_ignore_ascii_case(name));
        found.extend(read::of_package(client, package, there.and_then(|there| there.id)).await?);
    }
    let_go(&mut found);
    read::count(client, &mut found).await?;
    sort(&mut found);
    Ok(found)
}

/// The tables that disappear when these solutions are uninstalled, each once, with their rows; and what could not be
/// found out.
pub async fn of_removals(client: &Client, removed: &[&Installed]) -> Result<Vec<Deletion>, ApiError> {
    let mut found = Vec::new();
    for solution in removed {
        found.extend(read::tables(client, &solution.name, solution.id).await?);
    }
    let_go(&mut found);
    found.retain(Deletion::needs_consent);
    let mut seen = BTreeSet::new();
    found.retain(|it| it.id.is_none_or(|id| seen.insert(id)));
    read::count(client, &mut found).await?;
    sort(&mut found);
    Ok(found)
}

/// The deletions that the earlier list, which the user has seen, does not contain.
#[must_use]
pub fn more_than_told(told: &[Deletion], now: &[Deletion]) -> Vec<String> {
    now.iter().filter_map(|it| beyond(told, it, USED_SINCE)).collect()
}

/// What stays only because of solutions that are upgraded as well and no longer contain it, disappears with the last of
/// them.
fn let_go(found: &mut [Deletion]) {
    let left: BTreeSet<(String, Uuid)> =
        found.iter().filter_map(|it| Some((it.solution.to_lowercase(), it.id?))).collect();
    for it in found {
        if let (Fate::Kept { by }, Some(id)) = (&mut it.fate, it.id) {
            by.retain(|name| !left.contains(&(name.to_lowercase(), id)));
            if by.is_empty() {
                it.fate = Fate::Deleted;
            }
        }
    }
}

fn words_of(solution: &str, words: &str) -> String {
    format!("the upgrade of solution `{solution}` {words}")
}

/// Only these two ways of importing delete something.
#[must_use]
pub fn is_upgrade(step: &Step) -> bool {
    matches!(&step.action, Action::ImportSolution { mode: Mode::Upgrade | Mode::Promote, .. })
}

impl Plan {
    /// Reads what the upgrades of the plan delete.
    pub async fn with_deletions(
        mut self,
        client: &Client,
        desired: &Desired,
        observed: &Observed,
    ) -> Result<Self, ApiError> {
        self.deletions = of_steps(client, desired, observed, &self.steps).await?;
        self.consents.deletions = self.deleting_words();
        Ok(self)
    }

    /// What is deleted, or may be: solution and words.
    #[must_use]
    pub fn deleting(&self) -> Vec<(&str, String)> {
        let all = by_solution(&self.deletions).into_iter();
        let deleting = all.filter(|(.., all)| all.iter().any(|it| it.needs_consent()));
        deleting.map(|(solution, words, _)| (solution, words)).collect()
    }

    fn deleting_words(&self) -> Vec<String> {
        self.deleting().iter().map(|(solution, words)| words_of(solution, words)).collect()
    }

    /// Deletions that are due now and that this plan lists without a consent.
    fn not_consented(&self, now: &Self) -> Vec<String> {
        let due: Vec<&str> = now.deleting().into_iter().map(|(solution, _)| solution).collect();
        let is_due = |name: &str| due.iter().any(|due| secret::hide(due) == secret::hide(name));
        let listed = self.deleting().into_iter().filter(|(solution, _)| is_due(solution));
        let needed = listed.map(|(solution, words)| words_of(solution, &words));
        let is_given =
            |words: &String| self.consents.deletions.iter().any(|given| secret::hide(given) == secret::hide(words));
        needed.filter(|words| !is_given(words)).collect()
    }

    /// The refusal if nobody has agreed.
    #[must_use]
    pub fn deletions_refused(&self) -> Failure {
        let message = format!("{}; nobody has allowed it", self.deleting_words().join(", "));
        let mut failure = Failure::new(FailureKind::Refused, message);
        failure.details.extend(self.deletions.iter().filter(|it| it.needs_consent()).map(ToString::to_string));
        advice(&self.steps).fold(failure, Failure::help)
    }

    /// Refuses more deletions than an approved plan lists, other components or more rows, and those that its consents
    /// do not contain.
    pub fn check_deletions(&self, now: &Self) -> Result<(), Failure> {
        self.allows_deletions(now, MORE)
    }

    /// The same shortly after the plan was made. A table that is in use gets rows all the time, and whoever
    /// gives it up gives those up, too; one that was empty and no longer is has come into use since.
    pub fn check_deletions_since(&self, now: &Self) -> Result<(), Failure> {
        self.allows_deletions(now, USED_SINCE)
    }

    fn allows_deletions(&self, now: &Self, is_more: IsMore) -> Result<(), Failure> {
        let more: Vec<String> = now.deletions.iter().filter_map(|it| beyond(&self.deletions, it, is_more)).collect();
        if more.is_empty() {
            let lacking = self.not_consented(now);
            if lacking.is_empty() {
                return Ok(());
            }
            let mut failure = Failure::new(FailureKind::Refused, LACKING);
            failure.details = lacking;
            return Err(failure.help("make a new plan with `dvpack plan -o FILE`, and have it approved"));
        }
        let message = "the upgrade would delete more than the plan lists";
        let mut failure = Failure::new(FailureKind::Refused, message);
        failure.details = more;
        let failure = failure.help("make a new plan with `dvpack plan -o FILE`, and have it approved");
        Err(ways_around(&now.steps).into_iter().fold(failure, Failure::help))
    }
}

/// The message about a plan that lacks a consent that its run needs.
pub(super) const LACKING: &str = "the plan does not contain every consent that this run needs";

/// Whether a table has more rows now than then.
type IsMore = fn(then: Option<u64>, now: Option<u64>) -> bool;
const MORE: IsMore = |then, now| now.is_none() || now > then;
const USED_SINCE: IsMore = |then, now| then == Some(0) && now != Some(0);

/// The parts of a deletion that were not approved.
fn beyond(approved: &[Deletion], now: &Deletion, is_more: IsMore) -> Option<String> {
    if !now.needs_consent() {
        return None;
    }
    let same = |it: &&Deletion| {
        let text = |it: &Deletion| {
            let name = it.name.as_deref().map(|name| secret::hide(name).into_owned());
            (secret::hide(&it.solution).into_owned(), it.kind.clone(), name, it.id)
        };
        text(it) == text(now) && it.needs_consent()
    };
    let Some(then) = approved.iter().find(same) else { return Some(format!("{now}: not approved")) };
    let many = |rows: Option<u64>| rows.is_none_or(|rows| rows >= text::MOST_ROWS);
    // Whoever agreed to an unknown or very large number has agreed to any.
    let more = now.is_table() && !many(then.rows) && is_more(then.rows, now.rows);
    more.then(|| format!("{now}; {} when it was approved", text::rows(then.rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, rows: Option<u64>) -> Deletion {
        Deletion {
            solution: "Widgets".into(),
            kind: "Table".into(),
            name: Some(name.into()),
            id: Some(Uuid::from_u128(1)),
            rows,
            fate: Fate::Deleted,
        }
    }

    #[test]
    fn what_two_upgrades_let_go_stays_for_neither() {
        let kept = |solution: &str, by: &[&str]| Deletion {
            solution: solution.into(),
            fate: Fate::Kept { by: by.iter().map(|name| (*name).to_owned()).collect() },
            ..table("a_b", None)
        };
        let mut both = [kept("Widgets", &["Other"]), kept("Other", &["widgets"])];
        let_go(&mut both);
        assert!(both.iter().all(|it| it.fate == Fate::Deleted), "{both:?}");
        let mut one = [kept("Widgets", &["Other", "Third"]), kept("Other", &["Widgets", "Third"])];
        let_go(&mut one);
        assert!(one.iter().all(|it| it.fate == Fate::Kept { by: vec!["Third".into()] }), "{one:?}");
    }

    #[test]
    fn more_than_was_approved_is_another_component_or_more_rows() {
        let told =
            |then: Option<u64>, now: Option<u64>| beyond(&[table("a_b", then)], &table("a_b", now), MORE).is_some();
        for (then, now) in [(Some(3), Some(3)), (Some(3), Some(0)), (None, Some(9)), (None, None), (Some(5000), None)] {
            assert!(!told(then, now), "{then:?} {now:?}");
        }
        for (then, now) in [(Some(0), Some(1)), (Some(3), Some(5000)), (Some(3), None)] {
            assert!(told(then, now), "{then:?} {now:?}");
        }
        let other = beyond(&[table("a_b", None)], &table("a_c", Some(1)), MORE);
        assert_eq!(other.as_deref(), Some("table `a_c` with 1 row: not approved"));
        // What was approved to stay was not approved to be deleted.
        let kept = Deletion { fate: Fate::Kept { by: vec!["Other".into()] }, ..table("a_b", Some(1)) };
        assert!(beyond(std::slice::from_ref(&kept), &table("a_b", Some(1)), MORE).is_some());
        assert!(beyond(&[], &kept, MORE).is_none());
        let unknown = Deletion::unknown("Widgets", "no answer");
        assert!(beyond(&[], &unknown, MORE).is_some());
    }
}
