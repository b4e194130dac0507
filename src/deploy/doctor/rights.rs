//! Whether the signed-in user may do what an apply does.

use std::collections::BTreeMap;

use crate::catalog::Level;
use crate::dataverse::{ApiError, Client, role, system_user};
use crate::deploy::desired::Desired;
use crate::deploy::doctor::caller::Who;
use crate::deploy::doctor::{Answers, State};
use crate::deploy::lacking::lacking;

const WHAT: &str = "privileges of the signed-in user";

/// What the steps of an apply need, at any level, besides every privilege of the roles that it assigns.
const NEEDED: [&str; 11] = [
    "prvCreateUser",
    "prvReadUser",
    "prvWriteUser",
    "prvAppendUser",
    "prvReadBusinessUnit",
    "prvReadRole",
    "prvAssignRole",
    "prvAppendToRole",
    "prvImportCustomization",
    "prvReadSolution",
    "prvReadAsyncOperation",
];

/// Names what is missing, and who must have it.
pub(super) async fn privileges(answers: &mut Answers, client: &Client, desired: &Desired, who: &Who) {
    let needed = needed(desired);
    let read = async {
        let held = system_user::privileges(client, who.user).await?;
        Ok::<_, ApiError>((held, role::privilege_ids(client, &needed.keys().copied().collect::<Vec<_>>()).await?))
    };
    let Some((held, ids)) = answers.read(WHAT, read).await else { return };
    // A privilege of a table that the solution brings is not known before the import; its importer then has it.
    let known =
        needed.iter().map(|(name, level)| (*name, *level)).filter(|(name, _)| ids.contains_key(&name.to_lowercase()));
    let missing = lacking(known, &held, &ids);
    if missing.is_empty() {
        answers.add(WHAT, State::Ok, format!("all {} that an apply needs", needed.len()));
        return;
    }
    let list: Vec<String> = missing.iter().map(ToString::to_string).collect();
    answers
        .add(WHAT, State::Problem, format!("{} missing: {}", list.len(), list.join(", ")))
        .advise(format!("give {} the security role System Administrator, or one that has what is missing", who.name()))
        .advise(who.place());
    if missing.iter().any(|lacking| !NEEDED.contains(&lacking.name) || lacking.held.is_some()) {
        answers.advise("whoever assigns a role must hold each of its privileges, at least as deep");
    }
}

/// Each privilege with the level that a role to be assigned has of it.
fn needed(desired: &Desired) -> BTreeMap<&str, Level> {
    let mut needed: BTreeMap<&str, Level> = NEEDED.into_iter().map(|name| (name, Level::Basic)).collect();
    for privilege in desired.roles().flat_map(|role| &role.privileges) {
        let level = needed.entry(privilege.name.as_str()).or_insert(privilege.level);
        *level = privilege.level.max(*level);
    }
    needed
}
