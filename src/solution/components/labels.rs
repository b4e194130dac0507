//! Labels as solution XML holds them: an element for each language.

use crate::manifest::meant;
use crate::solution::xml::Element;

/// The solution's base language.
pub(super) fn base_language(package: &meant::Package) -> u32 {
    package.solution.languages.first().copied().unwrap_or(1033)
}

/// `<list><item description="…" languagecode="…" />…</list>`
pub(super) fn labels(list: &str, item: &str, label: &meant::Label, package: &meant::Package) -> Element {
    let mut element = Element::new(list);
    for (language, text) in &label.texts {
        let code = language.unwrap_or_else(|| base_language(package)).to_string();
        element.push(Element::new(item).with("description", text.as_str()).with("languagecode", code));
    }
    element
}

/// `<LocalizedNames>`
pub(super) fn names(label: &meant::Label, package: &meant::Package) -> Element {
    labels("LocalizedNames", "LocalizedName", label, package)
}

/// `<Descriptions>`
pub(super) fn descriptions(label: &meant::Label, package: &meant::Package) -> Element {
    labels("Descriptions", "Description", label, package)
}
