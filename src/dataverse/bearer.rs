//! Who signs the requests to the Web API.

use std::future::Future;
use std::pin::Pin;

use crate::entra::{Challenge, SignInError, TokenCache};
use crate::secret::Secret;

/// A future of a token.
pub type BearerFuture<'a> = Pin<Box<dyn Future<Output = Result<Secret, SignInError>> + Send + 'a>>;

/// Something that has a token for the environment.
pub trait Bearer: Send + Sync {
    /// A token that is good for some minutes.
    fn bearer(&self) -> BearerFuture<'_>;
    /// A token other than the one that the server refused.
    fn renew<'a>(&'a self, refused: &'a Secret) -> BearerFuture<'a>;
    /// What the environment said about who may sign in, where that is known.
    fn challenge(&self) -> Option<&Challenge> {
        None
    }
    /// The application that signs in, where it is known.
    fn application(&self) -> Option<&str> {
        None
    }
}

impl Bearer for TokenCache {
    fn bearer(&self) -> BearerFuture<'_> {
        Box::pin(Self::bearer(self))
    }

    fn renew<'a>(&'a self, refused: &'a Secret) -> BearerFuture<'a> {
        Box::pin(self.renew_instead_of(refused))
    }

    fn challenge(&self) -> Option<&Challenge> {
        Some(self.challenge())
    }

    fn application(&self) -> Option<&str> {
        self.client_id()
    }
}
