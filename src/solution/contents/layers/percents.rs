//! Escapes of addresses, for one address inside another (RFC 3986, 2.1).

use memchr::{memchr, memchr_iter};

use super::decoded::Decoded;

/// What shows that there is an address inside: `/`, `:`, `%`, `\` or `@`.
const TELLING: [&[u8]; 5] = [b"2f", b"3a", b"25", b"5c", b"40"];

/// Without the escapes of addresses.
pub(super) fn percents(text: &str, most: usize) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let is_telling = |code: &[u8]| TELLING.iter().any(|it| code.eq_ignore_ascii_case(it));
    if !memchr_iter(b'%', bytes).any(|at| bytes.get(at + 1..at + 3).is_some_and(is_telling)) {
        return None;
    }
    let mut out = Decoded::new(most);
    let mut rest = text;
    while let Some(at) = memchr(b'%', rest.as_bytes()) {
        if out.is_cut() {
            break;
        }
        out.keep(&rest[..at]);
        rest = &rest[at..];
        // All that follow each other: together they are characters.
        let is_code = |code: &&[u8]| code[0] == b'%' && code[1..].iter().all(u8::is_ascii_hexdigit);
        let codes: Vec<&[u8]> = rest.as_bytes().chunks_exact(3).take_while(is_code).collect();
        if codes.is_empty() {
            out.keep("%");
            rest = &rest[1..];
            continue;
        }
        let (run, behind) = rest.split_at(codes.len() * 3);
        let decoded = percent_encoding::percent_decode_str(run).decode_utf8_lossy();
        out.put(&decoded, codes.iter().any(|code| is_telling(&code[1..])));
        rest = behind;
    }
    out.keep(rest);
    Some(out)
}
