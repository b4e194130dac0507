//! What has to be done to get from observed to desired, as data. The steps are those of `difference.rs`.

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::bundle::descriptor::{Setting, SettingKind};
use crate::catalog::{Level, secret_forms};
use crate::dataverse::process::Kind;
use crate::deploy::accepted::{Accepted, Idle, List};
use crate::deploy::brought::Brought;
use crate::deploy::consent::{Consents, Words};
use crate::deploy::desired::{Desired, Origin};
use crate::deploy::difference::{Difference, compare};
use crate::deploy::failure::Failure;
use crate::deploy::machine::Value;
use crate::deploy::observed::Observed;
use crate::deploy::signature::Signature;
use crate::deploy::{facts, guard};
use crate::solution::deletion::Deletion;
use crate::version::Version;

/// The form of a saved plan.
pub const FORMAT: u32 = 5;

/// A plan: what, in which order, and why.
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
    /// What was found in the environment: what the plan rests on.
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

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// What it is about, such as ``solution `ContosoWidgets` ``.
    pub about: String,
    /// What is there.
    pub found: String,
}

/// A solution that an import needs, because the package says so or its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// Unique name.
    pub solution: String,
    /// The version it had where the package was exported, or the lowest that its author demands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The version installed; absent where it is not installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed: Option<Version>,
    /// Components of it that are needed, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What is done, for the program.
    #[serde(flatten)]
    pub action: Action,
    /// What is done, for people.
    pub what: String,
    /// Why.
    pub why: String,
    /// The privileges that the application user gains by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub privileges: Vec<Gain>,
    /// For an import: what it brings besides the solution's own tables and files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brings: Vec<Brought>,
}

/// A privilege that the application user gains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gain {
    /// Its name.
    pub privilege: String,
    /// How deep.
    pub level: Level,
    /// Why a reviewer should look twice at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusual: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// Import a solution.
    ImportSolution {
        /// Unique name.
        solution: String,
        /// The version in the bundle.
        version: Version,
        /// The version installed.
        from: Option<Version>,
        /// How.
        mode: Mode,
        /// Settings that are given along with the import.
        settings: Vec<String>,
    },
    /// Set the value of an environment variable.
    SetVariable {
        /// Schema name.
        name: String,
    },
    /// Set the connection of a connection reference.
    SetConnection {
        /// Logical name.
        name: String,
    },
    /// Remove a soft-deleted user for good, so that the application can have a user again.
    PurgeUser {
        /// Row id.
        user: Uuid,
    },
    /// Create the application user.
    CreateUser {
        /// Application (client) id.
        application: Uuid,
        /// Business unit.
        business_unit: Uuid,
    },
    /// Enable the application user.
    EnableUser {
        /// Row id.
        user: Uuid,
    },
    /// Assign a role.
    AssignRole {
        /// The id of the root copy.
        role: Uuid,
    },
    /// Assign a column security profile.
    AssignProfile {
        /// Its id.
        profile: Uuid,
    },
    /// Take a role away that the bundle does not declare.
    UnassignRole {
        /// Row id of the user.
        user: Uuid,
        /// The copy of the role that it has.
        role: Uuid,
        /// Its name.
        name: String,
    },
    /// Turn a flow, process or plug-in step on.
    TurnOn {
        /// What it is.
        kind: Kind,
        /// Row id.
        id: Uuid,
        /// Its name.
        name: String,
    },
    /// After an import: turn on what the solution ships turned on, where the import has left it off.
    TurnOnShipped,
}

/// How a solution is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// First installation.
    Install,
    /// Upgrade: what the new version no longer has is removed.
    Upgrade,
    /// Update: what the new version no longer has stays.
    Update,
    /// Stage for upgrade: the new version waits beside the old one.
    Stage,
    /// Finish a staged upgrade.
    Promote,
}

/// What gives the consent to that which only the bundle asks for.
pub const ROLES_CONSENT: &str =
    "add `--only-declared-roles`, or apply an approved plan that contains the step (`--plan FILE`)";

/// The names of the roles that these steps take away.
#[must_use]
pub fn taken_roles(steps: &[Step]) -> Vec<&str> {
    let taken = steps.iter().filter_map(|step| match &step.action {
        Action::UnassignRole { name, .. } => Some(name.as_str()),
        _ => None,
    });
    taken.collect()
}

impl Mode {
    /// The word of `--mode` for it, where it is one that a person chooses.
    #[must_use]
    pub const fn choice(self) -> Option<&'static str> {
        match self {
            Self::Upgrade => Some("upgrade"),
            Self::Update => Some("update"),
            Self::Stage => Some("stage"),
            Self::Install | Self::Promote => None,
        }
    }
}

/// What a person may choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How to import over an earlier version; chosen by rule where absent.
    pub mode: Option<Mode>,
    /// Take roles away that the bundle does not declare.
    pub only_declared_roles: bool,
    /// How long to wait for a consent that is missing. It makes no difference to a plan.
    pub wait_for_consent: Duration,
}

/// Makes a plan, or says everything that is in the way.
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
        found: facts::facts(desired, observed),
        needs: made.needs,
        settings: sources(desired),
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

/// Every setting that has a value, here or by default.
fn sources(desired: &Desired) -> Vec<SettingSource> {
    let source = |setting: &Setting| {
        let wanted = desired.settings.iter().find(|wanted| wanted.name == setting.name && wanted.kind == setting.kind);
        let (origin, value) = match wanted {
            Some(wanted) => (wanted.origin.clone(), Some(wanted.shown())),
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

    /// What differs and is not mended by any step.
    pub fn remaining(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| !difference.has_step())
    }

    /// Whether nothing differs, apart from what is accepted.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.steps.is_empty() && self.differences.is_empty()
    }

    /// The names of the roles that are taken away. Nobody's `--yes` is a consent to that.
    #[must_use]
    pub fn taken_roles(&self) -> Vec<&str> {
        taken_roles(&self.steps)
    }

    /// What an apply asks somebody for. What is accepted was said already.
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
