//! The JSON Schema (draft 2020-12) of the manifest, made from the written types.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::manifest::package::Manifest;
use crate::yaml::shape::{Definitions, Shape};
use crate::yaml::veil::place::Language;

/// The schema's identifier.
pub const ID: &str = "dvpack.v1.schema.json";

/// The manifest's language, for what messages may show.
pub(crate) static LANGUAGE: LazyLock<Language> = LazyLock::new(|| Language::new(schema()));

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Definitions::new();
    Manifest::schema(&mut definitions);
    let mut root = definitions.remove("Manifest").unwrap_or_default();
    if let Some(object) = root.as_object_mut() {
        object.shift_insert(0, "$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.shift_insert(1, "$id".into(), json!(ID));
        object.shift_insert(2, "title".into(), json!("dvpack manifest"));
        object.insert("$defs".into(), json!(definitions));
    }
    root
}

/// The schema as it is committed.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", schema())
}

#[cfg(test)]
mod tests {
    use super::LANGUAGE;
    use crate::yaml::veil::place::Place;

    fn key(word: &str) -> Option<bool> {
        LANGUAGE.key(word)
    }

    /// `.` before a key, `[]` for an item.
    fn takes(path: &str) -> bool {
        let walk = |place: Place, step: &str| if step == "[]" { place.item() } else { place.of_key(step) };
        path.split('/').fold(Place::whole(Some(&LANGUAGE)), walk).takes_value()
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
        assert_eq!(key("activitypointer"), None, "a table that editors propose is a name of the author's");
    }
}
