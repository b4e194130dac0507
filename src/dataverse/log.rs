//! The request log (`--log-file`): one JSON line for each request, without tokens, values and files.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock;
use crate::secret;
use crate::text::harmless_json;

/// Members of requests and answers whose text is never written.
const HIDDEN: [&str; 6] = ["customizationfile", "value", "defaultvalue", "data", "connectionid", "formattedresults"];

/// Where the lines go. Cheap to clone.
#[derive(Clone)]
pub struct Log(Arc<Mutex<dyn Write + Send>>);

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}

impl Log {
    /// A log into `sink`.
    pub fn new(sink: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(sink)))
    }

    /// Writes one exchange, with a body that was redacted ([`redact`]). A log that cannot be written is no reason to stop.
    pub fn exchange(&self, method: &str, url: &str, body: Option<Value>, outcome: &Value, took: Duration) {
        let mut line = json!({
            "time": clock::timestamp().to_string(),
            "method": method,
            "url": url,
            "request": body,
            "outcome": outcome,
            "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
        secret::hide_in(&mut line);
        if let Ok(mut sink) = self.0.lock() {
            let _ = writeln!(sink, "{}", harmless_json(&secret::hide(&line.to_string()))).and_then(|()| sink.flush());
        }
    }
}

impl Log {
    /// Writes one exchange of a sign-in. Neither its form nor its answer is ever written.
    pub fn sign_in(&self, method: &str, url: &str, outcome: &Value, took: Duration) {
        self.exchange(method, url, None, outcome, took);
    }
}

/// The same JSON with hidden members replaced by their size.
#[must_use]
pub fn redact(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let shown = match value {
                    Value::String(text) if HIDDEN.contains(&name.to_ascii_lowercase().as_str()) => {
                        Value::from(format!("*** ({} characters)", text.len()))
                    }
                    other => redact(other),
                };
                (name.clone(), shown)
            })
            .collect(),
        Value::Array(items) => items.iter().map(redact).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_files_are_not_logged() {
        let body = json!({"CustomizationFile": "UEsDBA==", "ComponentParameters": [{"schemaname": "a_b", "value": "hunter2"}]});
        let text = redact(&body).to_string();
        assert!(!text.contains("hunter2") && !text.contains("UEsDBA") && text.contains("a_b"), "{text}");
    }
}
