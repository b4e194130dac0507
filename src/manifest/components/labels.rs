//! Texts by language: each language is one of the solution's, and the base language is there.

use crate::diagnostic::Diagnostic;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::written::components::labels::Labels;
use crate::yaml::shape::head;

/// The texts, that of the base language first; nothing where none are written.
pub fn labels<T>(written: Option<&Labels<T>>, scope: &mut Scope<'_>) -> Option<meant::Labels> {
    texts(written, scope.languages, scope.findings)
}

/// The same, for `languages`.
pub fn texts<T>(
    written: Option<&Labels<T>>,
    languages: &[u32],
    findings: &mut Vec<Diagnostic>,
) -> Option<meant::Labels> {
    let written = written?;
    let base = languages.first().copied().unwrap_or(1033);
    let mut texts: Vec<(u32, String)> = Vec::new();
    for (language, text, span) in &written.texts {
        let language = language.unwrap_or(base);
        if !languages.is_empty() && !languages.contains(&language) {
            let known: Vec<String> = languages.iter().map(u32::to_string).collect();
            findings.push(
                Diagnostic::error("label-language", format!("language {language} is not one of the solution's"))
                    .at(span)
                    .help(format!("add it to `solution.languages`, which has: {}", known.join(", "))),
            );
            continue;
        }
        texts.push((language, text.clone()));
    }
    texts.sort_by_key(|(language, _)| languages.iter().position(|known| known == language));
    if texts.first().is_none_or(|(language, _)| *language != base) {
        findings.push(
            Diagnostic::error("label-language", format!("there is no text in the base language {base}"))
                .at(&head(&written.span))
                .help(format!("add `{base}: …`")),
        );
    }
    Some(meant::Labels { texts })
}

/// The texts, or `default` in the base language.
pub fn labels_or<T>(
    written: Option<&Labels<T>>,
    default: impl FnOnce() -> String,
    scope: &mut Scope<'_>,
) -> meant::Labels {
    labels(written, scope)
        .unwrap_or_else(|| meant::Labels::one(scope.languages.first().copied().unwrap_or(1033), default()))
}
