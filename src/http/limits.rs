//! How much and how long an exchange may take.

use std::time::Duration;

/// The largest answer that is read, in bytes, where nothing else is said: the answers of sign-in are small.
pub const SMALL: usize = 1 << 20;

/// How long a connection may take to be made, its TLS handshake included.
pub const CONNECT: Duration = Duration::from_secs(10);

/// How long a whole exchange may take, where nothing else is said: enough for the small answers of sign-in.
pub const ANSWER: Duration = Duration::from_secs(20);
