//! Undoing what an apply did, and only that: roles of the bundle, the user when nothing else needs it, the solutions.

use crate::dataverse::row_count::{self, RowCount};
use crate::dataverse::system_user;
use crate::dataverse::{ApiError, dependency, solution};
use crate::deploy::desired::{Desired, Package};
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::job::{Goal, follow, settle, vanished, wait_for_others};
use crate::deploy::observed::{Observed, holding};
use crate::deploy::progress::{Context, Event};

/// How many dependents are told one by one.
const SHOWN: usize = 20;

/// One thing to undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// Take a role copy from the user.
    Role {
        /// The user.
        user: uuid::Uuid,
        /// The copy.
        copy: uuid::Uuid,
        /// Its name.
        name: String,
    },
    /// Disable the user: deleting would take the history of its rows along, so that is left to an administrator.
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
        /// Whether it is where an upgrade waits that was staged.
        staged: bool,
    },
}

impl std::fmt::Display for Undo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Role { name, .. } => write!(f, "take security role `{name}` from the application user"),
            Self::Disable { name, without_role: false, .. } => write!(f, "disable the application user `{name}`"),
            Self::Disable { name, .. } => write!(f, "disable the application user `{name}`, which has no role"),
            Self::Uninstall { name, staged: false } => write!(f, "uninstall solution `{name}` with all its data"),
            Self::Uninstall { name, staged: true } => write!(f, "uninstall solution `{name}`, the staged upgrade"),
        }
    }
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
        // A user with other roles serves something else, too.
        if !user.disabled && user.roles.iter().all(|role| ours(&role)) {
            let without_role = user.roles.is_empty();
            undo.push(Undo::Disable { user: user.id, name: user.name.clone(), without_role });
        }
    }
    for package in desired.packages.iter().rev() {
        let name = &package.solution.name;
        // What waits in a staged upgrade is on top of the solution, and would stay without it.
        for (name, staged) in [(holding(name), true), (name.clone(), false)] {
            // Removing an unmanaged solution leaves its components: it is a developer's, and not ours.
            if observed.solution(&name).is_some_and(|installed| installed.managed) {
                undo.push(Undo::Uninstall { name, staged });
            }
        }
    }
    undo
}

/// What stays although the bundle speaks of it, and why.
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

/// Looks whether the solutions can be removed at all.
pub async fn check(context: Context<'_>, undo: &[Undo]) -> Result<(), Failure> {
    let mut gone: Vec<&str> = Vec::new();
    for step in undo {
        let Undo::Uninstall { name, .. } = step else { continue };
        let mut needed = dependency::for_uninstall(context.client, name).await?;
        // What is uninstalled before it no longer needs it.
        let goes = |owner: &String| gone.iter().any(|gone| gone.eq_ignore_ascii_case(owner));
        needed.retain(|dependency| !dependency.owner.as_ref().is_some_and(goes));
        gone.push(name);
        if !needed.is_empty() {
            let components = if needed.len() == 1 { "component" } else { "components" };
            let mut failure =
                Failure::not_ready(format!("solution `{name}` is still needed by {} {components}", needed.len()));
            failure.details.extend(needed.iter().take(SHOWN).map(ToString::to_string));
            if needed.len() > SHOWN {
                failure.details.push(format!("and {} more", needed.len() - SHOWN));
            }
            let owners: std::collections::BTreeSet<&str> =
                needed.iter().filter_map(|dependency| dependency.owner.as_deref()).collect();
            let owners = owners.iter().filter(|owner| !matches!(**owner, "Active" | "Default"));
            failure.help.extend(owners.map(|owner| {
                format!("remove solution `{owner}` first, or update it to a version without the dependency")
            }));
            failure.help.push("the environment lists them all under “Show dependencies” of the solution".into());
            return Err(failure);
        }
    }
    Ok(())
}

/// How many rows go with the solutions that are uninstalled.
pub async fn rows(context: Context<'_>, desired: &Desired, undo: &[Undo]) -> Result<Vec<RowCount>, Failure> {
    let uninstalls =
        |name: &str| undo.iter().any(|step| matches!(step, Undo::Uninstall { name: gone, .. } if gone == name));
    let goes = |name: &str| uninstalls(name) || uninstalls(&holding(name));
    let packages = desired.packages.iter().filter(|package| goes(&package.solution.name));
    let mut tables: Vec<String> = packages.flat_map(Package::own_tables).map(str::to_owned).collect();
    tables.sort();
    tables.dedup();
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    Ok(row_count::of_tables(context.client, &tables).await?)
}

/// Undoes.
///
/// # Errors
/// Where a step fails or time is up.
pub async fn remove(context: Context<'_>, desired: &Desired, undo: &[Undo]) -> Result<(), Failure> {
    let words: Vec<String> = undo.iter().map(ToString::to_string).collect();
    for (index, (step, what)) in undo.iter().zip(&words).enumerate() {
        context.progress.event(Event::Step { number: index + 1, of: undo.len(), what: what.clone() });
        let undone = match step {
            Undo::Role { user, copy, .. } => {
                system_user::unassign(context.client, *user, *copy).await.map_err(Failure::from)
            }
            Undo::Disable { user, .. } => match desired.user() {
                Some((application, _)) => {
                    let id = application.client_id;
                    system_user::set_disabled(context.client, *user, id, true).await.map_err(Failure::from)
                }
                None => Ok(()),
            },
            Undo::Uninstall { name, .. } => uninstall(context, name).await,
        };
        undone.map_err(|failure| failure.after(&words[..index], what))?;
    }
    Ok(())
}

async fn uninstall(context: Context<'_>, name: &str) -> Result<(), Failure> {
    let goal = Goal::Removal(name);
    // The job of a run that was stopped may still be at work.
    if wait_for_others(context).await? && goal.is_reached(context).await? {
        done_meanwhile(context, name);
        return Ok(());
    }
    context.progress.event(Event::JobStarting);
    let job = match solution::uninstall(context.client, name).await {
        Ok(job) => job,
        Err(error @ ApiError::Ambiguous { .. }) => {
            return settle(context, goal, error).await?.map_or(Ok(()), |lost| Err(lost.into()));
        }
        Err(error) => {
            context.progress.event(Event::JobEnded);
            // Somebody else was quicker.
            if matches!(error, ApiError::Server { .. }) && goal.is_reached(context).await.unwrap_or(false) {
                done_meanwhile(context, name);
                return Ok(());
            }
            return Err(error.into());
        }
    };
    let ended = follow(context, goal, job, None).await?;
    if goal.is_reached_by(context, job).await? {
        return Ok(());
    }
    let Some(ended) = ended else { return Err(vanished(job)) };
    let message = format!("solution `{name}` was not removed");
    let failure = if ended.was_locked_out() {
        Failure::not_ready(message).detail("another solution operation held the environment's lock")
    } else {
        Failure::new(FailureKind::Failed, message)
    };
    Err(failure.detail(ended.message.unwrap_or_else(|| "it is still installed".into())))
}

/// Somebody else, or an earlier run, did the work.
fn done_meanwhile(context: Context<'_>, name: &str) {
    context.note(format!("solution `{name}` was removed in the meantime"));
}
