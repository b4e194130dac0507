//! Whether a solution fits the environment: files over its upload limit, languages that are not turned on.
//!
//! The upload limit (`organization.maxuploadfilesize`, 5 MB unless an administrator changed it) applies to attachments
//! and web resources, and so to the files of code components, which become web resources. That the size of the file
//! counts, not that of its Base64 form, is an assumption; where the form counts, the import itself refuses files that
//! are a little smaller. Labels in a language that is not turned on are left out by the import, with a warning
//! (`0x80048026`).

use std::collections::BTreeSet;

use crate::dataverse::organization::{self, Limits};
use crate::dataverse::{ApiError, Client};
use crate::deploy::desired::{Desired, Package};
use crate::deploy::failure::Failure;
use crate::deploy::shipped::Upload;
use crate::deploy::step::{Action, Mode, Step};

/// The most that an administrator can set, in bytes.
const MOST: u64 = 131_072 << 10;
/// A longer list of names does not help.
const SHOWN: usize = 10;

/// The packages that these steps upload.
pub(super) fn uploaded<'a>(desired: &'a Desired, steps: &'a [Step]) -> impl Iterator<Item = (&'a Package, Mode)> {
    steps.iter().filter_map(|step| match &step.action {
        Action::ImportSolution { solution, mode, .. } if *mode != Mode::Promote => {
            let package = desired.packages.iter().find(|package| package.solution.name == *solution)?;
            Some((package, *mode))
        }
        _ => None,
    })
}

/// The parts of the packages that do not fit.
#[derive(Clone, Debug, Default)]
pub(super) struct Misfits<'a> {
    /// The limit, if it is known.
    pub(super) limit: Option<u64>,
    /// Files over the limit, each with the name of its solution.
    pub(super) files: Vec<(&'a str, &'a Upload)>,
    /// Languages that are not turned on.
    pub(super) languages: BTreeSet<u32>,
}

/// Reads the limits, and the languages only if one other than the base language is shipped.
pub(super) async fn misfits<'a>(client: &Client, packages: &[&'a Package]) -> Result<Misfits<'a>, ApiError> {
    let Limits { upload, language } = organization::limits(client).await?;
    let uploads = packages.iter().flat_map(|package| {
        let name = package.solution.name.as_str();
        package.shipped.uploads.iter().map(move |upload| (name, upload))
    });
    let files = uploads.filter(|(_, file)| upload.is_some_and(|limit| file.size > limit)).collect();
    let shipped: BTreeSet<u32> = packages.iter().flat_map(|package| &package.shipped.languages).copied().collect();
    let mut languages: BTreeSet<u32> = shipped.into_iter().filter(|code| Some(*code) != language).collect();
    if language.is_some() && !languages.is_empty() {
        let here = organization::languages(client).await?;
        languages.retain(|code| !here.is_empty() && !here.contains(code));
    } else {
        languages.clear();
    }
    Ok(Misfits { limit: upload, files, languages })
}

impl Misfits<'_> {
    /// The refusal to import files that the environment does not accept.
    pub(super) fn refusal(&self) -> Option<Failure> {
        let (solution, first) = self.files.first()?;
        let mut failure = Failure::not_ready(format!(
            "{} of solution `{solution}` has {}, and the environment takes files of at most {}",
            first.name,
            size(first.size),
            size(self.limit.unwrap_or_default()),
        ));
        let others = self.files.iter().skip(1);
        failure.details.extend(
            others
                .clone()
                .take(SHOWN)
                .map(|(solution, file)| format!("{} of solution `{solution}` has {}", file.name, size(file.size))),
        );
        let more = others.count().saturating_sub(SHOWN);
        failure.details.extend((more > 0).then(|| format!("and {more} more")));
        failure.help = self.advice();
        Some(failure)
    }

    /// What to do about the files.
    pub(super) fn advice(&self) -> Vec<String> {
        let largest = self.files.iter().map(|(_, file)| file.size).max().unwrap_or_default();
        let mut lines = Vec::new();
        if largest <= MOST {
            lines.push(format!(
                "an administrator raises the limit to {} or more: Power Platform admin center > the environment > Settings > Email > Email settings > Maximum file size for attachments",
                size(largest)
            ));
        }
        if self.files.iter().any(|(_, file)| file.of_code_component) {
            lines.push(
                "a code component that was built for development is many times larger: build it for production".into(),
            );
        }
        if lines.is_empty() {
            lines.push("make the files smaller, and build the bundle again".into());
        }
        lines
    }

    /// What becomes of the languages.
    pub(super) fn note(&self) -> Option<String> {
        let codes: Vec<String> = self.languages.iter().map(ToString::to_string).collect();
        let (word, verb) = if codes.len() == 1 { ("language", "is") } else { ("languages", "are") };
        (!codes.is_empty()).then(|| {
            format!(
                "{word} {} of the solution {verb} not turned on in the environment: an import leaves those labels out (Power Platform admin center > the environment > Settings > Product > Languages)",
                codes.join(", ")
            )
        })
    }
}

/// A size as the admin center shows it.
fn size(bytes: u64) -> String {
    format!("{} KB", bytes.div_ceil(1024))
}

#[cfg(test)]
mod tests;
