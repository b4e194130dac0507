//! The environment's own check of every package, before anything lasting is written.

use std::collections::BTreeMap;

use super::outcome::not_staged;
use crate::dataverse::import::{self as service, Missing};
use crate::deploy::desired::Desired;
use crate::deploy::failure::Failure;
use crate::deploy::fitting;
use crate::deploy::job::{Goal, wait_for_others};
use crate::deploy::meanwhile::{self, Basis};
use crate::deploy::progress::Context;
use crate::deploy::reading;

/// The results of the environment's own check for the packages of a plan.
#[derive(Clone, Debug, Default)]
pub struct Checked(BTreeMap<String, service::Staged>);

impl Checked {
    /// The answer for a solution, only once.
    pub fn take(&mut self, solution: &str) -> Option<service::Staged> {
        self.0.remove(solution)
    }
}

/// Has the environment check every package that a plan imports, before anything lasting is written.
///
/// What a package needs from one that is imported before it cannot be there yet: it is checked when its turn comes.
pub async fn check(context: Context<'_>, desired: &Desired, basis: Basis<'_>) -> Result<Checked, Failure> {
    let mut checked = Checked::default();
    let mut before: Vec<&str> = Vec::new();
    let uploaded: Vec<_> = fitting::uploaded(desired, &basis.plan.steps).collect();
    // What a running import adds must be there before the check. It may also be that of a killed run.
    let waited = !uploaded.is_empty() && wait_for_others(context).await?;
    for (package, mode) in uploaded {
        let name = package.solution.name.as_str();
        if waited {
            let look = meanwhile::look(context, package, mode).await?;
            if look.there {
                continue;
            }
            meanwhile::check(context, basis, (package, mode), &look).await?;
        }
        let staged = service::stage(context.client, &package.zip).await?;
        if staged.passed {
            checked.0.insert(name.to_owned(), staged);
        } else if !comes_before(&staged, &before) && !Goal::Import(package, mode).is_reached(context).await? {
            return reading::with_users(context.client, Err(not_staged(name, &staged))).await;
        }
        before.push(name);
    }
    Ok(checked)
}

/// Whether everything that a package lacks belongs to packages that are imported before it, and so can come with them.
#[must_use]
pub fn comes_before(staged: &service::Staged, before: &[&str]) -> bool {
    let of_earlier = |missing: &Missing| {
        let owner = missing.solution.as_deref().and_then(|owner| owner.split(' ').next());
        owner.is_some_and(|owner| before.iter().any(|name| name.eq_ignore_ascii_case(owner)))
    };
    !staged.missing.is_empty() && staged.missing.iter().all(of_earlier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_earlier_packages_can_bring_all_of_is_waited_for() {
        let missing = |owner: &str| Missing { component: "a_b".into(), solution: Some(owner.into()), needed_by: None };
        let comes = |owners: &[&str]| {
            let missing = owners.iter().map(|owner| missing(owner)).collect();
            comes_before(&service::Staged { missing, ..service::Staged::default() }, &["First"])
        };
        assert!(comes(&["First (1.0)"]) && comes(&["first"]));
        assert!(!comes(&["First (1.0)", "Absent (2.0)"]) && !comes(&["Absent"]) && !comes(&[]));
        let nobody = Missing { component: "a_b".into(), ..Missing::default() };
        assert!(!comes_before(&service::Staged { missing: vec![nobody], ..service::Staged::default() }, &["First"]));
    }
}
