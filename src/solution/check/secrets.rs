//! Secrets in web resources and flows: a small set of forms that only secrets have.
//!
//! Facts: the documented forms of keys and tokens of the services named. A line that holds `dvpack:allow-secret`, or
//! stands below one that does, is passed over. What was found is never shown.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

/// Says that the next or the same line is no secret.
pub const ALLOW: &str = "dvpack:allow-secret";

/// Files of text that people write: in others nothing is looked for.
const TEXT: [&str; 14] =
    ["js", "mjs", "ts", "html", "htm", "css", "json", "xml", "resx", "svg", "xsl", "yaml", "yml", "txt"];

/// A minified bundle may have lines of megabytes; more findings than this help nobody.
const MOST: usize = 20;

/// What it is, and its form. The first group, if there is one, is the value: a placeholder there is none.
const FORMS: [(&str, &str); 11] = [
    ("a private key", r"-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----"),
    ("a client secret of Entra ID", r"\b[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}\b"),
    ("a storage account key", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    ("a shared access key", r"SharedAccessKey=([A-Za-z0-9+/]{43}=)"),
    ("a shared access signature", r"[?&]sig=([A-Za-z0-9%+/]{43,}(?:%3D|=))"),
    ("an access key of AWS", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a token of GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82})\b"),
    ("a token of Slack", r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    ("a signed token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    (
        "a password in a connection string",
        r#"(?i)\b(?:server|data source|endpoint)=[^"'\n]{1,200};\s*(?:password|pwd)=([^;"'\s<>{}$%]{6,})"#,
    ),
    ("a client secret", r#"(?i)\bclient_?secret["']?\s*[:=]\s*["']([A-Za-z0-9_~.+/=-]{24,})["']"#),
];

/// Of bytes, not characters: `\b` of Unicode is slow where a text is not all ASCII.
static ANY: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let regex = |form: &str| RegexBuilder::new(form).unicode(false).build().ok();
    FORMS.iter().filter_map(|(what, form)| Some((*what, regex(form)?))).collect()
});

/// A secret that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub what: &'static str,
    /// The line, from 1.
    pub line: usize,
}

/// Whether a part is one in which secrets are looked for: by its ending, or a web resource, whose part has none.
#[must_use]
pub fn is_text(name: &str) -> bool {
    let lower = name.to_lowercase();
    let last = lower.rsplit('/').next().unwrap_or_default();
    match last.rsplit_once('.') {
        Some((_, ending)) => TEXT.contains(&ending),
        None => lower.starts_with("webresources/"),
    }
}

/// Looks for secrets.
#[must_use]
pub fn find(text: &[u8]) -> Vec<Found> {
    // An image without an ending: no text has a zero so early.
    if text.iter().take(512).any(|byte| *byte == 0) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (what, form) in ANY.iter() {
        for captures in form.captures_iter(text).take(MOST) {
            let Some(whole) = captures.get(0) else { continue };
            let value = captures.get(1).unwrap_or(whole).as_bytes();
            if !is_placeholder(value) && !is_allowed(text, whole.start()) {
                found.push(Found { what, line: text[..whole.start()].split(|byte| *byte == b'\n').count() });
            }
        }
    }
    found.sort_by_key(|found| found.line);
    found.dedup_by_key(|found| found.line);
    found
}

/// `xxxxxxxx`, `your-secret-here` and the like.
fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let has = |word: &[u8]| lower.windows(word.len()).any(|part| part == word);
    let distinct = lower.iter().collect::<std::collections::BTreeSet<_>>().len();
    distinct < 5 || [&b"your"[..], b"example", b"placeholder", b"secret-here", b"changeme"].into_iter().any(has)
}

fn is_allowed(text: &[u8], at: usize) -> bool {
    let line_start = |from: usize| text[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |index| index + 1);
    let start = line_start(at);
    let above = line_start(start.saturating_sub(1));
    let end = text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length);
    // Far ends of a minified line say nothing of this place.
    let near = &text[above.max(at.saturating_sub(400))..end.min(at + 400)];
    near.windows(ALLOW.len()).any(|part| part == ALLOW.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made up here, put together at run time so that no scanner takes this file for a leak.
    fn secret() -> String {
        ["ab1", "8Q~", "0123456789", "abcdefghij", "ABCDEFGHIJ", "Klm"].concat()
    }

    #[test]
    fn secrets_are_found_with_their_line_and_placeholders_are_not() {
        let text = format!("var a = 1;\nvar s = '{}';\nconst k = \"-----BEGIN {} KEY-----\";\n", secret(), "PRIVATE");
        let found = find(text.as_bytes());
        assert_eq!(
            found,
            [Found { what: "a client secret of Entra ID", line: 2 }, Found { what: "a private key", line: 3 }]
        );
        let harmless =
            "client_secret: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx'; clientSecret = \"your-client-secret-goes-here-now\"";
        assert_eq!(find(harmless.as_bytes()), []);
    }

    #[test]
    fn a_comment_allows_one_line() {
        let text = format!("// {ALLOW}: of the test tenant\nvar s = '{0}';\nvar t = '{0}';\n", secret());
        assert_eq!(find(text.as_bytes()).iter().map(|found| found.line).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn every_form_is_a_regular_expression() {
        assert_eq!(ANY.len(), FORMS.len());
    }

    #[test]
    fn pictures_are_not_read() {
        assert!(is_text("WebResources/contoso_appjs1234") && is_text("Workflows/a.json"));
        assert!(!is_text("CanvasApps/a.msapp"));
        assert_eq!(find(b"\x89PNG\0\0AKIAABCDEFGHIJKLMNOP"), []);
    }
}
