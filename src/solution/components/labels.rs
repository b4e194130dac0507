//! Labels as solution XML has them: an element for each language.

use crate::manifest::components::labels::Labels;
use crate::manifest::package::Package;
use crate::solution::xml::Element;

/// The solution's base language.
pub(super) fn base_language(package: &Package) -> u32 {
    package.solution.languages.first().copied().unwrap_or(1033)
}

/// `<list><item description="…" languagecode="…" />…</list>`
pub(super) fn labels(list: &str, item: &str, labels: &Labels) -> Element {
    let mut element = Element::new(list);
    for (language, text) in &labels.texts {
        element.push(Element::new(item).with("description", text.as_str()).with("languagecode", language.to_string()));
    }
    element
}

/// `<LocalizedNames>`
pub(in crate::solution) fn names(texts: &Labels) -> Element {
    labels("LocalizedNames", "LocalizedName", texts)
}

/// `<Descriptions>`
pub(in crate::solution) fn descriptions(texts: &Labels) -> Element {
    labels("Descriptions", "Description", texts)
}
