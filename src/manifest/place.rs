//! A place of the manifest language: what may stand there, by the language's schema.
//!
//! This is what decides whether a message may quote a value: only one that stands where a known key takes a plain value.

use std::sync::LazyLock;

use serde_json::Value;

use crate::manifest::schema;

static SCHEMA: LazyLock<Value> = LazyLock::new(schema::schema);

/// A place.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Of a file in another language, about which nothing is known here.
    Foreign,
    /// What may stand there: parts of the schema, one of which must fit. None: no place of the language.
    Known(Vec<&'static Value>),
}

impl Place {
    /// A whole manifest.
    pub(super) fn manifest() -> Self {
        Self::of([&*SCHEMA])
    }

    /// No references and alternatives are left in it.
    fn of(parts: impl IntoIterator<Item = &'static Value>) -> Self {
        let mut known = Vec::new();
        let mut open: Vec<&Value> = parts.into_iter().collect();
        while let Some(part) = open.pop() {
            let referred = part["$ref"].as_str().and_then(|path| SCHEMA.pointer(path.trim_start_matches('#')));
            let either = ["anyOf", "oneOf"].into_iter().filter_map(|word| part[word].as_array()).flatten();
            open.extend(either.chain(referred));
            known.push(part);
        }
        Self::Known(known)
    }

    fn narrow(&self, step: impl Fn(&'static Value) -> Option<&'static Value>) -> Self {
        match self {
            Self::Foreign => Self::Foreign,
            Self::Known(parts) => Self::of(parts.iter().filter_map(|part| step(part))),
        }
    }

    /// The value of a key.
    pub(super) fn of_key(&self, key: &str) -> Self {
        self.narrow(|part| match &part["properties"][key] {
            Value::Null => {
                // Names of its own may stand there; of some only languages by number.
                let named = part["propertyNames"].is_null() || key.bytes().all(|byte| byte.is_ascii_digit());
                Some(&part["additionalProperties"]).filter(|it| it.is_object() && named)
            }
            known => Some(known),
        })
    }

    /// An item of a list.
    pub(super) fn item(&self) -> Self {
        self.narrow(|part| Some(&part["items"]).filter(|it| it.is_object()))
    }

    /// Whether a single value may stand there.
    pub(super) fn takes_value(&self) -> bool {
        match self {
            Self::Foreign => true,
            Self::Known(parts) => parts.iter().any(|part| takes_value(part)),
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

/// Whether a word is a key of the language, wherever; and whether it takes a single value there.
pub(super) fn key(word: &str) -> Option<bool> {
    static KEYS: LazyLock<std::collections::HashMap<&'static str, bool>> = LazyLock::new(|| {
        let mut keys = std::collections::HashMap::new();
        collect(&SCHEMA, &mut keys);
        keys
    });
    KEYS.get(word).copied()
}

fn collect(part: &'static Value, keys: &mut std::collections::HashMap<&'static str, bool>) {
    match part {
        Value::Object(members) => {
            for (name, value) in members {
                if let (true, Some(named)) = (name == "properties", value.as_object()) {
                    for (key, value) in named {
                        *keys.entry(key).or_default() |= Place::of([value]).takes_value();
                    }
                }
                collect(value, keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` before a key, `[]` for an item.
    fn takes(path: &str) -> bool {
        let walk = |place: Place, step: &str| if step == "[]" { place.item() } else { place.of_key(step) };
        path.split('/').fold(Place::manifest(), walk).takes_value()
    }

    #[test]
    fn a_single_value_belongs_where_the_language_has_one() {
        for path in [
            "dvpack",
            "publisher/name",
            "publisher/displayName/1031",
            "solution/version",
            "solution/languages/[]",
            "roles/[]/grants/account/read",
            "roles/[]/privileges/prvReadUser",
            "roles/[]/privileges/prvReadUser/level",
            "components/environmentVariables/[]/default",
            "components/source/[]",
            "settings/contoso_A",
            "settings/contoso_A/secret/env",
            "environments/uat/url",
            "environments/uat/application/clientId",
        ] {
            assert!(takes(path), "{path}");
        }
        for path in [
            "publisher",
            "publisher/nmae",
            "publisher/displayName/de",
            "publisher/name/x",
            "publisher/name/[]",
            "solution/languages",
            "foo",
            "foo/bar",
            "roles/[]/grants/account",
            "settings",
            "settings/contoso_A/secret",
            "environments/uat",
            "environments/uat/contoso_A",
        ] {
            assert!(!takes(path), "{path}");
        }
        assert!(Place::Foreign.of_key("x").item().takes_value());
    }

    #[test]
    fn keys_are_known_by_their_words() {
        assert_eq!((key("clientId"), key("publisher"), key("nmae")), (Some(true), Some(false), None));
    }
}
