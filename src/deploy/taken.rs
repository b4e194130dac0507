//! Why the environment refuses an application user as a duplicate although none is visible.
//!
//! Assumptions, since no recorded answer says more than “A record with matching key values already exists.”: the row is
//! one that the signed-in user may not read, or one with another key of the service principal (its object id).

use uuid::Uuid;

use crate::catalog::Level;
use crate::dataverse::system_user::{self, Likeness};
use crate::dataverse::{ApiError, Client, organization, role};
use crate::deploy::failure::Failure;
use crate::deploy::reading;

/// Where an administrator finds the users of applications.
const PLACE: &str =
    "Power Platform admin center > the environment > Settings > Users + permissions > Application users";
const READ: &str = "prvReadUser";

/// Reports what exists. `refused` is the server's answer to the creation.
pub async fn explain(client: &Client, application: Uuid, refused: &ApiError) -> Failure {
    let said = refused.server().map(ToString::to_string).unwrap_or_default();
    let request_id = refused.server().and_then(|server| server.request_id.clone());
    // What cannot be found out must not hide the refusal itself.
    let ids = guids(&said, application);
    let look = async |client: &Client| system_user::alike(client, &ids).await.ok();
    let alike = reading::briefly(client, look).await.unwrap_or_default();
    let mut failure = if alike.is_empty() {
        let mut failure = Failure::not_ready(format!(
            "the environment has a user for application {application} already, which the signed-in user cannot see"
        ));
        match reading::briefly(client, level).await {
            Some(Level::Global) => failure.help.push(format!(
                "look for application {application} among the active, the inactive and the deleted users, and activate or delete what is there: {PLACE}"
            )),
            level => {
                if let Some(level) = level {
                    failure.details.push(format!("the signed-in user reads users at level {level} only ({READ})"));
                }
                failure.help.push(format!(
                    "sign in as a System Administrator, or give the signed-in user {READ} at level {}, then run again: the user is adopted",
                    Level::Global
                ));
                failure.help.push(format!("or look for application {application} in all business units: {PLACE}"));
            }
        }
        failure
    } else {
        let mut failure = Failure::not_ready(format!(
            "the application user cannot be created: another user of the environment has the keys of application {application}"
        ));
        failure.details.extend(alike.iter().map(described));
        failure.help.push(format!("delete that user for good if nobody needs it, then run again: {PLACE}"));
        failure
    };
    failure.details.extend((!said.is_empty()).then_some(said));
    failure.request_id = request_id;
    failure
}

fn described(user: &Likeness) -> String {
    let state = match (user.deleted, user.disabled) {
        (true, _) => "soft-deleted",
        (false, true) => "disabled",
        (false, false) => "active",
    };
    let whose = match user.application {
        Some(application) => format!("of application {application}"),
        None => "which has no application".to_owned(),
    };
    format!("user `{}` ({}), {whose}, {state}", user.name, user.id)
}

/// The ids in a server's words, other than the application's own.
fn guids(text: &str, application: Uuid) -> Vec<Uuid> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    let mut ids: Vec<Uuid> = words.filter(|word| word.len() == 36).filter_map(|word| word.parse().ok()).collect();
    ids.retain(|id| *id != application && !id.is_nil());
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(8);
    ids
}

/// How deep the signed-in user can read users.
async fn level(client: &Client) -> Option<Level> {
    let caller = organization::who_am_i(client).await.ok()?;
    let ids = role::privilege_ids(client, &[READ]).await.ok()?;
    let id = ids.get(&READ.to_lowercase())?;
    let held = system_user::privileges(client, caller.user).await.ok()?;
    held.iter().filter(|held| held.id == *id).filter_map(|held| held.level).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_a_refusal_are_found_whatever_stands_around_them() {
        let own = Uuid::from_u128(1);
        let other = Uuid::from_u128(7);
        let text = format!("systemuser {{{other}}} has ({own}), AADObjectId='{other}'; 1234-5; {}", Uuid::nil());
        assert_eq!(guids(&text, own), [other]);
        assert!(guids("A record with matching key values already exists.", own).is_empty());
    }
}
