//! Texts that are coded in base64 (RFC 4648, 4 and 5). What is no text when it is decoded (an image, a font) hides no
//! address that anybody reads; what is an archive then may hide one.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::{memchr_iter, memchr3, memmem};

use crate::solution::contents::inside;

/// Shorter runs of base64 letters are too short for an address.
const LEAST: usize = 12;
/// A shorter text has no room for an address that is coded once more. Among bytes that are no text few are as long.
const LEAST_TEXT: usize = 16;
/// The same of a text that has an address as it is.
const LEAST_ADDRESS: usize = 9;
/// What is compressed has a head and a check: the least of gzip has 20 bytes.
const LEAST_PACKED: usize = 18;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a text has in base64.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Coded {
    /// The texts, one a line.
    pub(super) text: String,
    /// Whether there is something compressed, too.
    pub(super) is_packed: bool,
}

/// What a text has in base64. Whoever decodes it may leave out line ends, bytes before the address, and what is no text.
pub(super) fn base64(text: &str) -> Coded {
    let bytes = text.as_bytes();
    let mut out = Coded::default();
    // Lines that follow each other, without their ends.
    let (mut lines, mut count, mut end) = (String::new(), 0, 0);
    for (start, run) in runs(bytes) {
        out.add(run);
        if count > 0 && !is_line_end(&bytes[end..start]) {
            out.add_lines(&lines, count);
            lines.clear();
            count = 0;
        }
        lines.push_str(&text[start..start + run.len()]);
        count += 1;
        end = start + run.len();
    }
    out.add_lines(&lines, count);
    out
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

impl Coded {
    fn add_lines(&mut self, lines: &str, count: usize) {
        if count > 1 {
            self.add(lines.as_bytes());
        }
    }

    /// What stands before a text in base64 may be letters of base64, too: it is found from one of four on.
    fn add(&mut self, run: &[u8]) {
        if run.len() < LEAST {
            return;
        }
        let standard = |byte: &u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        let run: Vec<u8> = run.iter().map(standard).collect();
        for from in 0..4 {
            let Some(run) = run.get(from..).filter(|run| run.len() >= LEAST) else { break };
            // One that is left over says nothing.
            let run = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            let Ok(bytes) = LENIENT.decode(run) else { continue };
            self.is_packed |= bytes.len() >= LEAST_PACKED && inside::is_packed(&bytes);
            let has_whole = from == 0 && self.add_whole(&bytes);
            // Half of UTF-16 is zero where the text is ASCII.
            if memchr_iter(0, &bytes).count() * 3 > bytes.len() {
                let plain: Vec<u8> = bytes.into_iter().filter(|byte| *byte != 0).collect();
                self.add_texts(&plain);
            } else if !has_whole {
                self.add_texts(&bytes);
            }
        }
    }

    /// Adds all of it, in whatever encoding, where that has an address.
    fn add_whole(&mut self, bytes: &[u8]) -> bool {
        if memchr3(b':', b'/', b'\\', bytes).is_none() {
            return false;
        }
        let before = self.text.len();
        inside::texts(bytes).iter().filter(|text| has_address(text)).for_each(|text| self.push(text));
        self.text.len() > before
    }

    /// Adds the texts among the bytes.
    fn add_texts(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            for text in chunk.valid().split(|c: char| c.is_control() && !c.is_whitespace()) {
                if text.len() >= LEAST_TEXT || text.len() >= LEAST_ADDRESS && has_address(text) {
                    self.push(text);
                }
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }
}

fn has_address(text: &str) -> bool {
    text.contains(':') || memmem::find(text.as_bytes(), b"//").is_some()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD as STANDARD_ENGINE;

    use super::*;

    #[test]
    fn base64_is_decoded_where_it_is_a_text() {
        let with = |coded: &str| base64(&format!("('{coded}')")).text;
        for (coded, text) in [
            ("aHR0cHM6Ly9hLmV4YW1wbGUveA==", "https://a.example/x"),
            ("aHR0cHM6Ly9hLmV4YW1wbGUveA", "https://a.example/x"),
            ("Ly9hLmV4YW1wbGUveD8_Pw", "//a.example/x???"),
            ("aHR0cHMlM0ElMkYlMkZhLmV4YW1wbGU", "https%3A%2F%2Fa.example"),
            ("aGVsbG8gd29ybGQsIGhlbGxv", "hello world, hello"),
        ] {
            assert_eq!(with(coded), format!("{text}\n"), "{coded}");
        }
        for coded in ["iVBORw0KGgoAAAANSUhEUg==", "addEventListener", "WebResources/contoso", "getElementsByClassName"]
        {
            assert_eq!(with(coded), "", "{coded}");
        }
        let is_found = |text: &str| base64(text).text.contains("https://a.example/x");
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide: Vec<u8> = "https://a.example/x".encode_utf16().flat_map(order).collect();
            assert!(is_found(&STANDARD_ENGINE.encode(wide)));
        }
        let odd = STANDARD_ENGINE.encode(b"\xffhttps://a.example/x");
        let long = STANDARD_ENGINE.encode(b"xxxxxxxxxxxxxxxxxxxxxxxx https://a.example/x");
        let (one, other) = long.split_at(40);
        for text in
            [odd, format!("{one}\r\n  {other}"), format!("text\n{one}\n{other}"), format!("-----\n{one}\n{other}")]
        {
            assert!(is_found(&text), "{text}");
        }
        // Whatever letters stand before it.
        for before in ["/r/", "x_", "a", "/rr/", "/rrr/", "contoso_x-"] {
            assert!(
                is_found(&format!("open('{before}{}')", STANDARD_ENGINE.encode("https://a.example/x"))),
                "{before}"
            );
        }
    }

    #[test]
    fn what_is_compressed_is_said() {
        let packed = [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], b"PK\x03\x04\x14\0\0\0", b"7z\xbc\xaf\x27\x1c\0\0\0"];
        for bytes in packed {
            let coded = STANDARD_ENGINE.encode([bytes, &[0; 16]].concat());
            for before in ["", "/r/", "x_", "a"] {
                assert!(base64(&format!("f(atob('{before}{coded}'))")).is_packed, "{before}{coded}");
            }
        }
        assert!(!base64("iVBORw0KGgoAAAANSUhEUg==").is_packed);
    }
}
