//! Sign-in to Entra ID, and admin consent. Facts: `docs/sign-in.md`.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use url::Url;

use crate::secret::Secret;

/// An access token and until when it is good.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// When it must no longer be sent.
    pub expires: Instant,
}

/// What the environment's own 401 challenge says about who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// `https://login.microsoftonline.com/{tenant}`, without a trailing slash.
    pub authority: Url,
    /// The tenant, a GUID as a rule, as the challenge has it.
    pub tenant: String,
    /// The resource that tokens are for, without a trailing slash.
    pub resource: String,
}

/// Where access tokens come from. One for each way to sign in.
pub trait TokenSource: Send + Sync {
    /// In words, for the report: `client secret of application 6f2b…`.
    fn describe(&self) -> String;

    /// A new token for the resource of `challenge`. Caching is the caller's ([`TokenCache`]'s) work.
    fn token<'a>(
        &'a self,
        challenge: &'a Challenge,
    ) -> Pin<Box<dyn Future<Output = Result<AccessToken, SignInError>> + Send + 'a>>;
}

/// Sign-in did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SignInError {
    /// What the command line makes of it.
    pub kind: SignInErrorKind,
    /// What happened.
    pub message: String,
    /// What the person must do.
    pub help: Vec<String>,
    /// The `AADSTS` number, when Entra gave one.
    pub aadsts: Option<u32>,
    /// Entra's trace and correlation ids, for a support request.
    pub trace: Option<String>,
}

/// The kinds of failed sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInErrorKind {
    /// Wrong or missing credentials (exit code 4).
    Failed,
    /// The application is not known in the tenant: consent is missing (exit code 5).
    ConsentMissing,
    /// Entra could not be reached or did not answer in time (exit code 4, worth another try).
    Unreachable,
}
