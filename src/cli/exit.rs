//! Exit codes: a contract with scripts, documented in `docs/exit-codes.md`.

use std::process::ExitCode;

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; for `plan`: nothing to do.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// The manifest or the bundle is invalid.
    Invalid = 3,
    /// Sign-in failed.
    SignIn = 4,
    /// The application has no service principal in the tenant: consent is missing.
    ConsentMissing = 5,
    /// Refused by policy.
    Refused = 6,
    /// The environment is not ready: dependencies, version, another operation running.
    NotReady = 7,
    /// Timed out or inconclusive: the work may still be running; run again to re-attach.
    Inconclusive = 8,
    /// Applied, but what was read back differs.
    Differs = 9,
    /// `plan`, `diff`: there are changes.
    Pending = 10,
    /// Interrupted by the person.
    Interrupted = 130,
}

impl Exit {
    /// The exit code of a run that ended like this but could not write its result or report: a failure if there is no
    /// other. Scripts that rely on the code must still learn that something differs or is pending.
    #[must_use]
    pub const fn unwritten(self) -> Self {
        match self {
            Self::Done => Self::Failed,
            other => other,
        }
    }

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
