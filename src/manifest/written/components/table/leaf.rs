//! Single values of tables and their parts.

use serde_json::{Value, json};

use crate::manifest::meant;
use crate::manifest::meant::components::table::column::CascadeRule;
use crate::yaml::leaf::choice;
use crate::yaml::node::Scalar;
use crate::yaml::shape::Leaf;

choice!(
    /// Who owns the rows of a table.
    Ownership(meant::TableOwnership), "ownership", "an ownership",
    [("user", meant::TableOwnership::User), ("organization", meant::TableOwnership::Organization)]
);
choice!(
    /// What kind of table it is.
    TableType(meant::TableType), "table-type", "a type of table",
    [("standard", meant::TableType::Standard), ("activity", meant::TableType::Activity), ("virtual", meant::TableType::Virtual), ("elastic", meant::TableType::Elastic)]
);
choice!(
    /// The type of a column.
    ColumnType(meant::ColumnType), "column-type", "a type of column", meant::ColumnType::ALL
);
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
    /// What happens to the rows that refer to a row.
    Cascade(CascadeRule), "cascade", "a cascade rule",
    [
        ("none", CascadeRule::NoCascade),
        ("cascade", CascadeRule::Cascade),
        ("active", CascadeRule::Active),
        ("userOwned", CascadeRule::UserOwned),
        ("removeLink", CascadeRule::RemoveLink),
        ("restrict", CascadeRule::Restrict),
    ]
);
choice!(
    /// What a relationship is like on the whole.
    Relation(meant::Relation), "relationship-type", "a type of relationship",
    [
        ("referential", meant::Relation::Referential),
        ("restrictDelete", meant::Relation::RestrictDelete),
        ("parental", meant::Relation::Parental),
    ]
);
choice!(
    /// A state of rows.
    State(u8), "state", "a state", [("active", 0_u8), ("inactive", 1)]
);
choice!(
    /// What a form is for.
    FormType(meant::FormType), "form-type", "a type of form",
    [
        ("main", meant::FormType::Main),
        ("quickView", meant::FormType::QuickView),
        ("quickCreate", meant::FormType::QuickCreate),
        ("card", meant::FormType::Card),
    ]
);
choice!(
    /// What a view is for.
    ViewType(meant::ViewType), "view-type", "a type of view",
    [
        ("public", meant::ViewType::Public),
        ("advancedFind", meant::ViewType::AdvancedFind),
        ("associated", meant::ViewType::Associated),
        ("quickFind", meant::ViewType::QuickFind),
        ("lookup", meant::ViewType::Lookup),
    ]
);
choice!(
    /// What a chart looks like.
    ChartType(&'static str), "chart-type", "a type of chart",
    [("column", "Column"), ("bar", "Bar"), ("line", "Line"), ("pie", "Pie"), ("doughnut", "Doughnut"), ("funnel", "Funnel"), ("area", "Area")]
);
choice!(
    /// How the values of a chart are put together.
    Aggregate(&'static str), "aggregate", "a way to put values together",
    [("count", "count"), ("sum", "sum"), ("avg", "avg"), ("min", "min"), ("max", "max")]
);
choice!(
    /// What makes a script run.
    EventName(&'static str), "event", "an event", [("onLoad", "onload"), ("onSave", "onsave"), ("onChange", "onchange")]
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
