//! The token endpoint of Entra ID, v2.0: one form in, a token or an error object out.
//!
//! Source: Microsoft identity platform, client credentials and authorization code flows. Numbers in
//! `error_codes` decide, never the text of `error_description`.

use std::time::Duration;

use crate::clock::{self, Moment};
use crate::http::Method;
use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::entra::{AccessToken, Challenge, SignInError, SignInErrorKind, advice};
use crate::http::{Body, Call, Http, shown_host};
use crate::secret::{self, Secret};

/// No token is believed to live longer.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);

/// What the endpoint gave.
pub(crate) struct Granted {
    pub(crate) access: AccessToken,
    pub(crate) refresh: Option<Secret>,
}

/// The error object of a refusal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusal {
    /// The OAuth error word, such as `invalid_client`.
    pub(crate) error: String,
    /// The first number of `error_codes`.
    pub(crate) code: Option<u32>,
    pub(crate) trace: Option<String>,
}

/// Either the endpoint refused, or no answer of it came.
pub(crate) enum Outcome {
    Refused(Refusal),
    Failed(SignInError),
}

impl From<Outcome> for SignInError {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Refused(refusal) => refusal.into(),
            Outcome::Failed(error) => error,
        }
    }
}

impl From<Refusal> for SignInError {
    fn from(refusal: Refusal) -> Self {
        let known = refusal.code.and_then(advice);
        let number = refusal.code.map(|code| format!(" (AADSTS{code})")).unwrap_or_default();
        let (kind, message, help) = match known {
            Some(row) => (row.kind, format!("{}{number}", row.message), row.help.to_owned()),
            // Documented as: not registered, or not added to the tenant.
            None if refusal.error == "unauthorized_client" => (
                SignInErrorKind::ConsentMissing,
                format!("the application may not sign in to the tenant{number}"),
                "an administrator of the tenant opens the link of `dvpack consent` once, then run again".to_owned(),
            ),
            None if refusal.error == "temporarily_unavailable" => (
                SignInErrorKind::Unreachable,
                format!("Entra is not available at the moment{number}"),
                "run again in a minute".to_owned(),
            ),
            None => (
                SignInErrorKind::Failed,
                format!("Entra refused the sign-in: `{}`{number}", refusal.error),
                match refusal.code {
                    Some(code) => format!("look the number up at https://login.microsoftonline.com/error?code={code}"),
                    None => "check the credentials and run again".to_owned(),
                },
            ),
        };
        Self { kind, message, help: vec![help], aadsts: refusal.code, trace: refusal.trace, retry_after: None }
    }
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    expires_on: Value,
    refresh_token: Option<String>,
}

/// Asks the challenge's authority for a token; again after a passing fault.
pub(crate) async fn token(http: &Http, challenge: &Challenge, form: &[(&str, &str)]) -> Result<Granted, Outcome> {
    let asked = clock::now();
    let body = post(http, challenge.endpoint("oauth2/v2.0/token"), form, Repeat::May).await?;
    granted(&body, asked).map_err(Outcome::Failed)
}

/// Exchanges a code, which is good for one answer, for a token.
pub(crate) async fn token_once(http: &Http, challenge: &Challenge, form: &[(&str, &str)]) -> Result<Granted, Outcome> {
    let asked = clock::now();
    let body = post(http, challenge.endpoint("oauth2/v2.0/token"), form, Repeat::Never).await?;
    granted(&body, asked).map_err(Outcome::Failed)
}

/// Whether a form may be sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    May,
    Never,
}

/// Posts a form and gives the body of a 200.
pub(crate) async fn post(http: &Http, url: Url, form: &[(&str, &str)], repeat: Repeat) -> Result<Vec<u8>, Outcome> {
    let host = shown_host(&url);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut call = Call::new(Method::POST, url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json");
    call.body = Some(Body::Secret(Secret::unlisted(body)));
    let reply = match repeat {
        Repeat::May => http.send_patiently(call).await,
        Repeat::Never => http.send(call).await,
    };
    let reply = reply.map_err(|failure| Outcome::Failed(failure.into()))?;
    // Entra has no page for a program, whatever its status: a proxy that is busy is worth another try all the same.
    if reply.status < 500 && reply.status != 429 && reply.status != 408 && (reply.is_page() || reply.status == 407) {
        return Err(Outcome::Failed(SignInError::page(&reply, &host, "to the sign-in")));
    }
    match reply.status {
        200 => Ok(reply.body),
        400..=499 if reply.status != 429 && reply.status != 408 => {
            Err(Outcome::Refused(refusal(&reply.body, reply.status)))
        }
        300..=399 => Err(Outcome::Failed(
            SignInError::new(format!("`{host}` redirects the sign-in elsewhere, which is not followed"))
                .help(SignInError::OF_PROXY),
        )),
        status => Err(Outcome::Failed(SignInError::busy(&reply, format!("`{host}` answered {status} to the sign-in")))),
    }
}

/// Reads a token answer. `expires_in` is a number in v2.0, text from managed identities, which may give
/// `expires_on` (Unix seconds) instead.
pub(crate) fn granted(body: &[u8], asked: Moment) -> Result<Granted, SignInError> {
    let reply: TokenReply = serde_json::from_slice(body)
        .map_err(|_| SignInError::new("the answer to the sign-in contains no access token"))?;
    if reply.access_token.is_empty() || !reply.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SignInError::new("the answer to the sign-in contains no usable access token"));
    }
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let until =
        |seconds: u64| u64::try_from(clock::timestamp().as_second()).ok().map(|now| seconds.saturating_sub(now));
    let seconds = number(&reply.expires_in).or_else(|| number(&reply.expires_on).and_then(until)).unwrap_or(300);
    let expires = asked + Duration::from_secs(seconds).min(LONGEST_LIFE);
    Ok(Granted {
        access: AccessToken { token: Secret::new(reply.access_token), expires },
        refresh: reply.refresh_token.filter(|text| !text.is_empty()).map(Secret::new),
    })
}

/// Reads an error object. What comes from the server is cut to harmless characters.
fn refusal(body: &[u8], status: u16) -> Refusal {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |name: &str| {
        let text = value.get(name)?.as_str()?;
        let text = secret::cut(text, |c| c.is_ascii_alphanumeric() || "-_".contains(c), 64);
        (!text.is_empty()).then_some(text)
    };
    let codes = value.get("error_codes").and_then(Value::as_array);
    let codes = codes.into_iter().flatten().filter_map(|code| u32::try_from(code.as_u64()?).ok());
    // Several numbers are rare; one that is known here says more.
    let mut codes: Vec<u32> = codes.take(8).collect();
    codes.sort_by_key(|code| advice(*code).is_none());
    let trace = match (word("trace_id"), word("correlation_id")) {
        (None, None) => None,
        (trace, correlation) => Some(format!(
            "trace id {}, correlation id {}",
            trace.as_deref().unwrap_or("unknown"),
            correlation.as_deref().unwrap_or("unknown")
        )),
    };
    Refusal { error: word("error").unwrap_or_else(|| format!("HTTP {status}")), code: codes.first().copied(), trace }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_decides_and_the_text_is_not_repeated() {
        let body = br#"{"error":"invalid_client","error_description":"AADSTS1: hunter2","error_codes":[7000229],"trace_id":"t-1","correlation_id":"c-1"}"#;
        let error: SignInError = refusal(body, 401).into();
        assert_eq!((error.kind, error.aadsts), (SignInErrorKind::ConsentMissing, Some(7_000_229)));
        assert_eq!(error.trace.as_deref(), Some("trace id t-1, correlation id c-1"));
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn expiry_may_be_text() {
        let asked = clock::now();
        let granted = granted(br#"{"access_token":"a.b","expires_in":"3600"}"#, asked).expect("a token");
        assert_eq!(granted.access.expires - asked, Duration::from_secs(3600));
    }
}
