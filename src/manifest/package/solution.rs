//! `solution:`

use crate::diagnostic::Diagnostic;
use crate::manifest::components::labels::texts;
use crate::manifest::meant::{self, Labels};
use crate::manifest::written::Solution;

const BASE_LANGUAGE: u32 = 1033;

/// The solution's languages, the base language first.
pub fn languages(written: &Solution, findings: &mut Vec<Diagnostic>) -> Vec<u32> {
    let mut languages: Vec<u32> = Vec::new();
    for language in written.languages.iter().flat_map(|list| &list.items) {
        if languages.contains(&language.value.0) {
            findings.push(
                Diagnostic::error("duplicate-language", format!("language `{}` is listed twice", language.value.0))
                    .at(&language.span)
                    .help("keep one of the two"),
            );
        } else {
            languages.push(language.value.0);
        }
    }
    if languages.is_empty() {
        languages.push(BASE_LANGUAGE);
    }
    languages
}

/// The solution.
pub fn solution(written: &Solution, languages: &[u32], findings: &mut Vec<Diagnostic>) -> Option<meant::Solution> {
    let display_name = texts(written.display_name.as_ref(), languages, findings);
    let description = texts(written.description.as_ref(), languages, findings);
    let name = written.name.as_ref()?;
    Some(meant::Solution {
        name: name.value.0.clone(),
        name_span: name.span.clone(),
        display_name: display_name.unwrap_or_else(|| named(&name.value.0, languages)),
        description,
        version: written.version.as_ref()?.value.0,
        languages: languages.to_vec(),
        configuration_page: written.configuration_page.as_ref().map(|page| page.value.0.clone()),
    })
}

/// The unique name, which stands for a display name that is left out.
pub fn named(name: &str, languages: &[u32]) -> Labels {
    Labels::one(languages.first().copied().unwrap_or(BASE_LANGUAGE), name)
}
