//! Every verb that prints a document with `--format json`, and the JSON Schema of what it prints.

use serde_json::{Value, json};

use crate::cli::document::{self, Document};
use crate::cli::failure::FailureDocument;
use crate::cli::{
    adopt, apply, build, check, consent, diff, doctor, init, inspect, pack, plan, remove, sandbox, sign, status,
};
use crate::cli::{unpack, verify};

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
    entry::<inspect::document::InspectDocument>(),
    entry::<diff::DiffDocument>(),
    entry::<verify::VerifyDocument>(),
    entry::<sign::SignDocument>(),
    entry::<plan::PlanDocument>(),
    entry::<apply::ApplyDocument>(),
    entry::<status::StatusDocument>(),
    entry::<remove::RemoveDocument>(),
    entry::<doctor::DoctorDocument>(),
    entry::<consent::ConsentDocument>(),
    entry::<sandbox::SandboxDocument>(),
];

const fn entry<D: Document>() -> (&'static str, Shape) {
    (D::VERB, document::schema::<D>)
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
    shapes.push(document::schema_of::<FailureDocument>(FailureDocument::FORMAT));
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
