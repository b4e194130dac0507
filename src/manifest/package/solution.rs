//! `solution:`

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::labels::{Labels, WrittenLabels, texts};
use crate::manifest::leaf::{Language, Paragraph, SolutionName, Title};
use crate::version::Version;
use crate::yaml::leaf::{Given, VersionText, Words};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// The solution.
    pub struct WrittenSolution => {
        /// Unique name: letters, digits and underscores, at most 65. Never change it: Dataverse recognises updates by
        /// it.
        "name" required name: At<SolutionName>,
        /// Name that people see. Default: the unique name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Two to four whole numbers; raise it with every release.
        "version" required version: At<VersionText>,
        /// Language codes (LCID), the base language first. Default: 1033, English (United States).
        "languages" optional languages: List<At<Language>>,
        /// Web resource that the classic solution editor shows as the solution's start page.
        "configurationPage" optional configuration_page: At<Words> => "contoso_/start.html",
    }
}

/// `solution:`
#[derive(Clone, Debug)]
pub struct Solution {
    /// Unique name.
    pub name: String,
    /// Where the name is.
    pub name_span: Span,
    /// Display name.
    pub display_name: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// Version.
    pub version: Version,
    /// Language codes (LCID), the base language first.
    pub languages: Vec<u32>,
    /// Web resource that is its configuration page.
    pub configuration_page: Option<String>,
}

const BASE_LANGUAGE: u32 = 1033;

/// The solution's languages, the base language first.
pub fn languages(written: &WrittenSolution, findings: &mut Vec<Diagnostic>) -> Vec<u32> {
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
pub fn solution(written: &WrittenSolution, languages: &[u32], findings: &mut Vec<Diagnostic>) -> Option<Solution> {
    let display_name = texts(written.display_name.as_ref(), languages, findings);
    let description = texts(written.description.as_ref(), languages, findings);
    let name = written.name.as_ref()?;
    Some(Solution {
        name: name.value.0.clone(),
        name_span: name.span.clone(),
        display_name: display_name.unwrap_or_else(|| named(&name.value.0, languages)),
        description,
        version: written.version.as_ref()?.value.0,
        languages: languages.to_vec(),
        configuration_page: written.configuration_page.value(),
    })
}

/// The unique name, which is the default display name.
pub fn named(name: &str, languages: &[u32]) -> Labels {
    Labels::one(languages.first().copied().unwrap_or(BASE_LANGUAGE), name)
}
