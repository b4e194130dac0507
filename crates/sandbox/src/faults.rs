//! Faults on demand: rules that match requests and spoil their answers, and handshakes that go wrong, so
//! that a client's conduct can be proven. Set at the start or at `/__sandbox/faults`; `docs/sandbox.md` lists them.

use std::fmt;
use std::io::Write as _;
use std::str::FromStr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::echo::{self, Spelling};
use super::exchange::{Reply, Request};
use super::worded::worded;

/// One rule. The first rule that matches a request, and has not yet been used up, is applied.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Rule {
    /// Only this method.
    pub method: Option<String>,
    /// Only paths that contain this text (the query counts).
    pub path: Option<String>,
    /// Only the n-th request of all since the start, counted from 1 (control requests do not count).
    pub nth: Option<u64>,
    /// Only after a request other than GET whose path contains this text.
    pub after_write: Option<String>,
    /// Let this many matching requests through first.
    pub skip: u64,
    /// Apply this many times; absent: once; 0: always.
    pub times: Option<u64>,
    /// What happens.
    pub effect: Effect,
}

/// What a fault does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Effect {
    /// Close the connection before anything is done.
    #[default]
    DropBefore,
    /// Do the work, then close the connection without an answer.
    DropAfter,
    /// Reset the connection (RST) without an answer.
    Reset {
        /// Do the work first.
        #[serde(default)]
        after: bool,
    },
    /// Never answer; the connection stays open.
    Stall {
        /// Do the work first.
        #[serde(default)]
        after: bool,
    },
    /// Answer this instead of doing the work (with `after`, instead of the real answer).
    Answer {
        /// The status.
        status: u16,
        /// The error code in the body, if a Web API error body is wanted.
        #[serde(default)]
        code: Option<String>,
        /// The message in that body.
        #[serde(default)]
        message: Option<String>,
        /// A body to send as it is.
        #[serde(default)]
        body: Option<String>,
        /// More headers.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// Do the work first.
        #[serde(default)]
        after: bool,
    },
    /// Do the work, send this many bytes of the body, then close: less than `Content-Length` promised.
    Truncate {
        /// How many bytes.
        bytes: usize,
    },
    /// Do the work, and send only this many bytes of the body as if that were all of it.
    Cut {
        /// How many bytes.
        bytes: usize,
    },
    /// Do the work, and answer with a very large body instead.
    Flood {
        /// Its size in MiB.
        megabytes: usize,
        /// Compressed on the way (`Content-Encoding: gzip`), so that little is sent.
        #[serde(default)]
        compressed: bool,
    },
    /// Do the work, and wait before the answer.
    Delay {
        /// How long, in milliseconds.
        milliseconds: u64,
    },
    /// Do the work, and send the body a few bytes at a time.
    Trickle {
        /// The pause between two parts, in milliseconds.
        milliseconds: u64,
        /// How many bytes a part has.
        #[serde(default = "one")]
        bytes: usize,
    },
    /// Refuse, and repeat the request with all its secrets in the answer.
    Echo {
        /// The status.
        #[serde(default = "bad_request")]
        status: u16,
        /// How the request is spelt there.
        #[serde(default)]
        spelling: Spelling,
        /// Do the work first.
        #[serde(default)]
        after: bool,
    },
    /// Redirect to another place.
    Redirect {
        /// The status (301, 302, 303, 307 or 308).
        status: u16,
        /// Where to.
        location: String,
    },
}

const fn one() -> usize {
    1
}

const fn bad_request() -> u16 {
    400
}

/// How the connection continues after a spoiled answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The answer is sent completely.
    Whole,
    /// Closed without an answer.
    Closed,
    /// Reset without an answer.
    Reset,
    /// Held open without an answer.
    Held,
    /// The answer after a pause.
    Late(Duration),
    /// Closed after this many bytes of the body.
    Short(usize),
    /// So many bytes at a time, with a pause.
    Slow(usize, Duration),
}

/// The rules and how often each was seen and used.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<(Rule, u64, u64)>,
    /// The target of every request other than GET, where a rule waits for one.
    writes: Vec<String>,
}

impl Faults {
    pub fn new(rules: &[Rule]) -> Self {
        Self { rules: rules.iter().map(|rule| (rule.clone(), 0, 0)).collect(), writes: Vec::new() }
    }

    pub fn add(&mut self, rule: Rule) {
        self.rules.push((rule, 0, 0));
    }

    pub fn clear(&mut self) {
        self.rules.clear();
        self.writes.clear();
    }

    pub fn rules(&self) -> Vec<&Rule> {
        self.rules.iter().map(|(rule, _, _)| rule).collect()
    }

    /// The fault for this request, which is the `number`-th.
    pub fn take(&mut self, request: &Request, target: &str, number: u64) -> Option<Effect> {
        let mut chosen = None;
        let writes = &self.writes;
        for (rule, seen, used) in &mut self.rules {
            let begun = |part: &String| writes.iter().any(|write| write.contains(part.as_str()));
            if rule.after_write.as_ref().is_some_and(|part| !begun(part)) {
                continue;
            }
            let matches = rule.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
                && rule.path.as_deref().is_none_or(|part| target.contains(part))
                && rule.nth.is_none_or(|nth| nth == number);
            if !matches {
                continue;
            }
            *seen += 1;
            let limit = rule.times.unwrap_or(1);
            if chosen.is_none() && *seen > rule.skip && (limit == 0 || *used < limit) {
                *used += 1;
                chosen = Some(rule.effect.clone());
            }
        }
        if request.method != "GET" && self.rules.iter().any(|(rule, ..)| rule.after_write.is_some()) {
            self.writes.push(target.to_owned());
        }
        chosen
    }
}

impl Effect {
    /// Whether the work of the request is done all the same.
    pub(super) fn works(&self) -> bool {
        match self {
            Self::DropBefore | Self::Redirect { .. } => false,
            Self::Reset { after } | Self::Stall { after } | Self::Answer { after, .. } | Self::Echo { after, .. } => {
                *after
            }
            _ => true,
        }
    }

    /// The answer that is sent to a request in place of the real one.
    pub(super) fn spoil(&self, mut real: Reply, request: &Request, target: &str) -> Reply {
        match self {
            Self::Answer { status, code, message, body, headers, .. } => {
                let mut reply = match (body, code) {
                    (Some(body), _) => Reply::text(*status, "text/plain; charset=utf-8", body.clone()),
                    (None, Some(code)) => Reply::odata(
                        *status,
                        &serde_json::json!({"error": {"code": code, "message": message.clone().unwrap_or_default()}}),
                    ),
                    (None, None) => Reply::empty(*status),
                };
                for (name, value) in headers {
                    reply.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                    reply.headers.push((name.clone(), value.clone()));
                }
                reply
            }
            Self::Echo { status, spelling, .. } => echo::reply(*status, *spelling, request, target),
            Self::Redirect { status, location } => Reply::empty(*status).with("Location", location),
            Self::Cut { bytes } => {
                real.body.truncate(*bytes);
                real
            }
            Self::Flood { megabytes, compressed } => {
                let (mut body, headers) = (flood(*megabytes, *compressed), real.headers);
                let mut reply = Reply { status: real.status, headers, body: std::mem::take(&mut body) };
                if *compressed {
                    reply = reply.with("Content-Encoding", "gzip");
                }
                reply
            }
            _ => real,
        }
    }

    /// How the connection continues.
    pub(super) fn line(&self) -> Line {
        match self {
            Self::DropBefore | Self::DropAfter => Line::Closed,
            Self::Reset { .. } => Line::Reset,
            Self::Stall { .. } => Line::Held,
            Self::Delay { milliseconds } => Line::Late(Duration::from_millis(*milliseconds)),
            Self::Truncate { bytes } => Line::Short(*bytes),
            Self::Trickle { milliseconds, bytes } => Line::Slow((*bytes).max(1), Duration::from_millis(*milliseconds)),
            Self::Answer { .. } | Self::Cut { .. } | Self::Echo { .. } | Self::Flood { .. } | Self::Redirect { .. } => {
                Line::Whole
            }
        }
    }
}

/// JSON without an end: a string of spaces.
fn flood(megabytes: usize, compressed: bool) -> Vec<u8> {
    let part = vec![b' '; 1 << 20];
    if !compressed {
        return part.repeat(megabytes);
    }
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..megabytes {
        // A vector takes everything.
        let _written = out.write_all(&part);
    }
    out.finish().unwrap_or_default()
}

worded! {
    /// What is wrong with every TLS handshake. `docs/sandbox.md` lists them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum TlsFault;

    Expired "expired" "the certificate has expired";
    NotYetValid "not-yet-valid" "the certificate is not valid yet";
    WrongHost "wrong-host" "the certificate is another host's";
    SelfSigned "self-signed" "the certificate is signed by itself, not by the authority that is trusted";
    MissingIntermediate "missing-intermediate" "the authority in between is not sent";
    OldVersion "old-version" "the server speaks TLS 1.1";
    Reset "reset" "the connection is reset in the middle of the handshake";
}

/// A TLS fault that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no TLS fault `{0}`")]
pub struct NoTlsFault(String);

impl FromStr for TlsFault {
    type Err = NoTlsFault;

    fn from_str(text: &str) -> Result<Self, NoTlsFault> {
        Self::ALL.iter().copied().find(|fault| fault.name() == text).ok_or_else(|| NoTlsFault(text.into()))
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
