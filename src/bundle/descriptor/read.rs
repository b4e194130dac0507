//! Reads `bundle.json`, and writes it: what is read must be, byte for byte, what is written for it.
//!
//! That refuses in one go what the readers of JSON out there differ on: doubled members, members in another case,
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

/// Reads it; [`super::faults`] then says whether its values are fit.
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
    // The format first: a later one may have any other shape.
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

/// Where a text differs from what dvpack writes for the value that it reads there.
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
mod tests {
    use super::*;
    use crate::bundle::build::tests::built;

    fn text() -> String {
        String::from_utf8(to_bytes(&built().descriptor).expect("JSON")).expect("UTF-8")
    }

    fn refused(from: &str, to: &str) -> String {
        let text = text();
        assert!(text.contains(from), "{text}");
        read(text.replacen(from, to, 1).as_bytes()).expect_err(to).why
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(text().as_bytes()), Ok(built().descriptor));
    }

    #[test]
    fn members_are_known_spelt_right_and_there_once() {
        let unknown = refused("\"format\": 2,", "\"format\": 2,\n  \"ApplicationUser\": {},");
        assert!(unknown.starts_with("`ApplicationUser`: unknown field `ApplicationUser`"), "{unknown}");
        let deep = refused("\"level\": \"Deep\"", "\"level\": \"Deep\",\n          \"Level\": \"Basic\"");
        assert!(deep.starts_with("`roles[0].privileges[1].Level`: unknown field"), "{deep}");
        let twice = refused("\"solutions\": [", "\"roles\": [],\n  \"solutions\": [");
        assert!(twice.contains("duplicate field `roles`"), "{twice}");
        let value = refused("{\n        \"text\": ", "{\n        \"text\": \"a\",\n        \"text\": ");
        assert!(value.starts_with("`settings[0].value"), "{value}");
        let gone = refused("  \"hosts\": [],\n", "");
        assert_eq!(gone, "`hosts`: it is missing; dvpack writes []");
        let null = refused("\"requires\": {}", "\"requires\": {},\n  \"environment\": null");
        assert_eq!(null, "`environment`: it is written where there is nothing to say: leave it out");
    }

    #[test]
    fn each_value_has_one_spelling() {
        let id = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";
        for other in [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}")] {
            let why = refused(&format!("\"id\": \"{id}\""), &format!("\"id\": \"{other}\""));
            assert!(why.starts_with("`roles[0].id`: "), "{why}");
        }
        for (from, to, path) in [
            ("\"templates\": 1", "\"templates\": 1.0", "templates"),
            ("\"templates\": 1", "\"templates\": 1e0", "templates"),
            ("\"templates\": 1", "\"templates\": \"1\"", "templates"),
            ("\"version\": \"1.4.0.0\"", "\"version\": \"1.04.0.0\"", "solutions[0].version"),
            ("\"businessUnit\": \"root\"", "\"businessUnit\": { \"root\": null }", "applicationUser.businessUnit"),
        ] {
            let why = refused(from, to);
            assert!(why.starts_with(&format!("`{path}")), "{why}");
        }
        for (from, to) in [
            ("{\n", "{ \n"),
            ("Contoso & Sons", "Contoso \\u0026 Sons"),
            ("https://api", "https:\\/\\/api"),
            ("\"format\": 2,\n", "\"format\":2,\n"),
            ("\n", "\r\n"),
        ] {
            let why = refused(from, to);
            assert!(why.starts_with("line "), "{why}");
        }
        for (from, to) in [
            ("{\n", "\u{feff}{\n"),
            ("Contoso & Sons", "\\ud800"),
            ("Contoso & Sons", "a\0b"),
            ("Contoso & Sons", "a\tb"),
        ] {
            assert!(!refused(from, to).is_empty());
        }
        assert!(read((text() + " ").as_bytes()).is_err() && read((text() + "{}").as_bytes()).is_err());
        let order = refused("\"format\": 2,\n  \"tool\"", "\"tool\"");
        assert!(order.contains("`format`"), "{order}");
    }

    #[test]
    fn other_formats_say_who_made_them() {
        let of = |format: &str| read(text().replacen("\"format\": 2", format, 1).as_bytes()).expect_err("refused");
        let newer = of("\"format\": 3");
        assert!(newer.why.contains("made by a newer dvpack") && newer.help == "use a newer dvpack", "{newer:?}");
        let older = of("\"format\": 1");
        assert!(older.why.contains("older, unreleased dvpack") && older.help == "build it again", "{older:?}");
        for no in ["\"format\": \"2\"", "\"format\": 2.5", "\"format\": -2", "\"Format\": 2"] {
            assert!(of(no).why.starts_with("`format`: it is missing"), "{no}");
        }
        // Twice, with another value: not whichever of the two a reader takes.
        assert!(read(text().replacen("\"format\": 2", "\"format\": 9,\n  \"format\": 2", 1).as_bytes()).is_err());
    }

    #[test]
    fn deep_and_large_texts_are_refused() {
        let deep = refused("\"templates\": 1,", &format!("\"x\": {}{},", "[".repeat(200), "]".repeat(200)));
        assert!(deep.contains("recursion limit exceeded"), "{deep}");
        let mut bytes = text().into_bytes();
        bytes.resize(LIMIT + 1, b' ');
        assert_eq!(read(&bytes).expect_err("refused").why, "it has more than 16777216 bytes");
    }
}
