//! What the body of a solution operation may have.

use serde_json::{Map, Value};

use crate::exchange::Fault;

/// The solution file, if there is one.
pub(super) fn file(payload: &Map<String, Value>) -> Result<Option<Vec<u8>>, Fault> {
    use base64::Engine as _;
    let Some(text) = payload.get("CustomizationFile").and_then(Value::as_str) else { return Ok(None) };
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.map(Some).map_err(|_| {
        Fault::new(
            400,
            "0x80048d19",
            "Cannot convert the literal of 'CustomizationFile' to the expected type 'Edm.Binary'.",
        )
    })
}

/// Refuses what the operation does not know.
pub(super) fn only(operation: &str, payload: &Map<String, Value>, known: &[&str]) -> Result<(), Fault> {
    match payload.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Fault::new(
            400,
            "0x80048d19",
            format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation '{operation}'."
            ),
        )),
    }
}
