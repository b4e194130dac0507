//! What an `.msapp` file says about its app. It is a zip with `\` between folders, so it is read with
//! the tolerant reader, and only four small entries of it, none of them written anywhere.
//!
//! Facts: the public reader of the format (`Header.json`: `LastSavedDateTimeUTC`; `Properties.json`:
//! `Name`, `DocumentLayout…`, `LocalConnectionReferences`, `LocalDatabaseReferences`;
//! `Resources/PublishInfo.json`: `AppName`, `BackgroundColor`, `LogoFileName`). Files differ by age, so
//! what is missing is simply not known.

use std::io::{Cursor, Read};

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use crate::solution::json;

const LIMIT: u64 = 16 * 1024 * 1024;

/// What was found.
pub(super) struct Msapp {
    /// `Properties.json`, and what only the other two have.
    facts: Map<String, Value>,
    /// The logo, if there is one.
    pub logo: Option<Vec<u8>>,
}

/// Reads the four entries; the error says why it is not an `.msapp` file.
pub(super) fn read(bytes: &[u8]) -> Result<Msapp, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| "it is not a zip".to_owned())?;
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(std::borrow::Cow::into_owned).collect();
    let mut entry = |wanted: &str| -> Option<Vec<u8>> {
        let same = |name: &&String| name.replace('\\', "/").trim_start_matches('/').eq_ignore_ascii_case(wanted);
        let mut content = Vec::new();
        archive.by_name(names.iter().find(same)?).ok()?.take(LIMIT).read_to_end(&mut content).ok()?;
        Some(content)
    };
    let mut facts = Map::new();
    let mut found = 0;
    for name in ["Properties.json", "Header.json", "Resources/PublishInfo.json"] {
        let Some(content) = entry(name) else { continue };
        let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
        if json::values(text) > json::MOST_VALUES {
            return Err(format!("`{name}` has more than {} values and members", json::MOST_VALUES));
        }
        let value: Value = serde_json::from_slice(text).map_err(|error| format!("`{name}` is not JSON: {error}"))?;
        if let Value::Object(map) = value {
            found += 1;
            for (name, value) in map {
                facts.entry(name).or_insert(value);
            }
        }
    }
    if found == 0 {
        return Err("it contains neither `Header.json` nor `Properties.json`".to_owned());
    }
    let logo = facts.get("LogoFileName").and_then(Value::as_str).filter(|name| !name.is_empty());
    let logo = logo.and_then(|name| entry(&format!("Resources/{name}")));
    Ok(Msapp { facts, logo })
}

impl Msapp {
    /// A text that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.facts.get(name)?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// The app's name.
    pub fn name(&self) -> Option<&str> {
        self.text("AppName").or_else(|| self.text("Name").filter(|name| !name.to_lowercase().ends_with(".msapp")))
    }

    /// A number as whole number text.
    pub fn number(&self, name: &str) -> Option<String> {
        let number = self.facts.get(name)?.as_f64().filter(|it| (1.0..=100_000.0).contains(it))?;
        Some(format!("{}", number.round()))
    }

    /// Whether a flag is set.
    pub fn flag(&self, name: &str) -> bool {
        self.facts.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// JSON, either as such or inside a text; otherwise an empty object.
    pub fn json(&self, name: &str) -> Value {
        let value = match self.facts.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(value) => value.clone(),
            None => Value::Null,
        };
        if value.is_object() { value } else { Value::Object(Map::new()) }
    }

    /// When it was saved, in the form of exports.
    pub fn saved(&self) -> Option<String> {
        let text = self.text("LastSavedDateTimeUTC")?;
        let time = DateTime::strptime("%m/%d/%Y %H:%M:%S", text)
            .or_else(|_| text.trim_end_matches('Z').parse::<DateTime>())
            .ok()?;
        Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn msapp(header: &str) -> Msapp {
        let facts = serde_json::from_str(header).expect("JSON");
        Msapp { facts, logo: None }
    }

    #[test]
    fn the_time_of_saving_is_read_in_both_forms() {
        let saved = |text: &str| msapp(&format!(r#"{{"LastSavedDateTimeUTC":"{text}"}}"#)).saved();
        assert_eq!(saved("03/10/2026 08:01:02").as_deref(), Some("2026-03-10T08:01:02Z"));
        assert_eq!(saved("2026-03-10T08:01:02Z").as_deref(), Some("2026-03-10T08:01:02Z"));
        assert_eq!(saved("yesterday"), None);
    }

    #[test]
    fn references_are_json_in_a_text() {
        let msapp = msapp(r#"{"LocalDatabaseReferences":"{\"default.cds\":{}}","LocalConnectionReferences":""}"#);
        assert_eq!(msapp.json("LocalDatabaseReferences").to_string(), r#"{"default.cds":{}}"#);
        assert_eq!(msapp.json("LocalConnectionReferences").to_string(), "{}");
    }
}
