//! Secrets in web resources and flows. What was found is never shown.

pub use crate::catalog::secret_forms::ALLOW;
use crate::catalog::secret_forms::{self, Scope};

/// Files of text that people write: in others nothing is looked for.
const TEXT: [&str; 14] =
    ["js", "mjs", "ts", "html", "htm", "css", "json", "xml", "resx", "svg", "xsl", "yaml", "yml", "txt"];

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
    let line = |at: usize| memchr::memchr_iter(b'\n', &text[..at]).count() + 1;
    let found = secret_forms::find(text, Scope::Anywhere);
    let mut found: Vec<Found> = found.iter().map(|it| Found { what: it.what, line: line(it.range.start) }).collect();
    found.dedup_by_key(|found| found.line);
    found
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
    fn pictures_are_not_read() {
        assert!(is_text("WebResources/contoso_appjs1234") && is_text("Workflows/a.json"));
        assert!(!is_text("CanvasApps/a.msapp"));
        assert_eq!(find(b"\x89PNG\0\0AKIAABCDEFGHIJKLMNOP"), []);
    }
}
