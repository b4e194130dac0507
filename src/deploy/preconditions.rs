//! What must be true before anything is written: read once, only if something will be written, and all reported at
//! once.
//!
//! What cannot be read prevents nothing: the environment itself then says what it refuses.

use crate::dataverse::{ApiError, organization, system_user};
use crate::deploy::caller::Who;
use crate::deploy::desired::Desired;
use crate::deploy::failure::{Failure, together};
use crate::deploy::fitting::{self, misfits};
use crate::deploy::observed::Observed;
use crate::deploy::plan::Plan;
use crate::deploy::progress::Context;
use crate::deploy::rights;

/// Fails with everything that prevents these steps; returns what a person should know.
pub async fn check(
    context: Context<'_>,
    desired: &Desired,
    plan: &Plan,
    seen: &Observed,
) -> Result<Vec<String>, Failure> {
    let mut failures = Vec::new();
    let mut notes = Vec::new();
    failures.extend(rights_of_caller(context, desired, plan, seen).await?);
    let packages: Vec<_> = fitting::uploaded(desired, &plan.steps).map(|(package, _)| package).collect();
    if !packages.is_empty()
        && let Some(misfits) = read(misfits(context.client, &packages).await)?
    {
        failures.extend(misfits.refusal());
        notes.extend(misfits.note());
    }
    match together(&failures) {
        Some(failure) => Err(failure.detail("nothing was changed")),
        None => Ok(notes),
    }
}

async fn rights_of_caller(
    context: Context<'_>,
    desired: &Desired,
    plan: &Plan,
    seen: &Observed,
) -> Result<Option<Failure>, Failure> {
    let client = context.client;
    let needed = rights::of_steps(desired, &plan.steps);
    if needed.is_empty() {
        return Ok(None);
    }
    let Some(caller) = read(organization::who_am_i(client).await)? else { return Ok(None) };
    // Only where something is imported was everything asked for that is needed.
    let known = seen.known_privileges.as_ref().filter(|_| plan.imports());
    let Some(missing) = read(rights::missing(client, caller.user, &needed, known).await)? else { return Ok(None) };
    if missing.is_empty() {
        return Ok(None);
    }
    let described = read(system_user::describe(client, caller.user).await)?;
    Ok(Some(rights::refusal(&missing, &Who { user: caller.user, described })))
}

/// What was read; nothing if the environment does not provide it.
fn read<T>(read: Result<T, ApiError>) -> Result<Option<T>, Failure> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(ApiError::Server { error, .. }) if !error.shuts_out() => Ok(None),
        Err(ApiError::Malformed { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}
