//! Single values of tables and their parts.

use serde_json::{Value, json};

use crate::yaml::leaf::choice;
use crate::yaml::node::Scalar;
use crate::yaml::shape::Leaf;

choice!(
    /// How needed a value is.
    Requirement(&'static str), "requirement", "a requirement",
    [("none", "none"), ("recommended", "recommended"), ("required", "required")]
);
choice!(
    /// What a date and time means in another time zone.
    DateBehavior(u8), "date-behavior", "a behavior of dates", [("userLocal", 1_u8), ("dateOnly", 2), ("timeZoneIndependent", 3)]
);
choice!(
    /// A state of rows.
    State(u8), "state", "a state", [("active", 0_u8), ("inactive", 1)]
);

/// A leaf that is text with a rule.
macro_rules! checked {
    ($(#[doc = $doc:literal])* $name:ident($inner:ty), $code:literal, $noun:literal, $example:literal, $parse:expr, $schema:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub $inner);

        impl Leaf for $name {
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = $example;
            const CODE: &'static str = $code;
            fn parse(scalar: &Scalar) -> Result<Self, String> {
                let parse: fn(&str) -> Result<$inner, String> = $parse;
                parse(scalar.text.trim()).map(Self)
            }
            fn schema() -> Value {
                $schema
            }
        }
    };
}

checked!(
    /// A colour.
    Color(String), "color", "a colour", "#0078d4",
    |text| {
        let digits = text.strip_prefix('#').unwrap_or_default();
        let good = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(text.to_owned()) } else { Err("`#` and six hexadecimal digits are expected".into()) }
    },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^#[0-9a-fA-F]{6}$" })
);
checked!(
    /// The number of an option.
    OptionValue(i32), "option-value", "the number of an option", "100000000",
    |text| text.parse().map_err(|_| "a whole number is expected".into()),
    json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{" })
);
checked!(
    /// A length, a count or a size.
    Count(u32), "count", "a whole number", "100",
    |text| text.parse().map_err(|_| "a whole number that is not negative is expected".into()),
    json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 0 })
);
checked!(
    /// A number, as it is written.
    Amount(String), "amount", "a number", "0",
    |text| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let good = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.matches('.').count() <= 1 && !digits.starts_with('.') && !digits.ends_with('.');
        if good { Ok(text.to_owned()) } else { Err("digits, perhaps with `-` before and one `.` between them".into()) }
    },
    json!({ "type": ["number", "string"], "pattern": "^\\$\\{\\{|^-?[0-9]+(\\.[0-9]+)?$" })
);
checked!(
    /// A column, by schema or logical name.
    ColumnName(String), "column-name", "a column name", "contoso_Price",
    |text| {
        let good = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !text.starts_with(|c: char| c.is_ascii_digit());
        if good { Ok(text.to_owned()) } else { Err("letters, digits and underscores, no digit first".into()) }
    },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^[A-Za-z_][A-Za-z0-9_]*$" })
);
