//! Where workflows stand: in their section, and in rules of other sections.

use crate::solution::xml::Element;

/// The place whose rows workflows have, wherever they stand.
pub(super) const WORKFLOW: &str = "customizations.xml/Workflows/Workflow";

/// The workflows of an item: itself, or those that it contains.
pub(super) fn workflows<'a>(section: &str, item: &'a Element) -> Vec<&'a Element> {
    match (section, item.name.as_str()) {
        ("Workflows", "Workflow") => vec![item],
        ("SdkMessageProcessingSteps", "SdkMessageProcessingStep") => Vec::new(),
        _ => item.elements().filter(|it| it.name == "Workflows").flat_map(Element::elements).collect(),
    }
}
