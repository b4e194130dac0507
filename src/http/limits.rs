//! How much and how long an exchange may take.

use std::time::Duration;

/// The largest answer that is read, in bytes, by default: the answers of sign-in are small.
pub const SMALL: usize = 1 << 20;

/// How long connecting may take, including the TLS handshake.
pub const CONNECT: Duration = Duration::from_secs(10);

/// How long a whole exchange may take by default: enough for the small answers of sign-in.
pub const ANSWER: Duration = Duration::from_secs(20);
