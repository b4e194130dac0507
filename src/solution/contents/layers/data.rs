//! Files inside addresses: `data:text/html;base64,…` (RFC 2397).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memchr_iter;

const MARK: &[u8] = b"base64,";

/// As lenient as browsers are.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The files that a text contains in this way.
pub(super) fn files(text: &str) -> impl Iterator<Item = Vec<u8>> {
    let bytes = text.as_bytes();
    let ends = memchr_iter(b',', bytes).filter(|comma| {
        let start = (comma + 1).checked_sub(MARK.len());
        start.is_some_and(|start| bytes[start..=*comma].eq_ignore_ascii_case(MARK))
    });
    ends.map(|comma| file(&text[comma + 1..])).filter(|file| !file.is_empty())
}

/// The file that is written at the head of a text.
fn file(text: &str) -> Vec<u8> {
    let is_blank = |byte: u8| byte.is_ascii_whitespace();
    let is_written =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_') || is_blank(*byte);
    let mut written: Vec<u8> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            // `%2B`, `%2F`, `%0A`
            b'%' => match (bytes.next(), bytes.next()) {
                (Some(high), Some(low)) => {
                    let code = [high, low];
                    let code = std::str::from_utf8(&code).ok().and_then(|code| u8::from_str_radix(code, 16).ok());
                    let Some(code) = code else { break };
                    code
                }
                _ => break,
            },
            byte => byte,
        };
        match byte {
            b'-' => written.push(b'+'),
            b'_' => written.push(b'/'),
            byte if !is_written(&byte) => break,
            byte if is_blank(byte) => {}
            byte => written.push(byte),
        }
    }
    // A single one that remains means nothing.
    if written.len() % 4 == 1 {
        written.pop();
    }
    LENIENT.decode(&written).unwrap_or_default()
}
