//! A request limit as the service protection limits have it: so many requests in a sliding window, then
//! 429 with the seconds until it accepts requests again. Source: the API limits page of the product documentation.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::exchange::{Fault, Reply};

/// How many requests are let through in how long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many requests …
    pub requests: usize,
    /// … in each stretch of this length.
    pub window: Duration,
    /// The sandbox's clock runs so many times as fast as the real one; 1 as a rule.
    pub speed: u32,
}

/// The requests of the last window.
pub(super) struct Limiter {
    limit: Limit,
    times: VecDeque<Instant>,
}

impl Limiter {
    pub fn new(limit: Limit) -> Self {
        Self { limit, times: VecDeque::new() }
    }

    /// Counts a request, or refuses it.
    pub fn refuse(&mut self) -> Option<Reply> {
        let now = Instant::now();
        let window = self.limit.window / self.limit.speed.max(1);
        while self.times.front().is_some_and(|time| now.duration_since(*time) >= window) {
            self.times.pop_front();
        }
        if self.times.len() < self.limit.requests {
            self.times.push_back(now);
            return None;
        }
        let oldest = self.times.front().map_or(now, |time| *time);
        let left = window.saturating_sub(now.duration_since(oldest)) * self.limit.speed.max(1);
        // Whole seconds, rounded up: an earlier request would be refused again.
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let mut fault = Fault::new(
            429,
            "0x80072322",
            format!(
                "Number of requests exceeded the limit of {} over time window of {} seconds.",
                self.limit.requests,
                self.limit.window.as_secs()
            ),
        );
        fault.headers.push(("Retry-After".into(), seconds.to_string()));
        Some(fault.reply())
    }
}
