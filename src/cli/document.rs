//! What verbs print with `--format json`: one document, with the number of its form, and the JSON Schema of it.
//!
//! The types are the one source of both. `docs/json-output.md` says what the number promises.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::secret;

/// What a verb prints.
pub trait Document: Serialize + JsonSchema {
    /// The verb.
    const VERB: &'static str;
    /// The number of the form. It rises when a field goes or means something else.
    const FORMAT: u32 = 1;
    /// Whether the run's page in a pipeline gets the result as well.
    const ON_PAGE: bool = false;

    /// How the verb ended.
    fn ending(&self) -> Ending {
        Ending::default()
    }
}

/// How a verb ended: what every document says of it.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The exit code.
    pub exit: Exit,
    /// One line. It is printed where the verb did not end well.
    pub message: String,
    /// What to do then, one line each.
    pub help: Vec<String>,
}

impl Default for Ending {
    fn default() -> Self {
        Self::of(Exit::Done, "")
    }
}

impl Ending {
    /// With this code, and this to say.
    pub fn of(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: Vec::new() }
    }

    /// With this failure.
    pub fn failed(failure: &Failure) -> Self {
        Self { exit: failure.exit, message: failure.summary(), help: failure.help.clone() }
    }

    /// With what to do.
    #[must_use]
    pub fn help(self, help: Vec<String>) -> Self {
        Self { help, ..self }
    }

    fn is_well(&self) -> bool {
        matches!(self.exit, Exit::Done | Exit::Pending)
    }
}

/// A document with what every one has.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Whole<T> {
    /// The number of this form; `docs/json-output.md` says what it promises.
    format: u32,
    /// Whether the verb ended well.
    ok: bool,
    /// The exit code.
    exit_code: u8,
    /// What is wrong, in one line; only where `ok` is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// What to do, one line each; only where `ok` is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Vec<String>>,
    #[serde(flatten)]
    body: T,
}

/// The whole document.
pub fn whole<D: Document>(document: &D) -> impl Serialize {
    let ending = document.ending();
    let (ok, exit_code) = (ending.is_well(), ending.exit.code());
    let (message, help) = if ok { (None, None) } else { (Some(ending.message), Some(ending.help)) };
    Whole { format: D::FORMAT, ok, exit_code, message, help, body: document }
}

/// A document as it is written to files, without secrets.
pub fn value(document: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    secret::hide_in(&mut value);
    value
}

/// The JSON Schema (2020-12) of the whole document.
pub fn schema<D: Document>() -> Value {
    let mut schema = schema_of::<Whole<D>>(D::FORMAT);
    schema["if"] = json!({ "properties": { "ok": { "const": false } } });
    schema["then"] = json!({ "required": ["message", "help"] });
    schema
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
