//! Undoing what an apply did, and only that: roles of the bundle, the user when nothing else needs it, the solutions.

use std::time::Duration;

use crate::dataverse::async_operation::{self, State};
use crate::dataverse::row_count::{self, RowCount};
use crate::dataverse::system_user;
use crate::dataverse::{ApiError, dependency, solution};
use crate::deploy::desired::{Desired, Package};
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::observed::Observed;
use crate::deploy::progress::{Context, Event, time_up};

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
    },
}

impl std::fmt::Display for Undo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Role { name, .. } => write!(f, "take security role `{name}` from the application user"),
            Self::Disable { name, without_role: false, .. } => write!(f, "disable the application user `{name}`"),
            Self::Disable { name, .. } => write!(f, "disable the application user `{name}`, which has no role"),
            Self::Uninstall { name } => write!(f, "uninstall solution `{name}` with all its data"),
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
        // Removing an unmanaged solution leaves its components: it is a developer's, and not ours.
        if observed.solution(&package.solution.name).is_some_and(|installed| installed.managed) {
            undo.push(Undo::Uninstall { name: package.solution.name.clone() });
        }
    }
    undo
}

/// Looks whether the solutions can be removed at all.
pub async fn check(context: Context<'_>, undo: &[Undo]) -> Result<(), Failure> {
    for step in undo {
        let Undo::Uninstall { name } = step else { continue };
        let needed = dependency::for_uninstall(context.client, name).await?;
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
    let goes = |name: &str| undo.iter().any(|step| matches!(step, Undo::Uninstall { name: gone } if gone == name));
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
    for (index, step) in undo.iter().enumerate() {
        context.progress.event(Event::Step { number: index + 1, of: undo.len(), what: step.to_string() });
        match step {
            Undo::Role { user, copy, .. } => system_user::unassign(context.client, *user, *copy).await?,
            Undo::Disable { user, .. } => {
                if let Some((application, _)) = desired.user() {
                    system_user::set_disabled(context.client, *user, application.client_id, true).await?;
                }
            }
            Undo::Uninstall { name } => uninstall(context, name).await?,
        }
    }
    Ok(())
}

async fn uninstall(context: Context<'_>, name: &str) -> Result<(), Failure> {
    context.progress.event(Event::JobStarting);
    let job = solution::uninstall(context.client, name).await?;
    let mut ended = None;
    if let Some(job) = job {
        context.progress.event(Event::JobStarted(job));
        let running = format!("the removal (job {job}) still runs on the server");
        let mut wait = Duration::from_secs(2);
        loop {
            let look = match async_operation::read(context.client, job).await {
                Err(ApiError::TimeUp { .. }) => return Err(time_up(&running)),
                look => look?,
            };
            match look {
                Some(found) if found.state == State::Running => {}
                other => {
                    ended = other;
                    break;
                }
            }
            context.wait(wait, &running).await?;
            wait = (wait * 3 / 2).min(Duration::from_secs(15));
        }
    }
    context.progress.event(Event::JobEnded);
    if solution::find(context.client, &[name], true).await?.is_empty() {
        return Ok(());
    }
    let why = ended.and_then(|job| job.message).unwrap_or_else(|| "it is still installed".into());
    Err(Failure::new(FailureKind::Failed, format!("solution `{name}` was not removed")).detail(why))
}
