//! What the signed-in user must be allowed to do, so that the steps of an apply succeed.
//!
//! Sources: Microsoft's “create and manage application users”; `0x80048D3B`: whoever assigns a role must hold each of
//! its privileges at least as deep; `RetrieveUserPrivileges`: what is held by a team is listed at level Basic only.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::catalog::Level;
use crate::dataverse::role::Known;
use crate::dataverse::{ApiError, Client, role, system_user};
use crate::deploy::caller::Who;
use crate::deploy::desired::Desired;
use crate::deploy::failure::Failure;
use crate::deploy::lacking::{Lacking, lacking};
use crate::deploy::step::{Action, Step};

const IMPORT: [&str; 3] = ["prvImportCustomization", "prvReadSolution", "prvReadAsyncOperation"];
const CREATE: [&str; 4] = ["prvCreateUser", "prvReadUser", "prvAppendUser", "prvReadBusinessUnit"];
const ENABLE: [&str; 3] = ["prvReadUser", "prvWriteUser", "prvDisableUser"];
const ASSIGN: [&str; 6] =
    ["prvReadUser", "prvWriteUser", "prvAppendUser", "prvReadRole", "prvAssignRole", "prvAppendToRole"];

/// ASSUMED, after what assigning a role takes: to attach one row to another is Append on one and Append To on the
/// other. That these privileges exist is known (published lists of privileges); that the association asks for them is
/// in no document or recording that we have seen.
const ASSIGN_PROFILE: [&str; 4] =
    ["prvReadUser", "prvAppendUser", "prvReadFieldSecurityProfile", "prvAppendToFieldSecurityProfile"];

/// Everything that a step can need, apart from the privileges of the roles.
const OF_STEPS: [&str; 12] = [
    "prvImportCustomization",
    "prvReadSolution",
    "prvReadAsyncOperation",
    "prvCreateUser",
    "prvReadUser",
    "prvWriteUser",
    "prvAppendUser",
    "prvDisableUser",
    "prvReadBusinessUnit",
    "prvReadRole",
    "prvAssignRole",
    "prvAppendToRole",
];

/// Everything that a step of this bundle can need, apart from the privileges of the roles.
pub(super) fn names(desired: &Desired) -> impl Iterator<Item = &str> {
    OF_STEPS.iter().chain(of_profiles(desired)).copied()
}

fn of_profiles(desired: &Desired) -> &'static [&'static str] {
    desired.profiles().next().map_or(&[], |_| &ASSIGN_PROFILE)
}

/// Privileges by name, each with the level that is needed of it.
pub(super) type Needed<'a> = BTreeMap<&'a str, Level>;

/// What these steps need.
pub(super) fn of_steps<'a>(desired: &'a Desired, steps: &[Step]) -> Needed<'a> {
    let mut needed = Needed::new();
    for step in steps {
        let (names, roles): (&[&str], Option<Uuid>) = match &step.action {
            Action::ImportSolution { .. } => (&IMPORT, None),
            Action::CreateUser { .. } => (&CREATE, None),
            Action::EnableUser { .. } => (&ENABLE, None),
            Action::AssignRole { role } => (&ASSIGN, Some(*role)),
            Action::AssignProfile { .. } => (&ASSIGN_PROFILE, None),
            Action::UnassignRole { .. } => (&ASSIGN[..5], None),
            // Which privileges these need is not documented; the environment says it.
            Action::SetVariable { .. }
            | Action::SetConnection { .. }
            | Action::PurgeUser { .. }
            | Action::TurnOn { .. }
            | Action::TurnOnShipped => (&[], None),
        };
        add(&mut needed, names.iter().map(|name| (*name, Level::Basic)));
        let role = roles.and_then(|id| desired.roles().find(|role| role.id == id));
        let privileges = role.into_iter().flat_map(|role| &role.privileges);
        add(&mut needed, privileges.map(|privilege| (privilege.name.as_str(), privilege.level)));
    }
    needed
}

/// What a first apply needs, for callers that do not know the steps.
pub(super) fn of_everything(desired: &Desired) -> Needed<'_> {
    let mut needed = Needed::new();
    let some = [&IMPORT[..], &CREATE, &ASSIGN, of_profiles(desired)].concat();
    add(&mut needed, some.into_iter().map(|name| (name, Level::Basic)));
    let privileges = desired.roles().flat_map(|role| &role.privileges);
    add(&mut needed, privileges.map(|privilege| (privilege.name.as_str(), privilege.level)));
    needed
}

fn add<'a>(needed: &mut Needed<'a>, more: impl Iterator<Item = (&'a str, Level)>) {
    for (name, level) in more {
        let deepest = needed.entry(name).or_insert(level);
        *deepest = level.max(*deepest);
    }
}

/// The privileges that the user lacks. `known` are those that the environment has, if it was asked.
///
/// A privilege of a table that the solution brings is not known before the import; its importer then has it.
pub(super) async fn missing<'a>(
    client: &Client,
    user: Uuid,
    needed: &Needed<'a>,
    known: Option<&BTreeMap<String, Known>>,
) -> Result<Vec<Lacking<'a>>, ApiError> {
    let held = system_user::privileges(client, user).await?;
    let ids = match known {
        Some(known) => known.iter().map(|(name, known)| (name.clone(), known.id)).collect(),
        None => role::privilege_ids(client, &needed.keys().copied().collect::<Vec<_>>()).await?,
    };
    let here = needed.iter().map(|(name, level)| (*name, *level));
    let mut sure = Vec::new();
    for mut lacking in lacking(here.filter(|(name, _)| ids.contains_key(&name.to_lowercase())), &held, &ids) {
        // What the user has through a team is listed at this level, however deep it is.
        if lacking.held == Some(Level::Basic) {
            let held = match system_user::privilege(client, user, lacking.name).await {
                Ok(held) => held,
                // What cannot be known is not a reason to refuse.
                Err(ApiError::Server { .. }) => continue,
                Err(other) => return Err(other),
            };
            let levels = held.iter().map(|held| held.level.unwrap_or(Level::Global));
            lacking.held = levels.max().or(lacking.held);
            if lacking.held >= Some(lacking.wanted) {
                continue;
            }
        }
        sure.push(lacking);
    }
    Ok(sure)
}

/// The privileges in words.
pub(super) fn words(missing: &[Lacking<'_>]) -> String {
    let list: Vec<String> = missing.iter().map(ToString::to_string).collect();
    list.join(", ")
}

/// What to do, one line each.
pub(super) fn advice(missing: &[Lacking<'_>], who: &Who) -> Vec<String> {
    let mut lines = vec![
        format!("give {} the security role System Administrator, or one that has what is missing", who.name()),
        who.place(),
    ];
    if missing
        .iter()
        .any(|lacking| ![&OF_STEPS[..], &ASSIGN_PROFILE].concat().contains(&lacking.name) || lacking.held.is_some())
    {
        lines.push("whoever assigns a role must have each of its privileges, at the same level or a deeper one".into());
    }
    lines
}

/// The refusal to start without them.
pub(super) fn refusal(missing: &[Lacking<'_>], who: &Who) -> Failure {
    let count = match missing.len() {
        1 => "a privilege".to_owned(),
        count => format!("{count} privileges"),
    };
    let mut failure =
        Failure::not_ready(format!("the signed-in user lacks {count} that this apply needs: {}", words(missing)));
    failure.help = advice(missing, who);
    failure
}
