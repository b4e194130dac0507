//! One way out to the network, shared by sign-in and the Web API client.
//!
//! These rules always apply: no redirect is followed; `http://` goes to loopback, and without a bearer token
//! to link-local addresses (Azure's managed identity services) only, and to neither through a proxy; an answer
//! has a bounded size, also once it is read as JSON; a bearer token is a [`Secret`] until it is on the wire;
//! every wait for a host has a limit; a failure says whether the request can have reached the server
//! ([`Failure::may_have_been_received`]), since that decides whether it may be repeated.

mod address;
mod call;
mod failure;
mod limits;
#[cfg(feature = "native")]
mod native;
pub mod retry;
mod upload;
mod weight;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::Url;

pub use ::http::{Method, header};

use crate::clock::{self, Moment};
pub use crate::http::address::{check_url, is_loopback, shown_host};
pub use crate::http::call::{Body, Call, Reply};
pub use crate::http::failure::{ADVICE, Failure, PROXY_SIGN_IN};
pub use crate::http::limits::{ANSWER, CONNECT, SMALL};
use crate::http::retry::{PATIENT, Policy, TimeUp};
pub use crate::http::retry::{Pace, Time};
pub use crate::http::upload::Upload;
pub use crate::http::weight::{MOST as MOST_WEIGHT, weight};
pub use crate::http::wire::{Sending, Wire};
use crate::secret::Secret;

/// How often a host may give no answer in time before the request is given up.
pub const SILENCES: u32 = 2;

/// Is called for every exchange: method, URL without its query, the status or the failure, how long it took.
pub type Watch = Arc<dyn Fn(&Method, &Url, Result<u16, &Failure>, Duration) + Send + Sync>;

/// A client. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    wire: Arc<dyn Wire>,
    /// The longest that an exchange may take, whatever its own limit.
    longest: Duration,
    /// How time passes, and when the run must end.
    time: Time,
    watch: Option<Watch>,
    /// Which host has to answer, and since when. Clones share it.
    waiting: Arc<Mutex<Option<(String, Moment)>>>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// A client with the system's trusted roots and those of `SSL_CERT_FILE` (`extra_roots`, PEM).
    ///
    /// # Errors
    ///
    /// [`Failure::Setup`] if the roots cannot be read.
    #[cfg(feature = "native")]
    pub fn new(extra_roots: Option<&[u8]>) -> Result<Self, Failure> {
        Ok(Self::over(Arc::new(native::Native::new(extra_roots)?)))
    }

    /// A client that sends its requests over this wire.
    #[must_use]
    pub fn over(wire: Arc<dyn Wire>) -> Self {
        Self { wire, longest: Duration::MAX, time: Time::default(), watch: None, waiting: Arc::default() }
    }

    /// The same, with a limit on how long each exchange may take.
    #[must_use]
    pub fn with_longest(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// The same, with this pace of waits.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.time.pace = pace;
        self
    }

    /// The same with a deadline: no exchange and no wait lasts longer.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Moment>) -> Self {
        self.time.deadline = deadline;
        self
    }

    /// How time passes here.
    #[must_use]
    pub fn time(&self) -> Time {
        self.time
    }

    /// The same client, which calls this for every exchange.
    #[must_use]
    pub fn with_watch(mut self, watch: Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// The host that has to answer at the moment, and since when.
    #[must_use]
    pub fn waiting(&self) -> Option<(String, Duration)> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.as_ref().map(|(host, since)| (host.clone(), clock::since(*since)))
    }

    fn wait_for(&self, host: Option<(String, Moment)>) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = host;
    }

    /// Sends a request once and reads the whole answer.
    ///
    /// # Errors
    /// A [`Failure`] if no whole answer came. A status such as 404 is an answer.
    pub async fn send(&self, call: Call) -> Result<Reply, Failure> {
        let Some(watch) = &self.watch else { return self.exchange(call).await };
        let (method, mut url, begun) = (call.method.clone(), call.url.clone(), clock::now());
        let result = self.exchange(call).await;
        // A query may contain a secret; the path of a token endpoint does not.
        url.set_query(None);
        url.set_fragment(None);
        watch(&method, &url, result.as_ref().map(|reply| reply.status), clock::since(begun));
        result
    }

    /// Sends a request that may be repeated, as [`PATIENT`] says.
    pub async fn send_patiently(&self, call: Call) -> Result<Reply, Failure> {
        self.send_by(&PATIENT, call).await
    }

    /// Sends a request that may be repeated, as long as the fault is temporary: no complete answer (twice at most
    /// when time runs out), or a status that the policy names. It waits as long as the server asks for. It returns the
    /// last outcome, or [`Failure::TimeUp`] if the next wait would not end in time.
    pub async fn send_by(&self, policy: &Policy, call: Call) -> Result<Reply, Failure> {
        let host = shown_host(&call.url);
        let mut silences = 0;
        for step in 0.. {
            let outcome = self.send(call.clone()).await;
            let (asked, why) = match &outcome {
                Ok(reply) if (policy.passing)(reply.status) => {
                    (reply.asked_wait(), format!("`{host}` answered {}", reply.status))
                }
                Err(failure) if failure.may_pass() => {
                    silences += u32::from(failure.is_silence());
                    (None, failure.to_string())
                }
                _ => return outcome,
            };
            let unmade = matches!(&outcome, Err(Failure::Connect { .. })) && !policy.connect_again;
            let wait = retry::wait(asked, step, policy.first, policy.most);
            if self.time.left() == Some(Duration::ZERO) {
                return Err(Failure::TimeUp { why });
            }
            if step + 1 >= policy.attempts || silences >= SILENCES || unmade || asked > Some(policy.longest) {
                return outcome;
            }
            if let Err(TimeUp) = self.time.pause(wait).await {
                let next = match asked {
                    Some(asked) => format!(" and asks to wait {}", failure::seconds(asked)),
                    None if wait >= retry::WORTH_SAYING => {
                        format!("; the next attempt was due after {}", failure::seconds(wait))
                    }
                    None => String::new(),
                };
                return Err(Failure::TimeUp { why: why + &next });
            }
        }
        self.send(call).await
    }

    async fn exchange(&self, call: Call) -> Result<Reply, Failure> {
        let host = shown_host(&call.url);
        check_url(&call.url)?;
        if call.bearer.is_some() && call.url.scheme() == "http" && !is_loopback(&call.url) {
            return Err(Failure::Refused {
                url: call.url.origin().ascii_serialization(),
                why: "a token is never sent in the clear",
            });
        }
        if call.bearer.as_ref().is_some_and(|token| has_token(&call.url, token)) {
            let url = call.url.origin().ascii_serialization();
            return Err(Failure::Refused { url, why: "a token is never part of a URL" });
        }
        let left = self.time.left();
        if left == Some(Duration::ZERO) {
            return Err(Failure::TimeUp { why: format!("no time is left to ask `{host}`") });
        }
        let bytes = call.most;
        let most = call.timeout.min(self.longest).min(left.unwrap_or(Duration::MAX));
        // Stays set if the caller drops the exchange: then it says which host did not answer.
        self.wait_for(Some((host.clone(), clock::now())));
        let outcome = self.wire.send(Call { timeout: most, ..call }).await;
        self.wait_for(None);
        let reply = outcome?;
        if reply.body.len() > bytes || weight(&reply.body) > MOST_WEIGHT {
            return Err(Failure::TooLarge { host });
        }
        Ok(cleaned(reply))
    }
}

/// An answer with JSON that every reader accepts, whichever wire it came over.
fn cleaned(mut reply: Reply) -> Reply {
    // JSON must not begin with a byte order mark, and a reader may skip one (RFC 8259 §8.1).
    if reply.body.starts_with(b"\xef\xbb\xbf") {
        reply.body.drain(..3);
    }
    reply
}

/// Whether a URL contains a token: a server that repeats it as a name or a link must not get it into anybody's log.
fn has_token(url: &Url, token: &Secret) -> bool {
    let decoded: Vec<u8> = percent_encoding::percent_decode_str(url.as_str()).collect();
    let token = token.reveal().as_bytes();
    !token.is_empty() && decoded.windows(token.len()).any(|some| some == token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_loopback_only() {
        let allowed = |text: &str| check_url(&text.parse().expect("a URL")).is_ok();
        assert!(allowed("https://contoso.crm.dynamics.com/"));
        assert!(allowed("http://127.0.0.1:8080/") && allowed("http://localhost:1/") && allowed("http://[::1]:1/"));
        assert!(!allowed("http://contoso.crm.dynamics.com/"));
        assert!(!allowed("http://127.0.0.1.nip.io/") && !allowed("http://localhost.example.com/"));
        assert!(!allowed("https://user:pass@contoso.crm.dynamics.com/") && !allowed("ftp://127.0.0.1/"));
    }

    #[test]
    fn a_token_is_found_in_a_url_however_it_is_written() {
        let token = Secret::new("eyJ0-a_b.eyJz~c.sig");
        let has = |url: &str| has_token(&url.parse().expect("a URL"), &token);
        assert!(
            has("https://a.example/eyJ0-a_b.eyJz~c.sigs?x") && has("https://a.example/x('eyJ0%2Da%5Fb.eyJz~c.sig')")
        );
        assert!(!has("https://a.example/eyJ0"));
    }

    #[tokio::test]
    async fn a_host_that_says_nothing_is_asked_twice_and_named() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = silent.local_addr().expect("an address");
        let url: Url = format!("http://{address}/").parse().expect("a URL");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let watch = asked.clone();
        let http = Http::new(None)
            .expect("a client")
            .with_longest(Duration::from_millis(200))
            .with_pace(Pace::faster(100_000))
            .with_watch(Arc::new(move |_, _, outcome, _| {
                watch.lock().expect("lock").push(outcome.expect_err("silence").to_string());
            }));
        let failure = http.send_patiently(Call::new(Method::GET, url)).await.expect_err("silence");
        assert!(failure.is_silence() && failure.may_have_been_received(), "{failure}");
        assert_eq!(failure.advice(), Some(ADVICE));
        assert_eq!(*asked.lock().expect("lock"), vec![format!("no answer from `{address}` within 200 ms"); 2]);
        assert!(http.waiting().is_none());
    }
}
