//! Environment variable definitions, in the two forms that solutions have them in.

use super::xml::{self, Element};
use crate::manifest::components::environment_variable::VariableKind;

/// An environment variable definition of a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableFacts {
    /// Schema name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// Its type; absent where the solution names none that Dataverse has.
    pub kind: Option<VariableKind>,
    /// Default value.
    pub default: Option<String>,
    /// Whether a value must be given.
    pub required: bool,
}

impl VariableFacts {
    /// Whether an element is a definition, in either form, and if so whether its values may be secrets: they are where it
    /// says so, and may be where it does not say what they are.
    #[must_use]
    pub fn may_be_secret(element: &Element) -> Option<bool> {
        const FORMS: [&str; 2] = ["environmentvariabledefinition", "Definition"];
        if !FORMS.iter().any(|form| form.eq_ignore_ascii_case(&element.name)) {
            return None;
        }
        let types = element.elements().filter(|it| it.name.eq_ignore_ascii_case("type"));
        let mut kinds = types.map(|it| VariableKind::of_number(it.content().trim())).peekable();
        Some(kinds.peek().is_none() || kinds.any(|kind| kind.is_none_or(|kind| kind == VariableKind::Secret)))
    }

    /// A definition in a part of its own.
    #[must_use]
    pub fn of_part(name: &str, bytes: &[u8]) -> Option<Self> {
        let [folder, _, file] = name.split('/').collect::<Vec<_>>()[..] else { return None };
        if !folder.eq_ignore_ascii_case("environmentvariabledefinitions")
            || !file.eq_ignore_ascii_case("environmentvariabledefinition.xml")
        {
            return None;
        }
        let root = xml::parse(bytes, name).ok()?;
        let name = root.attribute("schemaname")?.to_owned();
        let display_name = root.find("displayname").and_then(|label| label.attribute("default"));
        Some(Self {
            display_name: display_name.unwrap_or(&name).to_owned(),
            kind: root.child_text("type").and_then(|text| VariableKind::of_number(&text)),
            default: root.find("defaultvalue").map(Element::content),
            required: root.child_text("isrequired").as_deref() == Some("1"),
            name,
        })
    }

    /// A definition in the section of older solutions.
    #[must_use]
    pub fn of_item(item: &Element) -> Option<Self> {
        let name = item.child_text("SchemaName").or_else(|| item.child_text("Name"))?;
        Some(Self {
            display_name: item.child_text("DisplayName").unwrap_or_else(|| name.clone()),
            kind: item.child_text("Type").and_then(|text| VariableKind::of_number(&text)),
            default: item.find("DefaultValue").map(Element::content),
            required: item.child_text("IsRequired").as_deref() == Some("1"),
            name,
        })
    }
}
