//! What verbs print with `--format json`: one document, with the number of its form, and the JSON Schema of it.
//!
//! The types are the one source of both. What the number promises stands in `docs/json-output.md`.

pub mod inspect;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::failure::FailureDocument;
use crate::cli::{adopt, build, check, consent, diff, doctor, init, pack, plan, remove, sandbox, sign, status};
use crate::cli::{unpack, verify};
use crate::deploy::report::Report;

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

/// Makes the schema of one document.
type Shape = fn() -> Value;

/// Every verb with a document.
const SCHEMAS: &[(&str, Shape)] = &[
    entry::<init::InitDocument>(),
    entry::<adopt::AdoptDocument>(),
    entry::<check::CheckDocument>(),
    entry::<build::BuildDocument>(),
    entry::<build::RebuildDocument>(),
    entry::<pack::PackDocument>(),
    entry::<unpack::UnpackDocument>(),
    entry::<inspect::InspectDocument>(),
    entry::<diff::DiffDocument>(),
    entry::<verify::VerifyDocument>(),
    entry::<sign::SignDocument>(),
    entry::<plan::PlanDocument>(),
    entry::<Report>(),
    entry::<status::StatusDocument>(),
    entry::<remove::RemoveDocument>(),
    entry::<doctor::DoctorDocument>(),
    entry::<consent::ConsentDocument>(),
    entry::<sandbox::SandboxDocument>(),
];

const fn entry<D: Document>() -> (&'static str, Shape) {
    (D::VERB, shape::<D>)
}

/// The verbs, each once.
pub fn verbs() -> Vec<&'static str> {
    let mut verbs: Vec<_> = SCHEMAS.iter().map(|(verb, _)| *verb).collect();
    verbs.dedup();
    verbs
}

/// The JSON Schema (2020-12) of whatever `verb` prints: its documents, and that of a failure.
pub fn schema(verb: &str) -> Value {
    let mut shapes: Vec<Value> = SCHEMAS.iter().filter(|(of, _)| *of == verb).map(|(_, shape)| shape()).collect();
    shapes.push(of::<FailureDocument>(FailureDocument::FORMAT));
    let mut definitions = serde_json::Map::new();
    for shape in &mut shapes {
        if let Some(Value::Object(own)) = shape.as_object_mut().and_then(|shape| shape.remove("$defs")) {
            definitions.extend(own);
        }
    }
    definitions.sort_keys();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("dvpack.{verb}.output.schema.json"),
        "title": format!("dvpack {verb} --format json"),
        "anyOf": shapes,
        "$defs": definitions,
    })
}

fn shape<D: Document>() -> Value {
    of::<Whole<D>>(D::FORMAT)
}

fn of<T: JsonSchema>(format: u32) -> Value {
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
