//! When a request is sent again, and after how long: the one retry policy of sign-in and of the Web API client.
//!
//! Pure, except for [`Time::pause`], the only place where a wait happens; it never ends after the deadline. Sources:
//! RFC 9110 §10.2.3 (`Retry-After`) and §5.6.7 (the three forms of a date); Azure SDK guidelines (`retry-after-ms`,
//! `x-ms-retry-after-ms`); Microsoft Learn, "Service protection API limits" (`Retry-After` in the error's details, a
//! .NET `TimeSpan`); Azure API Management, `rate-limit` policy ("Try again in 8 seconds").

use std::time::Duration;

use ::http::header::HeaderMap;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::clock::{self, Moment};
use crate::random;

/// The longest wait that a hint can ask for; a caller's own limit is far lower.
const MOST: Duration = Duration::from_secs(1_000_000_000);
/// How long before the deadline a job is polled for the last time.
const LAST_LOOK: Duration = Duration::from_millis(750);
/// A hint in a body is near its start.
const BODY: usize = 64 << 10;

/// Sign-in, the environment's challenge, a pipeline's token service: small requests that may be repeated.
pub const PATIENT: Policy = Policy {
    passing: |status| matches!(status, 408 | 429 | 500..=599),
    attempts: 3,
    first: Duration::from_secs(1),
    most: Duration::from_secs(30),
    longest: Duration::from_secs(2 * 60),
    connect_again: true,
};

/// How often, and after which answers, a request that may be repeated is sent again.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The statuses of a temporary fault.
    pub passing: fn(u16) -> bool,
    /// How often the request is sent at most.
    pub attempts: u32,
    /// The first wait, where the server asks for none.
    pub first: Duration,
    /// The longest of these waits.
    pub most: Duration,
    /// The longest wait that the server may ask for.
    pub longest: Duration,
    /// Whether a connection that could not be made is tried again.
    pub connect_again: bool,
}

/// A wait that a person may want to know about.
pub const WORTH_SAYING: Duration = Duration::from_secs(2);
/// What to do if a wait would not end in time.
pub const LONGER: &str = "or allow more time, with a longer `--timeout`";

/// How fast waits pass; tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    divisor: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { divisor: 1 }
    }
}

impl Pace {
    /// Waits that are `divisor` times as short as they should be; for tests.
    #[must_use]
    pub fn faster(divisor: u32) -> Self {
        Self { divisor: divisor.max(1) }
    }

    /// How long a wait really takes.
    #[must_use]
    pub fn shortened(self, duration: Duration) -> Duration {
        duration / self.divisor
    }
}

/// How time passes, and when the run must end. Monotonic.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// How fast.
    pub pace: Pace,
    /// When everything ends.
    pub deadline: Option<Moment>,
}

/// Not enough time is left for a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeUp;

impl Time {
    /// Whether a wait would end in time.
    ///
    /// # Errors
    /// [`TimeUp`] if it would not.
    pub fn allows(self, wait: Duration) -> Result<(), TimeUp> {
        match self.deadline {
            Some(deadline) if clock::now() + self.pace.shortened(wait) >= deadline => Err(TimeUp),
            _ => Ok(()),
        }
    }

    /// Waits, or fails at once if the wait would not end in time.
    pub async fn pause(self, wait: Duration) -> Result<(), TimeUp> {
        self.allows(wait)?;
        clock::sleep(self.pace.shortened(wait)).await;
        Ok(())
    }

    /// Waits, but ends a little before the deadline, so that there is time for a last look; fails if there is not.
    ///
    /// # Errors
    /// [`TimeUp`] if the deadline is closer than that.
    pub async fn poll(self, wait: Duration) -> Result<(), TimeUp> {
        let mut wait = self.pace.shortened(wait);
        if let Some(left) = self.left() {
            wait = wait.min(left.checked_sub(LAST_LOOK).filter(|left| !left.is_zero()).ok_or(TimeUp)?);
        }
        clock::sleep(wait).await;
        Ok(())
    }

    /// The time left, if there is a deadline.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(clock::now()))
    }
}

/// The wait before another attempt: at least what the server asks for; without that, or if it is next to nothing,
/// the waits double from `first` to `most`.
#[must_use]
pub fn wait(asked: Option<Duration>, step: u32, first: Duration, most: Duration) -> Duration {
    match asked {
        Some(asked) if asked >= first => floor(asked, Duration::ZERO),
        asked => backoff(step, first, most).max(asked.unwrap_or_default()),
    }
}

/// A wait no shorter than the server asks for, and a little longer than that.
#[must_use]
pub fn floor(asked: Duration, wait: Duration) -> Duration {
    wait.max(asked + jitter(Duration::from_millis(500)))
}

/// Doubling from `first` up to `most`, with half of it random so that many clients spread out.
#[must_use]
pub fn backoff(step: u32, first: Duration, most: Duration) -> Duration {
    let full = first.saturating_mul(1 << step.min(10)).min(most);
    full / 2 + jitter(full / 2)
}

fn jitter(most: Duration) -> Duration {
    let part = random::number().map_or(0, |number| u32::try_from(number % 1000).unwrap_or(0));
    most * part / 1000
}

/// The wait that an answer asks for: in its headers, else in its body.
#[must_use]
pub fn asked(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let milliseconds = ["retry-after-ms", "x-ms-retry-after-ms"].into_iter().filter_map(header).find_map(number);
    if let Some(milliseconds) = milliseconds {
        return Some(milliseconds / 1000);
    }
    // A date is the server's: its own clock says what time it is there.
    let now = header("date").and_then(date).unwrap_or_else(clock::timestamp);
    header("retry-after").and_then(|text| retry_after(text, now)).or_else(|| in_body(body))
}

/// Reads `Retry-After`: seconds (also with a fraction), or an HTTP date. Anything else is ignored.
#[must_use]
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    number(text).or_else(|| {
        let seconds = date(text)?.as_second() - now.as_second();
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).min(MOST))
    })
}

/// Seconds, if they are a number that is not negative.
fn number(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    (seconds.is_finite() && seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(MOST.as_secs_f64())))
}

/// A date in the current form, that of RFC 850 or that of `asctime`. The day's name is not checked.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(date) = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text) {
        return Some(date);
    }
    let words: Vec<&str> = text.split_whitespace().skip(1).collect();
    let words = words.join(" ");
    let read = |format: &str| DateTime::strptime(format, &words).ok();
    let date = read("%d-%b-%y %H:%M:%S GMT").or_else(|| read("%b %d %H:%M:%S %Y"))?;
    date.to_zoned(TimeZone::UTC).ok().map(|date| date.timestamp())
}

/// The wait that a body asks for: a member with such a name, or words.
#[must_use]
pub fn in_body(body: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(body.get(..body.len().min(BODY))?).ok()?;
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        let found = member(&value, 0);
        if found.is_some() {
            return found;
        }
    }
    let lower = text.to_ascii_lowercase();
    ["try again in ", "retry after ", "retry in "].into_iter().find_map(|words| {
        let rest = &lower[lower.find(words)? + words.len()..];
        let (count, unit) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()));
        let unit = unit.trim_start();
        let seconds = number(count)?;
        if unit.starts_with("sec") {
            Some(seconds)
        } else {
            unit.starts_with("min").then(|| seconds.saturating_mul(60).min(MOST))
        }
    })
}

/// A member called `Retry-After`, `retryAfter`, `retry_after_ms`, … at any of the first levels.
fn member(value: &Value, depth: usize) -> Option<Duration> {
    let members = value.as_object().filter(|_| depth < 4)?;
    members.iter().find_map(|(name, value)| {
        let last = name.rsplit('.').next().unwrap_or(name);
        let plain: String = last.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().as_str() {
            "retryafter" | "retryafterseconds" | "retryafterinseconds" => span(value),
            "retryafterms" | "retryafterinms" | "retryaftermilliseconds" => span(value).map(|wait| wait / 1000),
            _ => member(value, depth + 1),
        }
    })
}

/// Seconds, or a .NET `TimeSpan`, such as `00:05:00.25`.
fn span(value: &Value) -> Option<Duration> {
    let Some(text) = value.as_str() else { return number(&value.to_string()) };
    let parts: Vec<&str> = text.trim().split(':').collect();
    match parts.as_slice() {
        [hours, minutes, seconds] => {
            let hours: u64 = hours.parse().ok()?;
            let minutes: u64 = minutes.parse().ok()?;
            let whole = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?;
            Some(number(seconds)?.saturating_add(Duration::from_secs(whole)).min(MOST))
        }
        _ => number(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn retry_after_is_read_in_every_form() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let read = |text| retry_after(text, now);
        for (text, seconds) in [
            ("34", 34.0),
            (" 4.0 ", 4.0),
            ("0.5", 0.5),
            ("0", 0.0),
            ("+7", 7.0),
            ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
            ("Mon, 01 Jan 2026 00:00:30 GMT", 30.0),
            ("Thursday, 01-Jan-26 00:01:30 GMT", 90.0),
            ("Thu Jan  1 00:02:00 2026", 120.0),
            ("Thu Jan 11 00:00:00 2026", 864_000.0),
            ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
            ("1e300", MOST.as_secs_f64()),
        ] {
            assert_eq!(read(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for garbage in
            ["", "soon", "-1", "-4.5", "NaN", "inf", "1 minute", "Thu, 41 Jan 2026 00:00:30 GMT", "a b c d e"]
        {
            assert_eq!(read(garbage), None, "{garbage}");
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn hints_are_found_in_headers_and_bodies() {
        for (pairs, body, wanted) in [
            (vec![("retry-after", "4.0")], "", Some(4000)),
            (vec![("retry-after-ms", "250")], "", Some(250)),
            (vec![("x-ms-retry-after-ms", "1500"), ("retry-after", "9")], "", Some(1500)),
            // The server's clock is an hour off: its own date says how long.
            (
                vec![("retry-after", "Thu, 01 Jan 2026 00:00:30 GMT"), ("date", "Thu, 01 Jan 2026 00:00:10 GMT")],
                "",
                Some(20_000),
            ),
            (vec![("retry-after", "-3")], r#"{"retryAfter": 7}"#, Some(7000)),
            (
                vec![],
                r#"{"error":{"code":"0x80072322","@Microsoft.PowerApps.CDS.ErrorDetails.Retry-After":"00:05:00.5"}}"#,
                Some(300_500),
            ),
            (vec![], r#"{"error":{"details":{"retryAfterSeconds":"12"}}}"#, Some(12_000)),
            (vec![], r#"{"retry_after_ms": 80}"#, Some(80)),
            (
                vec![],
                r#"{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 27 seconds." }"#,
                Some(27_000),
            ),
            (vec![], "Too many requests, retry after 2 minutes", Some(120_000)),
            (vec![], r#"{"error":{"message":"try again in a while"}}"#, None),
            (vec![], r#"{"retryAfter": -7}"#, None),
            (vec![], "", None),
        ] {
            let asked = asked(&headers(&pairs), body.as_bytes());
            assert_eq!(asked, wanted.map(Duration::from_millis), "{pairs:?} {body}");
        }
    }

    #[test]
    fn waits_double_and_what_the_server_asks_for_is_a_floor() {
        let second = Duration::from_secs(1);
        for (step, least, most) in [(0, 500, 1000), (1, 1000, 2000), (4, 8000, 16_000), (40, 15_000, 30_000)] {
            let wait = wait(None, step, second, second * 30).as_millis();
            assert!((least..=most).contains(&wait), "{step}: {wait}");
        }
        let asked = wait(Some(second * 4), 9, second, second * 30);
        assert!(asked >= second * 4 && asked < second * 5, "{asked:?}");
        // A server that always says 0 is not asked in a loop.
        assert!(wait(Some(Duration::ZERO), 3, second, second * 30) >= second * 4);
    }

    #[tokio::test]
    async fn a_poll_goes_on_until_shortly_before_the_deadline() {
        let begun = clock::now();
        let time = Time { pace: Pace::default(), deadline: Some(begun + Duration::from_secs(1)) };
        assert_eq!(time.poll(Duration::from_secs(30)).await, Ok(()));
        let took = clock::since(begun);
        assert!(took >= Duration::from_millis(200) && took < Duration::from_millis(900), "{took:?}");
        assert_eq!(time.poll(Duration::from_millis(5)).await, Err(TimeUp));
    }

    #[tokio::test]
    async fn a_pause_is_always_in_time() {
        let time = Time { pace: Pace::default(), deadline: Some(clock::now() + Duration::from_millis(200)) };
        let begun = clock::now();
        assert_eq!(time.pause(Duration::from_secs(30)).await, Err(TimeUp));
        assert!(clock::since(begun) < Duration::from_millis(100));
        assert_eq!(time.pause(Duration::from_millis(5)).await, Ok(()));
        assert_eq!(Time::default().allows(Duration::from_secs(1 << 40)), Ok(()));
        let faster = Time { pace: Pace::faster(1000), ..time };
        assert_eq!(faster.allows(Duration::from_secs(30)), Ok(()));
    }

    proptest! {
        #[test]
        fn any_hint_is_bounded_and_read_without_panic(text in ".{0,80}", number in any::<f64>()) {
            let now = Timestamp::UNIX_EPOCH;
            for text in [text.clone(), number.to_string(), format!("{{\"retryAfter\": \"{number}\"}}")] {
                let found = retry_after(&text, now).into_iter().chain(in_body(text.as_bytes()));
                prop_assert!(found.into_iter().all(|wait| wait <= MOST));
            }
        }
    }
}
