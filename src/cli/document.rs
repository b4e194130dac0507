//! What verbs print with `--format json`: one document, with the number of its form, and the JSON Schema of it.
//!
//! The types are the one source of both. `docs/json-output.md` says what the number promises.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Value, json};

use crate::deploy::report::Report;
use crate::secret;

/// What a verb prints.
pub trait Document: Serialize + JsonSchema {
    /// The verb.
    const VERB: &'static str;
    /// The number of the form. It rises when a field goes or means something else.
    const FORMAT: u32 = 1;
    /// Whether the run's page in a pipeline gets the result as well.
    const ON_PAGE: bool = false;

    /// Whether it ended well.
    fn ok(&self) -> bool {
        true
    }
}

impl Document for Report {
    const VERB: &'static str = "apply";

    fn ok(&self) -> bool {
        self.ended_well()
    }
}

/// A document with what every one has.
#[derive(Serialize, JsonSchema)]
struct Whole<T> {
    /// The number of this form; `docs/json-output.md` says what it promises.
    format: u32,
    /// Whether the verb ended well.
    ok: bool,
    #[serde(flatten)]
    body: T,
}

/// The whole document.
pub fn whole<D: Document>(document: &D) -> impl Serialize {
    Whole { format: D::FORMAT, ok: document.ok(), body: document }
}

/// A document as it is written to files, without secrets.
pub fn value(document: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    secret::hide_in(&mut value);
    value
}

/// The JSON Schema (2020-12) of the whole document.
pub fn schema<D: Document>() -> Value {
    schema_of::<Whole<D>>(D::FORMAT)
}

/// The JSON Schema of a type whose field `format` has this number.
pub fn schema_of<T: JsonSchema>(format: u32) -> Value {
    let schema: Schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let mut schema = schema.to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
    }
    open(&mut schema);
    schema["properties"]["format"]["const"] = json!(format);
    schema
}

/// A document may get new fields under its number; types that `bundle.json` shares with it are closed by its own.
fn open(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("additionalProperties") == Some(&Value::Bool(false)) {
                object.shift_remove("additionalProperties");
            }
            object.values_mut().for_each(open);
        }
        Value::Array(list) => list.iter_mut().for_each(open),
        _ => {}
    }
}
