//! The types of columns.

use crate::yaml::leaf::choice;

choice!(
    /// The type of a column.
    for ColumnType, "column-type", "a type of column", ColumnType::ALL
);

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// One line of text.
    Text,
    /// A text that may contain line breaks.
    TextArea,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// Many lines of text.
    MultilineText,
    /// Text with formatting.
    RichText,
    /// A whole number.
    WholeNumber,
    /// A whole number of 64 bits.
    BigInt,
    /// A number with fixed digits.
    Decimal,
    /// A floating number.
    Float,
    /// An amount of money.
    Money,
    /// Yes or no.
    Boolean,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// One option.
    Choice,
    /// Several options.
    MultiSelect,
    /// A row of one of some tables.
    Lookup,
    /// An account or a contact.
    Customer,
    /// A picture.
    Image,
    /// A file.
    File,
    /// A GUID.
    UniqueIdentifier,
}

impl ColumnType {
    /// All of them, with the manifest's word.
    pub const ALL: [(&'static str, Self); 22] = [
        ("text", Self::Text),
        ("textArea", Self::TextArea),
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("url", Self::Url),
        ("multilineText", Self::MultilineText),
        ("richText", Self::RichText),
        ("wholeNumber", Self::WholeNumber),
        ("bigInt", Self::BigInt),
        ("decimal", Self::Decimal),
        ("float", Self::Float),
        ("money", Self::Money),
        ("boolean", Self::Boolean),
        ("dateTime", Self::DateTime),
        ("date", Self::Date),
        ("choice", Self::Choice),
        ("multiSelect", Self::MultiSelect),
        ("lookup", Self::Lookup),
        ("customer", Self::Customer),
        ("image", Self::Image),
        ("file", Self::File),
        ("uniqueIdentifier", Self::UniqueIdentifier),
    ];

    /// The manifest's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}
