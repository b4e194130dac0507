//! A row of the table: an element that is read child by child, and the form of what it contains.

/// What an attribute contains, or an element that has no row of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Anything.
    Any,
    /// Text only.
    Text,
    /// Text, or nothing with `xsi:nil`.
    Nil,
    /// Text that is not blank and has no blanks around it.
    Name,
    /// 0 or 1.
    Flag,
    /// One of a few words, which `|` separates.
    OneOf(&'static str),
    /// `/` and the name of a part.
    Part(Named),
    /// Digits.
    Number,
    /// Two to four numbers with dots.
    Version,
    /// Where data is sent to, in one spelling.
    Address,
    /// A GUID.
    Guid,
    /// A GUID, once for its kind.
    Id,
    /// The GUID of a security role, `{lower case}`, once.
    Role,
    /// Letters, digits and `_` of ASCII: the name of a table or column.
    Word,
    /// The name of a privilege.
    Privilege,
    /// The word for a level.
    Level,
    /// The number of a type of environment variable.
    Variable,
    /// The code of a language.
    Language,
    /// The name of a record's folder.
    Key,
    /// A column of a record, of whatever type.
    Column,
    /// A text by language.
    Labels,
    /// Text, or the key of another record.
    Lookup,
    /// The name of a file in the folder.
    File,
}

/// How a part is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// It exists, and nothing else names it.
    Once,
    /// The same, but it may be missing.
    MaybeMissing,
    /// It may be missing, and several may name it.
    Shared,
}

impl Form {
    pub(super) fn of(word: &'static str) -> Self {
        match word {
            words if words.contains('|') => Self::OneOf(words),
            "part" => Self::Part(Named::Once),
            "part?" => Self::Part(Named::MaybeMissing),
            "shared" => Self::Part(Named::Shared),
            "text" => Self::Text,
            "nil" => Self::Nil,
            "name" => Self::Name,
            "flag" => Self::Flag,
            "number" => Self::Number,
            "version" => Self::Version,
            "address" => Self::Address,
            "guid" => Self::Guid,
            "id" => Self::Id,
            "role" => Self::Role,
            "word" => Self::Word,
            "privilege" => Self::Privilege,
            "level" => Self::Level,
            "variable" => Self::Variable,
            "language" => Self::Language,
            "key" => Self::Key,
            "labels" => Self::Labels,
            "lookup" => Self::Lookup,
            "file" => Self::File,
            other => unreachable!("`{other}` is not a form of solution-xml.tsv"),
        }
    }
}

/// A child element that has a reader.
#[derive(Clone, Copy, Debug)]
pub struct Child {
    /// Its name.
    pub name: &'static str,
    /// What it contains.
    pub form: Form,
    /// Whether there may be more than one.
    pub many: bool,
    /// Whether there must be one.
    pub needed: bool,
}

/// How attributes and children that a row does not name are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A bundle has none.
    Closed,
    /// They are listed, and compared.
    Open,
    /// They are the columns of a record.
    Columns,
}

/// An element that is read child by child.
#[derive(Debug)]
pub struct Row {
    /// `customizations.xml/Roles/Role`
    pub place: &'static str,
    /// Its attributes.
    pub attributes: Vec<(&'static str, Form)>,
    /// Required ones.
    pub needed: Vec<&'static str>,
    /// The form of its text, if it has a text instead of children.
    pub content: Option<Form>,
    /// Its children.
    pub children: Vec<Child>,
    /// How others are treated.
    pub unknown: Unknown,
}

impl Row {
    /// Whether it is the root of a part.
    #[must_use]
    pub fn is_root(&self) -> bool {
        // No element of the table has a dot in its name.
        self.place.rsplit('/').next().is_some_and(|last| last.contains('.'))
    }

    /// Whether it is a record, whose children are columns.
    #[must_use]
    pub fn is_record(&self) -> bool {
        self.is_root() && self.place.contains('/')
    }
}
