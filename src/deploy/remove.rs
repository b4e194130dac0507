//! Undoes what an apply did, and only that: roles of the bundle, the user if nothing else needs it, the solutions.

use std::time::Duration;

use crate::clock;
use crate::dataverse::error::words;
use crate::dataverse::solution::Installed;
use crate::dataverse::system_user;
use crate::dataverse::{ApiError, dependency, solution};
use crate::deploy::deletions::{self, Deletion};
use crate::deploy::desired::Desired;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::job::{Goal, follow, settle, vanished, wait_for_others};
use crate::deploy::observed::{self, Observed, holding};
use crate::deploy::progress::{Context, Event, Ran};
use crate::deploy::reading;
use crate::version::Version;

/// How many dependents are reported one by one.
const SHOWN: usize = 20;

/// One thing to undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// Remove a role copy from the user.
    Role {
        /// The user.
        user: uuid::Uuid,
        /// The copy.
        copy: uuid::Uuid,
        /// Its name.
        name: String,
    },
    /// Disable the user: deleting it would lose the history of its rows, so that is left to an administrator.
    Disable {
        /// The user.
        user: uuid::Uuid,
        /// Its name.
        name: String,
        /// Whether it has no role, as after an import that failed.
        without_role: bool,
    },
    /// Uninstall a managed solution.
    Uninstall {
        /// Unique name.
        name: String,
        /// The version that is installed, when it is understood.
        version: Option<Version>,
        /// Whether it is the one that a staged upgrade waits in.
        staged: bool,
    },
}

impl std::fmt::Display for Undo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Role { name, .. } => write!(f, "take security role `{name}` from the application user"),
            Self::Disable { name, without_role: false, .. } => write!(f, "disable the application user `{name}`"),
            Self::Disable { name, .. } => write!(f, "disable the application user `{name}`, which has no role"),
            Self::Uninstall { name, version, staged: false } => {
                write!(f, "uninstall solution `{name}`{} with all its data", after(" ", *version))
            }
            Self::Uninstall { name, version, staged: true } => {
                write!(f, "uninstall solution `{name}`, the staged upgrade{}", after(" to ", *version))
            }
        }
    }
}

fn after(word: &str, version: Option<Version>) -> String {
    version.map(|version| format!("{word}{version}")).unwrap_or_default()
}

/// What there is to undo, in order.
#[must_use]
pub fn plan(desired: &Desired, observed: &Observed) -> Vec<Undo> {
    let mut undo = Vec::new();
    let wanted: Vec<_> = desired.roles().map(|role| role.id).collect();
    for user in observed.active().filter(|_| desired.user().is_some()) {
        let ours = |role: &&system_user::AssignedRole| role.root.is_some_and(|root| wanted.contains(&root));
        for role in user.roles.iter().filter(ours) {
            undo.push(Undo::Role { user: user.id, copy: role.id, name: role.name.clone() });
        }
        // A user with other roles is also used for something else.
        if !user.disabled && user.roles.iter().all(|role| ours(&role)) {
            let without_role = user.roles.is_empty();
            undo.push(Undo::Disable { user: user.id, name: user.name.clone(), without_role });
        }
    }
    for package in desired.packages.iter().rev() {
        let name = &package.solution.name;
        // A staged upgrade is on top of the solution, and would stay without it.
        for (name, staged) in [(holding(name), true), (name.clone(), false)] {
            // Removing an unmanaged solution leaves its components: it belongs to a developer.
            if let Some(installed) = observed.solution(&name).filter(|installed| installed.managed) {
                undo.push(Undo::Uninstall { name, version: installed.version, staged });
            }
        }
    }
    undo
}

/// What stays although the bundle names it, and why.
#[must_use]
pub fn kept(desired: &Desired, observed: &Observed) -> Vec<String> {
    let undo = plan(desired, observed);
    let mut kept = Vec::new();
    let disables = |id| undo.iter().any(|step| matches!(step, Undo::Disable { user, .. } if *user == id));
    for user in observed.active().filter(|user| desired.user().is_some() && !user.disabled && !disables(user.id)) {
        let wanted = |role: &&system_user::AssignedRole| {
            role.root.is_some_and(|root| desired.roles().any(|role| role.id == root))
        };
        let others: Vec<String> =
            user.roles.iter().filter(|role| !wanted(role)).map(|role| format!("`{}`", role.name)).collect();
        let word = if others.len() == 1 { "role" } else { "roles" };
        kept.push(format!(
            "the application user `{}` stays enabled: it also has the {word} {}, which the bundle does not declare; \
             disable it in the Power Platform admin center if nothing else needs it",
            user.name,
            others.join(", ")
        ));
    }
    for package in &desired.packages {
        let name = &package.solution.name;
        if observed.solution(name).is_some_and(|installed| !installed.managed) {
            kept.push(format!(
                "solution `{name}` stays: it is installed unmanaged, and deleting it would leave its components in the \
                 environment; whoever develops it there deletes them by hand"
            ));
        }
    }
    kept
}

/// Checks whether the solutions can be removed.
pub async fn check(context: Context<'_>, undo: &[Undo]) -> Result<(), Failure> {
    let mut gone: Vec<&str> = Vec::new();
    for step in undo {
        let Undo::Uninstall { name, .. } = step else { continue };
        needed_by_none(context, name, &gone).await?;
        gone.push(name);
    }
    Ok(())
}

/// Fails where something still needs a solution, apart from what is `gone` before it.
async fn needed_by_none(context: Context<'_>, name: &str, gone: &[&str]) -> Result<(), Failure> {
    let mut needed = dependency::for_uninstall(context.client, name).await?;
    let goes = |owner: &String| gone.iter().any(|gone| gone.eq_ignore_ascii_case(owner));
    needed.retain(|dependency| !dependency.owner.as_ref().is_some_and(goes));
    if needed.is_empty() {
        return Ok(());
    }
    let components = if needed.len() == 1 { "component" } else { "components" };
    let mut failure = Failure::not_ready(format!("solution `{name}` is still needed by {} {components}", needed.len()));
    failure.details.extend(needed.iter().take(SHOWN).map(ToString::to_string));
    if needed.len() > SHOWN {
        failure.details.push(format!("and {} more", needed.len() - SHOWN));
    }
    let owners: std::collections::BTreeSet<&str> =
        needed.iter().filter_map(|dependency| dependency.owner.as_deref()).collect();
    let owners = owners.iter().filter(|owner| !matches!(**owner, "Active" | "Default"));
    failure.help.extend(
        owners
            .map(|owner| format!("remove solution `{owner}` first, or update it to a version without the dependency")),
    );
    failure.help.push("the environment lists them all under “Show dependencies” of the solution".into());
    Err(failure)
}

/// The tables that go with the solutions that are uninstalled, as the environment has them, and what could not be found
/// out.
pub async fn losses(context: Context<'_>, observed: &Observed, undo: &[Undo]) -> Result<Vec<Deletion>, Failure> {
    let removed: Vec<&Installed> = undo
        .iter()
        .filter_map(|step| match step {
            Undo::Uninstall { name, .. } => observed.solution(name),
            _ => None,
        })
        .collect();
    Ok(deletions::of_removals(context.client, &removed).await?)
}

/// Undoes the apply. `told` are the losses that somebody has agreed to: more than those, or another version, is
/// refused.
///
/// # Errors
/// Where a step fails, the environment has changed since the removal was planned, or time is up.
pub async fn remove(context: Context<'_>, desired: &Desired, undo: &[Undo], told: &[Deletion]) -> Result<(), Failure> {
    let mut removal = Removal { context, told, gone: Vec::new() };
    // Another operation on the solutions must end before anything is removed from the user.
    if undo.iter().any(|step| matches!(step, Undo::Uninstall { .. })) && wait_for_others(context).await? {
        for step in undo {
            if let Undo::Uninstall { name, version, .. } = step {
                let unchanged = removal.unchanged(name, *version).await;
                unchanged.map_err(|failure| failure.detail("nothing was changed"))?;
                removal.gone.push(name);
            }
        }
        removal.gone.clear();
    }
    let words: Vec<String> = undo.iter().map(ToString::to_string).collect();
    for (index, (step, what)) in undo.iter().zip(&words).enumerate() {
        context.progress.event(Event::Step { number: index + 1, of: undo.len(), what: what.clone() });
        let begun = clock::now();
        let undone = match step {
            Undo::Role { user, copy, .. } => {
                system_user::unassign(context.client, *user, *copy).await.map_err(Failure::from)
            }
            Undo::Disable { user, name, .. } => disable(context, desired, *user, name).await,
            Undo::Uninstall { name, version, .. } => removal.uninstall(name, *version).await,
        };
        let (seconds, done) = (clock::since(begun).as_secs_f64(), undone.is_ok());
        context.progress.event(Event::StepEnded(Ran { what: what.clone(), seconds, done }));
        undone.map_err(|failure| failure.after(&words[..index], what))?;
        if let Undo::Uninstall { name, .. } = step {
            removal.gone.push(name);
        }
    }
    Ok(())
}

/// What of a removal is not so, although the environment took every step.
///
/// # Errors
/// Where the environment cannot be read.
pub async fn left(context: Context<'_>, desired: &Desired, undo: &[Undo]) -> Result<Vec<String>, Failure> {
    let read = observed::observe(context.client, desired).await.map_err(|error| {
        let failure = Failure::from(error);
        let message = format!("every step was carried out; reading back failed: {}", failure.message);
        let words: Vec<String> = undo.iter().map(ToString::to_string).collect();
        Failure { kind: FailureKind::Inconclusive, message, ..failure }.after(&words, "")
    })?;
    let same = |now: &Undo, then: &Undo| match (now, then) {
        (Undo::Disable { user: now, .. }, Undo::Disable { user: then, .. }) => now == then,
        (Undo::Uninstall { name: now, .. }, Undo::Uninstall { name: then, .. }) => now.eq_ignore_ascii_case(then),
        (now, then) => now == then,
    };
    let now = plan(desired, &read);
    Ok(now.iter().filter(|now| undo.iter().any(|then| same(now, then))).map(ToString::to_string).collect())
}

/// Disables the user, unless it serves something else by now.
async fn disable(context: Context<'_>, desired: &Desired, user: uuid::Uuid, name: &str) -> Result<(), Failure> {
    let Some((application, _)) = desired.user() else { return Ok(()) };
    let id = application.client_id;
    let now = system_user::of_application(context.client, id, false).await?;
    let Some(now) = now.into_iter().find(|it| it.id == user && !it.deleted) else { return Ok(()) };
    let is_ours =
        |role: &&system_user::AssignedRole| role.root.is_some_and(|root| desired.roles().any(|role| role.id == root));
    let others: Vec<String> =
        now.roles.iter().filter(|role| !is_ours(role)).map(|role| format!("`{}`", role.name)).collect();
    if !others.is_empty() {
        let roles = if others.len() == 1 { "role" } else { "roles" };
        return Err(changed(vec![format!(
            "the application user `{name}` has been given {roles} {}",
            others.join(", ")
        )]));
    }
    Ok(system_user::set_disabled(context.client, user, id, true).await?)
}

/// The environment is no longer what somebody has agreed to change.
fn changed(details: Vec<String>) -> Failure {
    let mut failure = Failure::new(FailureKind::Refused, "the environment has changed since the removal was planned");
    failure.details = details;
    failure.help("run again: dvpack then lists what would be removed now")
}

/// Uninstalling the solutions.
struct Removal<'a> {
    context: Context<'a>,
    told: &'a [Deletion],
    /// What is uninstalled already.
    gone: Vec<&'a str>,
}

impl Removal<'_> {
    /// Refuses a removal that differs from the planned one; returns whether the solution is installed.
    async fn unchanged(&self, name: &str, version: Option<Version>) -> Result<bool, Failure> {
        let client = self.context.client;
        let held = holding(name);
        let found = solution::find(client, &[name, &held], true).await?;
        let now = |name: &str| found.iter().find(|it| it.name.eq_ignore_ascii_case(name));
        let Some(installed) = now(name) else { return Ok(false) };
        let word = |version: Option<Version>| {
            version.map_or_else(|| "a version that is not understood".to_owned(), |version| version.to_string())
        };
        if installed.version != version {
            let (then, now) = (word(version), word(installed.version));
            return Err(changed(vec![format!("solution `{name}`: {then} then, {now} now")]));
        }
        if let Some(staged) = now(&held).filter(|_| !self.gone.contains(&held.as_str())) {
            return Err(changed(vec![format!(
                "an upgrade of solution `{name}` to {} is staged",
                word(staged.version)
            )]));
        }
        if let Err(failure) = needed_by_none(self.context, name, &self.gone).await {
            if failure.kind != FailureKind::NotReady {
                return Err(failure);
            }
            let mut details = vec![failure.message];
            details.extend(failure.details);
            return Err(failure.help.into_iter().fold(changed(details), Failure::help));
        }
        // Which of the solutions a table goes with makes no difference.
        let anyhow = |all: &[Deletion]| -> Vec<Deletion> {
            all.iter().map(|it| Deletion { solution: String::new(), ..it.clone() }).collect()
        };
        let losses = deletions::of_removals(client, &[installed]).await?;
        let more = deletions::more_than_told(&anyhow(self.told), &anyhow(&losses));
        if more.is_empty() { Ok(true) } else { Err(changed(more)) }
    }

    async fn uninstall(&self, name: &str, version: Option<Version>) -> Result<(), Failure> {
        let (context, patience) = (self.context, self.context.client.patience());
        let mut locked_for = Duration::ZERO;
        loop {
            // The job of a stopped run may still be running, or somebody else's.
            wait_for_others(context).await?;
            if !self.unchanged(name, version).await? {
                done_meanwhile(context, name);
                return Ok(());
            }
            if uninstall(context, name).await? {
                return Ok(());
            }
            if locked_for + patience.lock_wait > patience.lock_total {
                return Err(Failure::not_ready("another solution operation holds the environment's lock")
                    .detail(format!("waited {}", words(locked_for)))
                    .help("see the solution history of the environment, and run again when it has ended"));
            }
            locked_for += patience.lock_wait;
            context.note("another solution operation is running in the environment; waiting for it");
            context.poll(patience.lock_wait, "another solution operation is still running").await?;
        }
    }
}

/// Uninstalls a solution, unless another operation holds the environment's lock.
async fn uninstall(context: Context<'_>, name: &str) -> Result<bool, Failure> {
    let goal = Goal::Removal(name);
    context.progress.event(Event::JobStarting);
    let job = match solution::uninstall(context.client, name).await {
        Ok(job) => job,
        Err(error @ ApiError::Ambiguous { .. }) => {
            return settle(context, goal, error).await?.map_or(Ok(true), |lost| Err(lost.into()));
        }
        Err(error) => {
            context.progress.event(Event::JobEnded);
            if error.is_lock() {
                return Ok(false);
            }
            // Somebody else was quicker.
            if matches!(error, ApiError::Server { .. }) && goal.is_reached(context).await.unwrap_or(false) {
                done_meanwhile(context, name);
                return Ok(true);
            }
            let said: Vec<String> = error.server().map(ToString::to_string).into_iter().collect();
            let failure = reading::of_removal(error.into(), &said);
            return reading::with_users(context.client, Err(failure)).await;
        }
    };
    let ended = follow(context, goal, job, None).await?;
    if goal.is_reached_by(context, job).await? {
        return Ok(true);
    }
    let Some(ended) = ended else { return Err(vanished(job)) };
    let message = format!("solution `{name}` was not removed");
    let failure = if ended.was_locked_out() {
        Failure::not_ready(message).detail("another solution operation held the environment's lock")
    } else {
        Failure::new(FailureKind::Failed, message)
    };
    let said = ended.message.unwrap_or_else(|| "it is still installed".into());
    let failure = reading::of_removal(failure.detail(&said), &[said]);
    reading::with_users(context.client, Err(failure)).await
}

/// Somebody else, or an earlier run, did the work.
fn done_meanwhile(context: Context<'_>, name: &str) {
    context.note(format!("solution `{name}` was removed in the meantime"));
}
