//! JSON parts of a solution: one reader for all who look into them, as strict as all readers together.
//!
//! Readers differ on members that are there twice (the first, the last, an error), on names that differ in case only
//! (Newtonsoft.Json and PowerShell pass over case), on byte order marks, other encodings, comments and text behind the
//! document. RFC 8259, sections 4, 8.1 and 8.2, leaves all of this open.

mod node;
mod shape;

use serde_json::Value;

use node::{Node, shown};
use shape::is_at;
pub use shape::{ANY, API, CONNECTIONS, FLOW, LIST, OLDER_VALUES, Place, Shape, VALUES};

/// What a text says, and what readers could take in different ways.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What it says; of two members of one name the last.
    pub value: Value,
    /// Whether it is written as UTF-8 without a byte order mark.
    pub is_plain: bool,
    /// Members on which readers differ, in words: the first 50.
    pub ambiguous: Vec<String>,
}

/// Why a text is no JSON, as the strictest readers take it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoJson {
    /// In words.
    pub why: String,
    /// Line and column, where they are known.
    pub at: Option<(usize, usize)>,
}

/// How many values and members a document may have: each takes some 200 bytes of memory, and a small zip inflates to
/// millions of them. No JSON part of the real solutions at hand has 200,000 bytes.
pub const MOST_VALUES: u32 = 250_000;

/// How many bytes the name of a member may take: readers repeat it for what is inside. The longest of real packages has 101.
pub const LONGEST_MEMBER: usize = 1_000;

impl Document {
    /// Reads a part of this shape.
    ///
    /// # Errors
    /// [`NoJson`] if a strict reader would refuse it.
    pub fn read(bytes: &[u8], shape: Shape) -> Result<Self, NoJson> {
        let (text, is_plain) = decode(bytes)?;
        if values(text.as_bytes()) > MOST_VALUES {
            return Err(NoJson { why: format!("it has more than {MOST_VALUES} values and members"), at: None });
        }
        let node: Node = serde_json::from_str(&text).map_err(|error| NoJson {
            why: format!("it is not JSON: {}", words(&error)),
            at: Some((error.line(), error.column().max(1))),
        })?;
        let mut ambiguous = Vec::new();
        let value = node.value(&mut Vec::new(), shape, &mut ambiguous);
        Ok(Self { value, is_plain, ambiguous })
    }

    /// The first member that this shape does not name, where a shape names all that there are.
    #[must_use]
    pub fn beyond(&self, shape: Shape) -> Option<String> {
        beyond(&self.value, &mut Vec::new(), shape)
    }

    /// The same text as UTF-8 without a byte order mark.
    ///
    /// # Errors
    /// [`NoJson`] if it is not text.
    pub fn plain(bytes: &[u8]) -> Result<Vec<u8>, NoJson> {
        decode(bytes).map(|(text, _)| text.into_bytes())
    }
}

/// What a part says, for those who only look something up in it; nothing where it cannot be read, which the strict
/// profile reports.
#[must_use]
pub fn value(bytes: &[u8]) -> Value {
    Document::read(bytes, ANY).map(|document| document.value).unwrap_or_default()
}

/// Whether a text begins as a JSON object does, in whatever encoding.
#[must_use]
pub fn is_object(bytes: &[u8]) -> bool {
    first(bytes) == Some(b'{')
}

fn first(bytes: &[u8]) -> Option<u8> {
    let is_before = |byte: &u8| matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe | b' ' | b'\t' | b'\r' | b'\n');
    bytes.iter().copied().find(|byte| !is_before(byte))
}

/// Whether a text begins as a JSON object or list does, in whatever encoding.
#[must_use]
pub fn may_be(bytes: &[u8]) -> bool {
    matches!(first(bytes), Some(b'{' | b'['))
}

/// How large a document is, found before it takes any memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// About how many values and members it has.
    pub values: u32,
    /// How many bytes the longest name of a member takes, as it is written.
    pub longest_member: usize,
}

/// How large a document is, in whatever encoding.
#[must_use]
pub fn measure(bytes: &[u8]) -> Measure {
    decode(bytes).map_or_else(|_| Measure::default(), |(text, _)| measure_of(text.as_bytes()))
}

/// About how many values and members a document in UTF-8 has.
#[must_use]
pub fn values(text: &[u8]) -> u32 {
    measure_of(text).values
}

/// Each value and member but the first stands behind one of these characters. What stands in texts does not count.
fn measure_of(text: &[u8]) -> Measure {
    let mut found = Measure { values: 1, longest_member: 0 };
    let (mut in_text, mut is_escaped, mut start, mut length) = (false, false, 0, 0);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'\\' if in_text && !is_escaped => {
                is_escaped = true;
                continue;
            }
            b'"' if !is_escaped => {
                (start, length) = (at + 1, at.saturating_sub(start));
                in_text = !in_text;
            }
            b',' | b':' | b'[' | b'{' if !in_text => {
                found.values = found.values.saturating_add(1);
                if *byte == b':' {
                    found.longest_member = found.longest_member.max(length);
                }
            }
            _ => {}
        }
        is_escaped = false;
    }
    found
}

/// The message without the position, which stands beside it.
fn words(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or_else(|| message.clone(), |(words, _)| words.to_owned())
}

/// The text, and whether it is UTF-8 without a mark.
fn decode(bytes: &[u8]) -> Result<(String, bool), NoJson> {
    let refuse = |why: &str| NoJson { why: why.to_owned(), at: None };
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        let text = String::from_utf16(&units).ok().filter(|_| rest.len().is_multiple_of(2));
        text.ok_or_else(|| refuse("it is not UTF-16 text, and begins like it"))
    };
    let (text, is_plain) = match bytes {
        [0xff, 0xfe, rest @ ..] => (wide(rest, u16::from_le_bytes)?, false),
        [0xfe, 0xff, rest @ ..] => (wide(rest, u16::from_be_bytes)?, false),
        _ => {
            let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = String::from_utf8(rest.to_vec()).map_err(|error| {
                refuse(&format!("it is not UTF-8 text (byte {})", error.utf8_error().valid_up_to()))
            })?;
            (text, rest.len() == bytes.len())
        }
    };
    if text.starts_with('\u{feff}') { Err(refuse("it begins with two byte order marks")) } else { Ok((text, is_plain)) }
}

fn beyond(value: &Value, path: &mut Vec<String>, shape: Shape) -> Option<String> {
    let known = shape.iter().find(|(place, _)| is_at(place, path)).map(|(_, known)| *known);
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    inside.into_iter().find_map(|(name, inner)| {
        let is_named = value.is_array() || known.is_some_and(|known| known.contains(&name.as_str()));
        path.push(name);
        let found = if is_named { beyond(inner, path, shape) } else { Some(shown(path.iter().map(String::as_str))) };
        path.pop();
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn a_document_that_all_readers_read_alike_is_plain() {
        for good in [
            r#"{"properties":{"connectionReferences":{"a":{"api":{"name":"b"}}}}}"#,
            r#"{"properties":{"definition":{"actions":{"x":{"inputs":{"schema":{"properties":{"ID":1,"Id":2}}}}}}}}"#,
            " [1, 2.5, null, true, \"\\u00e4\"]\r\n",
        ] {
            let read = Document::read(good.as_bytes(), FLOW).expect(good);
            assert!(read.is_plain && read.ambiguous.is_empty(), "{good}: {read:?}");
            assert_eq!(read.value, serde_json::from_str::<Value>(good).expect("JSON"));
        }
    }

    #[test]
    fn another_encoding_is_read_and_is_not_plain() {
        for bytes in [b"\xef\xbb\xbf{\"a\":1}".to_vec(), utf16("{\"a\":1}")] {
            let read = Document::read(&bytes, ANY).expect("read");
            assert!(!read.is_plain);
            assert_eq!(read.value["a"], 1);
            assert_eq!(Document::plain(&bytes).as_deref(), Ok(&b"{\"a\":1}"[..]));
        }
    }

    #[test]
    fn a_document_of_too_many_values_is_refused_in_any_encoding() {
        let list = |count: u32| format!("{{\"\u{2205}\\\"\":[{}0]}}", "0,".repeat(count as usize));
        for count in [MOST_VALUES - 10, MOST_VALUES + 10] {
            let text = list(count);
            for bytes in [text.clone().into_bytes(), utf16(&text), format!("\u{feff}{text}").into_bytes()] {
                assert_eq!(Document::read(&bytes, ANY).is_ok(), count < MOST_VALUES, "{count}");
                assert!(super::measure(&bytes).values.abs_diff(count) < 10);
            }
        }
    }

    #[test]
    fn what_some_readers_refuse_is_no_json() {
        for bad in [
            "",
            "{",
            "{} x",
            "{}{}",
            "{\"a\":1,}",
            "// c\n{}",
            "{'a':1}",
            "{\"a\":NaN}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":01}",
            "\u{feff}\u{feff}{}",
            "{\"a\":\"\t\"}",
            "{\"a\":1e999}",
        ] {
            assert!(Document::read(bad.as_bytes(), ANY).is_err(), "{bad:?}");
        }
        assert!(Document::read(b"{\"a\":\"\xe4\"}", ANY).is_err());
        assert!(Document::read(&utf16("{}")[..5], ANY).is_err());
        assert!(Document::read("[".repeat(5000).as_bytes(), ANY).is_err());
        let error = Document::read(b"{\n \"a\": 1,\n}", ANY).expect_err("a comma too many");
        assert_eq!(error.at, Some((3, 1)));
    }

    #[test]
    fn a_document_is_measured_before_it_is_read() {
        let of = |text: &str| (measure(text.as_bytes()).values, measure(text.as_bytes()).longest_member);
        assert_eq!(of(r#"{"a":"bcdefgh","ij" : [1,2]}"#), (7, 2));
        assert_eq!(of(r#"{"a\"bc:,":{}}"#), (4, 7));
        assert_eq!(measure(&utf16(r#"{"abc":1}"#)).longest_member, 3);
    }

    #[test]
    fn members_that_readers_take_for_one_are_named() {
        let found = |text: &str, shape: Shape| Document::read(text.as_bytes(), shape).expect(text).ambiguous;
        assert_eq!(found(r#"{"a":{"b":1,"b":2}}"#, ANY), ["`a.b` is there twice"]);
        assert_eq!(found(r#"[{"a":1,"\u0061":2}]"#, ANY), ["`0.a` is there twice"]);
        assert_eq!(found(r#"{"Properties":{}}"#, FLOW), ["`Properties` is spelled `properties`"]);
        assert_eq!(
            found(r#"{"properties":{"connectionReferences":{},"ConnectionReferences":{}}}"#, FLOW),
            ["`properties.ConnectionReferences` is spelled `connectionReferences`"]
        );
        assert_eq!(
            found(r#"{"properties":{"connectionReferences":{"a":{},"A":{}}}}"#, FLOW),
            ["`properties.connectionReferences.A` is there in another case, too"]
        );
        let host = r#"{"properties":{"definition":{"actions":{"x":{"inputs":{"host":{"ApiId":"b"}}}}}}}"#;
        assert_eq!(found(host, FLOW), ["`properties.definition.actions.x.inputs.host.ApiId` is spelled `apiId`"]);
        let values = r#"{"environmentvariablevalues":{"environmentvariablevalue":{"value":"a","Value":"b"}}}"#;
        assert_eq!(
            found(values, VALUES),
            ["`environmentvariablevalues.environmentvariablevalue.Value` is spelled `value`"]
        );
        assert_eq!(found(r#"{"A":1,"a":2}"#, ANY), [""; 0]);
    }
}
