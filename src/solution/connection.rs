//! Connection references.

use super::xml::Element;

/// A connection reference of a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// Logical name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// The connector's id.
    pub connector: String,
    /// The id of a custom connector's row.
    pub custom_connector: Option<String>,
}

impl ConnectionFacts {
    /// A connection reference.
    #[must_use]
    pub fn of(item: &Element) -> Option<Self> {
        let name = item.attribute("connectionreferencelogicalname")?.to_owned();
        Some(Self {
            display_name: item.child_text("connectionreferencedisplayname").unwrap_or_else(|| name.clone()),
            connector: item.child_text("connectorid").unwrap_or_default(),
            custom_connector: item.find("customconnectorid").and_then(|custom| {
                let id = custom.child_text("connectorid").unwrap_or_else(|| custom.content().trim().to_owned());
                (!id.is_empty()).then_some(id)
            }),
            name,
        })
    }
}
