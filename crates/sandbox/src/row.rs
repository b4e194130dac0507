//! Rows of tables: plain JSON objects, and the identifiers that are made of texts.

use serde_json::Value;
use uuid::Uuid;

const NAMES: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_00ff);

/// The columns of a row, by name.
pub(super) type Row = serde_json::Map<String, Value>;

/// The time now, as the Web API writes it.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An identifier made of a text: the same for the same text.
pub(super) fn named(text: &str) -> Uuid {
    Uuid::new_v5(&NAMES, text.as_bytes())
}

/// Builds a row of a JSON object.
pub(super) fn row(value: Value) -> Row {
    match value {
        Value::Object(map) => map,
        _ => Row::new(),
    }
}

/// The text at a column, or nothing.
pub(super) fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// The identifier at a column.
pub(super) fn id(row: &Row, column: &str) -> Option<Uuid> {
    row.get(column).and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok())
}
