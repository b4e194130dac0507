//! Faults on demand: rules that match requests and spoil their answers, so that a client's conduct
//! can be proven. Set at the start or at `/__sandbox/faults`.

use serde::{Deserialize, Serialize};

use super::exchange::{Reply, Request};

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
    /// Send this many bytes of the body, then close.
    Truncate {
        /// How many bytes.
        bytes: usize,
    },
    /// Wait before the answer.
    Delay {
        /// How long, in milliseconds.
        milliseconds: u64,
    },
    /// Send the body a byte at a time.
    Trickle {
        /// The pause between bytes, in milliseconds.
        milliseconds: u64,
    },
    /// Redirect to another place.
    Redirect {
        /// The status (301, 302, 303, 307 or 308).
        status: u16,
        /// Where to.
        location: String,
    },
}

/// The rules and how often each was seen and used.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<(Rule, u64, u64)>,
}

impl Faults {
    pub fn new(rules: &[Rule]) -> Self {
        Self { rules: rules.iter().map(|rule| (rule.clone(), 0, 0)).collect() }
    }

    pub fn add(&mut self, rule: Rule) {
        self.rules.push((rule, 0, 0));
    }

    pub fn clear(&mut self) {
        self.rules.clear();
    }

    pub fn rules(&self) -> Vec<&Rule> {
        self.rules.iter().map(|(rule, _, _)| rule).collect()
    }

    /// The fault for this request, which is the `number`-th.
    pub fn take(&mut self, request: &Request, target: &str, number: u64) -> Option<Effect> {
        let mut chosen = None;
        for (rule, seen, used) in &mut self.rules {
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
        chosen
    }
}

impl Effect {
    /// The answer that replaces the real one, for the effects that have one.
    pub(super) fn reply(&self) -> Option<Reply> {
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
                reply.headers.extend(headers.iter().cloned());
                Some(reply)
            }
            Self::Redirect { status, location } => Some(Reply::empty(*status).with("Location", location)),
            _ => None,
        }
    }
}
