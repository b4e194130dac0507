//! A component that refers to another.

/// The component that refers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependent {
    /// In words: ``form `Information` of `contoso_widget` ``.
    pub shown: String,
    /// Attributes of a `Dependent` element, in order.
    pub(super) attributes: Vec<(&'static str, String)>,
}

/// The attributes of a component that is known by its schema name.
pub(super) fn named(kind: &str, schema_name: &str) -> Vec<(&'static str, String)> {
    vec![("type", kind.to_owned()), ("schemaName", schema_name.to_owned()), ("displayName", schema_name.to_owned())]
}
