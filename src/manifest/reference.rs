//! `docs/manifest.md`: the reference for people, made from the JSON Schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The reference as Markdown.
#[must_use]
pub fn reference(schema: &Value) -> String {
    let mut text = String::from(PREFACE);
    section(&mut text, "Manifest", schema);
    if let Some(definitions) = schema["$defs"].as_object() {
        for (name, definition) in definitions.iter().filter(|(name, _)| !name.ends_with("Overlay")) {
            section(&mut text, name, definition);
        }
    }
    text.push_str(include_str!("../../manifests/schema/reference_notes.md"));
    text
}

const PREFACE: &str = "# Manifest reference

<!-- Generated from the JSON Schema: `DVPACK_UPDATE=1 cargo test --test it schema` rewrites it. -->

A manifest is a file `dvpack.yaml`. `dvpack check` reports every mistake in it; `dvpack schema` prints the JSON Schema for editors.
Keys in **bold** are required. How the parts work together is explained below the tables.
";

fn section(text: &mut String, name: &str, schema: &Value) {
    let _ = write!(text, "\n## {name}\n\n{}\n", schema["description"].as_str().unwrap_or_default());
    if schema["properties"].is_object() {
        text.push_str("\n| key | value | meaning |\n|---|---|---|\n");
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let empty = Map::new();
    for (key, property) in schema["properties"].as_object().unwrap_or(&empty) {
        let key = if required.contains(&key.as_str()) { format!("**`{key}`**") } else { format!("`{key}`") };
        let meaning = property["description"].as_str().unwrap_or_default().replace('|', "\\|");
        let _ = writeln!(text, "| {key} | {} | {meaning} |", kind(property));
    }
}

fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = name.trim_end_matches("Overlay");
        let link = format!("[{name}](#{})", name.to_lowercase());
        return schema["examples"][0]
            .as_str()
            .map_or_else(|| link.clone(), |example| format!("{link}, such as `{example}`"));
    }
    if let Some(options) = schema["anyOf"].as_array() {
        return options.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    if schema.get("items").is_some() {
        return format!("list of {}", kind(&schema["items"]));
    }
    if schema["additionalProperties"].is_object() {
        return format!("by name: {}", kind(&schema["additionalProperties"]));
    }
    if let Some(properties) = schema["properties"].as_object() {
        return properties.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    }
    match schema["examples"][0].clone() {
        Value::Null => schema["type"].as_str().unwrap_or("text").to_owned(),
        Value::String(example) => format!("`{example}`"),
        example => format!("`{example}`"),
    }
}
