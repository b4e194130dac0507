//! Forms that only secrets have: one detector for manifests, web resources and flows.
//!
//! Facts: `manifests/catalog/secret_forms.tsv`. A line with `dvpack:allow-secret`, and the line below it, are
//! skipped. What was found is never shown.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::diagnostic::Ranges;

/// Marks its own line and the next as not a secret.
pub const ALLOW: &str = "dvpack:allow-secret";

/// A minified file can have lines of megabytes; more findings of a form than this are of no use.
const MOST: usize = 20;

/// Where a text is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A file of any kind: only forms that cannot be anything else.
    Anywhere,
    /// A string of a manifest, alone: forms that could be something else inside a program, too.
    Manifest,
}

struct Form {
    scope: Scope,
    what: &'static str,
    /// The first group, if there is one, is the value; a placeholder there is not a secret.
    regex: Regex,
    /// Whether it continues to an end mark that can be anywhere.
    is_long: bool,
}

/// Matches bytes, not characters: Unicode's `\b` is slow where a text is not all ASCII.
static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let regex = |form: &str| RegexBuilder::new(form).unicode(false).build().ok();
    include_str!("../../manifests/catalog/secret_forms.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let scope = if cells.next()? == "any" { Scope::Anywhere } else { Scope::Manifest };
            let (what, form) = (cells.next()?, cells.next()?);
            Some(Form { scope, what, regex: regex(form)?, is_long: form.contains(".*?") })
        })
        .collect()
});

/// A secret that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub what: &'static str,
    /// The bytes of the secret itself.
    pub range: Range<usize>,
}

/// Searches for secrets, in the order of the text; where two forms overlap, the first of the table counts.
#[must_use]
pub fn find(text: &[u8], scope: Scope) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut known = Ranges::default();
    for form in FORMS.iter().filter(|form| form.scope == Scope::Anywhere || scope == Scope::Manifest) {
        // In a manifest every secret must be hidden. Searching for the end of each private key would take quadratic
        // time where none has an end.
        let most = if scope == Scope::Manifest && !form.is_long { usize::MAX } else { MOST };
        for captures in form.regex.captures_iter(text).take(most) {
            let Some(value) = captures.get(1).or_else(|| captures.get(0)) else { continue };
            let range = value.range();
            if !known.touches(&range) && !is_placeholder(value.as_bytes()) && !is_allowed(text, range.start) {
                known.add(range.clone());
                found.push(Found { what: form.what, range });
            }
        }
    }
    found.sort_by_key(|found| found.range.start);
    found
}

/// The text with `***` in place of each secret; `None` if there is none.
#[must_use]
pub fn hidden(text: &str) -> Option<String> {
    let found = find(text.as_bytes(), Scope::Manifest);
    if found.is_empty() {
        return None;
    }
    let (mut hidden, mut done) = (String::with_capacity(text.len()), 0);
    for Found { range, .. } in found {
        // What matches is ASCII, or ends where a character does.
        hidden.push_str(text.get(done..range.start).unwrap_or_default());
        hidden.push_str("***");
        done = range.end;
    }
    hidden.push_str(text.get(done..).unwrap_or_default());
    Some(hidden)
}

/// The text as it may be shown, with a note where something is left out.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    let Some(found) = find(text.as_bytes(), Scope::Manifest).into_iter().next() else { return Cow::Borrowed(text) };
    Cow::Owned(format!("{} (not shown: what looks like {})", hidden(text).unwrap_or_default(), found.what))
}

/// `xxxxxxxx`, `your-secret-here` and the like.
fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let has = |word: &[u8]| lower.windows(word.len()).any(|part| part == word);
    let distinct = lower.iter().collect::<std::collections::BTreeSet<_>>().len();
    let starred = lower.iter().all(|byte| b"*.x-_".contains(byte));
    (distinct < 5 && value.len() > 8)
        || starred
        || [&b"your"[..], b"example", b"placeholder", b"secret-here", b"changeme"].into_iter().any(has)
}

/// Whether the line of a place, or the one above it, says that it is not a secret.
#[must_use]
pub fn is_allowed(text: &[u8], at: usize) -> bool {
    // Distant parts of a minified line say nothing about this place.
    let (from, to) = (at.saturating_sub(400), (at + 400).min(text.len()));
    let (text, at) = (&text[from..to], at - from);
    let line_start = |from: usize| text[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |index| index + 1);
    let above = line_start(line_start(at).saturating_sub(1));
    let end = text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length);
    let near = &text[above..end];
    near.windows(ALLOW.len()).any(|part| part == ALLOW.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(text: &str, scope: Scope) -> Vec<&'static str> {
        find(text.as_bytes(), scope).into_iter().map(|found| found.what).collect()
    }

    #[test]
    fn every_form_is_a_regular_expression_with_a_source() {
        let text = include_str!("../../manifests/catalog/secret_forms.tsv");
        assert_eq!(FORMS.len(), text.lines().count() - 1);
        assert!(text.lines().skip(1).all(|line| line.split('\t').count() == 4 && !line.ends_with('\t')));
    }

    /// Put together at run time, so that no scanner takes this file for a leak.
    #[test]
    fn every_kind_of_secret_is_found() {
        let mixed = "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD".repeat(6);
        let take = |count: usize| &mixed[..count];
        let anywhere = [
            format!("{}8Q~{}", "ab1", take(34)),
            format!("AccountKey={}==", take(86)),
            format!("SharedAccessKey={}=", take(43)),
            format!("https://x/y?sv=1&sig={}%3D", take(43)),
            format!("https://prod.logic.azure.com/x?sig={}", take(43)),
            format!("ghp_{}", take(36)),
            format!("github_pat_{}", take(82)),
            format!("eyJ{}.eyJ{}.{}", take(20), take(30), take(43)),
            format!("{}AZDO{}", take(76), take(4)),
            format!("npm_{}", take(36)),
            format!("-----BEGIN {} KEY-----\nMIIB{}\n", "PRIVATE", take(60)),
            format!("Server=db;User Id=sa;Password={};", take(12)),
            format!("{}+ASt{}A==", take(76), take(5)),
        ];
        for text in &anywhere {
            assert_eq!(whats(text, Scope::Anywhere).len(), 1, "{text}");
            assert_eq!(whats(text, Scope::Manifest).len(), 1, "{text}");
        }
        let manifest = [
            format!("{}==", take(86)),
            take(52).to_lowercase().replace(['0', '1', '8', '9'], "7"),
            format!("AuthType=ClientSecret;Url=https://x;ClientSecret={}", take(40)),
            format!("amqp://me:{}@host/", take(9)),
            "Password=hunter2".to_owned(),
        ];
        for text in &manifest {
            assert_eq!(whats(text, Scope::Manifest).len(), 1, "{text}");
            assert_eq!(whats(text, Scope::Anywhere).len(), 0, "{text}");
        }
    }

    #[test]
    fn guids_hashes_public_keys_and_placeholders_are_not_secrets() {
        let mixed = "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD".repeat(16);
        for text in [
            "6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10".to_owned(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned(),
            format!("sha512-{}==", &mixed[..86]),
            format!("sha256-{}=", &mixed[..43]),
            format!("-----BEGIN PUBLIC KEY-----\n{}\n", &mixed[..300]),
            format!("-----BEGIN CERTIFICATE-----\n{}\n", &mixed[..300]),
            mixed[..392].to_owned(),
            "https://api.contoso.com/path?key=value#part".to_owned(),
            "https://contoso.com:8443/a@b".to_owned(),
            "mailto:support@contoso.com".to_owned(),
            "Password={0}".to_owned(),
            "Server=db;Password=${DB_PASSWORD};".to_owned(),
            "client_secret: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx'".to_owned(),
            "31bf3856ad364e35".to_owned(),
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/c/providers/Microsoft.KeyVault/vaults/c/secrets/K".to_owned(),
            format!("data:image/png;base64,{}", &mixed[..200]),
        ] {
            assert_eq!(whats(&text, Scope::Manifest), Vec::<&str>::new(), "{text}");
        }
    }
}
