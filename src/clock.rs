//! The one clock: what time it is, how long something took, and every wait.
//!
//! Nothing else in the library asks the machine for the time (`clippy.toml` forbids it). A build with the feature `native`
//! uses the machine's clocks and the timers of `tokio`; without it, the host brings a `Clock` and hands it over once,
//! with `host::install`, before it calls anything that waits.

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

#[cfg(not(feature = "native"))]
pub(crate) use imp::install;
#[cfg(not(feature = "native"))]
pub use imp::{Clock, Sleep};
pub use imp::{Moment, now, sleep, timestamp};

/// Today's date, in UTC.
#[must_use]
pub fn today() -> Date {
    date(timestamp())
}

/// The date of a point in time, in UTC.
#[must_use]
pub fn date(timestamp: Timestamp) -> Date {
    timestamp.to_zoned(TimeZone::UTC).date()
}

/// How long ago a moment was.
#[must_use]
pub fn since(moment: Moment) -> Duration {
    now().saturating_duration_since(moment)
}

/// The deadline passed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

/// Waits for a future, but no longer than until the deadline.
///
/// # Errors
///
/// [`Elapsed`] if the future is not done by then.
pub fn timeout_at<F: Future>(deadline: Moment, future: F) -> impl Future<Output = Result<F::Output, Elapsed>> {
    timeout(deadline.saturating_duration_since(now()), future)
}

/// Waits for a future, but no longer than this.
///
/// # Errors
///
/// [`Elapsed`] if the future is not done by then.
pub fn timeout<F: Future>(most: Duration, future: F) -> impl Future<Output = Result<F::Output, Elapsed>> {
    let (mut future, mut end) = (Box::pin(future), Box::pin(sleep(most)));
    poll_fn(move |context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(value));
        }
        end.as_mut().poll(context).map(|()| Err(Elapsed))
    })
}

#[cfg(feature = "native")]
#[allow(clippy::disallowed_methods, reason = "this is the module that may")]
mod imp {
    use super::{Duration, Timestamp};

    /// A point on a clock that never goes backwards.
    pub type Moment = std::time::Instant;

    /// What the machine's clock that never goes backwards shows.
    #[must_use]
    pub fn now() -> Moment {
        Moment::now()
    }

    /// What time it is.
    #[must_use]
    pub fn timestamp() -> Timestamp {
        Timestamp::now()
    }

    /// Waits this long.
    pub async fn sleep(duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(not(feature = "native"))]
mod imp {
    use std::ops::Add;
    use std::pin::Pin;
    use std::sync::OnceLock;

    use super::{Duration, Future, Timestamp};

    /// A wait that has begun.
    pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

    /// The host's clock.
    pub trait Clock: Send + Sync {
        /// The time since some fixed moment in the past; never less than before.
        fn now(&self) -> Duration;
        /// What time it is.
        fn timestamp(&self) -> Timestamp;
        /// Waits this long.
        fn sleep(&self, duration: Duration) -> Sleep;
    }

    static CLOCK: OnceLock<Box<dyn Clock>> = OnceLock::new();

    /// Takes the host's clock; `false` if there is one already.
    pub fn install(clock: Box<dyn Clock>) -> bool {
        CLOCK.set(clock).is_ok()
    }

    /// A point on a clock that never goes backwards.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Moment(Duration);

    impl Moment {
        /// The time from an earlier moment to this one; zero if it is a later one.
        #[must_use]
        pub fn saturating_duration_since(self, earlier: Self) -> Duration {
            self.0.saturating_sub(earlier.0)
        }

        /// The moment after this time, unless it is too far away to be one.
        #[must_use]
        pub fn checked_add(self, duration: Duration) -> Option<Self> {
            self.0.checked_add(duration).map(Self)
        }
    }

    impl Add<Duration> for Moment {
        type Output = Self;

        fn add(self, duration: Duration) -> Self {
            Self(self.0.saturating_add(duration))
        }
    }

    fn clock() -> &'static dyn Clock {
        CLOCK.get().expect("the host installs a clock first").as_ref()
    }

    /// What the host's clock that never goes backwards shows.
    #[must_use]
    pub fn now() -> Moment {
        Moment(clock().now())
    }

    /// What time it is.
    #[must_use]
    pub fn timestamp() -> Timestamp {
        clock().timestamp()
    }

    /// Waits this long.
    #[must_use]
    pub fn sleep(duration: Duration) -> Sleep {
        clock().sleep(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_future_is_waited_for_until_the_deadline_and_no_longer() {
        let begun = now();
        assert_eq!(timeout(Duration::from_secs(30), async { 7 }).await, Ok(7));
        assert_eq!(timeout(Duration::from_millis(20), std::future::pending::<u8>()).await, Err(Elapsed));
        assert_eq!(timeout_at(begun, std::future::pending::<u8>()).await, Err(Elapsed));
        // What is done already is taken, however late it is.
        assert_eq!(timeout_at(begun, async { 8 }).await, Ok(8));
        assert!((Duration::from_millis(20)..Duration::from_secs(20)).contains(&since(begun)));
    }
}
