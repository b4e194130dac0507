//! Reads and writes `bundle.json`: what is read must be, byte for byte, what dvpack writes for it.
//!
//! That refuses everything on which readers of JSON differ: duplicate members, members in another case,
//! `1.0` and `1e0` for `1`, numbers beyond 2^53, escapes for characters that need none, a byte order mark,
//! another spelling of a GUID, `null` for what is absent.

use serde_json::Value;

use super::{Descriptor, FORMAT};
use crate::solution::json;

/// The largest `bundle.json`; one with ten thousand settings has some 3 MiB.
const LIMIT: usize = 16 << 20;

/// Why it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bundle) struct Unreadable {
    /// What is wrong, and at which path of the JSON.
    pub(in crate::bundle) why: String,
    /// What to do.
    pub(in crate::bundle) help: &'static str,
}

const AGAIN: &str = "get the bundle again from its publisher";

/// The one way to write it.
pub(in crate::bundle) fn to_bytes(descriptor: &Descriptor) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_vec_pretty(descriptor)?;
    text.push(b'\n');
    Ok(text)
}

/// Reads it; [`super::faults`] then says whether its values are valid.
pub(in crate::bundle) fn read(bytes: &[u8]) -> Result<Descriptor, Unreadable> {
    let bad = |why: String| Unreadable { why, help: AGAIN };
    if bytes.len() > LIMIT {
        return Err(bad(format!("it has more than {LIMIT} bytes")));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(bad("it begins with a byte order mark, which some readers drop and others refuse".to_owned()));
    }
    if json::values(bytes) > json::MOST_VALUES {
        return Err(bad(format!("it has more than {} values and members", json::MOST_VALUES)));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    // The format is checked first: a later one may have any other shape.
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) if format > u64::from(FORMAT) => {
            return Err(Unreadable {
                why: format!(
                    "`format`: it has format {format}, and was made by a newer dvpack; this one reads {FORMAT}"
                ),
                help: "use a newer dvpack",
            });
        }
        Some(format) => {
            return Err(Unreadable {
                why: format!("`format`: it has format {format}, and was made by an older, unreleased dvpack"),
                help: "build it again",
            });
        }
        None => return Err(bad("`format`: it is missing or is not a whole number".to_owned())),
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let descriptor: Descriptor = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let why = error.into_inner().to_string();
        bad(if path == "." { why } else { format!("`{path}`: {why}") })
    })?;
    let normal = to_bytes(&descriptor).map_err(|error| bad(error.to_string()))?;
    if normal == bytes { Ok(descriptor) } else { Err(bad(another_form(bytes, &value, &normal, &descriptor))) }
}

/// Where a text differs from what dvpack writes for the same value.
fn another_form(bytes: &[u8], written: &Value, normal_bytes: &[u8], descriptor: &Descriptor) -> String {
    let normal = serde_json::to_value(descriptor).unwrap_or_default();
    if let Some(difference) = difference("", written, &normal) {
        return difference;
    }
    let same = bytes.iter().zip(normal_bytes).take_while(|(a, b)| a == b).count();
    let line = bytes.iter().take(same).filter(|byte| **byte == b'\n').count() + 1;
    format!("line {line}: it is not written as dvpack writes it: order, white space, escapes or doubled members differ")
}

fn difference(path: &str, written: &Value, normal: &Value) -> Option<String> {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (written, normal) {
        (Value::Object(a), Value::Object(b)) => {
            let missing = || b.iter().find(|(key, _)| !a.contains_key(*key));
            let common = a.iter().find_map(|(key, value)| match b.get(key) {
                Some(other) => difference(&below(key), value, other),
                None => Some(format!("`{}`: it is written where there is nothing to say: leave it out", below(key))),
            });
            common.or_else(|| {
                missing().map(|(key, value)| format!("`{}`: it is missing; dvpack writes {value}", below(key)))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(at, (a, b))| difference(&format!("{path}[{at}]"), a, b))
        }
        (a, b) if a == b => None,
        (a, b) => Some(format!("`{path}`: it is written as {a}, but dvpack writes {b}")),
    }
}

#[cfg(test)]
mod tests;
