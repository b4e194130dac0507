//! What components refer to by name, and how `MissingDependencies` names it.

/// What can be referred to by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A table, by logical name.
    Table,
    /// A global choice, by name.
    Choice,
    /// A web resource, by name.
    WebResource,
    /// A site map of an app, by unique name.
    SiteMap,
    /// A plug-in assembly, by simple name.
    Assembly,
    /// A connection reference, by logical name.
    ConnectionReference,
}

impl Target {
    /// The word for messages.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Choice => "choice",
            Self::WebResource => "web resource",
            Self::SiteMap => "site map",
            Self::Assembly => "plug-in assembly",
            Self::ConnectionReference => "connection reference",
        }
    }

    /// `type` of a `Required` element.
    pub(super) const fn required_type(self) -> &'static str {
        match self {
            Self::Table => "1",
            Self::Choice => "9",
            Self::WebResource => "61",
            Self::SiteMap => "62",
            Self::Assembly => "91",
            Self::ConnectionReference => "connectionreference",
        }
    }

    /// The attribute of a `Required` element that holds the key.
    pub(super) const fn required_key(self) -> &'static str {
        match self {
            Self::ConnectionReference => "id.connectionreferencelogicalname",
            _ => "schemaName",
        }
    }
}

/// `Name, Version=…` → `Name`.
pub(super) fn simple_name(full: &str) -> &str {
    full.split(',').next().unwrap_or_default().trim()
}
