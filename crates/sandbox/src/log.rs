//! The log of all requests: what was asked, what was done, what was answered, without any secret.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::exchange::{Reply, Request};
use super::faults::Effect;

/// The entries, and the file that each is appended to.
pub(super) struct Log {
    entries: Vec<Value>,
    file: Option<File>,
    begun: Instant,
}

/// What became of a request.
pub(super) struct Outcome<'a> {
    /// Which request it is, counted from 1.
    pub number: u64,
    /// What is sent.
    pub sent: &'a Reply,
    /// The status of the work itself; nothing when it was not done.
    pub done: Option<u16>,
    /// Whether the work changed the state.
    pub changed: bool,
    pub fault: Option<&'a Effect>,
}

impl Log {
    /// A log, which is also appended to a file.
    pub fn new(path: Option<&Path>) -> io::Result<Self> {
        let open = |path: &Path| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            folder.map_or(Ok(()), std::fs::create_dir_all)?;
            OpenOptions::new().create(true).append(true).open(path)
        };
        let file = path.map(open).transpose()?;
        Ok(Self { entries: Vec::new(), file, begun: Instant::now() })
    }

    pub fn entries(&self) -> &[Value] {
        &self.entries
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub fn add(&mut self, request: &Request, target: &str, outcome: &Outcome<'_>) {
        let entry = json!({
            "number": outcome.number, "at": u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "method": request.method, "path": target_masked(target), "headers": headers_masked(request),
            "body": body_masked(request), "status": outcome.sent.status, "done": outcome.done,
            "changed": outcome.changed, "fault": outcome.fault,
        });
        if let Some(file) = &mut self.file {
            // One call, so that the lines of several sandboxes do not mix. A lost line does not stop the sandbox.
            let _written = file.write_all(format!("{entry}\n").as_bytes());
        }
        self.entries.push(entry);
    }
}

const SECRET_FIELDS: &[&str] =
    &["client_secret", "client_assertion", "refresh_token", "code", "code_verifier", "device_code"];
const SECRET_HEADERS: &[&str] = &["authorization", "cookie", "proxy-authorization"];

fn target_masked(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query))
            if query.split('&').any(|pair| pair.split('=').next().is_some_and(|k| SECRET_FIELDS.contains(&k))) =>
        {
            format!("{path}?***")
        }
        _ => target.to_owned(),
    }
}

fn headers_masked(request: &Request) -> Value {
    let pairs = request.headers.iter().map(|(name, value)| {
        let value = if SECRET_HEADERS.contains(&name.as_str()) { "***" } else { value };
        (name.clone(), json!(value))
    });
    Value::Object(pairs.collect())
}

fn body_masked(request: &Request) -> Value {
    if request.body.is_empty() {
        return Value::Null;
    }
    if let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) {
        if let Some(file) = body.get("CustomizationFile").and_then(Value::as_str).map(str::len) {
            body["CustomizationFile"] = json!(format!("({file} characters)"));
        }
        // A setting's value may be a secret.
        let parameters = body.get_mut("ComponentParameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            mask_value(parameter);
        }
        mask_value(&mut body);
        return body;
    }
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        // What is in a batch may be secret.
        return json!(format!("({} bytes)", request.body.len()));
    }
    let pairs = request.form().into_iter().map(|(name, value)| {
        let value = if SECRET_FIELDS.contains(&name.as_str()) { "***".to_owned() } else { value };
        (name, json!(value))
    });
    Value::Object(pairs.collect())
}

fn mask_value(body: &mut Value) {
    for (_, value) in body.as_object_mut().into_iter().flatten().filter(|(name, _)| *name == "value") {
        if value.is_string() {
            *value = json!("***");
        }
    }
}
