//! The JSON Schema (draft 2020-12) of the manifest, made from the written types.

use serde_json::{Value, json};

use crate::manifest::written::{Definitions, Manifest, Shape};

/// The schema's identifier.
pub const ID: &str = "dvpack.v1.schema.json";

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Definitions::new();
    Manifest::schema(&mut definitions);
    let mut root = definitions.remove("Manifest").unwrap_or_default();
    if let Some(object) = root.as_object_mut() {
        object.shift_insert(0, "$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.shift_insert(1, "$id".into(), json!(ID));
        object.shift_insert(2, "title".into(), json!("dvpack manifest"));
        object.insert("$defs".into(), json!(definitions));
    }
    root
}

/// The schema as it is committed.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", schema())
}
