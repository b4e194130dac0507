//! YAML that dvpack writes for people: values with their style, which `serde_yaml` formats. The caller writes the
//! comments. What is written here, `yaml::parse` reads back as the same texts.

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_yaml::{DoubleQuoted, FlowMap, FlowSeq, SerializerOptions, ser_options};

/// A value, and how it is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Flag(bool),
    /// A whole number.
    Number(u32),
    /// Text: plain where every reader reads it as text, a block where it has several lines, otherwise in quotes.
    Text(String),
    /// Text in double quotes, on one line.
    Quoted(String),
    /// A list with one item per line.
    List(Vec<Value>),
    /// A list on one line: `[a, b]`.
    InlineList(Vec<Value>),
    /// A mapping with one key per line.
    Map(Vec<(String, Value)>),
    /// A mapping on one line: `{a: 1, b: 2}`.
    InlineMap(Vec<(String, Value)>),
}

impl Value {
    /// A mapping with one key per line.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A mapping on one line.
    pub fn inline_map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::InlineMap(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// One key and its value: a part of a document that has comments between its parts.
#[must_use]
pub fn section(key: &str, value: Value) -> String {
    document(&Value::map([(key, value)]))
}

/// A text on one line, for a place in a template.
#[must_use]
pub fn scalar(text: &str) -> String {
    // Inside a list in brackets, so that it is right in brackets and braces, too.
    let list = document(&Value::InlineList(vec![Value::text(text)]));
    let list = list.trim_end();
    list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(list).to_owned()
}

/// A whole document.
#[must_use]
pub fn document(value: &Value) -> String {
    let options: SerializerOptions = ser_options! {
        compact_list_indent: false,
        // No text is folded: a line of the text is a line of the page.
        folded_wrap_chars: usize::MAX,
    };
    // Only a writer or a value can fail; a `String` and a `Value` do not.
    serde_yaml::to_string_with_options(value, options).expect("a value written to a string")
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Quoted(text) => DoubleQuoted(text.as_str()).serialize(serializer),
            Self::List(items) => Items(items).serialize(serializer),
            Self::InlineList(items) => FlowSeq(Items(items)).serialize(serializer),
            Self::Map(entries) => Entries(entries).serialize(serializer),
            Self::InlineMap(entries) => FlowMap(Entries(entries)).serialize(serializer),
        }
    }
}

struct Items<'a>(&'a [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        self.0.iter().try_for_each(|item| list.serialize_element(item))?;
        list.end()
    }
}

struct Entries<'a>(&'a [(String, Value)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            // A language code is written without quotes, as people write it; a key is read as text either way.
            match key.parse::<u32>().ok().filter(|number| number.to_string() == *key) {
                Some(number) => map.serialize_entry(&number, value)?,
                None => map.serialize_entry(key, value)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Source;
    use crate::yaml::node::{Content, Node};
    use crate::yaml::parse::parse;

    fn text(text: &str) -> Value {
        Value::text(text)
    }

    /// What the manifest's own reader finds, with every scalar as text.
    fn read(node: &Node) -> Value {
        match &node.content {
            Content::Scalar(scalar) => text(&scalar.text),
            Content::Sequence(items) => Value::List(items.iter().map(read).collect()),
            Content::Mapping(entries) => {
                Value::Map(entries.iter().map(|it| (it.key.clone(), read(&it.value))).collect())
            }
            Content::Refused => panic!("refused"),
        }
    }

    fn read_back(written: &str) -> Value {
        let mut findings = Vec::new();
        let node = parse(&Source::new("written.yaml", written), None, &mut findings);
        assert!(findings.is_empty(), "{written}: {findings:?}");
        read(&node.expect("a document"))
    }

    /// The value without styles, as the reader returns it.
    fn plain(value: &Value) -> Value {
        match value {
            Value::Null => text("null"),
            Value::Flag(flag) => text(&flag.to_string()),
            Value::Number(number) => text(&number.to_string()),
            Value::Text(it) | Value::Quoted(it) => text(it),
            Value::List(items) | Value::InlineList(items) => Value::List(items.iter().map(plain).collect()),
            Value::Map(entries) | Value::InlineMap(entries) => {
                Value::Map(entries.iter().map(|(key, value)| (key.clone(), plain(value))).collect())
            }
        }
    }

    #[test]
    fn writes_what_a_person_would_write() {
        let role = Value::map([
            ("name", text("Contoso: Widgets")),
            ("description", text("The first line.\nThe second line.")),
            (
                "grants",
                Value::map([(
                    "account",
                    Value::inline_map([("read", text("organization")), ("appendTo", text("organization"))]),
                )]),
            ),
        ]);
        let written = document(&Value::map([
            ("version", text("1.4.0.0")),
            ("name", Value::inline_map([("1033", text("Widgets, all of them")), ("1031", text("yes"))])),
            ("website", text("https://contoso.com/#start")),
            ("required", Value::Flag(true)),
            ("xml", Value::inline_map([("@id", text("01")), ("gone", Value::Null)])),
            ("roles", Value::List(vec![role])),
            ("languages", Value::InlineList(vec![Value::Number(1033), Value::Number(1031)])),
            ("found", Value::Quoted("assigned".into())),
        ]));
        insta::assert_snapshot!(written);
    }

    #[test]
    fn a_text_for_a_template_is_right_in_brackets_too() {
        for it in ["Contoso Widgets", "a, b", "[x]", "yes", "1.0", "", "a: b", "two\nlines", "# no comment", "]"] {
            let one = scalar(it);
            assert!(!one.contains('\n'), "{one}");
            for written in [format!("a: {one}\n"), format!("a: [{one}]\n")] {
                let found = read_back(&written);
                let Value::Map(entries) = found else { panic!("{written}") };
                let value =
                    if let Value::List(items) = &entries[0].1 { items[0].clone() } else { entries[0].1.clone() };
                assert_eq!(value, text(it), "{written}");
            }
        }
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~\u{a0}-\u{17f}]{0,40}",
            "([-?:,\\[\\]{}#&*!|>'\"%@` \\n\\t\\r]|[a-z0-9.]){0,20}",
            "[a-z :#-]{60,200}",
            any::<String>(),
            prop_oneof![
                Just("null"),
                Just("~"),
                Just("0x1F"),
                Just("12:30"),
                Just("No"),
                Just("1e3"),
                Just("2026-01-01")
            ]
            .prop_map(str::to_owned),
        ]
    }

    fn keys() -> impl Strategy<Value = String> {
        prop_oneof!["[a-zA-Z_@#.-]{1,12}", "[1-9][0-9]{3}", "[ -~]{1,20}"].prop_filter("a merge key", |it| it != "<<")
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            texts().prop_map(Value::Text),
            texts().prop_map(Value::Quoted),
            any::<u32>().prop_map(Value::Number),
            any::<bool>().prop_map(Value::Flag),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let entries = proptest::collection::btree_map(keys(), inner.clone(), 1..4)
                .prop_map(|map| map.into_iter().collect::<Vec<_>>())
                .boxed();
            prop_oneof![
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Value::List),
                proptest::collection::vec(inner, 1..4).prop_map(Value::InlineList),
                entries.clone().prop_map(Value::Map),
                entries.prop_map(Value::InlineMap),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_that_is_written_is_read_back(value in values()) {
            let written = section("key", value.clone());
            prop_assert_eq!(read_back(&written), Value::Map(vec![("key".into(), plain(&value))]), "{}", written);
        }
    }
}
