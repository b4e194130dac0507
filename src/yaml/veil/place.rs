//! A place of a language: what may be there, by the language's JSON Schema.
//!
//! This decides whether a message may quote a value: only if it is the plain value of a known key.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::Value;

/// A language, as its JSON Schema describes it.
#[derive(Debug)]
pub struct Language {
    schema: Value,
    /// Its keys, and whether each takes a single value anywhere.
    keys: OnceLock<HashMap<&'static str, bool>>,
}

impl Language {
    /// The language of a schema.
    #[must_use]
    pub const fn new(schema: Value) -> Self {
        Self { schema, keys: OnceLock::new() }
    }

    /// Whether a word is a key anywhere in the language, and whether it takes a single value there.
    pub(crate) fn key(&'static self, word: &str) -> Option<bool> {
        let keys = self.keys.get_or_init(|| {
            let mut keys = HashMap::new();
            self.collect(&self.schema, &mut keys);
            keys
        });
        keys.get(word).copied()
    }

    fn collect(&'static self, part: &'static Value, keys: &mut HashMap<&'static str, bool>) {
        match part {
            Value::Object(members) => {
                for (name, value) in members {
                    // Where the author chooses the keys, the schema only proposes some.
                    let fixed = !part["additionalProperties"].is_object();
                    if let (true, Some(named)) = (fixed && name == "properties", value.as_object()) {
                        for (key, value) in named {
                            *keys.entry(key).or_default() |= Place::of(self, [value]).takes_value();
                        }
                    }
                    self.collect(value, keys);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, keys)),
            _ => {}
        }
    }
}

/// A place.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In a file of another language, about which nothing is known here.
    Foreign,
    /// What may be there: parts of the schema, one of which must fit. None: the place is not in the language.
    Known(&'static Language, Vec<&'static Value>),
}

impl Place {
    /// A whole document.
    pub(crate) fn whole(language: Option<&'static Language>) -> Self {
        language.map_or(Self::Foreign, |language| Self::of(language, [&language.schema]))
    }

    /// No references and alternatives are left in it.
    fn of(language: &'static Language, parts: impl IntoIterator<Item = &'static Value>) -> Self {
        let mut known = Vec::new();
        let mut open: Vec<&Value> = parts.into_iter().collect();
        while let Some(part) = open.pop() {
            let referred = part["$ref"].as_str().and_then(|path| language.schema.pointer(path.trim_start_matches('#')));
            let either = ["anyOf", "oneOf"].into_iter().filter_map(|word| part[word].as_array()).flatten();
            open.extend(either.chain(referred));
            known.push(part);
        }
        Self::Known(language, known)
    }

    fn narrow(&self, step: impl Fn(&'static Value) -> Option<&'static Value>) -> Self {
        match self {
            Self::Foreign => Self::Foreign,
            Self::Known(language, parts) => Self::of(language, parts.iter().filter_map(|part| step(part))),
        }
    }

    /// The value of a key.
    pub(crate) fn of_key(&self, key: &str) -> Self {
        self.narrow(|part| match &part["properties"][key] {
            Value::Null => {
                // The author chooses these names; some of them must be language codes.
                let named = part["propertyNames"].is_null() || key.bytes().all(|byte| byte.is_ascii_digit());
                Some(&part["additionalProperties"]).filter(|it| it.is_object() && named)
            }
            known => Some(known),
        })
    }

    /// An item of a list.
    pub(crate) fn item(&self) -> Self {
        self.narrow(|part| Some(&part["items"]).filter(|it| it.is_object()))
    }

    /// Whether a single value may be there.
    pub(crate) fn takes_value(&self) -> bool {
        match self {
            Self::Foreign => true,
            Self::Known(_, parts) => parts.iter().any(|part| takes_value(part)),
        }
    }
}

fn takes_value(part: &Value) -> bool {
    let single = |kind: &Value| matches!(kind.as_str(), Some("string" | "number" | "integer" | "boolean"));
    let kinds = &part["type"];
    single(kinds)
        || kinds.as_array().is_some_and(|kinds| kinds.iter().any(single))
        || ["enum", "const"].into_iter().any(|word| !part[word].is_null())
}
