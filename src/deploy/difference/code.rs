//! A difference as data: its kind, what differs, and what fixes it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident, )+) => {
        /// The kinds of differences. Scripts and lists of accepted differences rely on these words.
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
    /// Another solution that must be installed first is missing or too old.
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
    /// The variable or reference of a setting does not exist.
    SettingMissing,
    /// A setting must have a value, but neither bundle nor environment has one.
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

    /// Whether it lets the application do more than the bundle says. Such a difference is shown even where it is
    /// accepted.
    #[must_use]
    pub fn grants_more(self) -> bool {
        matches!(self, Self::PrivilegeBeyond | Self::PrivilegeDeeper | Self::RoleNotDeclared)
    }
}

/// What fixes a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Mender {
    /// A step of the plan, in its words.
    Step {
        /// The step's `what`.
        step: String,
    },
    /// A person; dvpack does not fix it.
    Person {
        /// Who.
        who: String,
        /// Why dvpack does not fix it.
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

    pub(super) fn person(who: impl Into<String>, why: impl Into<String>, how: impl Into<String>) -> Self {
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

/// Something that is not as the bundle says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The kind of difference.
    pub code: Code,
    /// The thing that differs, such as ``security role `Widgets Service` ``.
    #[serde(rename = "where")]
    pub place: String,
    /// What of it.
    pub what: String,
    /// As the bundle wants it.
    pub wanted: String,
    /// As it is.
    pub found: String,
    /// What mends it.
    pub mended_by: Mender,
}

impl Difference {
    /// Whether `apply` fixes it.
    #[must_use]
    pub fn has_step(&self) -> bool {
        matches!(self.mended_by, Mender::Step { .. })
    }

    pub(super) fn key(&self) -> (Code, String, String) {
        (self.code, self.place.clone(), self.what.clone())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {} (wanted: {})", self.place, self.what, self.found, self.wanted)
    }
}
