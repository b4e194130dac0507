//! Sign-in by a code that the person enters in a browser anywhere.
//!
//! Source: Microsoft identity platform, device authorization grant; RFC 8628 for `slow_down`.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;

use crate::clock;
use crate::entra::refresh::{delegated_scope, refreshed};
use crate::entra::token_endpoint::{self, Outcome, Repeat};
use crate::entra::{Answer, Challenge, SignInError, SignInErrorKind, Tell, TokenSource};
use crate::http::Http;
use crate::secret::{self, Secret};

/// The longest wait between two questions, whatever is asked for.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Device code sign-in; remembers the refresh token, so that the person signs in once.
pub struct DeviceCode {
    http: Http,
    client_id: String,
    tell: Tell,
    refresh: Mutex<Option<Secret>>,
}

impl DeviceCode {
    /// Sign-in with this public client; `tell` shows the person the address and the code.
    #[must_use]
    pub fn new(http: Http, client_id: String, tell: Tell) -> Self {
        Self { http, client_id, tell, refresh: Mutex::new(None) }
    }
}

#[derive(Deserialize)]
struct Issued {
    device_code: String,
    user_code: String,
    verification_uri: String,
    #[serde(default = "fifteen_minutes")]
    expires_in: u64,
    #[serde(default = "five_seconds")]
    interval: u64,
}

fn fifteen_minutes() -> u64 {
    900
}
fn five_seconds() -> u64 {
    5
}

impl TokenSource for DeviceCode {
    fn describe(&self) -> String {
        format!("device code with application {}", self.client_id)
    }

    fn client_id(&self) -> Option<&str> {
        Some(&self.client_id)
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let mut refresh = self.refresh.lock().await;
            if let Some(access) = refreshed(&self.http, challenge, &self.client_id, &mut refresh).await? {
                return Ok(access);
            }
            let scope = delegated_scope(challenge);
            let form = [("client_id", self.client_id.as_str()), ("scope", scope.as_str())];
            let asked = clock::now();
            let body =
                token_endpoint::post(&self.http, challenge.endpoint("oauth2/v2.0/devicecode"), &form, Repeat::May)
                    .await?;
            let issued: Issued = serde_json::from_slice(&body)
                .map_err(|_| SignInError::new("the answer to the sign-in contains no device code"))?;
            (self.tell)(&format!(
                "To sign in, open {} in a browser and enter the code {}",
                harmless(&issued.verification_uri),
                harmless(&issued.user_code)
            ));
            let ends = asked + Duration::from_secs(issued.expires_in.min(1800));
            let code = Secret::new(issued.device_code);
            let mut pause = Duration::from_secs(issued.interval.min(60));
            let mut once = None;
            loop {
                // What the service asked for is waited for once; a slower pace stays.
                let next = once.take().map_or(pause, |asked: Duration| asked.max(pause));
                if self.http.time().pause(next).await.is_err() {
                    return Err(SignInError {
                        kind: SignInErrorKind::TimeUp,
                        ..SignInError::new("the code was not entered in time")
                    });
                }
                if clock::now() >= ends {
                    return Err(expired());
                }
                let form = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                    ("client_id", self.client_id.as_str()),
                    ("device_code", code.reveal()),
                ];
                match token_endpoint::token_once(&self.http, challenge, &form).await {
                    Ok(granted) => {
                        *refresh = granted.refresh;
                        return Ok(granted.access);
                    }
                    Err(Outcome::Refused(refusal)) => match refusal.error.as_str() {
                        "authorization_pending" => {}
                        "slow_down" => pause += Duration::from_secs(5),
                        "expired_token" => return Err(expired()),
                        "authorization_declined" | "access_denied" => {
                            return Err(SignInError::new("the sign-in was declined in the browser"));
                        }
                        _ => return Err(refusal.into()),
                    },
                    // RFC 8628 §3.5: slower after a failure, and as slow as the service asks for.
                    Err(Outcome::Failed(error)) if error.kind.is_passing() => {
                        pause = (pause * 2).min(Duration::from_secs(60));
                        once = error.retry_after.map(|asked| asked.min(LONGEST));
                    }
                    Err(Outcome::Failed(error)) => return Err(error),
                }
            }
        })
    }
}

fn expired() -> SignInError {
    SignInError::new("the device code expired before it was entered").help("run again and enter the new code in time")
}

/// Text of a server for a terminal: no control characters, bounded.
fn harmless(text: &str) -> String {
    secret::cut(text, |c| c.is_ascii_graphic(), 200)
}
