//! Who the run is signed in as.

use crate::dataverse::{ApiError, Client, ServerError, organization, system_user};
use crate::deploy::caller::Who;
use crate::deploy::doctor::answer::{Answers, State};
use crate::deploy::failure::Failure;

const WHAT: &str = "signed-in user";

/// Asks who is signed in. Fails if nobody can sign in.
pub(super) async fn who(answers: &mut Answers, client: &Client) -> Result<Option<Who>, Failure> {
    let caller = match organization::who_am_i(client).await {
        Ok(caller) => caller,
        Err(error @ ApiError::SignIn(_)) => return Err(error.into()),
        // This caller, or this place, is refused.
        Err(error) if error.server().is_some_and(ServerError::shuts_out) => return Err(error.into()),
        Err(error) => {
            answers.lose(&error);
            // A caller who may not ask this may ask nothing. Any other failure says nothing about the other questions.
            if error.server().is_some_and(|error| error.status == 403) {
                answers.lost.get_or_insert_with(|| "nobody is let in".to_owned());
            }
            answers.unread(WHAT, error);
            return Ok(None);
        }
    };
    let user = caller.user;
    let who = match system_user::describe(client, user).await {
        Ok(described) => Who { user, described: Some(described) },
        Err(error) if error.server().is_some_and(ServerError::shuts_out) => return Err(error.into()),
        Err(error) => {
            answers.lose(&error);
            Who { user, described: None }
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
