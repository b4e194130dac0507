//! Texts that are coded in a stylesheet or a program: escapes of CSS, and base64. Uses nothing of the other readers.
//!
//! Facts: CSS Syntax 3, 4.3.7 (a backslash, up to six hexadecimal digits, and one blank that belongs to them); RFC 4648,
//! 4 and 5. What is no text when it is decoded (an image, a font) hides no address that anybody reads.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::{memchr, memchr_iter, memmem};

/// The longest escape of CSS, in digits.
const DIGITS: usize = 6;

/// Shorter runs of the letters of base64 have no room for an address.
const LEAST: usize = 12;

const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
const OF_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, ANY_PADDING);

/// The visible ASCII character that an escape stands for, and its length behind the backslash.
fn css_escape(behind: &str) -> Option<(char, usize)> {
    let length = behind.bytes().take(DIGITS).take_while(u8::is_ascii_hexdigit).count();
    let value = u32::from_str_radix(behind.get(..length)?, 16).ok().and_then(char::from_u32)?;
    let blank = match behind.as_bytes().get(length..).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [b' ' | b'\t' | b'\n' | b'\r' | b'\x0c', ..] => 1,
        _ => 0,
    };
    value.is_ascii_graphic().then_some((value, length + blank))
}

/// Without the escapes of CSS that stand for visible ASCII, of which addresses consist.
pub(super) fn css(text: &str) -> Option<String> {
    let is_telling = |at: usize| css_escape(&text[at + 1..]).is_some();
    if !memchr_iter(b'\\', text.as_bytes()).any(is_telling) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match css_escape(rest) {
            Some((value, length)) => {
                out.push(value);
                rest = &rest[length..];
            }
            None => out.push('\\'),
        }
    }
    out.push_str(rest);
    Some(out)
}

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
    fn escapes_of_css_are_decoded_where_they_are_visible() {
        for text in [
            r"https\3a\2f\2f a.example",
            r"https\3A \2F \2F a.example",
            r"\68ttps://a.example",
            r"\000068 ttps://a.example",
            "https\\3a\r\n//a.example",
        ] {
            assert_eq!(css(text).as_deref(), Some("https://a.example"), "{text}");
        }
        for text in [r"C:\data", r"\d+\.\w", r"a\", r"\g", "plain", r"\e9 t\e9"] {
            assert_eq!(css(text), None, "{text}");
        }
    }

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
