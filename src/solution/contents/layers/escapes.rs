//! Escapes of program texts.
//!
//! Facts: RFC 8259, 7; ECMA-262, 12.9.4 (any number of zeros in `\u{…}`, any other character after `\` is itself, a
//! line end after it is nothing); C#, 6.4.5.6 (`\x` with one to four digits, `\U` with eight); CSS Syntax 3, 4.3.7 (one
//! to six digits, and one blank behind them).

use memchr::memchr;

use super::decoded::Decoded;

/// Whose escapes are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// JSON and JavaScript.
    Script,
    /// C#, where it is another.
    Sharp,
    /// CSS, where it is another.
    Style,
}

/// What an escape means, its length without the `\`, and whether it can show something.
type Escape = (Option<char>, usize, bool);

/// Without the escapes of a language.
pub(super) fn escapes(text: &str, dialect: Dialect, most: usize) -> Option<Decoded> {
    memchr(b'\\', text.as_bytes())?;
    let mut out = Decoded::new(most);
    let mut rest = text;
    let mut buffer = [0; 4];
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        if out.is_cut() {
            break;
        }
        out.keep(&rest[..at]);
        rest = &rest[at + 1..];
        let found = match dialect {
            Dialect::Script => script(rest),
            Dialect::Sharp => sharp(rest).or_else(|| script(rest).map(|(c, length, _)| (c, length, false))),
            Dialect::Style => style(rest),
        };
        match found.or_else(|| itself(rest, dialect)) {
            Some((value, length, is_telling)) => {
                out.put(value.map_or("", |c| c.encode_utf8(&mut buffer)), is_telling);
                rest = &rest[length..];
            }
            None => out.keep("\\"),
        }
    }
    out.keep(rest);
    Some(out)
}

/// The number that so many hexadecimal digits write.
fn hex(text: &str, length: usize) -> Option<u32> {
    let digits = text.get(..length)?;
    let is_hex = length > 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

fn script(rest: &str) -> Option<Escape> {
    let simple = |c| Some((Some(c), 1, true));
    match rest.bytes().next()? {
        b'u' => unicode(&rest[1..]).map(|(c, length)| (Some(c), length + 1, true)),
        b'x' => Some((char::from_u32(hex(&rest[1..], 2)?), 3, true)),
        b'n' | b'r' => simple('\n'),
        b't' => simple('\t'),
        b'v' | b'f' | b'b' => simple('\u{b}'),
        b'0'..=b'7' => {
            let length = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            Some((u32::from_str_radix(&rest[..length], 8).ok().and_then(char::from_u32), length, true))
        }
        _ => None,
    }
}

/// `002f`, `{2f}`, or two halves of a character, and how long that is.
fn unicode(text: &str) -> Option<(char, usize)> {
    if let Some(inside) = text.strip_prefix('{') {
        let zeros = inside.bytes().take_while(|byte| *byte == b'0').count();
        let length = inside[zeros..].bytes().take(8).take_while(u8::is_ascii_hexdigit).count();
        let end = zeros + length;
        let is_closed = inside[end..].starts_with('}');
        let value = if length == 0 { Some(0).filter(|_| zeros > 0) } else { hex(&inside[zeros..], length) };
        return Some((value.filter(|_| is_closed).and_then(char::from_u32)?, end + 2));
    }
    let first = hex(text, 4)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 4));
    }
    let second = hex(text.get(4..)?.strip_prefix("\\u")?, 4)?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    Some((char::decode_utf16(units).next()?.ok()?, 10))
}

fn sharp(rest: &str) -> Option<Escape> {
    if let Some(digits) = rest.strip_prefix('U') {
        return Some((Some(char::from_u32(hex(digits, 8)?)?), 9, true));
    }
    let digits = rest.strip_prefix('x')?;
    let length = digits.bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
    Some((Some(char::from_u32(hex(digits, length)?)?), length + 1, length != 2))
}

fn style(rest: &str) -> Option<Escape> {
    let length = rest.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
    let value = char::from_u32(hex(rest, length)?);
    let behind = &rest[length..];
    let blank = ["\r\n", "\n", "\r", "\t", " ", "\u{c}"].iter().find(|blank| behind.starts_with(**blank));
    // `\d` of a regular expression is a control character.
    let is_telling = value.is_some_and(|c| !c.is_control());
    Some((value, length + blank.map_or(0, |blank| blank.len()), is_telling))
}

/// Any other character after a `\` means itself, and a line end means nothing.
fn itself(rest: &str, dialect: Dialect) -> Option<Escape> {
    let c = rest.chars().next()?;
    let is_seen = dialect == Dialect::Script;
    match c {
        '\r' if rest.starts_with("\r\n") => Some((None, 2, is_seen)),
        '\r' | '\n' | '\u{2028}' | '\u{2029}' => Some((None, c.len_utf8(), is_seen)),
        // These are escapes when something follows that is missing here.
        'u' | 'x' | 'U' if dialect != Dialect::Style => None,
        '"' | '\'' | '`' => Some((Some(c), 1, false)),
        _ => Some((Some(c), c.len_utf8(), is_seen)),
    }
}
