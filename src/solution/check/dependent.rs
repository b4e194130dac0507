//! A component that refers to another.

/// The component that refers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependent {
    /// In words: ``form `Information` of `contoso_widget` ``.
    pub shown: String,
    /// Attributes of a `Dependent` element, in order.
    pub(super) attributes: Vec<(&'static str, String)>,
}
