//! Why no whole answer came, whether the request can have been received, and what to do.

use std::time::Duration;

/// What to do where a host cannot be reached or says nothing.
pub const ADVICE: &str =
    "check the address, the network (is a VPN needed?) and the proxy (HTTPS_PROXY, NO_PROXY), then run again";

/// What to do about a proxy that answers 407.
pub const PROXY_SIGN_IN: &str = "a proxy on the way asks for a sign-in of its own (HTTP 407): write its user and password into HTTPS_PROXY, as `http://USER:PASSWORD@HOST:PORT`, or except the host with NO_PROXY";

/// What a proxy's refusal of a tunnel is called by the network library.
const TUNNEL_REFUSED: &str = "proxy authorization required";

/// No whole answer came.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The URL is not one that anything is sent to.
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
    /// The request was sent, or may have been, and no whole answer came back.
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
        /// How long it was waited for.
        waited: Duration,
    },
    /// The run's own time is up.
    #[error("{why}")]
    TimeUp {
        /// What was waited for.
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
    /// Whether the server may have got the request, and may have acted on it.
    #[must_use]
    pub fn may_have_been_received(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Silent { .. } | Self::TooLarge { .. })
    }

    /// Whether the host said nothing for as long as it was waited for.
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

    /// Whether another attempt may go better. A handshake that is refused once is refused
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
