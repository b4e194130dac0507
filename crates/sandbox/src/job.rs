//! Jobs of the environment that work on solutions.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::package::Package;

/// A running or finished job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub import: Uuid,
    pub kind: Kind,
    pub solution: String,
    pub package: Option<Package>,
    pub parameters: Vec<Value>,
    pub looks: u32,
    pub needed: u32,
    /// Seconds since 1970.
    pub started: i64,
    pub done: bool,
    pub errors: Vec<(String, String)>,
    pub warnings: Vec<String>,
    pub caller: Uuid,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Import,
    Hold,
    Upgrade,
    Promote,
    Uninstall,
}

impl Kind {
    /// The name and number of its operation.
    pub fn message(self) -> (&'static str, i64) {
        match self {
            Self::Import | Self::Hold => ("ImportSolutionAsync", 54),
            Self::Upgrade => ("StageAndUpgradeAsync", 54),
            Self::Promote => ("DeleteAndPromoteAsync", 207),
            Self::Uninstall => ("UninstallSolutionAsync", 208),
        }
    }
}
