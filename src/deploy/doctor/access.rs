//! Whether the environment checks which application a person signs in with, and which one must be allowed then.
//!
//! Source: Microsoft's “control which apps are allowed in an environment” and “IP firewall”. Applications that sign in
//! by themselves are not checked by the first; the second can apply to them.

use crate::dataverse::organization::{self, Access, AccessMode};
use crate::dataverse::{ApiError, Client};
use crate::deploy::caller::Who;
use crate::deploy::desired::Desired;
use crate::deploy::doctor::answer::{Answers, State};
use crate::entra::SAMPLE_CLIENT_ID;

const WHAT: &str = "app access control";
const HIDDEN: &str = "the environment does not show it; this run was let in";
const PLACE: &str = "Power Platform admin center > Security > Identity and access > App access control";

/// Reads the mode. The run itself has been let in already.
pub(super) async fn access(answers: &mut Answers, client: &Client, desired: &Desired, who: Option<&Who>) {
    let read = async {
        match organization::access(client).await {
            Err(ApiError::Server { .. }) => Ok(None),
            other => other.map(Some),
        }
    };
    let Some(access) = answers.read(WHAT, read).await else { return };
    let Some(access) = access else {
        answers.add(WHAT, State::Ok, HIDDEN);
        return;
    };
    let by_itself = who.is_some_and(|who| who.application().is_some());
    let people = match client.application().filter(|_| !by_itself) {
        Some(application) => application.to_owned(),
        None => of_people(desired),
    };
    let (found, lines) = told(&access, by_itself, &people);
    answers.add(WHAT, State::Ok, found);
    for line in lines {
        answers.advise(line);
    }
    if access.firewall_for_applications {
        answers.add("IP firewall", State::Ok, "applies to applications, too").advise(
            "the package's service reaches the environment only from addresses that the firewall allows: Power Platform admin center > the environment > Settings > Privacy + Security > IP firewall",
        );
    }
}

/// The application that people sign in with if they name none.
fn of_people(desired: &Desired) -> String {
    let own = desired.descriptor.application.as_ref().filter(|it| !it.redirect_uris.public_client.is_empty());
    own.map_or_else(|| SAMPLE_CLIENT_ID.to_owned(), |application| application.client_id.to_string())
}

fn told(access: &Access, by_itself: bool, people: &str) -> (String, Vec<String>) {
    let this =
        if by_itself { "; it does not check applications that sign in by themselves, as this run does" } else { "" };
    let (found, when) = match access.mode {
        AccessMode::Unknown => return (HIDDEN.into(), Vec::new()),
        AccessMode::Off => return ("off: people sign in with any application".into(), Vec::new()),
        AccessMode::On => ("on: people sign in with allowed applications only", "must be allowed"),
        AccessMode::Audit => ("audit only: nobody is refused yet", "must be allowed before it is enforced"),
    };
    if access.allows(people) {
        return (format!("{found}; application {people} is allowed{this}"), Vec::new());
    }
    let lines = vec![
        format!("for people who sign in with dvpack (browser, device code), application {people} {when}: {PLACE}"),
        "or they sign in with one that is allowed: `--client-id`, DVPACK_CLIENT_ID".into(),
    ];
    (format!("{found}{this}"), lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_must_be_allowed_is_said_where_it_is_not() {
        let mode = |mode| Access { mode, ..Access::default() };
        let (found, lines) = told(&mode(AccessMode::Off), true, "x");
        assert!(found.starts_with("off") && lines.is_empty());
        let (found, lines) = told(&Access::default(), true, "x");
        assert!(found == HIDDEN && lines.is_empty(), "{found}");
        let (found, lines) = told(&mode(AccessMode::On), true, "x");
        assert!(found.contains("allowed applications only; it does not check"), "{found}");
        assert!(lines[0].contains("application x must be allowed"), "{lines:?}");
        let (found, lines) = told(&mode(AccessMode::Audit), false, "x");
        assert!(found.starts_with("audit only") && lines[0].contains("before it is enforced"), "{found} {lines:?}");
    }
}
