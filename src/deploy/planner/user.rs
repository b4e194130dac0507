//! The application user and its roles.

use uuid::Uuid;

use super::Maker;
use crate::bundle::descriptor::BusinessUnit as WantedUnit;
use crate::catalog;
use crate::dataverse::system_user::{AssignedRole, SystemUser};
use crate::deploy::desired::built_in;
use crate::deploy::failure::Failure;
use crate::deploy::observed::is_in;
use crate::deploy::plan::{Action, Step};
use crate::deploy::verify;

impl Maker<'_> {
    pub(super) fn user(&mut self) {
        let Some((application, wanted)) = self.desired.user() else { return };
        let application = application.client_id;
        let unit = match self.observed.business_units.as_slice() {
            [unit] => unit,
            [] => {
                self.problems
                    .push(Failure::not_ready(format!("{} does not exist", unit_in_words(&wanted.business_unit))));
                return;
            }
            _ => {
                self.problems.push(
                    Failure::not_ready(format!("{} is not unique", unit_in_words(&wanted.business_unit)))
                        .help("name it by its id in `applicationUser.businessUnit`"),
                );
                return;
            }
        };
        let active: Vec<&SystemUser> = self.observed.active().collect();
        let user = match active.as_slice() {
            [] => {
                for user in self.observed.users.iter().filter(|user| user.deleted) {
                    self.step(
                        Action::PurgeUser { user: user.id },
                        format!("remove the deleted application user `{}` for good", user.name),
                        "a deleted user of the application keeps a new one from being created",
                    );
                }
                self.step(
                    Action::CreateUser { application, business_unit: unit.id },
                    format!("create the application user of {application} in business unit `{}`", unit.name),
                    "the application has no user here",
                );
                None
            }
            [user] => Some(*user),
            several => {
                let mut failure =
                    Failure::not_ready(format!("application {application} has {} users here", several.len()))
                        .help("keep one of them, and delete the others in the Power Platform admin center");
                failure.details.extend(several.iter().map(|user| format!("`{}` ({})", user.name, user.id)));
                self.problems.push(failure);
                return;
            }
        };
        if let Some(user) = user {
            if user.business_unit != Some(unit.id) && !is_in(user, &wanted.business_unit) {
                let here = user.business_unit_name.clone().unwrap_or_else(|| "another one".into());
                self.problems.push(
                    Failure::not_ready(format!(
                        "the application user is in business unit `{here}`, and the bundle wants `{}`",
                        unit.name
                    ))
                    .help("moving a user takes all its roles away, so dvpack does not: move it yourself, or set `applicationUser.businessUnit`"),
                );
                return;
            }
            if user.disabled {
                self.step(
                    Action::EnableUser { user: user.id },
                    format!("enable the application user `{}`", user.name),
                    "it is disabled",
                );
            }
            let wanted: Vec<Uuid> = self.desired.roles().map(|role| role.id).collect();
            for role in user.roles.iter().filter(|role| !role.root.is_some_and(|root| wanted.contains(&root))) {
                self.warnings.push(extra_role(role));
            }
        }
        self.roles(user);
    }

    /// What the package's own roles hold in the environment beyond the bundle. dvpack takes no privilege away: an import
    /// may, and the verification after it tells; without one it is a difference that stays.
    pub(super) fn privileges_beyond(&mut self) {
        let imports = self.steps.iter().any(|step| matches!(step.action, Action::ImportSolution { .. }));
        for role in self.desired.roles() {
            let beyond = verify::privileges_beyond(role, self.observed);
            if beyond.is_empty() {
                continue;
            }
            let what = format!("role `{}` has privileges here beyond the bundle: {}", role.name, verify::told(&beyond));
            if imports {
                let tail = "; the verification after the import reports those that stay";
                self.warnings.push(format!("{what}{tail}"));
            } else if beyond.iter().any(|beyond| beyond.differs) {
                self.differences.push(format!("{what}; take them away from the role, or ship them in the bundle"));
            } else {
                self.warnings.push(what);
            }
        }
    }

    fn roles(&mut self, user: Option<&SystemUser>) {
        let roles: Vec<_> = self.desired.roles().cloned().collect();
        for role in roles {
            let there = self.observed.copies.get(&role.id).filter(|copy| copy.is_built_in());
            let there = there.or_else(|| self.observed.built_in.iter().find(|copy| copy.root == role.id));
            if let Some(copy) = there {
                self.problems.push(built_in(&copy.name));
                continue;
            }
            let has = user.is_some_and(|user| {
                user.roles.iter().any(|assigned| {
                    assigned.root == Some(role.id)
                        && self.observed.copies.get(&role.id).is_none_or(|copy| copy.id == assigned.id)
                })
            });
            if has {
                continue;
            }
            self.steps.push(Step {
                action: Action::AssignRole { role: role.id },
                what: format!("assign security role `{}`", role.name),
                why: "the application user does not have it".into(),
                privileges: role.privileges.iter().map(|p| format!("{} ({})", p.name, p.level)).collect(),
            });
        }
    }
}

/// What is said of a role that this bundle does not bring. Its template tells what it is, in any language.
fn extra_role(role: &AssignedRole) -> String {
    match catalog::built_in_role(role.template, &role.name) {
        Some(known) if known.template == Some(catalog::SYSTEM_ADMINISTRATOR) => {
            "the application user is SYSTEM ADMINISTRATOR: it can do everything, whatever the roles of this bundle say; take that role away".into()
        }
        Some(known) if known.customizes() => format!(
            "the application user also has role `{}`, with which it can customize the environment; take that role away",
            role.name
        ),
        _ => format!("the application user also has role `{}`, which is not of this bundle", role.name),
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
