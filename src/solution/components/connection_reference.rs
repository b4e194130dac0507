//! Connection references: a section of customizations.xml, no root component.

use super::extra::{Order, merge};
use super::kind::{Component, Kind};
use crate::manifest::package::Package;
use crate::solution::connection::ConnectionFacts;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// Counted over 319 real ones.
const ORDER: Order = Order {
    attributes: &["connectionreferencelogicalname"],
    children: &[
        "connectionreferencedisplayname",
        "connectorid",
        "description",
        "customconnectorid",
        "iscustomizable",
        "promptingbehavior",
        "statecode",
        "statuscode",
    ],
    inner: &[],
};

/// The kind.
pub struct ConnectionReference;

impl Kind for ConnectionReference {
    fn label(&self) -> &'static str {
        "Connection reference"
    }
    fn place(&self) -> &'static str {
        "connectionreferences"
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.connectionReferences")
    }
    fn folder(&self) -> &'static str {
        "Other/Customizations.xml"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let facts = ConnectionFacts::of(item);
        facts.map(|it| Component { kind: self.label(), name: it.display_name, id: it.name }).into_iter().collect()
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for reference in &package.components.connection_references {
            let display_name = reference.display_name.as_deref().unwrap_or(&reference.name);
            let mut element = Element::new("connectionreference")
                .with("connectionreferencelogicalname", reference.name.as_str())
                .child(Element::text("connectionreferencedisplayname", display_name))
                .child(Element::text("connectorid", reference.connector.as_str()));
            if let Some(description) = &reference.description {
                element.push(Element::text("description", description.as_str()));
            }
            let fixed = [("iscustomizable", "1"), ("promptingbehavior", "0"), ("statecode", "0"), ("statuscode", "1")];
            for (name, value) in fixed {
                element.push(Element::text(name, value));
            }
            merge(&mut element, &reference.extra, &ORDER, &mut draft.findings);
            draft.add_element("connectionreferences", element, &reference.span);
        }
    }
}
