//! Texts that are coded in base64 (RFC 4648, 4 and 5). What is no text when it is decoded (an image, a font) hides no
//! address that anybody reads.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::{memchr3, memmem};

use crate::solution::contents::inside;

/// Shorter runs of base64 letters are too short for an address.
const LEAST: usize = 12;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a text has in base64, one text per line; only what has two slashes or a colon, as every address does. A decoder
/// may skip line ends, bytes before the address, and what is not text.
pub(super) fn base64(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    // Lines that follow each other, without their ends.
    let (mut lines, mut count, mut end) = (String::new(), 0, 0);
    for (start, run) in runs(bytes) {
        add(run, &mut out);
        if count > 0 && !is_line_end(&bytes[end..start]) {
            add_lines(&lines, count, &mut out);
            lines.clear();
            count = 0;
        }
        lines.push_str(&text[start..start + run.len()]);
        count += 1;
        end = start + run.len();
    }
    add_lines(&lines, count, &mut out);
    (!out.is_empty()).then_some(out)
}

/// The runs of its letters, each with its position.
fn runs(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let is_coded = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + bytes.get(from..)?.iter().position(is_coded)?;
        let length = bytes[start..].iter().position(|byte| !is_coded(byte)).unwrap_or(bytes.len() - start);
        from = start + length;
        Some((start, &bytes[start..from]))
    })
}

/// Whether there is only the end of a line and an indentation.
fn is_line_end(between: &[u8]) -> bool {
    between.iter().any(|byte| matches!(byte, b'\r' | b'\n')) && between.iter().all(u8::is_ascii_whitespace)
}

/// What stands before the first line may be letters of base64, too: an address is found from one of four on.
fn add_lines(lines: &str, count: usize, out: &mut String) {
    if count > 1 {
        (0..4).filter_map(|from| lines.as_bytes().get(from..)).for_each(|run| add(run, out));
    }
}

fn add(run: &[u8], out: &mut String) {
    if run.len() < LEAST {
        return;
    }
    // A single one that remains means nothing.
    let run = &run[..run.len() - usize::from(run.len() % 4 == 1)];
    let is_of_urls = run.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let decoded = if is_of_urls {
        let standard = |byte: &u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        LENIENT.decode(run.iter().map(standard).collect::<Vec<u8>>())
    } else {
        LENIENT.decode(run)
    };
    let Some(bytes) = decoded.ok().filter(|bytes| memchr3(b':', b'/', b'\\', bytes).is_some()) else { return };
    let has_address = |text: &String| text.contains(':') || memmem::find(text.as_bytes(), b"//").is_some();
    for text in inside::texts(&bytes).into_iter().filter(has_address) {
        out.push_str(&text);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD as STANDARD_ENGINE;

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
        let wide: Vec<u8> = "https://a.example/x".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = STANDARD_ENGINE.encode(wide);
        assert!(with(&wide).is_some_and(|it| it.contains("https://a.example/x")));
        let odd = STANDARD_ENGINE.encode(b"\xffhttps://a.example/x");
        assert!(with(&odd).is_some_and(|it| it.contains("https://a.example/x")));
        let long = STANDARD_ENGINE.encode(b"xxxxxxxxxxxxxxxxxxxxxxxx https://a.example/x");
        let (one, other) = long.split_at(40);
        for text in [format!("{one}\r\n  {other}"), format!("text\n{one}\n{other}"), format!("-----\n{one}\n{other}")] {
            assert!(base64(&text).is_some_and(|it| it.contains("https://a.example/x")), "{text}");
        }
    }
}
