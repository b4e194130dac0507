//! The steps of a plan as data: what is done, why, and what a person may choose about it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::catalog::Level;
use crate::dataverse::process::Kind;
use crate::deploy::brought::Brought;
use crate::version::Version;

/// A solution that an import needs, because the package says so or its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// Unique name.
    pub solution: String,
    /// The version it had where the package was exported, or the lowest that its author demands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The installed version, if any.
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
    /// For an import: what it adds besides the solution's own tables and files.
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
        /// Settings that are passed with the import.
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
    /// Remove a role that the bundle does not declare.
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

impl Mode {
    /// The word of `--mode` for it, if a person can choose it.
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
    /// Remove roles that the bundle does not declare.
    pub only_declared_roles: bool,
    /// How long to wait for a consent that is missing. It makes no difference to a plan.
    pub wait_for_consent: Duration,
}

/// The flag that consents to removals that only the bundle asks for.
pub const ROLES_CONSENT: &str =
    "add `--only-declared-roles`, or apply an approved plan that contains the step (`--plan FILE`)";

/// The names of the roles that these steps remove.
#[must_use]
pub fn taken_roles(steps: &[Step]) -> Vec<&str> {
    let taken = steps.iter().filter_map(|step| match &step.action {
        Action::UnassignRole { name, .. } => Some(name.as_str()),
        _ => None,
    });
    taken.collect()
}
