//! The application user and its roles.

use uuid::Uuid;

use super::{Code, Comparer, Difference, Mender, explain, step};
use crate::bundle::descriptor::BusinessUnit as WantedUnit;
use crate::catalog;
use crate::dataverse::system_user::{AssignedRole, SystemUser};
use crate::deploy::desired::built_in;
use crate::deploy::failure::Failure;
use crate::deploy::observed::is_in;
use crate::deploy::step::Action;

/// Where the roles and state of the user are shown.
const USER: &str = "application user";

impl Comparer<'_> {
    pub(super) fn user(&mut self) {
        let Some((application, wanted)) = self.desired.user() else { return };
        let application = application.client_id;
        let unit = match self.observed.business_units.as_slice() {
            [unit] => Some(unit),
            [] => {
                let words = unit_in_words(&wanted.business_unit);
                let failure = Failure::not_ready(format!("{words} does not exist"))
                    .help("create it, or name another one in `applicationUser.businessUnit`");
                self.hinder(Code::BusinessUnit, USER, "business unit", (&words, "not in the environment"), failure);
                None
            }
            several => {
                let words = unit_in_words(&wanted.business_unit);
                let failure = Failure::not_ready(format!("{words} is not unique"))
                    .help("name it by its id in `applicationUser.businessUnit`");
                let found = format!("{} business units", several.len());
                self.hinder(Code::BusinessUnit, USER, "business unit", (&words, &found), failure);
                None
            }
        };
        let active: Vec<&SystemUser> = self.observed.active().collect();
        let what = format!("application user of {application}");
        let user = match active.as_slice() {
            [] => {
                self.look(&what, if self.observed.users.is_empty() { "none" } else { "none, only a deleted one" });
                let Some(unit) = unit else {
                    self.mark_last();
                    return;
                };
                for user in self.observed.users.iter().filter(|user| user.deleted) {
                    self.user.push(step(
                        Action::PurgeUser { user: user.id },
                        format!("remove the deleted application user `{}` for good", user.name),
                        "a deleted user of the application keeps a new one from being created",
                    ));
                }
                let create = format!("create the application user of {application} in business unit `{}`", unit.name);
                self.differ_in_last(differs(Code::UserMissing, "user", "one", "none", Mender::step(&create)));
                let action = Action::CreateUser { application, business_unit: unit.id };
                self.user.push(step(action, create, "the application has no user here"));
                None
            }
            [user] => {
                let state = if user.disabled { "disabled" } else { "enabled" };
                let here = user.business_unit_name.as_deref().unwrap_or_default();
                let role = if user.roles.is_empty() { ", without a role" } else { "" };
                self.look(&what, format!("`{}`, {state}, business unit `{here}`{role}", user.name));
                if let Some(unit) = unit
                    && user.business_unit != Some(unit.id)
                    && !is_in(user, &wanted.business_unit)
                {
                    let here = user.business_unit_name.clone().unwrap_or_else(|| "another one".into());
                    let failure = Failure::not_ready(format!(
                        "the application user is in business unit `{here}`, and the bundle wants `{}`",
                        unit.name
                    ))
                    .help(format!(
                        "move the user to `{}`, or have `applicationUser.businessUnit` changed: dvpack does not move it, because that takes all its roles away",
                        unit.name
                    ));
                    self.mark_last();
                    self.hinder(Code::UserBusinessUnit, USER, "business unit", (&unit.name, &here), failure);
                }
                if user.disabled {
                    let enable = format!("enable the application user `{}`", user.name);
                    self.differ_in_last(differs(
                        Code::UserDisabled,
                        "state",
                        "enabled",
                        "disabled",
                        Mender::step(&enable),
                    ));
                    self.user.push(step(Action::EnableUser { user: user.id }, enable, "it is disabled"));
                }
                Some(*user)
            }
            several => {
                let found = several_users(several);
                self.look(&what, &found);
                self.mark_last();
                let mut failure =
                    Failure::not_ready(format!("application {application} has {} users here", several.len()))
                        .help("keep one of them, and delete the others in the Power Platform admin center");
                failure.details.extend(several.iter().map(|user| format!("`{}` ({})", user.name, user.id)));
                self.hinder(Code::UserNotUnique, USER, "users", ("one", &found), failure);
                return;
            }
        };
        self.roles(user);
        if let Some(user) = user {
            self.other_roles(user);
        }
        self.profiles(user);
    }

    fn mark_last(&mut self) {
        if let Some(check) = self.result.checks.last_mut() {
            check.ok = false;
        }
    }

    fn roles(&mut self, user: Option<&SystemUser>) {
        for role in self.desired.roles() {
            let there = self.observed.copies.get(&role.id);
            let foreign = there.filter(|copy| copy.is_built_in());
            let foreign = foreign.or_else(|| self.observed.built_in.iter().find(|copy| copy.root == role.id));
            let name = format!("security role `{}`", role.name);
            if let Some(copy) = foreign {
                self.hinder(Code::RoleBuiltIn, &name, "origin", ("the bundle", "Dataverse"), built_in(&copy.name));
                continue;
            }
            let assigned = there
                .is_some_and(|copy| user.is_some_and(|user| user.roles.iter().any(|assigned| assigned.id == copy.id)));
            let found = match (there, assigned) {
                (_, true) => "assigned",
                (Some(_), false) => "not assigned",
                (None, false) => "not in the environment",
            };
            if there.is_none() && self.import.is_none() && self.waits {
                self.result
                    .notes
                    .push(format!("{name} comes with the upgrade that waits, and is assigned when that is finished"));
                continue;
            }
            self.look(&name, found);
            if assigned {
                continue;
            }
            if there.is_none() && self.import.is_none() && self.observed.is_imported(self.desired) {
                let mender = self.other_version().unwrap_or_else(|| explain::role_missing(&role.name));
                self.differ_in_last(Difference {
                    code: Code::RoleMissing,
                    place: name,
                    what: "role".into(),
                    wanted: "in the environment".into(),
                    found: found.into(),
                    mended_by: mender,
                });
                continue;
            }
            let what = format!("assign {name}");
            self.differ_in_last(differs(Code::RoleNotAssigned, &name, "assigned", found, Mender::step(&what)));
            let mut step = step(Action::AssignRole { role: role.id }, what, "the application user does not have it");
            step.privileges = self.gained_by_assignment(role);
            self.roles.push(step);
        }
    }

    /// Roles that the bundle does not declare: removed if that was asked for, otherwise a difference.
    fn other_roles(&mut self, user: &SystemUser) {
        let declared: Vec<Uuid> = self.desired.roles().map(|role| role.id).collect();
        let mut others: Vec<&AssignedRole> =
            user.roles.iter().filter(|role| !role.root.is_some_and(|root| declared.contains(&root))).collect();
        others.sort_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<String> = others.iter().map(|role| format!("`{}`", role.name)).collect();
        let found = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        self.look("other roles of the application user", found);
        for role in others {
            let what = format!("security role `{}`", role.name);
            let found = allowed(role);
            let mender = if self.only_declared() {
                let take = format!("take {what} away from the application user");
                self.roles.push(step(
                    Action::UnassignRole { user: user.id, role: role.id, name: role.name.clone() },
                    take.clone(),
                    "the bundle does not declare it, and only declared roles were asked for",
                ));
                Mender::step(take)
            } else {
                explain::role_not_declared()
            };
            self.differ_in_last(differs(Code::RoleNotDeclared, &what, "not assigned", &found, mender));
        }
    }

    fn only_declared(&self) -> bool {
        self.options.only_declared_roles
            || self.desired.descriptor.application_user.as_ref().is_some_and(|user| user.only_declared_roles)
    }
}

pub(super) fn differs(code: Code, what: &str, wanted: &str, found: &str, mended_by: Mender) -> Difference {
    Difference { code, place: USER.into(), what: what.into(), wanted: wanted.into(), found: found.into(), mended_by }
}

/// Users that are not deleted, and how many of them are disabled.
fn several_users(users: &[&SystemUser]) -> String {
    match users.iter().filter(|user| user.disabled).count() {
        0 => format!("{} users", users.len()),
        disabled => format!("{} users, {disabled} of them disabled", users.len()),
    }
}

/// The message about a role that the bundle does not declare. Its template identifies it in any language.
fn allowed(role: &AssignedRole) -> String {
    match catalog::built_in_role(role.template, &role.name) {
        Some(known) if known.template == Some(catalog::SYSTEM_ADMINISTRATOR) => {
            "assigned: SYSTEM ADMINISTRATOR, it can do everything, whatever the roles of this bundle say".into()
        }
        Some(known) if known.customizes() => "assigned: with it the application can customize the environment".into(),
        _ => "assigned".into(),
    }
}

/// A wanted business unit in words.
fn unit_in_words(unit: &WantedUnit) -> String {
    match unit {
        WantedUnit::Root => "the root business unit".into(),
        WantedUnit::Id(id) => format!("business unit {id}"),
        WantedUnit::Name(name) => format!("business unit `{name}`"),
    }
}
