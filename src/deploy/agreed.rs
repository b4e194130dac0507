//! What somebody has agreed to, besides carrying out the steps of a plan. An apply asks for it before it sends
//! anything: its caller, a program, a pipeline or a page, has to provide it, and nothing is agreed to by default.

use std::collections::BTreeSet;

use url::Url;
use uuid::Uuid;

use crate::deploy::desired::Desired;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::guard;
use crate::deploy::plan::Plan;
use crate::deploy::step::{Action, ROLES_CONSENT, Step};

/// The consents of a run. Values of the machine are not included: they are read, or not, before there is a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Agreed<'a> {
    /// The plan that somebody has approved, with the consents in it.
    pub approved: Option<&'a Plan>,
    /// A bundle may be applied to another environment than the one that it was built for.
    pub other_environment: bool,
    /// Roles may be removed from the application user.
    pub roles_taken: bool,
    /// Upgrades may delete what the plan lists. With an approved plan it adds nothing: that plan says what may be
    /// deleted.
    pub deletions: bool,
}

impl Agreed<'_> {
    /// Refuses a plan that needs more consents.
    ///
    /// # Errors
    /// `Refused`, with the first consent that is not given, and how to give it.
    pub fn covers(&self, desired: &Desired, plan: &Plan) -> Result<(), Failure> {
        self.covers_environment(desired, &plan.environment)?;
        self.covers_roles(plan)?;
        self.covers_deletions(plan)
    }

    /// Whether the bundle may be applied to `url`.
    ///
    /// # Errors
    /// `Refused` where it was built for another environment.
    pub fn covers_environment(&self, desired: &Desired, url: &Url) -> Result<(), Failure> {
        let Some(built_for) = guard::built_for_another(desired, url) else { return Ok(()) };
        if self.other_environment || self.approved.is_some_and(|plan| plan.allows_other_environment(desired, url)) {
            return Ok(());
        }
        Err(guard::refusal(&built_for, url))
    }

    /// Whether the roles that the plan removes may be removed. Neither the bundle nor `--yes` removes what somebody
    /// assigned by hand: a person does, by name.
    ///
    /// # Errors
    /// `Refused` where nobody has agreed.
    pub fn covers_roles(&self, plan: &Plan) -> Result<(), Failure> {
        let taken: Vec<String> = plan.taken_roles().iter().map(|name| format!("`{name}`")).collect();
        // By their ids: a name that contains a credential is saved as `***`.
        let ids = |plan: &Plan| -> BTreeSet<Uuid> {
            let role =
                |step: &Step| if let Action::UnassignRole { role, .. } = step.action { Some(role) } else { None };
            plan.steps.iter().filter_map(role).collect()
        };
        let listed = |approved: &Plan| ids(plan).is_subset(&ids(approved));
        if taken.is_empty() || self.roles_taken || self.approved.is_some_and(listed) {
            return Ok(());
        }
        let taken = taken.join(", ");
        let message = format!("the bundle asks to take {taken} away from the application user, and nobody allowed it");
        Err(Failure::new(FailureKind::Refused, message).help(ROLES_CONSENT))
    }

    /// Whether the upgrades of the plan may delete what they would delete.
    ///
    /// # Errors
    /// `Refused` where nobody has agreed, or the approved plan lists less.
    pub fn covers_deletions(&self, plan: &Plan) -> Result<(), Failure> {
        match self.approved {
            Some(approved) => approved.check_deletions(plan),
            None if self.deletions || plan.deleting().is_empty() => Ok(()),
            None => Err(plan.deletions_refused()),
        }
    }
}
