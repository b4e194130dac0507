//! Single values of tables and their parts.

use serde_json::json;

use crate::yaml::leaf::{choice, parsed};

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

parsed!(
    /// A colour.
    Color(String), "color", "a colour", "#0078d4",
    |text| {
        let digits = text.strip_prefix('#').unwrap_or_default();
        let good = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(text.to_owned()) } else { Err("`#` and six hexadecimal digits are expected".into()) }
    },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^#[0-9a-fA-F]{6}$" })
);
parsed!(
    /// The number of an option.
    OptionValue(i32), "option-value", "the number of an option", "100000000",
    |text| text.parse().map_err(|_| "a whole number is expected".into()),
    json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{" })
);
parsed!(
    /// A length, a count or a size.
    Count(u32), "count", "a whole number", "100",
    |text| text.parse().map_err(|_| "a whole number that is not negative is expected".into()),
    json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 0 })
);
parsed!(
    /// A number, as it is written.
    Amount(String), "amount", "a number", "0",
    |text| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let good = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.matches('.').count() <= 1 && !digits.starts_with('.') && !digits.ends_with('.');
        if good { Ok(text.to_owned()) } else { Err("digits, perhaps with `-` before and one `.` between them".into()) }
    },
    json!({ "type": ["number", "string"], "pattern": "^\\$\\{\\{|^-?[0-9]+(\\.[0-9]+)?$" })
);
parsed!(
    /// A column, by schema or logical name.
    ColumnName(String), "column-name", "a column name", "contoso_Price",
    |text| {
        let good = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !text.starts_with(|c: char| c.is_ascii_digit());
        if good { Ok(text.to_owned()) } else { Err("letters, digits and underscores, no digit first".into()) }
    },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^[A-Za-z_][A-Za-z0-9_]*$" })
);
