//! A request to the Web API, and its answer.

use std::sync::Arc;
use std::time::Duration;

use crate::http::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::dataverse::row::Row;

/// How long a read may take: the largest ones give a list of privileges, or a report of an import.
const READ: Duration = Duration::from_secs(60);

/// How long a write may take; its outcome is unknown afterwards, so it gets more time.
const WRITE: Duration = Duration::from_secs(120);

/// How many bytes an answer may have: a page has up to 5,000 rows, and few columns are asked for.
const BYTES: usize = 16 << 20;

/// One request.
#[derive(Clone, Debug)]
#[must_use]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) file: Option<(&'static str, Arc<[u8]>)>,
    pub(super) strong: bool,
    pub(super) only_existing: bool,
    pub(super) repeatable: bool,
    pub(super) wait_for_lock: bool,
    pub(super) representation: bool,
    pub(super) doing: String,
    pub(super) timeout: Duration,
    pub(super) most: usize,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// The body; null when there is none.
    pub body: Value,
    /// The GUID of `OData-EntityId`, when the row is one of this environment.
    pub entity_id: Option<Uuid>,
    /// For a support request.
    pub request_id: Option<String>,
    /// About how much memory the body takes.
    pub(super) weight: usize,
}

impl Answer {
    /// The body as a row.
    #[must_use]
    pub fn row(&self) -> Row<'_> {
        Row(&self.body)
    }
}

impl Request {
    fn new(method: Method, path: impl Into<String>, doing: impl Into<String>) -> Self {
        let repeatable = method == Method::GET;
        let timeout = if repeatable { READ } else { WRITE };
        Self {
            method,
            path: path.into(),
            body: None,
            file: None,
            strong: false,
            only_existing: false,
            repeatable,
            wait_for_lock: true,
            representation: false,
            doing: doing.into(),
            timeout,
            most: BYTES,
        }
    }

    /// Reads. `path` is below the service root; `doing` completes “cannot …”.
    pub fn get(path: impl Into<String>, doing: impl Into<String>) -> Self {
        Self::new(Method::GET, path, doing)
    }

    /// Calls an action or creates a row. Not repeated when its outcome is unknown.
    pub fn post(path: impl Into<String>, body: Value, doing: impl Into<String>) -> Self {
        Self { body: Some(body), ..Self::new(Method::POST, path, doing) }
    }

    /// Changes a row that exists (`If-Match: *`: an upsert would make a new row for a wrong id).
    /// [`change`](crate::dataverse::change::change) also settles a lost answer.
    pub fn patch(path: impl Into<String>, body: Value, doing: impl Into<String>) -> Self {
        Self { body: Some(body), only_existing: true, ..Self::new(Method::PATCH, path, doing) }
    }

    /// Deletes a row.
    pub fn delete(path: impl Into<String>, doing: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path, doing)
    }

    /// Sends a file, too, as a member of the body, in base64.
    pub fn with_file(mut self, name: &'static str, file: Arc<[u8]>) -> Self {
        self.file = Some((name, file));
        self
    }

    /// Reads past the caches (`Consistency: Strong`).
    pub fn strong(mut self) -> Self {
        self.strong = true;
        self
    }

    /// Says that sending it twice does no more than sending it once.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Hands a lock refusal to the caller instead of waiting: its work must be thought over after the wait.
    pub fn report_lock(mut self) -> Self {
        self.wait_for_lock = false;
        self
    }

    /// Asks for the written row.
    pub fn with_representation(mut self) -> Self {
        self.representation = true;
        self
    }

    /// How long one exchange may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes the answer may have.
    pub fn most(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    pub(super) fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether something stays of it: all writes but the check of a package, which is the one action that may be sent twice.
    pub(super) fn lasts(&self) -> bool {
        self.writes() && (!self.repeatable || self.method == Method::DELETE)
    }
}
