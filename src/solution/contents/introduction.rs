//! The versions in which a solution's contents were introduced: they are not changes, so no digest includes them.

use std::collections::BTreeSet;

use crate::solution::profile;

/// Versions in which something was introduced. They are not changes, and no digest of a component includes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Introduced(Vec<String>);

impl Introduced {
    /// Adds those of another text.
    pub(super) fn extend(&mut self, versions: &[String]) {
        self.0.extend_from_slice(versions);
    }

    /// Each of them, once.
    #[must_use]
    pub fn versions(&self) -> String {
        let versions: BTreeSet<&str> = self.0.iter().map(String::as_str).collect();
        versions.into_iter().collect::<Vec<_>>().join(", ")
    }
}

/// Names of elements with such a version.
const NAMES: [&str; 2] = ["IntroducedVersion", "introducedversion"];

/// Whether a part states such versions: a record does. In a file of a component they are the customer's data.
#[must_use]
pub fn says_introduction(name: &str, bytes: &[u8]) -> bool {
    !profile::is_in_files(name) && profile::is_record(name, bytes)
}

/// Whether an element has the name of one with such a version.
#[must_use]
pub fn is_introduction(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Without the versions in which things were introduced: they say nothing about the things themselves. Only digits and
/// dots are removed, so that nothing else can hide there.
pub(super) fn timeless(text: &str) -> String {
    split(text).0
}

/// The versions in which things were introduced.
pub(super) fn introduced(text: &str) -> Vec<String> {
    split(text).1
}

/// The text without those versions, and the versions.
pub(super) fn split(text: &str) -> (String, Vec<String>) {
    let mut out = String::with_capacity(text.len());
    let mut versions = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        out.push_str(before);
        let version = NAMES.iter().find_map(|name| {
            let inside = tag[1..].strip_prefix(name)?.strip_prefix('>')?;
            let length = inside.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
            let after = inside[length..].strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')?;
            Some((&inside[..length], after))
        });
        rest = match version {
            Some((version, after)) => {
                versions.push(version.to_owned());
                after
            }
            None => {
                out.push('<');
                &tag[1..]
            }
        };
    }
    out.push_str(rest);
    (out, versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_introduction_is_no_change() {
        assert_eq!(timeless("<a><IntroducedVersion>1.0</IntroducedVersion>é<b/></a>"), "<a>é<b/></a>");
        assert_eq!(timeless("<introducedversion>1.0</introducedversion>"), "");
        for other in [
            "<introducedversion>1",
            "/*<introducedversion>*/ run() /*</introducedversion>*/",
            "<IntroducedVersion>1<b/></IntroducedVersion>",
            "<INTRODUCEDVERSION>1</INTRODUCEDVERSION>",
        ] {
            assert_eq!(timeless(other), other);
        }
    }
}
