//! Tolerant reading of JSON rows.

use serde_json::Value;
use uuid::Uuid;

use crate::dataverse::error::clean;

/// A JSON object from the service; every member may be absent.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a>(pub &'a Value);

impl<'a> Row<'a> {
    /// A text, without control characters. Empty counts as absent.
    #[must_use]
    pub fn text(self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(clean).filter(|text| !text.is_empty())
    }

    /// A text as it is, such as a stored value.
    #[must_use]
    pub fn raw(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// A GUID.
    #[must_use]
    pub fn id(self, name: &str) -> Option<Uuid> {
        Uuid::parse_str(self.0.get(name)?.as_str()?).ok()
    }

    /// A truth value.
    #[must_use]
    pub fn flag(self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// A whole number.
    #[must_use]
    pub fn number(self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// Whether the row says that it is inactive. 1 is Inactive of every table that is read for it.
    #[must_use]
    pub fn is_inactive(self) -> bool {
        self.number("statecode") == Some(1)
    }

    /// A member that is an object.
    #[must_use]
    pub fn object(self, name: &str) -> Option<Self> {
        self.0.get(name).filter(|value| value.is_object()).map(Self)
    }

    /// The rows of a list.
    pub fn rows(self, name: &str) -> impl Iterator<Item = Self> + use<'a> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().map(Self)
    }
}

/// A string literal of a filter, percent-encoded so that `&`, `#`, `+` and `%` in a name stay in it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let text = text.replace('\'', "''");
    format!("'{}'", percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC))
}

/// `column eq a or column eq b …`
pub fn any_of(column: &str, literals: impl IntoIterator<Item = String>) -> String {
    literals.into_iter().map(|literal| format!("{column} eq {literal}")).collect::<Vec<_>>().join(" or ")
}
