//! Sends a request to a server: one call, one reply or failure.

use std::future::Future;
use std::pin::Pin;

use crate::http::{Call, Failure, Reply};

/// A reply on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;

/// Sends requests: over the machine's own network in a build with the feature `native`, otherwise over the host's.
///
/// Implementations follow these rules, which the rest depends on: each call is sent at most once; no redirect is
/// followed; a bearer token goes into the `authorization` header and nowhere else; nothing takes longer than the call's
/// timeout; an answer larger than the call allows is a [`Failure::TooLarge`]; and
/// [`Failure::Connect`] is for calls of which no byte was sent.
pub trait Wire: Send + Sync {
    /// Sends a request and reads the whole answer.
    fn send(&self, call: Call) -> Sending<'_>;
}
