//! Sign-in to Entra ID, and admin consent. Facts: `docs/sign-in.md`.
//!
//! One file per token source. A source asks only the authority of the environment's own challenge for a
//! token, over [`crate::http::Http`]; nothing here prints or reads the process environment by itself.

mod aadsts;
#[cfg(feature = "native")]
mod assertion;
#[cfg(feature = "native")]
mod azure_cli;
#[cfg(feature = "native")]
mod browser;
#[cfg(feature = "native")]
mod certificate;
mod challenge;
mod client_secret;
pub mod consent;
mod device_code;
mod error;
#[cfg(feature = "native")]
mod loopback;
#[cfg(feature = "native")]
mod managed_identity;
#[cfg(feature = "native")]
mod pfx;
mod random;
mod refresh;
#[cfg(feature = "native")]
mod resolve;
mod token_cache;
mod token_endpoint;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use aadsts::{Advice, advice};
pub use challenge::{Challenge, authority_host, check_tenant, environment_url, parse_challenges, probe, probe_with};
pub use client_secret::ClientSecret;
pub use device_code::DeviceCode;
pub use error::{SignInError, SignInErrorKind};
#[cfg(feature = "native")]
pub use resolve::{Method, PublicClient, SignInOptions, resolve, resolve_with};
pub use token_cache::TokenCache;

use crate::clock::Moment;
use crate::secret::Secret;

/// Microsoft's public client for samples; documented as not meant for production.
pub const SAMPLE_CLIENT_ID: &str = "51f81489-12ee-4a9e-aaae-a2591f45987d";

/// An access token and until when it is good.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// When it must no longer be sent.
    pub expires: Moment,
}

/// How a token source speaks to the person (a device code, a page to open).
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

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
