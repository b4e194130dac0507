//! Sign-in to Entra ID, and admin consent. Facts: `docs/sign-in.md`.
//!
//! One file per token source. A source asks only the authority of the environment's own challenge for a
//! token, over [`crate::http::Http`]; nothing here prints or reads the process environment by itself.

mod aadsts;
mod assertion;
mod azure_cli;
mod browser;
mod certificate;
mod challenge;
mod client_secret;
pub mod consent;
mod device_code;
mod error;
mod loopback;
mod managed_identity;
mod pfx;
mod random;
mod resolve;
mod token_cache;
mod token_endpoint;

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

pub use aadsts::{Advice, advice};
pub use challenge::{Challenge, authority_host, check_tenant, environment_url, parse_challenges, probe, probe_with};
pub use error::{SignInError, SignInErrorKind};
pub use resolve::{Method, PublicClient, SAMPLE_CLIENT_ID, SignInOptions, Tell, resolve, resolve_with};
pub use token_cache::TokenCache;

use crate::secret::Secret;

/// An access token and until when it is good.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// When it must no longer be sent.
    pub expires: Instant,
}

/// What a [`TokenSource`] gives back in the end.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<AccessToken, SignInError>> + Send + 'a>>;

/// Where access tokens come from. One for each way to sign in.
pub trait TokenSource: Send + Sync {
    /// In words, for the report: `client secret of application 6f2b…`.
    fn describe(&self) -> String;

    /// The application that signs in, where it is one that an administrator of the tenant must let in.
    fn client_id(&self) -> Option<&str> {
        None
    }

    /// A new token for the resource of `challenge`. Caching is the caller's ([`TokenCache`]'s) work.
    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a>;
}
