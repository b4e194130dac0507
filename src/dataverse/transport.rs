//! How every request to the Web API is sent: headers, token, retries, redirects, request ids, log.
//!
//! Source of the HTTP contract: Microsoft's “compose HTTP requests and handle errors” and “service protection limits”.
//! Nothing else in the program talks to the Web API.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use url::Url;

use crate::clock::{self, Moment};
use crate::dataverse::bearer::{Bearer, BearerFuture};
use crate::dataverse::error::{ApiError, ServerError, words};
use crate::dataverse::log::Log;
use crate::dataverse::policy::{self, History, Patience, Verdict};
use crate::dataverse::reply::{answer, logged, malformed, outcome, redirect, request_id};
use crate::dataverse::request::{Answer, Request};
use crate::entra::{Challenge, SignInErrorKind};
use crate::http::retry::WORTH_SAYING;
use crate::http::{self, Body, Call, Http, Method, Pace, Time, Upload};
use crate::secret::Secret;

/// No time.
const NONE: Duration = Duration::ZERO;

/// Where all operations live.
const ROOT: &str = "api/data/v9.2/";

/// What a person may want to know while a request waits.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// A connection to one environment. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: Http,
    root: Url,
    bearer: Arc<dyn Bearer>,
    patience: Patience,
    time: Time,
    log: Option<Log>,
    notice: Option<Notice>,
    counts: Arc<Counts>,
}

/// How many requests were sent.
#[derive(Debug, Default)]
struct Counts {
    all: AtomicU32,
    writes: AtomicU32,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("root", &self.root.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// A connection to the environment at `environment` (scheme, host and port count; a path is dropped).
    ///
    /// # Errors
    /// Where no credential may go to the address: not `https`, and not loopback.
    pub fn new(http: Http, environment: &Url, bearer: Arc<dyn Bearer>) -> Result<Self, http::Failure> {
        http::check_url(environment)?;
        let mut root = environment.clone();
        root.set_path(ROOT);
        root.set_query(None);
        root.set_fragment(None);
        Ok(Self {
            http,
            root,
            bearer,
            patience: Patience::default(),
            time: Time::default(),
            log: None,
            notice: None,
            counts: Arc::default(),
        })
    }

    /// Sets how long to keep trying.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Sets how time passes.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.time.pace = pace;
        self.http = self.http.with_pace(pace);
        self
    }

    /// Sets when to stop: no request begins later, and none is waited for longer.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Moment>) -> Self {
        self.time.deadline = deadline;
        self.http = self.http.with_deadline(deadline);
        self
    }

    /// Writes every request to a log.
    #[must_use]
    pub fn with_log(mut self, log: Log) -> Self {
        self.log = Some(log);
        self
    }

    /// Tells a person about waits.
    #[must_use]
    pub fn with_notice(mut self, notice: Notice) -> Self {
        self.notice = Some(notice);
        self
    }

    /// How time passes, and when to stop.
    #[must_use]
    pub fn time(&self) -> Time {
        self.time
    }

    /// The patience in force.
    #[must_use]
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// How many requests were sent, and how many of them write.
    #[must_use]
    pub fn requests(&self) -> (u32, u32) {
        (self.counts.all.load(Ordering::Relaxed), self.counts.writes.load(Ordering::Relaxed))
    }

    /// What the environment said about who may sign in, where that is known.
    #[must_use]
    pub fn challenge(&self) -> Option<&Challenge> {
        self.bearer.challenge()
    }

    /// The application that signs in, where it is known.
    #[must_use]
    pub fn application(&self) -> Option<&str> {
        self.bearer.application()
    }

    /// The absolute URL of a path below the service root.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// Sends a request, as often as the policy says.
    ///
    /// # Errors
    /// What the server answers in the end; where nobody can be signed in; where time is up or no answer comes: for a
    /// write that may have been received, `Ambiguous`.
    pub async fn send(&self, request: Request) -> Result<Answer, ApiError> {
        let mut history = History::default();
        let result = self.attempts(&request, &mut history).await;
        let lost = history.lost.map(|why| ApiError::ambiguous(&request.doing, why));
        // A refusal of what may be sent twice says all where nothing lasting is written. A deletion lasts; that there is
        // nothing to delete is its end, though.
        let is_known = |error: &ApiError| error.server().is_some_and(|_| !request.lasts() || error.is_absent());
        result.map_err(|error| if is_known(&error) { error } else { error.after_a_loss(lost) })
    }

    async fn attempts(&self, request: &Request, history: &mut History) -> Result<Answer, ApiError> {
        let url = self.url(request)?;
        let mut renewed = false;
        self.in_time(request, Duration::ZERO, "")?;
        let mut token = self.token(request, self.bearer.bearer()).await?;
        loop {
            let reply = match self.exchange(request, &url, &token).await {
                Ok(reply) => reply,
                Err(failure) => {
                    self.outlast(request, failure, history).await?;
                    continue;
                }
            };
            match reply.status {
                200..=299 => {
                    if let Some(answer) = self.understood(request, reply, history).await? {
                        return Ok(answer);
                    }
                }
                300..=399 => return Err(redirect(&reply)),
                401 if !renewed => {
                    renewed = true;
                    token = self.token(request, self.bearer.renew(&token)).await?;
                }
                _ => {
                    self.refused(request, &reply, history).await?;
                    // Waits can outlast a token.
                    token = self.token(request, self.bearer.bearer()).await?;
                }
            }
        }
    }

    /// No answer came: waits for another attempt, if there is one.
    async fn outlast(&self, request: &Request, failure: http::Failure, history: &mut History) -> Result<(), ApiError> {
        history.silent += u32::from(failure.is_silence());
        let passing = failure.may_pass() && (request.repeatable || !failure.may_have_been_received());
        let doing = request.doing.clone();
        match policy::transient(&self.patience, history).filter(|_| passing) {
            Some(wait) => {
                history.transient += 1;
                let why = failure.to_string();
                if failure.may_have_been_received() && request.writes() {
                    history.lost = Some(why.clone());
                }
                self.pause(request, wait, &why, &format!("{why}; trying again")).await
            }
            None if failure.may_have_been_received() && request.writes() => {
                Err(ApiError::ambiguous(doing, failure.to_string()))
            }
            None if matches!(failure, http::Failure::TimeUp { .. }) || self.time.left() == Some(NONE) => {
                Err(ApiError::TimeUp { doing, why: failure.to_string() })
            }
            None => Err(ApiError::Network { doing, source: failure }),
        }
    }

    /// The answer of success; nothing, after a wait, where it is not understood and may be asked for again: it is a page
    /// of a proxy then, or was cut short.
    async fn understood(
        &self,
        request: &Request,
        reply: http::Reply,
        history: &mut History,
    ) -> Result<Option<Answer>, ApiError> {
        let answer = answer(&self.root, request, reply);
        let again = policy::transient(&self.patience, history)
            .filter(|_| request.repeatable && matches!(answer, Err(ApiError::Malformed { .. })));
        let Some(wait) = again else { return answer.map(Some) };
        history.transient += 1;
        let why = answer.map_or_else(|error| error.to_string(), |_| String::new());
        if request.lasts() {
            history.lost = Some(why.clone());
        }
        self.pause(request, wait, &why, "the answer is not understood; trying again").await?;
        Ok(None)
    }

    /// The server refuses: waits for another attempt where the policy says so.
    async fn refused(&self, request: &Request, reply: &http::Reply, history: &mut History) -> Result<(), ApiError> {
        let mut error = ServerError::from_body(reply.status, &reply.body, request_id(&reply.headers));
        if error.blocks_application() {
            error.application = self.application().map(str::to_owned);
        }
        let after = reply.asked_wait();
        let verdict = policy::judge(&error, after, request.repeatable, request.wait_for_lock, &self.patience, history);
        let doing = request.doing.clone();
        let unknown = |why: String| ApiError::Ambiguous { doing: request.doing.clone(), why, asked: after };
        let is_open = request.lasts() && policy::leaves_open(&error);
        if is_open {
            history.lost = Some(error.to_string());
        }
        let (wait, text) = match verdict {
            Verdict::Answer if is_open => return Err(unknown(error.to_string())),
            Verdict::TooBusy(wait) if is_open => {
                return Err(unknown(format!("{error}; it asks to wait {}, longer than dvpack waits", words(wait))));
            }
            Verdict::Answer => return Err(ApiError::Server { doing, error }),
            Verdict::TooBusy(wait) => return Err(ApiError::TooBusy { doing, wait, error }),
            Verdict::Unknown => return Err(unknown(error.to_string())),
            Verdict::Throttled(wait) => {
                history.throttled += 1;
                history.throttle_waited += wait;
                (wait, format!("the service asks to wait {}", words(wait)))
            }
            Verdict::Locked(wait) => {
                history.lock_waited += wait;
                (wait, "another solution operation is running in the environment; waiting for it".to_owned())
            }
            Verdict::Transient(wait) => {
                history.transient += 1;
                (wait, format!("{error}; trying again"))
            }
        };
        self.pause(request, wait, &error.to_string(), &text).await
    }

    /// Waits as long as the service asks for before a write is sent again whose outcome is unknown. Where there is no time
    /// for that, or no patience, the outcome stays unknown.
    pub(super) async fn before_another(&self, lost: ApiError) -> Result<ApiError, ApiError> {
        let asked = lost.asked_wait();
        if asked > self.patience.throttle_longest || (!asked.is_zero() && self.time.pause(asked).await.is_err()) {
            return Err(lost);
        }
        Ok(lost)
    }

    /// A token, waited for no longer than there is time.
    async fn token(&self, request: &Request, token: BearerFuture<'_>) -> Result<Secret, ApiError> {
        let Some(deadline) = self.time.deadline else { return Ok(token.await?) };
        match clock::timeout_at(deadline, token).await {
            Ok(Err(error)) if error.kind == SignInErrorKind::TimeUp => {
                Err(ApiError::TimeUp { doing: request.doing.clone(), why: error.message })
            }
            Ok(token) => Ok(token?),
            Err(_) => {
                let silent = |(host, waited)| http::Failure::Silent { host, waited }.to_string();
                let why = self.http.waiting().map(silent).unwrap_or_default();
                Err(ApiError::TimeUp { doing: request.doing.clone(), why })
            }
        }
    }

    /// Fails when a wait, which is for the reason `why`, would end after the deadline.
    fn in_time(&self, request: &Request, wait: Duration, why: &str) -> Result<(), ApiError> {
        let late = |_| ApiError::TimeUp { doing: request.doing.clone(), why: why.to_owned() };
        self.time.allows(wait).map_err(late)
    }

    /// Waits for the reason `why`, with a word to the person; fails at once where the wait would end after the deadline.
    async fn pause(&self, request: &Request, wait: Duration, why: &str, text: &str) -> Result<(), ApiError> {
        let due = (wait >= WORTH_SAYING).then(|| format!("; the next attempt was due after {}", words(wait)));
        let why = why.to_owned() + &due.unwrap_or_default();
        self.in_time(request, wait, &why)?;
        self.tell(text);
        let late = |_| ApiError::TimeUp { doing: request.doing.clone(), why: why.clone() };
        self.time.pause(wait).await.map_err(late)
    }

    fn tell(&self, text: &str) {
        if let Some(notice) = &self.notice {
            notice(text);
        }
    }

    /// The URL of a request: below the root, or a link of the server to the same origin.
    fn url(&self, request: &Request) -> Result<Url, ApiError> {
        let url = self.root.join(&request.path).map_err(|error| malformed(request, &error.to_string()))?;
        if url.origin() != self.root.origin() || !url.path().starts_with("/api/data/") {
            return Err(malformed(request, "it links to another server"));
        }
        Ok(url)
    }

    async fn exchange(&self, request: &Request, url: &Url, token: &Secret) -> Result<http::Reply, http::Failure> {
        let mut call = Call::new(request.method.clone(), url.clone())
            .header("accept", "application/json")
            .header("odata-maxversion", "4.0")
            .header("odata-version", "4.0");
        call.timeout = request.timeout;
        call.most = request.most;
        if request.method == Method::GET {
            // The literal `null` defeats caches on the way.
            call = call.header("if-none-match", "null");
        }
        if request.only_existing {
            call = call.header("if-match", "*");
        }
        if request.strong {
            call = call.header("consistency", "Strong");
        }
        if request.representation {
            call = call.header("prefer", "return=representation");
        }
        if let Some(body) = &request.body {
            call = call.header("content-type", "application/json; charset=utf-8");
            call.body = Some(match &request.file {
                Some((name, file)) => Body::Upload(Upload::new(body, name, file.clone())),
                None => Body::Plain(body.to_string().into_bytes()),
            });
        }
        call.bearer = Some(token.clone());
        self.counts.all.fetch_add(1, Ordering::Relaxed);
        if request.writes() {
            self.counts.writes.fetch_add(1, Ordering::Relaxed);
        }
        let begun = clock::now();
        let result = self.http.send(call).await;
        if let Some(log) = &self.log {
            let outcome = outcome(&result);
            log.exchange(request.method.as_str(), url.as_str(), logged(request), &outcome, clock::since(begun));
        }
        result
    }
}
