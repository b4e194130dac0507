//! Texts that are coded in base64 (RFC 4648, 4 and 5). What is no text when it is decoded (an image, a font) hides no address that anybody reads.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

/// Shorter runs of the letters of base64 have no room for an address.
const LEAST: usize = 12;

const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
const OF_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, ANY_PADDING);

/// What a text has in base64, one text a line; only what has two slashes or a colon, as each address does.
pub(super) fn base64(text: &str) -> Option<String> {
    let is_coded = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut out = String::new();
    for run in text.as_bytes().split(|byte| !is_coded(byte)).filter(|run| run.len() >= LEAST) {
        let engine = if run.iter().any(|byte| matches!(byte, b'-' | b'_')) { &OF_URLS } else { &STANDARD };
        let decoded = engine.decode(run).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let has_address = |text: &String| text.contains(':') || memmem::find(text.as_bytes(), b"//").is_some();
        if let Some(decoded) = decoded.filter(has_address) {
            out.push_str(&decoded);
            out.push('\n');
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_where_it_is_a_text_with_an_address() {
        let with = |coded: &str| base64(&format!("atob('{coded}')"));
        for (coded, text) in [
            ("aHR0cHM6Ly9hLmV4YW1wbGUveA==", "https://a.example/x"),
            ("aHR0cHM6Ly9hLmV4YW1wbGUveA", "https://a.example/x"),
            ("Ly9hLmV4YW1wbGUveD8_Pw", "//a.example/x???"),
        ] {
            assert_eq!(with(coded).as_deref(), Some(&*format!("{text}\n")), "{coded}");
        }
        for coded in
            ["aGVsbG8gd29ybGQsIGhlbGxv", "iVBORw0KGgoAAAANSUhEUg==", "addEventListener", "WebResources/contoso"]
        {
            assert_eq!(with(coded), None, "{coded}");
        }
    }
}
