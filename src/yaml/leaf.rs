//! Single values: the macros that make their types, and the types that every language has.

use serde_json::{Value, json};

use crate::version::Version;
use crate::yaml::shape::{At, Leaf};

/// A leaf that represents a value.
pub trait Plain: Leaf {
    /// The value.
    type Value;
    /// What it represents.
    fn value(&self) -> Self::Value;
}

/// The value of a key that may be left out.
pub trait Given {
    /// The value.
    type Value;
    /// The value, where one is given.
    fn value(&self) -> Option<Self::Value>;
}

impl<T: Plain> Given for Option<At<T>> {
    type Value = T::Value;
    fn value(&self) -> Option<T::Value> {
        self.as_ref().map(|at| at.value.value())
    }
}

pub(crate) fn length(text: &str, maximum: usize) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("it is empty".into()),
        count if count > maximum => Err(format!("it has {count} characters, at most {maximum} are allowed")),
        _ => Ok(()),
    }
}

pub(crate) fn no_controls(text: &str) -> Result<(), String> {
    // Line breaks and tabs are text; XML 1.0 does not allow other control characters.
    let bad = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    bad.map_or(Ok(()), |c| Err(format!("it contains the control character U+{:04X}", u32::from(c))))
}

pub(crate) fn word(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A text leaf: a newtype of `String` with a rule and a schema.
macro_rules! text {
    ($(#[doc = $doc:literal])* $name:ident, $code:literal, $noun:literal, $example:literal, $rule:expr, $schema:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        impl $crate::yaml::shape::Leaf for $name {
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = $example;
            const CODE: &'static str = $code;
            fn parse(scalar: &$crate::yaml::node::Scalar) -> Result<Self, String> {
                $crate::yaml::leaf::no_controls(&scalar.text)?;
                let rule: fn(&str) -> Result<(), String> = $rule;
                rule(&scalar.text).map(|()| Self(scalar.text.clone()))
            }
            fn schema() -> serde_json::Value {
                let mut schema: serde_json::Value = $schema;
                schema["type"] = "string".into();
                schema
            }
        }

        impl $crate::yaml::leaf::Plain for $name {
            type Value = String;
            fn value(&self) -> String {
                self.0.clone()
            }
        }
    };
}

pub(crate) use text;

/// Text that an expression may produce: the schema must accept it.
pub(crate) fn pattern(form: &str) -> Value {
    json!({ "pattern": format!("\\$\\{{\\{{|{form}") })
}

/// A leaf that some other type parses.
macro_rules! parsed {
    ($(#[doc = $doc:literal])* $name:ident($inner:ty), $code:literal, $noun:literal, $example:literal, $parse:expr, $schema:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub $inner);

        impl $crate::yaml::shape::Leaf for $name {
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = $example;
            const CODE: &'static str = $code;
            fn parse(scalar: &$crate::yaml::node::Scalar) -> Result<Self, String> {
                let parse: fn(&str) -> Result<$inner, String> = $parse;
                parse(scalar.text.trim()).map(Self)
            }
            fn schema() -> serde_json::Value { $schema }
        }

        impl $crate::yaml::leaf::Plain for $name {
            type Value = $inner;
            fn value(&self) -> $inner {
                self.0.clone()
            }
        }
    };
}
pub(crate) use parsed;

pub(crate) fn integer(text: &str, from: u32, to: u32) -> Result<u32, String> {
    let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    match number {
        Some(number) if (from..=to).contains(&number) => Ok(number),
        _ => Err(format!("a whole number from {from} to {to} is expected")),
    }
}

/// A leaf that is one word of a list: a new type for the value, or (`for`) the existing type that the words represent.
macro_rules! choice {
    ($(#[doc = $doc:literal])* for $name:ident, $code:literal, $noun:literal, $all:expr) => {
        impl $crate::yaml::shape::Leaf for $name {
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = "";
            const CODE: &'static str = $code;
            fn parse(scalar: &$crate::yaml::node::Scalar) -> Result<Self, String> {
                let found = $all.into_iter().find(|(word, _)| *word == scalar.text);
                found.map(|(_, value)| value).ok_or_else(|| "it is not one of the known words".into())
            }
            fn schema() -> serde_json::Value {
                serde_json::json!({ "enum": <Self as $crate::yaml::shape::Leaf>::words() })
            }
            fn words() -> Vec<&'static str> {
                $all.into_iter().map(|(word, _)| word).collect()
            }
        }

        impl $crate::yaml::leaf::Plain for $name {
            type Value = Self;
            fn value(&self) -> Self {
                *self
            }
        }
    };
    ($(#[doc = $doc:literal])* $name:ident($inner:ty), $code:literal, $noun:literal, $all:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub $inner);

        impl $name {
            fn all() -> Vec<(&'static str, $inner)> {
                $all.into_iter().collect()
            }
        }

        impl $crate::yaml::shape::Leaf for $name {
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = "";
            const CODE: &'static str = $code;
            fn parse(scalar: &$crate::yaml::node::Scalar) -> Result<Self, String> {
                let found = Self::all().into_iter().find(|(word, _)| *word == scalar.text);
                found.map(|(_, value)| Self(value)).ok_or_else(|| "it is not one of the known words".into())
            }
            fn schema() -> serde_json::Value {
                serde_json::json!({ "enum": <Self as $crate::yaml::shape::Leaf>::words() })
            }
            fn words() -> Vec<&'static str> {
                Self::all().into_iter().map(|(word, _)| word).collect()
            }
        }

        impl $crate::yaml::leaf::Plain for $name {
            type Value = $inner;
            fn value(&self) -> $inner {
                self.0
            }
        }
    };
}
pub(crate) use choice;

text!(
    /// Any text that is not empty.
    Words, "text", "text", "text",
    |text| length(text, 2000),
    json!({ "minLength": 1 })
);
parsed!(
    /// A solution version.
    VersionText(Version), "version", "a version", "1.4.0.0",
    |text| text.parse().map_err(|_| "two to four whole numbers with dots between them".into()),
    json!({ "type": ["string", "number"], "pattern": "\\$\\{\\{|^[0-9]+(\\.[0-9]+){1,3}$" })
);
