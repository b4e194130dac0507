//! Keeps one access token for one environment and gets a new one before it runs out.
//!
//! Time is monotonic; however many tasks ask, one request goes out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use uuid::Uuid;

use crate::clock::{self, Moment};
use crate::entra::{AccessToken, Challenge, SignInError, SignInErrorKind, TokenSource};
use crate::secret::Secret;

/// A token is replaced when it has less than this to live (and less than half of its life).
const MARGIN: Duration = Duration::from_secs(300);

/// A token source with its current token. Cheap to clone; clones share the token.
#[derive(Clone)]
pub struct TokenCache {
    inner: Arc<Inner>,
}

struct Inner {
    source: Box<dyn TokenSource>,
    challenge: Challenge,
    /// Whether the application that signs in is another than the package's.
    stranger: bool,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: AccessToken,
    refresh_from: Moment,
}

impl TokenCache {
    /// A cache without a token yet.
    #[must_use]
    pub fn new(source: Box<dyn TokenSource>, challenge: Challenge) -> Self {
        Self { inner: Arc::new(Inner { source, challenge, stranger: false, held: Mutex::new(None) }) }
    }

    /// The same for the deployment of a package with this application: that another application, which signs in, is not
    /// known in the tenant is a failed sign-in, not the package's missing consent.
    #[must_use]
    pub fn for_package(source: Box<dyn TokenSource>, challenge: Challenge, application: Option<Uuid>) -> Self {
        let stranger = source.client_id().is_some_and(|id| application.is_none() || id.parse().ok() != application);
        Self { inner: Arc::new(Inner { source, challenge, stranger, held: Mutex::new(None) }) }
    }

    /// What the token is for.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.inner.challenge
    }

    /// The application that signs in, where it is known.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.inner.source.client_id()
    }

    /// Where tokens come from, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        self.inner.source.describe()
    }

    /// A token that is good for now.
    ///
    /// # Errors
    /// Where the source gets no token.
    pub async fn bearer(&self) -> Result<Secret, SignInError> {
        let mut held = self.inner.held.lock().await;
        let now = clock::now();
        if let Some(current) = held.as_ref()
            && now < current.refresh_from
        {
            return Ok(current.token.token.clone());
        }
        match self.fetch(&mut held).await {
            // Entra is away, but the token in hand has still some minutes to live.
            Err(error) if error.kind.is_passing() => match held.as_ref() {
                Some(current) if clock::now() < current.token.expires => Ok(current.token.token.clone()),
                _ => Err(error),
            },
            other => other,
        }
    }

    /// A new token, whatever the age of the current one.
    pub async fn renew(&self) -> Result<Secret, SignInError> {
        let mut held = self.inner.held.lock().await;
        self.fetch(&mut held).await
    }

    /// A token other than the one that the environment answered 401 to. Tasks that met the same 401 share one renewal.
    pub async fn renew_instead_of(&self, refused: &Secret) -> Result<Secret, SignInError> {
        let mut held = self.inner.held.lock().await;
        match held.as_ref() {
            Some(current) if current.token.token.reveal() != refused.reveal() => Ok(current.token.token.clone()),
            _ => self.fetch(&mut held).await,
        }
    }

    async fn fetch(&self, held: &mut Option<Held>) -> Result<Secret, SignInError> {
        let token = self.inner.source.token(&self.inner.challenge).await.map_err(|error| {
            match (self.inner.stranger, self.inner.source.client_id()) {
                (true, Some(id)) if error.kind == SignInErrorKind::ConsentMissing => {
                    let challenge = &self.inner.challenge;
                    error.of_deployer(id, &challenge.tenant, &challenge.resource)
                }
                _ => error,
            }
        })?;
        let now = clock::now();
        let life = token.expires.saturating_duration_since(now);
        let refresh_from = now + life.saturating_sub(MARGIN.min(life / 2));
        let secret = token.token.clone();
        *held = Some(Held { token, refresh_from });
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::entra::Answer;

    struct Counting {
        calls: Arc<AtomicU32>,
        life: Duration,
    }

    impl TokenSource for Counting {
        fn describe(&self) -> String {
            "a counter".into()
        }
        fn token<'a>(&'a self, _: &'a Challenge) -> Answer<'a> {
            Box::pin(async {
                let number = self.calls.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok(AccessToken { token: Secret::new(format!("token-{number}")), expires: clock::now() + self.life })
            })
        }
    }

    fn cache(life: Duration) -> (TokenCache, Arc<AtomicU32>) {
        let calls = Arc::new(AtomicU32::new(0));
        let challenge = Challenge {
            authority: "https://login.microsoftonline.com/t".parse().expect("a URL"),
            tenant: "t".into(),
            resource: "https://contoso.crm.dynamics.com".into(),
        };
        (TokenCache::new(Box::new(Counting { calls: calls.clone(), life }), challenge), calls)
    }

    #[tokio::test]
    async fn many_tasks_share_one_request() {
        let (cache, calls) = cache(Duration::from_secs(3600));
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                tokio::spawn({
                    let cache = cache.clone();
                    async move { cache.bearer().await }
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.expect("ran").expect("a token").reveal(), "token-0");
        }
        let refused = cache.bearer().await.expect("a token");
        let (one, two) = tokio::join!(cache.renew_instead_of(&refused), cache.renew_instead_of(&refused));
        assert_eq!((one.expect("new").reveal(), two.expect("new").reveal()), ("token-1", "token-1"));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_token_without_life_is_replaced() {
        let (cache, _) = cache(Duration::ZERO);
        assert_eq!(cache.bearer().await.expect("a token").reveal(), "token-0");
        assert_eq!(cache.bearer().await.expect("a token").reveal(), "token-1");
    }
}
