//! Where a run stopped early: its reports name the environment, as those of a complete run do.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::deploy::report;
use crate::deploy::session::Session;

/// The outcome of work in a session; a failure names the environment.
pub async fn located<T>(session: &Session, outcome: Result<T, Failure>) -> Result<T, Failure> {
    let mut failure = match outcome {
        Ok(done) => return Ok(done),
        Err(failure) => failure,
    };
    let organization = organization(session, &failure).await;
    failure.place = Some(report::place(&session.url, organization.as_deref()));
    Err(failure)
}

/// The organization's name, as far as it can be asked for: an environment that does not answer, or lets nobody in, is
/// not asked.
pub async fn organization(session: &Session, failure: &Failure) -> Option<String> {
    let answered =
        matches!(failure.exit, Exit::Invalid | Exit::Refused | Exit::NotReady) || failure.request_id.is_some();
    if !answered || matches!(failure.exit, Exit::SignIn | Exit::Inconclusive) {
        return None;
    }
    session.organization().await.and_then(|organization| organization.name)
}
