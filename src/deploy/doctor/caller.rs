//! Who the run is signed in as, and what an administrator must know to change that user's rights.

use uuid::Uuid;

use crate::dataverse::error::{ADDRESS_BLOCKED, APPLICATION_BLOCKED, NOT_A_MEMBER};
use crate::dataverse::system_user::Described;
use crate::dataverse::{ApiError, Client, organization, system_user};
use crate::deploy::doctor::{Answers, State};
use crate::deploy::failure::Failure;

const WHAT: &str = "signed-in user";

/// The signed-in user.
pub(super) struct Who {
    /// Its row.
    pub(super) user: Uuid,
    /// Its application, where it is one.
    pub(super) application: Option<Uuid>,
    described: Option<Described>,
}

impl Who {
    /// As an administrator finds it.
    pub(super) fn name(&self) -> String {
        let name = self.described.as_ref().map(|described| described.name.as_str()).filter(|name| !name.is_empty());
        match (name, self.application) {
            (Some(name), Some(application)) => format!("`{name}` (application {application})"),
            (Some(name), None) => match self.described.as_ref().and_then(|described| described.login.as_deref()) {
                Some(login) => format!("`{name}` ({login})"),
                None => format!("`{name}`"),
            },
            (None, Some(application)) => format!("the user of application {application}"),
            (None, None) => format!("user {}", self.user),
        }
    }

    /// Where its roles are given.
    pub(super) fn place(&self) -> String {
        let list = match (&self.described, self.application) {
            (_, Some(_)) => "Application users",
            (Some(_), None) => "Users",
            (None, None) => "Users or Application users",
        };
        format!("Power Platform admin center > the environment > Settings > Users + permissions > {list}")
    }
}

/// Whether nobody like this, or nobody from here, is let in.
fn is_shut_out(error: &ApiError) -> bool {
    matches!(error, ApiError::SignIn(_)) || error.is(APPLICATION_BLOCKED) || error.is(ADDRESS_BLOCKED)
}

/// Asks who is signed in. Fails where nobody can be.
pub(super) async fn who(answers: &mut Answers, client: &Client) -> Result<Option<Who>, Failure> {
    let caller = match organization::who_am_i(client).await {
        Ok(caller) => caller,
        Err(error) if is_shut_out(&error) => return Err(error.into()),
        Err(error) => {
            answers.lose(&error);
            // Whoever may not ask this may ask nothing.
            answers.lost.get_or_insert_with(|| "nobody is let in".to_owned());
            if error.is(NOT_A_MEMBER) {
                answers
                    .add(WHAT, State::Problem, "who signed in is not a member of this environment")
                    .advise("add it as a user with the security role System Administrator, or sign in as somebody else")
                    .advise("Power Platform admin center > the environment > Settings > Users + permissions");
            } else {
                answers.unread(WHAT, error.into());
            }
            return Ok(None);
        }
    };
    let user = caller.user;
    let who = match system_user::describe(client, user).await {
        Ok(described) => Who { user, application: described.application, described: Some(described) },
        Err(error) => {
            answers.lose(&error);
            Who { user, application: None, described: None }
        }
    };
    let disabled = who.described.as_ref().is_some_and(|described| described.disabled);
    let state = if disabled { State::Problem } else { State::Ok };
    let mut found = who.name();
    if who.described.is_some() {
        found.push_str(&format!(", user {user}"));
    } else {
        found.push_str("; its name could not be read");
    }
    answers.add(WHAT, state, if disabled { format!("{found}: disabled") } else { found });
    if disabled {
        answers.advise(format!("enable it: {}", who.place()));
    }
    Ok(Some(who))
}
