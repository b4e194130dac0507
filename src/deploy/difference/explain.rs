//! What kinds of differences exist, and who mends those that `apply` does not.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Difference;
use crate::deploy::failure::{Failure, FailureKind};

/// Whoever administers the environment.
const ADMINISTRATOR: &str = "an administrator of the environment";
/// Whoever builds the bundle.
const PUBLISHER: &str = "the publisher of the bundle";

macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident, )+) => {
        /// The kinds of differences. Scripts and lists of accepted differences rest on these words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Code {
            $( $(#[$doc])* $name, )+
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$( Self::$name ),+];
        }
    };
}

codes! {
    /// The server is older than the bundle needs.
    ServerVersion,
    /// Another solution that must be there first is not, or is too old.
    RequiredSolution,
    /// A solution is not installed.
    SolutionMissing,
    /// A solution is installed in another version.
    SolutionVersion,
    /// A solution is managed where the bundle's is not, or the reverse.
    SolutionManaged,
    /// An upgrade to another version is staged.
    SolutionStaged,
    /// Dataverse would refuse the roles of a solution.
    SolutionRoles,
    /// The wanted business unit does not exist, or is not unique.
    BusinessUnit,
    /// The application has no user.
    UserMissing,
    /// The application has several users.
    UserNotUnique,
    /// The application user is in another business unit.
    UserBusinessUnit,
    /// The application user is disabled.
    UserDisabled,
    /// A role of the bundle is not in the environment.
    RoleMissing,
    /// A role of the bundle is not assigned.
    RoleNotAssigned,
    /// A role of the bundle is one of Dataverse's own.
    RoleBuiltIn,
    /// The application user has a role that the bundle does not declare.
    RoleNotDeclared,
    /// A column security profile of the bundle is not in the environment.
    ProfileMissing,
    /// A column security profile of the bundle is not assigned.
    ProfileNotAssigned,
    /// A role lacks a privilege.
    PrivilegeMissing,
    /// A role has a privilege less deep.
    PrivilegeShallower,
    /// A role has a privilege that the bundle does not give it.
    PrivilegeBeyond,
    /// A role has a privilege deeper.
    PrivilegeDeeper,
    /// The environment does not know a privilege.
    PrivilegeUnknown,
    /// The environment cannot grant a privilege at the wanted level.
    PrivilegeLevel,
    /// A setting has another value.
    SettingValue,
    /// What a setting is of does not exist.
    SettingMissing,
    /// A setting must have a value, and neither bundle nor environment has one.
    SettingWithoutValue,
    /// A flow, process or step is off.
    ProcessOff,
    /// A flow, process or step does not exist.
    ProcessMissing,
}

impl Code {
    /// Its word.
    #[must_use]
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether it lets the application do more than the bundle says. Such a difference is shown even where it is accepted.
    #[must_use]
    pub fn grants_more(self) -> bool {
        matches!(self, Self::PrivilegeBeyond | Self::PrivilegeDeeper | Self::RoleNotDeclared)
    }
}

/// What mends a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Mender {
    /// A step of the plan, in its words.
    Step {
        /// The step's `what`.
        step: String,
    },
    /// Somebody: dvpack does not.
    Person {
        /// Who.
        who: String,
        /// Why dvpack does not.
        why: String,
        /// How.
        how: String,
    },
}

impl Mender {
    /// A step, in its words.
    pub(in crate::deploy) fn step(what: impl Into<String>) -> Self {
        Self::Step { step: what.into() }
    }

    fn person(who: impl Into<String>, why: impl Into<String>, how: impl Into<String>) -> Self {
        Self::Person { who: who.into(), why: why.into(), how: how.into() }
    }
}

impl fmt::Display for Mender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { step } => write!(f, "`dvpack apply` mends it: {step}"),
            Self::Person { who, why, how } => write!(f, "{who} can mend it: {how} ({why})"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {} (wanted: {})", self.place, self.what, self.found, self.wanted)
    }
}

/// Something that must be different before an apply can begin.
pub(super) fn before_an_apply(failure: &Failure) -> Mender {
    of_failure(failure, "no apply can begin until it is mended")
}

/// Something that the bundle needs, where nothing has to be written.
pub(super) fn not_brought(failure: &Failure) -> Mender {
    of_failure(failure, "the bundle needs it and does not bring it")
}

fn of_failure(failure: &Failure, why: &str) -> Mender {
    let who = match failure.kind {
        FailureKind::NotReady => ADMINISTRATOR,
        _ => PUBLISHER,
    };
    let how = if failure.help.is_empty() { failure.message.clone() } else { failure.help.join("; ") };
    Mender::person(who, why, how)
}

/// A role was changed here.
pub(super) fn role_changed(role: &str, layered: bool, imports: bool) -> Mender {
    let why = if imports && layered {
        "the role has an unmanaged layer here, which stays above what an import brings"
    } else {
        "the role was changed here, and dvpack changes a role only by importing its solution"
    };
    let how = if layered {
        format!("open the solution layers of security role `{role}` in Power Apps and remove its unmanaged layer")
    } else {
        format!("give security role `{role}` in the Power Platform admin center what the bundle says")
    };
    Mender::person(ADMINISTRATOR, why, how)
}

/// A role allows more than the bundle says.
pub(super) fn role_extended(role: &str, layered: bool) -> Mender {
    let layer = if layered { ", or remove its unmanaged layer in Power Apps" } else { "" };
    Mender::person(
        ADMINISTRATOR,
        "dvpack does not remove privileges from a role",
        format!("take the privilege away from security role `{role}`{layer}; or ship it in the bundle"),
    )
}

/// A privilege does not exist here.
pub(super) fn privilege_unknown() -> Mender {
    Mender::person(
        format!("{ADMINISTRATOR}, then {PUBLISHER}"),
        "the environment does not have this privilege, and an import leaves it out",
        "the administrator installs the app or solution that brings it; the publisher then releases a higher version, whose import adds it, or takes it out of the role",
    )
}

/// A privilege exists, but not at this level.
pub(super) fn privilege_level() -> Mender {
    Mender::person(
        PUBLISHER,
        "the environment does not grant this privilege at that level",
        "give the role a level that the environment has, and build again",
    )
}

/// The user has another role.
pub(super) fn role_not_declared() -> Mender {
    Mender::person(
        ADMINISTRATOR,
        "somebody assigned it, and dvpack removes a role only when it is asked to",
        "run `dvpack apply --only-declared-roles`, or take the role away in the Power Platform admin center",
    )
}

/// The solution is there, its role is not.
pub(super) fn role_missing(name: &str) -> Mender {
    component_missing("role", "security role", name)
}

/// The solution is there, its column security profile is not.
pub(super) fn profile_missing(name: &str) -> Mender {
    component_missing("profile", "column security profile", name)
}

fn component_missing(short: &str, kind: &str, name: &str) -> Mender {
    Mender::person(
        PUBLISHER,
        format!("the solution is installed without this {short}, and dvpack does not import a version twice"),
        format!("release a higher version that contains {kind} `{name}`, or import the solution again by hand"),
    )
}

/// The solution is there, the variable or reference is not.
pub(super) fn setting_missing(name: &str) -> Mender {
    Mender::person(
        PUBLISHER,
        "the solution is installed without it, and dvpack does not import a version twice",
        format!("release a higher version that contains `{name}`, or take its setting out of the bundle"),
    )
}

/// The solution is there, the process is not.
pub(super) fn process_missing(name: &str) -> Mender {
    Mender::person(
        ADMINISTRATOR,
        "somebody deleted it here, and dvpack does not import a version twice",
        format!("import the solution again by hand, or leave it out with `--leave-off \"{name}\"`"),
    )
}

/// The step was carried out, and the difference is there all the same.
pub(in crate::deploy) fn carried_out_in_vain(step: &str) -> Mender {
    Mender::person(
        ADMINISTRATOR,
        format!("this run did it ({step}), and the environment did not keep it"),
        "see the warnings of this run, and what else changes the environment; then run again",
    )
}
