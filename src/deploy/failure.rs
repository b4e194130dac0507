//! Why a deployment stopped, in words that say what to do.

use crate::dataverse::error::{APPLICATION_NOT_FOUND, PRIVILEGE_DENIED, PRIVILEGES_OF_ROLE_MISSING, privileges_in};
use crate::dataverse::import::Missing;
use crate::dataverse::{ApiError, ServerError};
use crate::entra::{SignInError, SignInErrorKind};
use crate::http::retry::LONGER;

/// The time limit was reached before the run began to work.
pub const NOT_IN_TIME: &str = "time is up; nobody is signed in yet, and nothing was changed";

/// What to do if the outcome is not known.
const AGAIN: &str = "run the same command again: it reads the environment first and continues from there";

/// The kinds of failure, each with an exit code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Anything else.
    Failed,
    /// The request makes no sense.
    Usage,
    /// The bundle contradicts itself.
    Invalid,
    /// No token.
    SignIn,
    /// The application is not known in the tenant.
    ConsentMissing,
    /// Against a rule.
    Refused,
    /// The environment must be changed first.
    NotReady,
    /// The work may continue on the server.
    Inconclusive,
}

/// A deployment stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// One line.
    pub message: String,
    /// The causes, the first one first.
    pub details: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// Components that the environment lacks.
    pub missing: Vec<Missing>,
    /// The service's id of the request that failed.
    pub request_id: Option<String>,
    /// Whether the work may be done nevertheless, or still be in progress.
    pub may_be_done: bool,
}

impl Failure {
    /// A failure in words.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            details: Vec::new(),
            help: Vec::new(),
            missing: Vec::new(),
            request_id: None,
            may_be_done: false,
        }
    }

    /// An answer to a write was lost, and finding out what became of the write failed, too.
    #[must_use]
    pub fn looked_in_vain(lost: ApiError, look: Self) -> Self {
        let mut failure = Self::from(lost.looked_in_vain(&look.message));
        failure.details.extend(look.details);
        failure.help.extend(look.help);
        failure
    }

    /// Adds what was done before it and stays done, and the step in progress if it is not known whether that is done.
    #[must_use]
    pub fn after(mut self, done: &[String], under_way: &str) -> Self {
        self.details.extend((!done.is_empty()).then(|| format!("done before that: {}", done.join("; "))));
        self.details.extend(self.may_be_done.then(|| format!("perhaps done: {under_way}")));
        self
    }

    /// The environment must be changed first.
    pub fn not_ready(message: impl Into<String>) -> Self {
        Self::new(FailureKind::NotReady, message)
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a cause.
    #[must_use]
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.details.push(text.into());
        self
    }
}

/// Several failures as one: the first, with the others among its details.
#[must_use]
pub fn together(failures: &[Failure]) -> Option<Failure> {
    let (first, others) = failures.split_first()?;
    let mut failure = first.clone();
    for other in others {
        failure.details.push(other.message.clone());
        failure.details.extend(other.details.iter().cloned());
        failure.help.extend(other.help.iter().cloned());
    }
    Some(failure)
}

impl From<SignInErrorKind> for FailureKind {
    fn from(kind: SignInErrorKind) -> Self {
        match kind {
            SignInErrorKind::ConsentMissing => Self::ConsentMissing,
            SignInErrorKind::Failed | SignInErrorKind::Unreachable => Self::SignIn,
            SignInErrorKind::NoAnswer => Self::Failed,
            SignInErrorKind::TimeUp => Self::Inconclusive,
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        let kind = error.kind.into();
        let mut failure = if error.kind == SignInErrorKind::TimeUp {
            Self::new(kind, NOT_IN_TIME).detail(error.message)
        } else {
            Self::new(kind, error.message)
        };
        failure.help = error.help;
        failure.help.extend(error.trace.map(|trace| format!("for Microsoft's support: {trace}")));
        failure
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let kind = match &error {
            ApiError::SignIn(error) => error.kind.into(),
            ApiError::Ambiguous { .. } | ApiError::TooBusy { .. } | ApiError::TimeUp { .. } => {
                FailureKind::Inconclusive
            }
            ApiError::Server { error, .. } if error.is(APPLICATION_NOT_FOUND) => FailureKind::ConsentMissing,
            // The signed-in caller, or the place, is not let in at all.
            ApiError::Server { error, .. } if error.shuts_out() => FailureKind::SignIn,
            ApiError::Server { error, .. } if blocks_work(error) => FailureKind::NotReady,
            _ => FailureKind::Failed,
        };
        let mut failure = Self::new(kind, error.to_string());
        failure.may_be_done = matches!(error, ApiError::Ambiguous { .. });
        if let Some(server) = error.server() {
            failure.request_id.clone_from(&server.request_id);
            if let Some(application) = &server.application {
                failure.details.push(format!("this run signs in with application {application}"));
            }
            failure.help.extend(server.advice().map(str::to_owned));
            let privileges = privileges_in(&server.message);
            if lacks_rights(server) && !privileges.is_empty() {
                // The server buries the name in a long line about the principal.
                let doing = error.doing().unwrap_or("go on");
                let names: Vec<String> = privileges.iter().map(|name| format!("`{name}`")).collect();
                failure.message = format!("cannot {doing}: the signed-in user lacks {}", names.join(", "));
                failure.details.push(server.to_string());
            }
            if lacks_rights(server) {
                failure.help.push("`dvpack doctor` lists all privileges that are missing".into());
            }
        }
        match &error {
            ApiError::SignIn(error) => failure.help.extend(error.help.iter().cloned()),
            ApiError::Network { source, .. } => failure.help.extend(source.advice().map(str::to_owned)),
            ApiError::TimeUp { why, .. } => {
                failure.details.extend((!why.is_empty()).then(|| why.clone()));
                failure.help.extend([AGAIN.to_owned(), LONGER.to_owned()]);
            }
            ApiError::Ambiguous { .. } | ApiError::TooBusy { .. } => failure.help.push(AGAIN.into()),
            ApiError::Redirect { .. } => failure.help.push("check the environment's URL".into()),
            _ => {}
        }
        failure
    }
}

/// Whether the environment must be changed before this can be done.
fn blocks_work(error: &ServerError) -> bool {
    error.is_lock() || lacks_rights(error) || error.lacks_operation()
}

/// Whether the signed-in user may not do it.
fn lacks_rights(error: &ServerError) -> bool {
    error.is(PRIVILEGE_DENIED) || error.is(PRIVILEGES_OF_ROLE_MISSING)
}

/// The server's words and request id as a failure of the environment.
pub fn of_server(error: &ServerError, message: impl Into<String>) -> Failure {
    let mut failure = Failure::new(FailureKind::Failed, message).detail(error.to_string());
    failure.request_id.clone_from(&error.request_id);
    failure.help.extend(error.advice().map(str::to_owned));
    failure
}
