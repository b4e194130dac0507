//! What can go wrong with a request, and how the service says so.
//!
//! Form of the error body: `{"error":{"code","message"}}`; `code` is hex of any case, signed decimal, or empty.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::catalog::error_codes;
use crate::entra::SignInError;
use crate::http;
use crate::secret;
use crate::text::plain;

/// The longest text of the server that is kept.
const MESSAGE_LIMIT: usize = 16 << 10;

/// The server's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// HTTP status.
    pub status: u16,
    /// The Dataverse error code.
    pub code: Option<u32>,
    /// The server's words, without control characters.
    pub message: String,
    /// For a support request.
    pub request_id: Option<String>,
    /// The application that signed in, where just that one is refused.
    pub application: Option<String>,
}

/// What Dataverse says to people whose application is not allowed; the number that goes with it is not documented.
const RESTRICTED: &str = "restricted for this application";
/// What the Web API says of a name that it does not know.
const UNKNOWN_SEGMENT: &str = "resource not found for the segment";
/// What to do about a server that is too old.
const UPDATE: &str = "the environment's version of Dataverse does not have what dvpack needs: an administrator updates it (Power Platform admin center > the environment > Updates)";
/// What to do where the environment takes no token.
const TOKEN_REFUSED: &str = "the environment does not accept the token of this sign-in: check the tenant (`--tenant`, AZURE_TENANT_ID) and the user or application that signs in";

impl ServerError {
    /// Reads an error answer, whatever its form.
    #[must_use]
    pub fn from_body(status: u16, body: &[u8], request_id: Option<String>) -> Self {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let error = json.as_ref().and_then(|json| json.get("error"));
        let text = |name: &str| error.and_then(|error| error.get(name)).and_then(Value::as_str);
        let code = text("code").and_then(parse_code);
        let inner = error.and_then(|e| e.get("@Microsoft.PowerApps.CDS.InnerError.Message")).and_then(Value::as_str);
        let message = match text("message").filter(|text| !text.trim().is_empty()).or(inner) {
            Some(message) => clean(message),
            None if json.is_some() || body.is_empty() => "the server gave no reason".to_owned(),
            None => {
                let page = secret::cut(&String::from_utf8_lossy(body), |_| true, 200);
                format!("the answer is not JSON: {}", clean(&page))
            }
        };
        Self { status, code, message, request_id, application: None }
    }

    /// Whether it is this code.
    #[must_use]
    pub fn is(&self, code: u32) -> bool {
        self.code == Some(code)
    }

    /// Whether another solution operation holds the customization lock.
    #[must_use]
    pub fn is_lock(&self) -> bool {
        self.is(LOCKED) || self.is(LOCKED_CONCURRENT)
    }

    /// Whether the environment does not let in the application that signed in (app access control).
    #[must_use]
    pub fn blocks_application(&self) -> bool {
        self.is(APPLICATION_BLOCKED)
            || (matches!(self.status, 401 | 403) && self.message.to_ascii_lowercase().contains(RESTRICTED))
    }

    /// Whether nobody who signs in like this, or from here, is let in.
    #[must_use]
    pub fn shuts_out(&self) -> bool {
        self.blocks_application()
            || self.is(ADDRESS_BLOCKED)
            || self.is(NOT_A_MEMBER)
            || self.is(USER_DISABLED)
            // With a new token, too: the transport renews it first.
            || self.status == 401
    }

    /// Whether the server does not have the operation that was asked for: its version is too old. The number that goes
    /// with these words is that of other failures, too.
    #[must_use]
    pub fn lacks_operation(&self) -> bool {
        self.status == 404 && self.message.to_ascii_lowercase().contains(UNKNOWN_SEGMENT)
    }

    /// What to do, when the refusal is known.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        if self.lacks_operation() {
            return Some(UPDATE);
        }
        let code = if self.blocks_application() { Some(APPLICATION_BLOCKED) } else { self.code };
        let known = code.and_then(error_codes::error_code).map(|known| known.advice);
        known.or(match self.status {
            401 => Some(TOKEN_REFUSED),
            407 => Some(http::PROXY_SIGN_IN),
            _ => None,
        })
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.trim_end_matches('.'))?;
        match self.code {
            Some(code) => write!(f, " (0x{code:08x}, HTTP {})", self.status),
            None => write!(f, " (HTTP {})", self.status),
        }
    }
}

/// Another solution operation is running.
pub const LOCKED: u32 = 0x8007_1151;
/// The same, of another kind of operation.
pub const LOCKED_CONCURRENT: u32 = 0x8007_1154;
/// The three service protection limits.
pub const THROTTLED: [u32; 3] = [0x8007_2321, 0x8007_2322, 0x8007_2326];
/// The application has no service principal in the tenant.
pub const APPLICATION_NOT_FOUND: u32 = 0x8004_f510;
/// The application has an application user already.
pub const DUPLICATE_APPLICATION_USER: u32 = 0x8004_f511;
/// A row with the same key exists.
pub const DUPLICATE_RECORD: u32 = 0x8004_0237;
/// The row does not exist.
pub const NOT_FOUND: u32 = 0x8004_0217;
/// A privilege is missing.
pub const PRIVILEGE_DENIED: u32 = 0x8004_0220;
/// The caller lacks privileges of the role that it assigns.
pub const PRIVILEGES_OF_ROLE_MISSING: u32 = 0x8004_8d3b;
/// The environment does not let this application in.
pub const APPLICATION_BLOCKED: u32 = 0x8009_5ffc;
/// The environment does not let this address in.
pub const ADDRESS_BLOCKED: u32 = 0x8009_5ffe;
/// The caller is not a user of the environment.
pub const NOT_A_MEMBER: u32 = 0x8007_2560;
/// The caller is a user of the environment that is disabled.
pub const USER_DISABLED: u32 = 0x8004_0225;

/// Reads a code: `0x8004F510`, `0x8004f510`, `-2147164912`.
#[must_use]
pub fn parse_code(text: &str) -> Option<u32> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(hex, 16).ok();
    }
    let number: i64 = text.parse().ok()?;
    i32::try_from(number).map(i32::cast_unsigned).or_else(|_| u32::try_from(number)).ok().filter(|code| *code != 0)
}

/// Text from outside, fit for a terminal: no control and no direction characters, bounded. What it says stays, secrets too,
/// since it is compared: whatever prints or writes it hides them. They go here only before they would be cut.
#[must_use]
pub fn clean(text: &str) -> String {
    let text = plain(text);
    if text.len() <= MESSAGE_LIMIT {
        return text;
    }
    let mut cut = secret::hide(&text).into_owned();
    if cut.len() > MESSAGE_LIMIT {
        let end = (0..=MESSAGE_LIMIT).rev().find(|at| cut.is_char_boundary(*at));
        cut.truncate(end.unwrap_or_default());
        cut.push('…');
    }
    cut
}

/// A request did not give an answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No token.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The request never reached the server, or may be repeated without harm.
    #[error("cannot {doing}: {source}")]
    Network {
        /// What was tried.
        doing: String,
        /// The cause.
        source: http::Failure,
    },
    /// A write was sent and its outcome is unknown: look before doing it again.
    #[error("cannot tell whether the server did this: {doing}; {why}")]
    Ambiguous {
        /// What was tried.
        doing: String,
        /// The cause.
        why: String,
        /// How long the service asks to wait before it is asked again.
        asked: Option<Duration>,
    },
    /// The server's refusal.
    #[error("cannot {doing}: {error}")]
    Server {
        /// What was tried.
        doing: String,
        /// Its answer.
        error: ServerError,
    },
    /// Patience is at its end.
    #[error("cannot {doing}: the service asks to wait {}, longer than dvpack waits", words(*wait))]
    TooBusy {
        /// What was tried.
        doing: String,
        /// How long the wait would be.
        wait: Duration,
        /// The last answer.
        error: ServerError,
    },
    /// The run's own time is up.
    #[error("time is up; not done: {doing}")]
    TimeUp {
        /// What was to be done next.
        doing: String,
        /// What was waited for; empty where nothing was.
        why: String,
    },
    /// Redirects are not followed: the token would go elsewhere.
    #[error("the environment answers with a redirect to `{to}`, which dvpack does not follow")]
    Redirect {
        /// The host, or the start of the location.
        to: String,
    },
    /// The answer makes no sense.
    #[error("cannot {doing}: the answer is not understood: {why}")]
    Malformed {
        /// What was tried.
        doing: String,
        /// What is wrong.
        why: String,
    },
}

impl ApiError {
    /// The server's refusal, if it is one.
    #[must_use]
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Server { error, .. } | Self::TooBusy { error, .. } => Some(error),
            _ => None,
        }
    }

    /// What was tried; completes “cannot …”.
    #[must_use]
    pub fn doing(&self) -> Option<&str> {
        match self {
            Self::SignIn(_) | Self::Redirect { .. } => None,
            Self::Network { doing, .. }
            | Self::Ambiguous { doing, .. }
            | Self::Server { doing, .. }
            | Self::TooBusy { doing, .. }
            | Self::TimeUp { doing, .. }
            | Self::Malformed { doing, .. } => Some(doing),
        }
    }

    /// A write whose answer was lost, where looking for what became of it failed, too: whether it was done stays unknown.
    /// Any other error stays as it is.
    #[must_use]
    pub fn looked_in_vain(self, look: &impl fmt::Display) -> Self {
        match self {
            Self::Ambiguous { doing, why, asked } => {
                Self::Ambiguous { doing, why: format!("{why}; looking afterwards failed, too: {look}"), asked }
            }
            other => other,
        }
    }

    /// The end of another attempt at a write: where the answer to one `before` was lost, that one may be carried out yet.
    #[must_use]
    pub fn after_a_loss(self, before: Option<Self>) -> Self {
        match (self, before) {
            (error @ Self::Ambiguous { .. }, _) => error,
            (error, Some(Self::Ambiguous { doing, why, asked })) => {
                Self::Ambiguous { doing, why: format!("{why}; trying again failed, too: {error}"), asked }
            }
            (error, _) => error,
        }
    }

    /// A write whose outcome is unknown.
    #[must_use]
    pub fn ambiguous(doing: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Ambiguous { doing: doing.into(), why: why.into(), asked: None }
    }

    /// How long the service asks to wait before a write is sent again whose outcome is unknown.
    #[must_use]
    pub fn asked_wait(&self) -> Duration {
        match self {
            Self::Ambiguous { asked, .. } => asked.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }

    /// Whether the server refused with this code.
    #[must_use]
    pub fn is(&self, code: u32) -> bool {
        matches!(self, Self::Server { error, .. } if error.is(code))
    }

    /// Whether the row does not exist.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Server { error, .. } if error.status == 404 || error.is(NOT_FOUND))
    }

    /// Whether the server refused because of the customization lock.
    #[must_use]
    pub fn is_lock(&self) -> bool {
        self.server().is_some_and(ServerError::is_lock)
    }
}

/// The privileges named in a message of the server, such as `prvCreateUser`, without repetition.
#[must_use]
pub fn privileges_in(message: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for word in message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let rest = word.strip_prefix("prv").unwrap_or_default();
        if rest.starts_with(|c: char| c.is_ascii_uppercase()) && !names.iter().any(|name| name == word) {
            names.push(word.to_owned());
        }
    }
    names
}

/// A duration in words.
#[must_use]
pub fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_every_form_the_service_writes() {
        assert_eq!(parse_code("0x8004F510"), Some(APPLICATION_NOT_FOUND));
        assert_eq!(parse_code("0x8004f510"), Some(APPLICATION_NOT_FOUND));
        assert_eq!(parse_code("-2147015902"), Some(0x8007_2322));
        assert_eq!(parse_code("2147951394"), Some(0x8007_2322));
        assert_eq!(parse_code(""), None);
        assert_eq!(parse_code("Request_ResourceNotFound"), None);
    }

    #[test]
    fn missing_privileges_are_found_in_the_servers_words() {
        let message = "Principal user (Id=1, privilegeCount=3) is missing prvCreateUser privilege (Id=2) on OTC=8, \
            prvReadcontoso_Widget and prvCreateUser";
        assert_eq!(privileges_in(message), ["prvCreateUser", "prvReadcontoso_Widget"]);
        assert!(privileges_in("privileges, prv, prvate").is_empty());
    }

    #[test]
    fn server_text_cannot_move_the_cursor() {
        let body = br#"{"error":{"code":"","message":"a\u001b[2Jb\r\nc\u202ed"}}"#;
        let error = ServerError::from_body(404, body, None);
        assert_eq!(error.message, "a [2Jb cd");
        assert_eq!(ServerError::from_body(502, b"<html>\x07", None).message, "the answer is not JSON: <html>");
        assert_eq!(ServerError::from_body(500, b"{\"error\":7}", None).message, "the server gave no reason");
    }
}
