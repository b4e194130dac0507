//! Questions and their answers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::dataverse::{ApiError, ServerError};
use crate::deploy::accepted::{Accepted, Idle};
use crate::deploy::deletions::Deletion;
use crate::deploy::difference::Difference;
use crate::deploy::failure::Failure;
use crate::entra::SignInErrorKind;

/// What an answer means for an apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// No problem.
    Ok,
    /// An apply would fail.
    Problem,
    /// An apply would leave something as it is.
    Differs,
    /// It cannot be known now; an apply finds out.
    Open,
    /// An apply asks somebody to agree to it.
    Asks,
    /// It could not be read.
    Unread,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answer {
    /// What it is about.
    pub what: String,
    /// What it means.
    pub state: State,
    /// Whether there is no problem.
    pub ok: bool,
    /// What was found.
    pub found: String,
    /// What to do, one line each.
    pub help: Vec<String>,
}

/// All answers.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// In the order of an apply.
    pub all: Vec<Answer>,
    /// What differs from the bundle, as in `status` and `plan`.
    pub differences: Vec<Difference>,
    /// What differs and is accepted.
    pub accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    pub idle: Vec<Idle>,
    /// What an upgrade would delete.
    pub deletions: Vec<Deletion>,
    /// What prevents nothing but should be known, as in `status` and `plan`.
    pub warnings: Vec<String>,
    /// Why no further question is asked.
    pub(super) lost: Option<String>,
    /// The signed-in caller is no longer let in.
    pub(super) shut_out: Option<Failure>,
}

/// Whether the caller is refused, now or at the next sign-in.
fn is_refused(error: &ApiError) -> bool {
    match error {
        ApiError::SignIn(error) => matches!(error.kind, SignInErrorKind::Failed | SignInErrorKind::ConsentMissing),
        error => error.server().is_some_and(ServerError::shuts_out),
    }
}

impl Answers {
    /// Whether the environment is no longer asked: it does not answer, or time is up.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// How many of them are in this state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.all.iter().filter(|answer| answer.state == state).count()
    }

    pub(super) fn add(&mut self, what: impl Into<String>, state: State, found: impl Into<String>) -> &mut Self {
        let (what, found, ok) = (what.into(), found.into(), state == State::Ok);
        self.all.push(Answer { what, state, ok, found, help: Vec::new() });
        self
    }

    /// Says what to do about the last answer.
    pub(super) fn advise(&mut self, line: impl Into<String>) -> &mut Self {
        if let Some(last) = self.all.last_mut() {
            last.help.push(line.into());
        }
        self
    }

    /// Reads what a question needs. If that fails, the failure is the answer.
    pub(super) async fn read<T>(&mut self, what: &str, read: impl Future<Output = Result<T, ApiError>>) -> Option<T> {
        if let Some(why) = &self.lost {
            let found = format!("not asked: {why}");
            self.add(what, State::Unread, found);
            return None;
        }
        match read.await {
            Ok(read) => Some(read),
            Err(error) => {
                self.lose(&error);
                if is_refused(&error) {
                    self.shut_out = Some(error.into());
                    return None;
                }
                self.unread(what, error);
                None
            }
        }
    }

    pub(super) fn unread(&mut self, what: &str, error: ApiError) {
        // If the server does not have it, an apply will not find it either.
        let lacks = error.server().is_some_and(ServerError::lacks_operation);
        let state = if lacks { State::Problem } else { State::Unread };
        let failure = Failure::from(error);
        let found = failure.details.iter().fold(failure.message, |text, detail| format!("{text}; {detail}"));
        self.add(what, state, format!("could not be read: {found}"));
        // This is the doctor already.
        for line in failure.help.into_iter().filter(|line| !line.contains("`dvpack doctor`")) {
            self.advise(line);
        }
    }

    /// If the environment does not answer there is nothing more to ask; each question would only wait for its time
    /// limit.
    pub(super) fn lose(&mut self, error: &ApiError) {
        self.lost = match error {
            ApiError::Network { .. } => Some("the environment does not answer".to_owned()),
            ApiError::TimeUp { .. } => Some("time is up".to_owned()),
            ApiError::TooBusy { .. } => Some("the environment asks to wait".to_owned()),
            ApiError::SignIn(_) => Some("nobody is signed in any more".to_owned()),
            ApiError::Server { error, .. } if error.shuts_out() => Some("nobody is let in any more".to_owned()),
            ApiError::Redirect { .. } => Some("the environment answers with a redirect".to_owned()),
            _ => None,
        };
    }
}
