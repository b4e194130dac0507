//! When a request is sent again, and after how long: the one retry policy, as pure functions.
//!
//! Decided by error *code*: throttling (three codes; the server did not do the work), the customization
//! lock (same, with its own long patience), and transient faults, which only a request that is safe to repeat outlives.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;

use crate::dataverse::error::{ServerError, THROTTLED};
use crate::http::SILENCES;

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

/// What a request has been through.
#[derive(Clone, Copy, Debug, Default)]
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
        let wait = patience.lock_wait;
        return if history.lock_waited + wait > patience.lock_total {
            Verdict::TooBusy(wait)
        } else {
            Verdict::Locked(wait)
        };
    }
    // A 429 without a code that is known was refused before any work, too.
    if error.code.is_some_and(|code| THROTTLED.contains(&code)) || error.status == 429 {
        // Retry-After is a floor: wait no less, a little more.
        let wait = retry_after.map_or_else(
            || backoff(history.throttled, Duration::from_secs(1), Duration::from_secs(120)),
            |floor| floor + jitter(Duration::from_millis(500)),
        );
        return if wait > patience.throttle_longest || history.throttle_waited + wait > patience.throttle_total {
            Verdict::TooBusy(wait)
        } else {
            Verdict::Throttled(wait)
        };
    }
    if matches!(error.status, 502..=504) || (error.status == 408) {
        if !repeatable {
            return Verdict::Unknown;
        }
        return transient(patience, history).map_or(Verdict::Answer, Verdict::Transient);
    }
    Verdict::Answer
}

/// The wait after a passing fault, or `None` when there were too many.
#[must_use]
pub fn transient(patience: &Patience, history: &History) -> Option<Duration> {
    (history.transient < patience.transient_attempts && history.silent < patience.silences)
        .then(|| backoff(history.transient, Duration::from_secs(1), Duration::from_secs(30)))
}

/// Reads `Retry-After`: seconds (also with a fraction), or an HTTP date. Anything else is as if absent.
#[must_use]
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(1e9)));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
    let seconds = date.as_second() - now.as_second();
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// Doubling from `first` up to `most`, with half of it random so that many clients spread out.
fn backoff(step: u32, first: Duration, most: Duration) -> Duration {
    let full = first.saturating_mul(1 << step.min(10)).min(most);
    full / 2 + jitter(full / 2)
}

fn jitter(most: Duration) -> Duration {
    // The standard library seeds its hasher from the system's randomness: enough to spread clients.
    let part = u32::try_from(RandomState::new().hash_one(0_u8) % 1000).unwrap_or(0);
    most * part / 1000
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
        assert_eq!(verdict(504, "", None, false), Verdict::Unknown);
        assert_eq!(verdict(500, "0x80048033", None, true), Verdict::Answer);
        assert_eq!(verdict(403, "0x80040220", None, true), Verdict::Answer);
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let read = |text| retry_after(text, now);
        assert_eq!(read("34"), Some(Duration::from_secs(34)));
        assert_eq!(read("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(read("Thu, 01 Jan 2026 00:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Wed, 31 Dec 2025 23:00:00 GMT"), Some(Duration::ZERO));
        for garbage in ["", "soon", "-1", "NaN", "inf"] {
            assert_eq!(read(garbage), None, "{garbage}");
        }
    }
}
