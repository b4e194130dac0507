//! What the Web API's refusals mean for another attempt, as pure functions; how long a wait is: [`crate::http::retry`].
//!
//! Decided by error *code*: throttling (three codes; the server did not do the work), the customization
//! lock (same, with its own long patience), and transient faults, which only a request that is safe to repeat outlives:
//! the server may still do what it was sent for before.

use std::time::Duration;

use crate::dataverse::error::{ServerError, THROTTLED};
use crate::http::{SILENCES, retry};

/// The longest single wait for the lock, whatever the server asks for: the operation may end before.
const LONGEST_LOCK: Duration = Duration::from_secs(120);

/// How long to keep trying.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Attempts after transient faults.
    pub transient_attempts: u32,
    /// How often the server may say nothing for the whole time of a request, before it is given up.
    pub silences: u32,
    /// The longest single wait that a throttling answer may ask for.
    pub throttle_longest: Duration,
    /// All waits for throttling of one request together.
    pub throttle_total: Duration,
    /// One wait for the customization lock.
    pub lock_wait: Duration,
    /// All waits for the lock of one request together.
    pub lock_total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            transient_attempts: 5,
            silences: SILENCES,
            throttle_longest: Duration::from_secs(10 * 60),
            throttle_total: Duration::from_secs(30 * 60),
            lock_wait: Duration::from_secs(30),
            lock_total: Duration::from_secs(60 * 60),
        }
    }
}

impl Patience {
    /// One attempt, whatever comes of it.
    pub const NONE: Self = Self {
        transient_attempts: 0,
        silences: 0,
        throttle_longest: Duration::ZERO,
        throttle_total: Duration::ZERO,
        lock_wait: Duration::ZERO,
        lock_total: Duration::ZERO,
    };
}

/// What a request has been through.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Transient faults so far.
    pub transient: u32,
    /// How often the server said nothing.
    pub silent: u32,
    /// Throttling answers so far.
    pub throttled: u32,
    /// Time waited for throttling.
    pub throttle_waited: Duration,
    /// Time waited for the lock.
    pub lock_waited: Duration,
    /// Why the answer to an earlier attempt at a write was lost.
    pub lost: Option<String>,
}

/// What to do after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is an answer: hand it on.
    Answer,
    /// Send it again after this time: throttled.
    Throttled(Duration),
    /// Send it again after this time: another solution operation is running.
    Locked(Duration),
    /// Send it again after this time: a passing fault.
    Transient(Duration),
    /// The service wants a longer wait than there is patience for.
    TooBusy(Duration),
    /// Whether the server did it is unknown.
    Unknown,
}

/// Whether the service has refused for its limits, before any work. A 429 without a code that is known is one, too.
fn is_throttled(error: &ServerError) -> bool {
    error.code.is_some_and(|code| THROTTLED.contains(&code)) || error.status == 429
}

/// Whether the answer is that of a gateway, or of a service that is away. What it asks to wait (`Retry-After`) says nothing
/// about the work: only the limits and the lock are documented to refuse first.
fn passes(error: &ServerError) -> bool {
    matches!(error.status, 408 | 502..=504) && !error.is_lock() && !is_throttled(error)
}

/// Whether the server may have done the work of a write, or may still do it: the answer may be that of something on the
/// way, or of a server that failed after it. A code of Dataverse is a refusal, except behind the status of a gateway.
#[must_use]
pub fn leaves_open(error: &ServerError) -> bool {
    passes(error) || (matches!(error.status, 499..=599) && error.code.is_none())
}

/// Judges a refusal.
#[must_use]
pub fn judge(
    error: &ServerError,
    retry_after: Option<Duration>,
    repeatable: bool,
    wait_for_lock: bool,
    patience: &Patience,
    history: &History,
) -> Verdict {
    if error.is_lock() {
        if !wait_for_lock {
            return Verdict::Answer;
        }
        let wait = retry_after.unwrap_or_default().clamp(patience.lock_wait, patience.lock_wait.max(LONGEST_LOCK));
        return if history.lock_waited + wait > patience.lock_total {
            Verdict::TooBusy(wait)
        } else {
            Verdict::Locked(wait)
        };
    }
    if is_throttled(error) {
        // Retry-After is a floor: wait no less, a little more.
        let wait = retry::wait(retry_after, history.throttled, Duration::from_secs(1), Duration::from_secs(120));
        return if wait > patience.throttle_longest || history.throttle_waited + wait > patience.throttle_total {
            Verdict::TooBusy(wait)
        } else {
            Verdict::Throttled(wait)
        };
    }
    if leaves_open(error) {
        if !repeatable {
            return Verdict::Unknown;
        }
        if !passes(error) {
            return Verdict::Answer;
        }
        return match transient(patience, history) {
            // A service that is away may say for how long.
            Some(_) if retry_after > Some(patience.throttle_longest) => {
                Verdict::TooBusy(retry_after.unwrap_or_default())
            }
            Some(wait) => Verdict::Transient(retry_after.map_or(wait, |asked| retry::floor(asked, wait))),
            None => Verdict::Answer,
        };
    }
    Verdict::Answer
}

/// The wait after a passing fault, or `None` when there were too many.
#[must_use]
pub fn transient(patience: &Patience, history: &History) -> Option<Duration> {
    (history.transient < patience.transient_attempts && history.silent < patience.silences)
        .then(|| retry::backoff(history.transient, Duration::from_secs(1), Duration::from_secs(30)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, code: &str) -> ServerError {
        ServerError::from_body(status, format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#).as_bytes(), None)
    }

    fn verdict(status: u16, code: &str, after: Option<u64>, repeatable: bool) -> Verdict {
        judge(
            &refusal(status, code),
            after.map(Duration::from_secs),
            repeatable,
            true,
            &Patience::default(),
            &History::default(),
        )
    }

    #[test]
    fn each_kind_of_refusal_has_its_own_patience() {
        for code in ["0x80072321", "0x80072322", "-2147015898"] {
            assert!(matches!(verdict(429, code, Some(3), false), Verdict::Throttled(w) if w >= Duration::from_secs(3)));
        }
        assert!(matches!(verdict(429, "", None, false), Verdict::Throttled(_)));
        assert_eq!(verdict(429, "0x80071151", Some(1), false), Verdict::Locked(Duration::from_secs(30)));
        assert!(matches!(verdict(503, "0x80071154", None, false), Verdict::Locked(_)));
        assert!(matches!(verdict(429, "0x80072322", Some(86_400), true), Verdict::TooBusy(_)));
        assert!(matches!(verdict(502, "", None, true), Verdict::Transient(_)));
        assert!(matches!(verdict(503, "", Some(45), true), Verdict::Transient(w) if w >= Duration::from_secs(45)));
        assert!(matches!(verdict(503, "", Some(86_400), true), Verdict::TooBusy(_)));
        assert_eq!(verdict(429, "0x80071151", Some(90), false), Verdict::Locked(Duration::from_secs(90)));
        assert_eq!(verdict(429, "0x80071151", Some(86_400), false), Verdict::Locked(Duration::from_secs(120)));
        assert_eq!(verdict(504, "", None, false), Verdict::Unknown);
        assert!(matches!(verdict(503, "0x80072322", Some(3), false), Verdict::Throttled(_)));
        for (status, code, open) in [
            (502, "", true),
            (503, "", true),
            (503, "0x80072322", false),
            (503, "0x80071151", false),
            (429, "", false),
            (500, "", true),
            (499, "", true),
            (520, "", true),
            (500, "0x80040216", false),
            (400, "", false),
            (404, "", false),
            (504, "0x80040216", true),
        ] {
            assert_eq!(leaves_open(&refusal(status, code)), open, "{status} {code}");
        }
        assert_eq!(verdict(500, "0x80048033", None, true), Verdict::Answer);
        assert_eq!((verdict(500, "", None, true), verdict(500, "", None, false)), (Verdict::Answer, Verdict::Unknown));
        assert_eq!(verdict(403, "0x80040220", None, true), Verdict::Answer);
    }
}
