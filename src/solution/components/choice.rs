//! Global choices: the section `optionsets`, root component 9; and the option set of any column.

use super::extra::{Order, merge};
use super::kind::{Component, Kind};
use super::labels::labels;
use crate::manifest::components::choice::{self, ChoiceOption};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// Counted over the option sets of 9.x exports.
pub const ORDER: Order = Order {
    attributes: &["Name", "localizedName", "description"],
    children: &[
        "OptionSetType",
        "IsGlobal",
        "IntroducedVersion",
        "IsCustomizable",
        "ExternalTypeName",
        "displaynames",
        "Descriptions",
        "options",
        "states",
        "statuses",
    ],
    inner: &[],
};

/// The kind.
pub struct Choice;

/// An option as columns and choices have it.
pub fn option(option: &ChoiceOption) -> Element {
    let mut element = Element::new("option")
        .with("value", option.value.to_string())
        .with("ExternalValue", option.external_value.as_str());
    if let Some(color) = &option.color {
        element.set_attribute("Color", color.as_str());
    }
    if let Some(hidden) = option.hidden {
        element.set_attribute("IsHidden", u8::from(hidden).to_string());
    }
    element.push(labels("labels", "label", &option.label));
    if let Some(description) = &option.description {
        element.push(labels("Descriptions", "Description", description));
    }
    element
}

fn definition(choice: &choice::Choice, package: &Package) -> Element {
    let mut element = Element::new("optionset")
        .with("Name", choice.name.as_str())
        .with("localizedName", choice.display_name.base())
        .child(Element::text("OptionSetType", "picklist"))
        .child(Element::text("IsGlobal", "1"))
        .child(Element::text("IntroducedVersion", package.solution.version.to_string()))
        .child(Element::text("IsCustomizable", "1"))
        .child(Element::text("ExternalTypeName", choice.external_type.as_str()))
        .child(labels("displaynames", "displayname", &choice.display_name));
    if let Some(description) = &choice.description {
        element.push(labels("Descriptions", "Description", description));
    }
    let mut options = Element::new("options");
    for each in &choice.options {
        options.push(option(each));
    }
    element.child(options)
}

impl Kind for Choice {
    fn label(&self) -> &'static str {
        "Choice"
    }
    fn place(&self) -> &'static str {
        "optionsets"
    }
    fn root_type(&self) -> Option<u32> {
        Some(9)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.choices")
    }
    fn folder(&self) -> &'static str {
        "OptionSets/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let name = item.attribute("Name").map(str::to_owned);
        name.map(|name| Component { kind: self.label(), name: name.clone(), id: name }).into_iter().collect()
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for choice in &package.components.choices {
            let mut element = definition(choice, package);
            merge(&mut element, &choice.extra, &ORDER, &mut draft.findings);
            if draft.add_element("optionsets", element, &choice.span) {
                draft.add_root("9", "schemaName", &choice.name);
            }
        }
    }
}
