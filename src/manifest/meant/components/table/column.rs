//! A column.

use std::path::PathBuf;

use crate::diagnostic::Span;
use crate::manifest::meant::components::choice::ChoiceOption;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;

/// A name that is checked later, and its place.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name as written.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

impl Named {
    /// The name in lower case, as Dataverse compares it.
    #[must_use]
    pub fn logical(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Schema name.
    pub name: String,
    /// Type.
    pub kind: ColumnType,
    /// Display name.
    pub display_name: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// `none`, `recommended` or `required`.
    pub required: &'static str,
    /// Whether advanced find can use it.
    pub searchable: bool,
    /// Whether changes are kept.
    pub auditing: bool,
    /// Whether it is guarded.
    pub secured: bool,
    /// Most characters.
    pub max_length: Option<u32>,
    /// Least value.
    pub min: Option<String>,
    /// Greatest value.
    pub max: Option<String>,
    /// Digits behind the point.
    pub precision: Option<u32>,
    /// Dataverse's word for the format.
    pub format: Option<String>,
    /// `Behavior` of a date.
    pub behavior: u8,
    /// Own options.
    pub options: Vec<ChoiceOption>,
    /// A global choice, in place of own options.
    pub choice: Option<Named>,
    /// `AppDefaultValue`
    pub default: Option<String>,
    /// For [`ColumnType::Lookup`] and [`ColumnType::Customer`].
    pub lookup: Option<Lookup>,
    /// Form of automatic numbers.
    pub auto_number: String,
    /// Where the value comes from, when it is computed.
    pub computed: Option<Computed>,
    /// Greatest size in KB.
    pub max_size: Option<u32>,
    /// Whether the whole image is kept.
    pub full_image: bool,
    /// Whether the image stands for the row.
    pub primary_image: bool,
    /// Name in an external source.
    pub external_name: Option<String>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Column {
    /// Its logical name.
    #[must_use]
    pub fn logical(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

/// Where a computed value comes from.
#[derive(Clone, Debug)]
pub enum Computed {
    /// A Power Fx formula.
    Formula(String),
    /// A XAML file that calculates it.
    Calculation(PathBuf, Span),
    /// A XAML file that rolls it up.
    Rollup(PathBuf, Span),
}

/// The many side of relationships.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The tables that it leads to.
    pub to: Vec<Named>,
    /// The relationship's name, where it is given.
    pub relationship: Option<String>,
    /// Rules.
    pub cascades: Cascades,
    /// Whether it makes a hierarchy.
    pub hierarchical: bool,
    /// What is merged into the relationship's XML.
    pub extra: Extra,
}

/// What a relationship is like on the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relation {
    /// Deleting removes the link.
    #[default]
    Referential,
    /// Deleting is refused while there are rows that refer to it.
    RestrictDelete,
    /// What happens to the row happens to those that refer to it.
    Parental,
}

/// What happens to the rows that refer to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CascadeRule {
    /// Nothing.
    NoCascade,
    /// The same.
    Cascade,
    /// The same, to active rows.
    Active,
    /// The same, to rows of the same owner.
    UserOwned,
    /// The link is removed.
    RemoveLink,
    /// It is refused.
    Restrict,
}

impl CascadeRule {
    /// Dataverse's word.
    #[must_use]
    pub fn word(self) -> String {
        format!("{self:?}")
    }
}

/// A rule for each thing that can happen.
#[derive(Clone, Copy, Debug)]
pub struct Cascades {
    /// Assign.
    pub assign: CascadeRule,
    /// Delete.
    pub delete: CascadeRule,
    /// Archive.
    pub archive: CascadeRule,
    /// Another parent.
    pub reparent: CascadeRule,
    /// Share.
    pub share: CascadeRule,
    /// Unshare.
    pub unshare: CascadeRule,
    /// The view of related rows.
    pub rollup_view: CascadeRule,
}

impl Cascades {
    /// The rules of a kind of relationship.
    #[must_use]
    pub const fn of(relation: Relation) -> Self {
        let (all, delete) = match relation {
            Relation::Referential => (CascadeRule::NoCascade, CascadeRule::RemoveLink),
            Relation::RestrictDelete => (CascadeRule::NoCascade, CascadeRule::Restrict),
            Relation::Parental => (CascadeRule::Cascade, CascadeRule::Cascade),
        };
        Self {
            assign: all,
            delete,
            archive: delete,
            reparent: all,
            share: all,
            unshare: all,
            rollup_view: CascadeRule::NoCascade,
        }
    }
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// One line of text.
    Text,
    /// One line of text that may hold line breaks.
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
