//! Whether the signed-in user may do what an apply does.

use std::collections::BTreeMap;
use std::fmt;

use crate::catalog::Level;
use crate::dataverse::{ApiError, Client, role, system_user};
use crate::deploy::desired::Desired;
use crate::deploy::doctor::caller::Who;
use crate::deploy::doctor::{Answers, State};

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

/// A privilege that the user lacks, or holds less deep than a role that is to be assigned.
struct Lacking<'a> {
    name: &'a str,
    /// What is held, and what the role has.
    levels: Option<(Level, Level)>,
}

impl fmt::Display for Lacking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.levels {
            Some((held, wanted)) => write!(f, " ({held} instead of {wanted})"),
            None => Ok(()),
        }
    }
}

/// Names what is missing, and who must have it.
pub(super) async fn privileges(answers: &mut Answers, client: &Client, desired: &Desired, who: &Who) {
    let needed = needed(desired);
    let read = async {
        let held = system_user::privileges(client, who.user).await?;
        Ok::<_, ApiError>((held, role::privilege_ids(client, &needed.keys().copied().collect::<Vec<_>>()).await?))
    };
    let Some((held, ids)) = answers.read(WHAT, read).await else { return };
    let missing: Vec<Lacking<'_>> = needed
        .iter()
        .filter_map(|(name, wanted)| {
            // A privilege of a table that the solution brings is not known before the import; its importer then has it.
            let id = ids.get(&name.to_lowercase())?;
            // By several roles, it may be told several times.
            let levels = || held.iter().filter(|held| held.id == *id).map(|held| held.level);
            if levels().next().is_none() {
                return Some(Lacking { name, levels: None });
            }
            // A level that is not understood may be deep enough.
            let deepest = levels().collect::<Option<Vec<Level>>>()?.into_iter().max()?;
            let wanted = (*wanted)?;
            (deepest < wanted).then_some(Lacking { name, levels: Some((deepest, wanted)) })
        })
        .collect();
    if missing.is_empty() {
        answers.add(WHAT, State::Ok, format!("all {} that an apply needs", needed.len()));
        return;
    }
    let list: Vec<String> = missing.iter().map(ToString::to_string).collect();
    answers
        .add(WHAT, State::Problem, format!("{} missing: {}", list.len(), list.join(", ")))
        .advise(format!("give {} the security role System Administrator, or one that has what is missing", who.name()))
        .advise(who.place());
    if missing.iter().any(|lacking| !NEEDED.contains(&lacking.name) || lacking.levels.is_some()) {
        answers.advise("whoever assigns a role must hold each of its privileges, at least as deep");
    }
}

/// Each privilege with the level that a role to be assigned has of it.
fn needed(desired: &Desired) -> BTreeMap<&str, Option<Level>> {
    let mut needed: BTreeMap<&str, Option<Level>> = NEEDED.into_iter().map(|name| (name, None)).collect();
    for privilege in desired.roles().flat_map(|role| &role.privileges) {
        let level = needed.entry(privilege.name.as_str()).or_default();
        *level = (*level).max(Some(privilege.level));
    }
    needed
}
