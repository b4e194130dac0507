//! What happened in the environment between a plan and an import that it contains.
//!
//! A plan relies on what was read, and so does a consent to what an upgrade deletes. Another solution operation that
//! ran in between may have changed it, whether it was seen or not: then nothing is imported, and the next run makes a
//! new plan.

use crate::dataverse::{ApiError, solution};
use crate::deploy::deletions;
use crate::deploy::desired::Package;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::observed::{Observed, holding};
use crate::deploy::plan::Plan;
use crate::deploy::progress::Context;
use crate::deploy::step::{Action, Mode, Step};
use crate::version::Version;

/// The plan of a run, and what was seen when it was made.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What was seen.
    pub seen: &'a Observed,
}

/// A solution as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether the wanted version is installed (or staged) by now.
    pub there: bool,
    /// The version that is installed.
    installed: Option<Version>,
    /// The version of the staged upgrade.
    staged: Option<Version>,
}

/// Reads a solution's state.
pub async fn look(context: Context<'_>, package: &Package, mode: Mode) -> Result<Look, ApiError> {
    let (name, held) = (package.solution.name.as_str(), holding(&package.solution.name));
    let found = solution::find(context.client, &[name, &held], true).await?;
    let version = |name: &str| found.iter().find(|it| it.name.eq_ignore_ascii_case(name)).and_then(|it| it.version);
    let (installed, staged) = (version(name), version(&held));
    let wanted = if mode == Mode::Stage { staged } else { installed };
    Ok(Look { there: wanted == Some(package.solution.version), installed, staged })
}

/// Refuses an import if the environment is no longer what the plan was made from. It runs right before each start,
/// since somebody else could change something during whatever came before (a question, a wait, an upload).
pub async fn check(
    context: Context<'_>,
    basis: Basis<'_>,
    (package, mode): (&Package, Mode),
    look: &Look,
) -> Result<(), Failure> {
    let name = &package.solution.name;
    let seen = |name: &str| basis.seen.solution(name).and_then(|installed| installed.version);
    let held = holding(name);
    // Our own may be half done: then the next run finishes the staged upgrade.
    let changed = [(name, seen(name), look.installed), (&held, seen(&held), look.staged)]
        .into_iter()
        .filter(|(of, ..)| *of == name || mode == Mode::Promote)
        .filter(|(_, then, now)| then != now);
    let word = |version: Option<Version>| version.map_or_else(|| "not there".to_owned(), |it| it.to_string());
    let details: Vec<String> =
        changed.map(|(of, then, now)| format!("solution `{of}`: {} then, {} now", word(then), word(now))).collect();
    if !details.is_empty() {
        let mut failure = Failure::new(FailureKind::Refused, "the environment has changed since the plan was made");
        failure.details = details;
        return Err(failure.help("run again: dvpack then plans from what is there now"));
    }
    let is_own = |step: &&Step| matches!(&step.action, Action::ImportSolution { solution, .. } if solution == name);
    let steps: Vec<Step> = basis.plan.steps.iter().filter(is_own).cloned().collect();
    if steps.iter().any(deletions::is_upgrade) {
        let now = deletions::of_upgrades(context.client, std::iter::once(package), &basis.seen.solutions).await?;
        basis.plan.check_deletions_since(&Plan { deletions: now, steps, ..basis.plan.clone() })?;
    }
    Ok(())
}
