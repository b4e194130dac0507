//! The application user: created, adopted, enabled, given its role.

use std::time::Duration;

use uuid::Uuid;

use crate::bundle::descriptor::Application;
use crate::dataverse::error::{
    APPLICATION_NOT_FOUND, DUPLICATE_APPLICATION_USER, DUPLICATE_RECORD, PRIVILEGE_DENIED, PRIVILEGES_OF_ROLE_MISSING,
};
use crate::dataverse::role;
use crate::dataverse::system_user::{self, Given, SystemUser};
use crate::dataverse::{ApiError, Client};
use crate::deploy::admin_consent;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::progress::Context;
use crate::deploy::taken;

/// How often the service is asked again while a row spreads through it.
const ATTEMPTS: u64 = 5;
/// How long after one question for the application the next one comes, while somebody waits for its consent.
const CONSENT: Duration = Duration::from_secs(5);
/// How often it looks for a user that the environment says exists.
const SIGHTS: u64 = 4;

/// Creates the user, or adopts the one that somebody else created in the meantime; its row id. An application that the
/// tenant does not know yet is asked for again as long as `patience` says.
pub async fn create(
    context: Context<'_>,
    application: &Application,
    business_unit: Uuid,
    patience: Duration,
) -> Result<Uuid, Failure> {
    let mut lost = None;
    let made = attempts(context, application, business_unit, patience, &mut lost).await;
    // Whatever goes wrong after an answer was lost says nothing about that write: it may be carried out yet.
    made.map_err(|failure| match lost {
        Some(lost) if !failure.may_be_done => Failure::looked_in_vain(lost, failure),
        _ => failure,
    })
}

/// How long an attempt's answer may take at least.
const ANSWER: Duration = Duration::from_millis(750);

/// The attempts at a creation; `lost` is the last answer that was lost, as long as nothing shows what came of it.
async fn attempts(
    context: Context<'_>,
    application: &Application,
    business_unit: Uuid,
    patience: Duration,
    lost: &mut Option<ApiError>,
) -> Result<Uuid, Failure> {
    let id = application.client_id;
    let mut waited = Duration::ZERO;
    // Consent is missing, as the last answer said.
    let mut unknown = None;
    let mut attempt = 0;
    while attempt < ATTEMPTS {
        attempt += 1;
        match system_user::create(context.client, id, business_unit).await {
            Ok(Some(id)) => return Ok(id),
            // The answer did not say which row: look.
            Ok(None) => *lost = Some(unnamed()),
            Err(error) if error.is(APPLICATION_NOT_FOUND) => {
                let link = admin_consent::link(context.client, application);
                if waited.is_zero()
                    && !patience.is_zero()
                    && let Some(link) = &link
                {
                    context
                        .note(format!("waiting for consent: an administrator of the tenant opens this link: {link}"));
                }
                let pause = CONSENT.min(patience.saturating_sub(waited));
                let running = "the application user is not created";
                // Running out of time does not change what is missing: one more attempt must have time for its answer.
                let is_late = || context.client.time().left().is_some_and(|left| left < ANSWER);
                if pause.is_zero() || context.wait(pause, running).await.is_err() || is_late() {
                    let missing = admin_consent::missing(link.as_ref(), application, error);
                    return Err(Failure { may_be_done: lost.is_some(), ..missing });
                }
                unknown = Some((link, error));
                waited += pause;
                attempt -= 1;
                continue;
            }
            Err(error) if is_duplicate(&error) => {
                match existing(context, id, lost).await? {
                    Existing::User(user) => return adopt(context.client, *user, id, business_unit).await,
                    // Only a creation after that shows whether it was in the way.
                    Existing::Purged if attempt < ATTEMPTS => {}
                    _ => return Err(taken::explain(context.client, id, &error).await),
                }
                continue;
            }
            Err(error @ ApiError::Ambiguous { .. }) => *lost = Some(error),
            Err(error @ ApiError::Server { .. }) if lost.is_none() => return Err(error.into()),
            // The attempt before it may be carried out by now, or yet: the refusal says nothing about that.
            Err(error @ ApiError::Server { .. }) => {
                return match look_again(context.client, id, lost).await? {
                    Existing::User(user) => adopt(context.client, *user, id, business_unit).await,
                    _ => Err(error.after_a_loss(lost.take()).into()),
                };
            }
            // It was not sent again: what the last answer said is so.
            Err(error @ (ApiError::TimeUp { .. } | ApiError::TooBusy { .. }))
                if lost.is_none() && unknown.is_some() =>
            {
                let (link, missing) = unknown.take().unwrap_or((None, error));
                return Err(admin_consent::missing(link.as_ref(), application, missing));
            }
            Err(error) => return Err(error.into()),
        }
        if let Existing::User(user) = look_again(context.client, id, lost).await? {
            return adopt(context.client, *user, id, business_unit).await;
        }
        if attempt < ATTEMPTS {
            let asked = lost.as_ref().map(ApiError::asked_wait).unwrap_or_default();
            if asked > context.client.patience().throttle_longest {
                break;
            }
            let running = "whether the application user exists is not known";
            let wait = context.wait(asked.max(Duration::from_secs(2 * attempt)), running).await;
            wait.map_err(|late| Failure { may_be_done: true, ..late })?;
        }
    }
    Err(lost.take().unwrap_or_else(unnamed).into())
}

/// The answer says that the user was created, but it cannot be found.
fn unnamed() -> ApiError {
    ApiError::ambiguous("create the application user", "the answer does not name the user, and it is not found")
}

fn is_duplicate(error: &ApiError) -> bool {
    // Which of the codes is used has not been recorded; 412 is what documents say of duplicate rows.
    error.is(DUPLICATE_APPLICATION_USER)
        || error.is(DUPLICATE_RECORD)
        || error.server().is_some_and(|server| server.status == 412)
}

/// The result of looking for an application's user.
enum Existing {
    /// The one that is not soft-deleted.
    User(Box<SystemUser>),
    /// Only soft-deleted ones, which are removed for good by now.
    Purged,
    /// Nothing.
    Nothing,
}

/// Looks for a user that the environment says exists; a new row may show only after a while.
async fn existing(context: Context<'_>, application: Uuid, lost: &mut Option<ApiError>) -> Result<Existing, Failure> {
    for attempt in 1..=SIGHTS {
        match look_again(context.client, application, lost).await? {
            Existing::Nothing if attempt < SIGHTS => {
                context.wait(Duration::from_secs(2 * attempt), "the application user that exists is not seen").await?;
            }
            found => return Ok(found),
        }
    }
    Ok(Existing::Nothing)
}

/// Adopts the existing user.
async fn adopt(client: &Client, user: SystemUser, application: Uuid, business_unit: Uuid) -> Result<Uuid, Failure> {
    if user.business_unit.is_some_and(|unit| unit != business_unit) {
        let name = user
            .business_unit_name
            .map_or_else(|| "another business unit".to_owned(), |name| format!("business unit `{name}`"));
        return Err(Failure::not_ready(format!("application {application} has been given a user in {name} meanwhile"))
            .detail(format!("user `{}` ({})", user.name, user.id))
            .help("move the user in the Power Platform admin center, or set `applicationUser.businessUnit`; `dvpack plan` shows what is left to do"));
    }
    if user.disabled {
        system_user::set_disabled(client, user.id, application, false).await?;
    }
    Ok(user.id)
}

/// The one active user; soft-deleted ones are removed for good when there is no other. A user that is seen shows what came
/// of a creation whose answer was `lost`.
async fn look_again(client: &Client, application: Uuid, lost: &mut Option<ApiError>) -> Result<Existing, Failure> {
    let users = system_user::of_application(client, application, false).await?;
    let (deleted, active): (Vec<_>, Vec<_>) = users.into_iter().partition(|user| user.deleted);
    if !active.is_empty() {
        *lost = None;
    }
    if active.len() > 1 {
        return Err(Failure::not_ready(format!("application {application} has {} users here", active.len()))
            .help("keep one of them, and delete the others in the Power Platform admin center"));
    }
    if let Some(user) = active.into_iter().next() {
        return Ok(Existing::User(Box::new(user)));
    }
    let purged = !deleted.is_empty();
    for user in deleted {
        system_user::purge(client, user.id).await?;
    }
    Ok(if purged { Existing::Purged } else { Existing::Nothing })
}

/// Finds the copy of a role in a business unit, waiting a little for one that was just imported.
pub async fn role_copy(context: Context<'_>, root: Uuid, name: &str, unit: Uuid) -> Result<role::Copy, Failure> {
    for attempt in 1..=ATTEMPTS {
        if let Some(copy) = role::copies(context.client, &[root], unit).await?.into_iter().next() {
            return Ok(copy);
        }
        if attempt < ATTEMPTS {
            context.wait(Duration::from_secs(attempt), "the security role is not there yet").await?;
        }
    }
    Err(Failure::new(FailureKind::Failed, format!("security role `{name}` is not in the user's business unit"))
        .detail(format!("no role has parent root role {root} and business unit {unit}")))
}

/// Assigns a role copy or a profile; right after an import or a creation the service's caches may lag behind.
pub async fn assign(context: Context<'_>, user: Uuid, given: Given) -> Result<(), Failure> {
    // An attempt whose answer was lost may be carried out later, whatever the next one comes to.
    let mut lost: Option<ApiError> = None;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let Err(error) = system_user::assign(context.client, user, given).await else { return Ok(()) };
        if error.is(DUPLICATE_RECORD) {
            return Ok(());
        }
        let ambiguous = matches!(error, ApiError::Ambiguous { .. });
        if ambiguous || (lost.is_some() && error.server().is_some()) {
            match system_user::has(context.client, user, given).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(look) => return Err(lost.unwrap_or(error).looked_in_vain(&look).into()),
            }
        }
        let lag = ambiguous || error.is_absent() || error.is(PRIVILEGE_DENIED) || error.is(PRIVILEGES_OF_ROLE_MISSING);
        if !lag || attempt >= ATTEMPTS {
            return Err(error.after_a_loss(lost).into());
        }
        let asked = error.asked_wait();
        if asked > context.client.patience().throttle_longest {
            return Err(error.into());
        }
        if ambiguous {
            lost = Some(error);
        }
        let pause = asked.max(Duration::from_secs(2 * attempt));
        let wait = context.wait(pause, &format!("the {} is not assigned", given.words())).await;
        wait.map_err(|late| Failure { may_be_done: lost.is_some(), ..late })?;
    }
}
