//! Time, as the client sees it: waiting can be sped up for tests, deadlines are monotonic.

use std::time::{Duration, Instant};

/// Where waits happen. Every wait of this room and of `deploy` goes through [`Pace::wait`].
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

    /// Now, monotonic.
    #[must_use]
    pub fn now(self) -> Instant {
        Instant::now()
    }

    /// How long a wait really takes.
    #[must_use]
    pub fn shortened(self, duration: Duration) -> Duration {
        duration / self.divisor
    }

    /// Sleeps.
    pub async fn wait(self, duration: Duration) {
        tokio::time::sleep(self.shortened(duration)).await;
    }
}
