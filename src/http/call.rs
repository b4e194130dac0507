//! A request, and the answer to it.

use std::time::Duration;

use ::http::Method;
use ::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::limits::{ANSWER, SMALL};
use super::retry;
use super::upload::Upload;
use crate::secret::Secret;

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers, except `authorization`.
    pub headers: HeaderMap,
    /// The access token.
    pub bearer: Option<Secret>,
    /// The body; its content type is one of the headers.
    pub body: Option<Body>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
    /// How many bytes the answer may have.
    pub most: usize,
}

impl Call {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), bearer: None, body: None, timeout: ANSWER, most: SMALL }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// A request's body.
#[derive(Clone, Debug)]
pub enum Body {
    /// JSON or other bytes without secrets.
    Plain(Vec<u8>),
    /// A form or text that contains a secret.
    Secret(Secret),
    /// JSON with a file in it.
    Upload(Upload),
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Whether it is a page for a browser. Entra and Dataverse never send one to a program, so it is usually a proxy's.
    #[must_use]
    pub fn is_page(&self) -> bool {
        let said = self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        said || self.body.trim_ascii_start().starts_with(b"<")
    }

    /// How long the answer asks to wait before another attempt.
    #[must_use]
    pub fn asked_wait(&self) -> Option<Duration> {
        retry::asked(&self.headers, &self.body)
    }
}
