//! What the host does for the core: time, random numbers, requests.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use dvpack::clock::{Clock, Sleep};
use dvpack::http::header::{HeaderMap, HeaderName, HeaderValue};
use dvpack::http::{Body, Call, Failure, Http, Reply, Sending, Wire, shown_host};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Milliseconds since some moment in the past; never less than before.
    safe fn now() -> f64;
    /// Milliseconds since 1970.
    safe fn timestamp() -> f64;
    /// Fills memory with random bytes.
    fn random(start: *mut u8, length: usize);
    /// Answers `number` after so many milliseconds.
    safe fn sleep(number: u32, milliseconds: f64);
    /// Sends a request: a header of JSON of this length, and behind it the body; the reply answers `number`.
    fn send(number: u32, start: *const u8, json: usize, length: usize);
    /// The task has ended with this JSON.
    fn ended(start: *const u8, length: usize);
}

static NEXT: AtomicU32 = AtomicU32::new(1);
static ANSWERS: Mutex<Option<HashMap<u32, (Vec<u8>, Vec<u8>)>>> = Mutex::new(None);

fn answers<T>(with: impl FnOnce(&mut HashMap<u32, (Vec<u8>, Vec<u8>)>) -> T) -> T {
    with(ANSWERS.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

pub(crate) fn answered(number: u32, header: Vec<u8>, body: Vec<u8>) {
    answers(|answers| answers.insert(number, (header, body)));
}

/// Waits for the host's answer to `number`.
async fn answer(number: u32) -> (Vec<u8>, Vec<u8>) {
    poll_fn(|_| answers(|answers| answers.remove(&number)).map_or(Poll::Pending, Poll::Ready)).await
}

fn number() -> u32 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

struct HostClock;

impl Clock for HostClock {
    fn now(&self) -> Duration {
        Duration::from_secs_f64(now().max(0.0) / 1000.0)
    }

    fn timestamp(&self) -> Timestamp {
        #[allow(clippy::cast_possible_truncation, reason = "milliseconds of this era fit")]
        Timestamp::from_millisecond(timestamp() as i64).unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let number = number();
        sleep(number, duration.as_secs_f64() * 1000.0);
        Box::pin(async move {
            answer(number).await;
        })
    }
}

fn fill(bytes: &mut [u8]) -> bool {
    // SAFETY: the host writes to these bytes only, before it returns.
    unsafe { random(bytes.as_mut_ptr(), bytes.len()) };
    true
}

/// Gives the core the host's clock and random numbers; once is enough.
pub(crate) fn install() {
    dvpack::host::install(Box::new(HostClock), fill);
}

#[derive(Serialize)]
struct Sent<'a> {
    method: &'a str,
    url: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    milliseconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Received {
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Why no answer came.
    #[serde(default)]
    failure: Option<String>,
    /// Whether the server may have received the request.
    #[serde(default)]
    sent: bool,
}

struct HostWire;

impl Wire for HostWire {
    fn send(&self, call: Call) -> Sending<'_> {
        Box::pin(async move {
            let host = shown_host(&call.url);
            let mut headers: Vec<(&str, &str)> = Vec::new();
            for (name, value) in &call.headers {
                headers.push((name.as_str(), value.to_str().unwrap_or_default()));
            }
            let bearer = call.bearer.as_ref().map(|token| format!("Bearer {}", token.reveal()));
            headers.extend(bearer.as_deref().map(|value| ("authorization", value)));
            let milliseconds = u64::try_from(call.timeout.as_millis()).unwrap_or(u64::MAX);
            let sent = Sent { method: call.method.as_str(), url: call.url.as_str(), headers, milliseconds };
            let mut bytes = serde_json::to_vec(&sent).unwrap_or_default();
            let json = bytes.len();
            match &call.body {
                Some(Body::Plain(body)) => bytes.extend_from_slice(body),
                Some(Body::Secret(text)) => bytes.extend_from_slice(text.reveal().as_bytes()),
                Some(Body::Upload(upload)) => (0..).map_while(|it| upload.piece(it)).for_each(|it| bytes.extend(it)),
                None => {}
            }
            let number = number();
            // SAFETY: the host reads these bytes only, before it returns.
            unsafe { send(number, bytes.as_ptr(), json, bytes.len()) };
            drop(bytes);
            let (header, body) = answer(number).await;
            let why = |why: String| Failure::Broken { host: host.clone(), why };
            let received: Received = serde_json::from_slice(&header).map_err(|error| why(error.to_string()))?;
            let Some(status) = received.status else {
                let text = received.failure.unwrap_or_else(|| "the host gave no reason".to_owned());
                return Err(if received.sent { why(text) } else { Failure::Connect { host, why: text } });
            };
            let mut headers = HeaderMap::new();
            for (name, value) in &received.headers {
                let name = HeaderName::from_bytes(name.as_bytes());
                if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                    headers.append(name, value);
                }
            }
            Ok(Reply { status, headers, body })
        })
    }
}

/// The way out to the network.
pub(crate) fn http() -> Http {
    Http::over(Arc::new(HostWire))
}

pub(crate) fn finished(result: &Value) {
    let text = result.to_string();
    // SAFETY: the host reads these bytes only, before it returns.
    unsafe { ended(text.as_ptr(), text.len()) };
}
