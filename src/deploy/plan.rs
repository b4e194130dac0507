//! What has to be done to get from observed to desired. The steps come from `difference.rs`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::bundle::descriptor::{Setting, SettingKind};
use crate::catalog::secret_forms;
use crate::deploy::accepted::{Accepted, Idle, List};
use crate::deploy::consent::{Consents, Words};
use crate::deploy::desired::{Desired, Origin};
use crate::deploy::difference::{Difference, compare, has_its_own};
use crate::deploy::facts::{Fact, facts};
use crate::deploy::failure::Failure;
use crate::deploy::guard;
use crate::deploy::machine::Value;
use crate::deploy::observed::Observed;
use crate::deploy::signature::Signature;
pub use crate::deploy::step::{Action, Gain, Mode, Need, Options, ROLES_CONSENT, Step, taken_roles};
use crate::solution::deletion::Deletion;

/// The form of a saved plan.
pub const FORMAT: u32 = 5;

/// A plan: what is done, in which order, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The environment it was made for.
    pub environment: Url,
    /// The organization's id, in a plan that was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Uuid>,
    /// The organization's name, where the environment says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<String>,
    /// What the run needs consent to. Whoever approves a plan gives it.
    pub consents: Consents,
    /// A digest of everything that the bundle says.
    pub bundle: String,
    /// Who signed the bundle; nobody where it is empty.
    pub signatures: Vec<Signature>,
    /// The SHA-256 of each solution file.
    pub solutions: Vec<String>,
    /// What was found in the environment, which the plan relies on.
    pub found: Vec<Fact>,
    /// Other solutions that an import needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Every setting of the bundle, and where its value is from.
    #[serde(default)]
    pub settings: Vec<SettingSource>,
    /// The steps, in order. Empty: nothing to do.
    pub steps: Vec<Step>,
    /// What the upgrades delete, tables first, and what they could delete as far as is known. Whoever approves a plan
    /// agrees to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deletions: Vec<Deletion>,
    /// What differs from the bundle, and what mends it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// What differs and is accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<Idle>,
    /// What a person should look at.
    pub warnings: Vec<String>,
}

/// A setting and where its value is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingSource {
    /// Schema name or logical name.
    pub name: String,
    /// What it is a setting of.
    pub kind: SettingKind,
    /// Where the value is from.
    #[serde(flatten)]
    pub origin: Origin,
    /// The value; `***` where it must not be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Makes a plan, or reports everything that prevents one.
///
/// # Errors
/// Everything that prevents an apply from starting, as one failure.
pub fn plan(environment: &Url, desired: &Desired, observed: &Observed, options: Options) -> Result<Plan, Failure> {
    let made = compare(desired, observed, options);
    if let Some(failure) = made.hindrance() {
        return Err(failure);
    }
    let mut plan = Plan {
        format: FORMAT,
        environment: environment.clone(),
        organization: None,
        organization_name: None,
        consents: Consents::default(),
        bundle: desired.digest(),
        signatures: desired.signatures.clone(),
        solutions: desired.packages.iter().map(|package| package.solution.sha256.clone()).collect(),
        found: facts(desired, observed),
        needs: made.needs,
        settings: sources(desired, observed, &made.steps),
        steps: made.steps,
        deletions: Vec::new(),
        differences: made.differences,
        accepted: made.accepted,
        idle: made.idle,
        warnings: made.notes,
    };
    let values: BTreeSet<Value> = desired.of_machine().into_iter().map(|(_, value)| value).collect();
    plan.consents = Consents {
        values: values.into_iter().collect(),
        other_environment: guard::built_for_another(desired, environment),
        roles_taken: plan.taken_roles().into_iter().map(str::to_owned).collect(),
        deletions: Vec::new(),
        accepted: desired.accepted.clone(),
    };
    Ok(plan)
}

/// Every setting that has a value, in the end of these steps: of the bundle, the solution or the environment.
fn sources(desired: &Desired, observed: &Observed, steps: &[Step]) -> Vec<SettingSource> {
    let source = |setting: &Setting| {
        let wanted = desired.settings.iter().find(|wanted| wanted.name == setting.name && wanted.kind == setting.kind);
        let (origin, value) = match wanted {
            Some(wanted) => (wanted.origin.clone(), Some(wanted.shown())),
            // It may be anything, and is not the bundle's to show.
            None if !setting.required && has_its_own(desired, observed, steps, setting) => (Origin::Environment, None),
            None if setting.shipped.is_some() => {
                (Origin::Solution, setting.shipped.as_deref().map(|text| secret_forms::shown(text).into_owned()))
            }
            None if setting.required => return None,
            None => {
                let default = desired.default_of(setting);
                (Origin::Default, default.map(|(text, hidden)| if hidden { "***".into() } else { text.to_owned() }))
            }
        };
        Some(SettingSource { name: setting.name.clone(), kind: setting.kind, origin, value })
    };
    desired.descriptor.settings.iter().filter_map(source).collect()
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What differs and no step fixes.
    pub fn remaining(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| !difference.has_step())
    }

    /// Whether nothing differs, except for what is accepted.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.steps.is_empty() && self.differences.is_empty()
    }

    /// The names of the roles that are removed. `--yes` is never a consent to that.
    #[must_use]
    pub fn taken_roles(&self) -> Vec<&str> {
        taken_roles(&self.steps)
    }

    /// What an apply asks consent for. What is accepted has been agreed to already.
    #[must_use]
    pub fn asked(&self) -> Vec<Words> {
        if self.is_empty() {
            return Vec::new();
        }
        Consents { accepted: List::default(), ..self.consents.clone() }.words()
    }

    /// Whether something has to be imported.
    #[must_use]
    pub fn imports(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::ImportSolution { .. }))
    }
}
