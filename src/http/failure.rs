//! Why there was no complete answer, whether the server may have received the request, and what to do.

use std::time::Duration;

/// What to do if a host cannot be reached or does not answer.
pub const ADVICE: &str =
    "check the address, the network (is a VPN needed?) and the proxy (HTTPS_PROXY, NO_PROXY), then run again";

/// What to do about a proxy that answers 407.
pub const PROXY_SIGN_IN: &str = "a proxy on the way asks for a sign-in of its own (HTTP 407): write its user and password into HTTPS_PROXY, as `http://USER:PASSWORD@HOST:PORT`, or except the host with NO_PROXY";

/// What the network library calls a proxy's refusal of a tunnel.
const TUNNEL_REFUSED: &str = "proxy authorization required";

/// There was no complete answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing is sent to a URL like this.
    #[error("refusing to send to `{url}`: {why}")]
    Refused {
        /// The URL, without user information.
        url: String,
        /// The reason.
        why: &'static str,
    },
    /// No connection was made: nothing was sent.
    #[error("cannot connect to `{host}`: {why}")]
    Connect {
        /// The host.
        host: String,
        /// The cause in words.
        why: String,
    },
    /// The request was sent, or may have been, and no complete answer came back.
    #[error("no answer from `{host}`: {why}")]
    Broken {
        /// The host.
        host: String,
        /// The cause in words.
        why: String,
    },
    /// The same, because time ran out.
    #[error("no answer from `{host}` within {}", seconds(*waited))]
    Silent {
        /// The host.
        host: String,
        /// How long dvpack waited.
        waited: Duration,
    },
    /// The run's own time limit is reached.
    #[error("{why}")]
    TimeUp {
        /// What dvpack waited for.
        why: String,
    },
    /// The answer is larger than the call allows, or would be in memory.
    #[error("the answer from `{host}` is larger than any that this request can have")]
    TooLarge {
        /// The host.
        host: String,
    },
    /// The client could not be set up.
    #[error("cannot set up the network client: {0}")]
    Setup(String),
}

impl Failure {
    /// Whether the server may have received the request and acted on it.
    #[must_use]
    pub fn may_have_been_received(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Silent { .. } | Self::TooLarge { .. })
    }

    /// Whether the host did not answer within the time limit.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Silent { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Connect { why, .. } if why.to_ascii_lowercase().contains(TUNNEL_REFUSED) => Some(PROXY_SIGN_IN),
            Self::Connect { .. } | Self::Broken { .. } | Self::Silent { .. } | Self::TimeUp { .. } => Some(ADVICE),
            Self::Refused { .. } | Self::TooLarge { .. } | Self::Setup(_) => None,
        }
    }

    /// Whether another attempt may succeed. A handshake that is refused once is refused
    /// always, and a name that does not exist will not.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        const LASTING: [&str; 8] = [
            "certificate",
            "peer is incompatible",
            "peer misbehaved",
            "fatal alert",
            // No such name: the words of Linux, macOS and Windows.
            "name or service not known",
            "nodename nor servname provided",
            "no such host is known",
            TUNNEL_REFUSED,
        ];
        match self {
            Self::Connect { why, .. } => {
                let why = why.to_ascii_lowercase();
                !LASTING.iter().any(|words| why.contains(words))
            }
            Self::Broken { .. } | Self::Silent { .. } => true,
            Self::Refused { .. } | Self::TimeUp { .. } | Self::TooLarge { .. } | Self::Setup(_) => false,
        }
    }
}

/// A duration for a person.
pub(super) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds => format!("{seconds} s"),
    }
}

impl Failure {
    /// No connection was made in this time.
    #[must_use]
    pub fn no_connection(host: String, waited: Duration) -> Self {
        Self::Connect { host, why: format!("no connection within {}", seconds(waited)) }
    }
}
