//! The spellings of a text: as it is, with the escapes of JSON, XML, URLs and Markdown, all of them mixed and nested,
//! and in base64, whatever stands around it.
//!
//! Encoders differ in what they escape, so no list of whole spellings would be complete. In place of that each character
//! is looked for in each way in which it can be written.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use zeroize::Zeroizing;

/// How deep escapes are nested at most: a JSON text in a JSON text in a JSON text has seven backslashes.
const DEEPEST: usize = 16;

/// What is looked for.
pub(super) struct Needle {
    letters: Zeroizing<Vec<char>>,
    /// Base64 has two alphabets and may be broken into lines; how many characters before and after the sure ones
    /// hold some bits of the text.
    base64: Option<(usize, usize)>,
    /// The bytes that a spelling of the first and of the second letter can begin with: nearly all places are out of
    /// question by these two.
    first: Bytes,
    second: Bytes,
}

/// What is looked for to find a text of at least two characters.
pub(super) fn needles(text: &str) -> Vec<Needle> {
    let mut needles = vec![Needle::new(text, None)];
    // Whoever shows a text of several lines on one may have put blanks in their place.
    let plain = Zeroizing::new(crate::text::plain(text));
    if plain.as_str() != text {
        needles.push(Needle::new(&plain, None));
    }
    // What is coded is the text, or a form or JSON with it.
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let json = Value::from(text).to_string();
    let (form, json) = (Zeroizing::new(form), Zeroizing::new(json));
    let mut coded = vec![text, form.as_str(), &json[1..json.len() - 1]];
    coded.sort_unstable();
    coded.dedup();
    for (text, shift) in coded.into_iter().flat_map(|text| (0..3).map(move |shift| (text, shift))) {
        // Three bytes become four characters. What stands before the text shifts it; what stands around it mixes
        // into the outer characters.
        let bytes = Zeroizing::new([&b"\0\0"[..shift], text.as_bytes()].concat());
        let whole = bytes.len() / 3 * 3;
        let coded = Zeroizing::new(STANDARD_NO_PAD.encode(&bytes[..whole]));
        let before = if shift == 0 { 0 } else { 4 };
        let after = if whole == bytes.len() { 0 } else { 4 };
        if let Some(sure) = coded.get(before..).filter(|sure| !sure.is_empty()) {
            needles.push(Needle::new(sure, Some((before, after))));
        }
    }
    needles.retain(|needle| needle.letters.len() > 1);
    needles
}

impl Needle {
    fn new(text: &str, base64: Option<(usize, usize)>) -> Self {
        let letters = Zeroizing::new(text.chars().collect::<Vec<_>>());
        let begin = |index: usize| letters.get(index).map_or([false; 256], |letter| begins(*letter, base64.is_some()));
        let (first, second) = (begin(0), begin(1));
        Self { first: Bytes(first), second: Bytes(second), letters, base64 }
    }

    /// Whether it is worth a closer look at this place.
    fn may_be(&self, bytes: &[u8], at: usize) -> bool {
        let byte = bytes[at];
        let alone = byte.is_ascii() && !ESCAPES.contains(&byte);
        self.first.has(byte) && (!alone || bytes.get(at + 1).is_some_and(|next| self.second.has(*next)))
    }

    /// Whether a spelling can begin with this byte.
    pub(super) fn begins_with(&self, byte: u8) -> bool {
        self.first.has(byte)
    }

    /// The longest spelling that begins at `start`.
    pub(super) fn at(&self, bytes: &[u8], start: usize) -> Option<Range<usize>> {
        if !self.may_be(bytes, start) {
            return None;
        }
        // All places where the letters so far can end: `%25` is a per cent sign, or one that is itself written so.
        let (mut ends, mut next) = (vec![start], Vec::new());
        for (index, letter) in self.letters.iter().enumerate() {
            for end in &ends {
                self.letter(*letter, bytes, *end, &mut next);
                let line = if self.base64.is_some() && index > 0 { line_end(&bytes[*end..]) } else { 0 };
                if line > 0 {
                    self.letter(*letter, bytes, end + line, &mut next);
                }
            }
            if next.is_empty() {
                return None;
            }
            next.sort_unstable();
            next.dedup();
            std::mem::swap(&mut ends, &mut next);
            next.clear();
        }
        let mut place = start..*ends.last()?;
        if let Some((before, after)) = self.base64 {
            let is_coded = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
            place.start -= bytes[..place.start].iter().rev().take(before).take_while(is_coded).count();
            place.end += bytes[place.end..].iter().take(after).take_while(is_coded).count();
        }
        // An escape of which only the backslash is left would no longer be one.
        let escapes = bytes[..place.start].iter().rev().take_while(|byte| **byte == b'\\').count();
        place.start -= escapes % 2;
        Some(place)
    }

    /// Adds the ends of one letter, as it can be written at `at`.
    fn letter(&self, letter: char, bytes: &[u8], at: usize, ends: &mut Vec<usize>) {
        let rest = &bytes[at..];
        let mut utf8 = [0; 4];
        let utf8 = letter.encode_utf8(&mut utf8).as_bytes();
        if rest.starts_with(utf8) {
            ends.push(at + utf8.len());
        }
        if let (Some(other), Some(byte)) = (twin(letter, self.base64.is_some()), rest.first())
            && other == *byte
        {
            ends.push(at + 1);
        }
        match rest.first() {
            Some(b'%' | b'&') => {
                percent(utf8, rest, at, ends);
                entity(letter, rest, at, ends);
                coded_backslashes(letter, bytes, at, ends);
            }
            Some(b'\\') => {
                backslash(letter, rest, at, ends);
                // Escaped for JSON first, then for a page or a URL.
                let run = backslashes(rest);
                if letter.is_ascii_punctuation() {
                    percent(utf8, &rest[run..], at + run, ends);
                    entity(letter, &rest[run..], at + run, ends);
                }
            }
            _ => {}
        }
    }
}

/// What the spellings that are longer than their letter begin with.
const ESCAPES: [u8; 3] = *b"%&\\";

/// A set of bytes.
struct Bytes([bool; 256]);

impl Bytes {
    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

fn begins(letter: char, base64: bool) -> [bool; 256] {
    let mut bytes = [false; 256];
    let mut utf8 = [0; 4];
    let own = letter.encode_utf8(&mut utf8).as_bytes()[0];
    let lines: &[u8] = if base64 { b"\r\n" } else { b"" };
    for byte in ESCAPES.iter().chain(lines).copied().chain([own]).chain(twin(letter, base64)) {
        bytes[usize::from(byte)] = true;
    }
    bytes
}

/// The other byte that is written for a letter: in forms, and in the URL's alphabet of base64.
fn twin(letter: char, base64: bool) -> Option<u8> {
    match letter {
        ' ' => Some(b'+'),
        '+' if base64 => Some(b'-'),
        '/' if base64 => Some(b'_'),
        _ => None,
    }
}

fn backslashes(rest: &[u8]) -> usize {
    rest.iter().take(DEEPEST).take_while(|byte| **byte == b'\\').count()
}

/// `%2F` for each byte, also where the per cent sign is written so itself (`%252F`).
fn percent(utf8: &[u8], rest: &[u8], at: usize, ends: &mut Vec<usize>) {
    let mut lengths = vec![0];
    for byte in utf8 {
        let mut next = Vec::new();
        for length in lengths {
            let Some(mut code) = rest[length..].strip_prefix(b"%") else { continue };
            for _ in 0..DEEPEST {
                if hex(code, 2) == Some(u32::from(*byte)) {
                    next.push(rest.len() - code.len() + 2);
                }
                let Some(deeper) = code.strip_prefix(b"25") else { break };
                code = deeper;
            }
        }
        lengths = next;
    }
    ends.extend(lengths.iter().map(|length| at + length));
}

/// `&lt;`, `&#60;`, `&#x3C;`, also where the ampersand is written so itself (`&amp;lt;`).
fn entity(letter: char, rest: &[u8], at: usize, ends: &mut Vec<usize>) {
    let name: Option<&[u8]> = match letter {
        '&' => Some(b"amp;"),
        '<' => Some(b"lt;"),
        '>' => Some(b"gt;"),
        '"' => Some(b"quot;"),
        '\'' => Some(b"apos;"),
        _ => None,
    };
    let Some(mut code) = rest.strip_prefix(b"&") else { return };
    for _ in 0..DEEPEST {
        let found = match name.filter(|name| code.starts_with(name)) {
            Some(name) => Some(name.len()),
            None => numbered(letter, code),
        };
        ends.extend(found.map(|length| at + rest.len() - code.len() + length));
        let Some(deeper) = code.strip_prefix(b"amp;") else { break };
        code = deeper;
    }
}

/// The length of `#60;` or `#x3C;`, if that is the letter.
fn numbered(letter: char, code: &[u8]) -> Option<usize> {
    let number = code.strip_prefix(b"#")?;
    let end = number.iter().take(12).position(|byte| *byte == b';')?;
    let digits = std::str::from_utf8(&number[..end]).ok()?;
    let value = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    (value == Ok(u32::from(letter))).then_some(end + 2)
}

/// `\"`, `\n`, `\u0022`, `\u{22}`, `\x22`, also where the backslash is written so itself.
fn backslash(letter: char, rest: &[u8], at: usize, ends: &mut Vec<usize>) {
    let run = backslashes(rest);
    let code = &rest[run..];
    if letter == '\\' {
        ends.extend((2..=run).map(|length| at + length));
    }
    let short = match letter {
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        '\u{8}' => Some(b'b'),
        '\u{c}' => Some(b'f'),
        letter if letter.is_ascii_punctuation() => u8::try_from(letter).ok(),
        _ => None,
    };
    if short.is_some() && code.first().copied() == short {
        ends.push(at + run + 1);
    }
    let braced = code.strip_prefix(b"u{").and_then(|code| code.iter().take(8).position(|byte| *byte == b'}'));
    for (start, digits, end) in [(1, 2, 0), (2, braced.unwrap_or(0), 1)] {
        let opened = if start == 1 { code.starts_with(b"x") } else { braced.is_some() };
        if opened && hex(&code[start..], digits) == Some(u32::from(letter)) {
            ends.push(at + run + start + digits + end);
        }
    }
    // A character beyond the first 65,536 is two of these.
    let (mut units, mut length) = ([0; 2], 0);
    let whole = letter.encode_utf16(&mut units).iter().all(|unit| {
        let run = backslashes(&rest[length..]);
        let code = rest[length + run..].strip_prefix(b"u").filter(|_| run > 0);
        length += run + 5;
        code.and_then(|code| hex(code, 4)) == Some(u32::from(*unit))
    });
    if whole {
        ends.push(at + length);
    }
}

/// A letter behind backslashes that are coded themselves: JSON in a URL has `%5C%22`, or `%5Cu0022`.
fn coded_backslashes(letter: char, bytes: &[u8], at: usize, ends: &mut Vec<usize>) {
    let mut utf8 = [0; 4];
    let utf8 = letter.encode_utf8(&mut utf8).as_bytes();
    let mut starts = vec![at];
    for _ in 0..DEEPEST {
        let mut behind = Vec::new();
        for start in starts {
            percent(b"\\", &bytes[start..], start, &mut behind);
            entity('\\', &bytes[start..], start, &mut behind);
        }
        behind.sort_unstable();
        behind.dedup();
        if behind.is_empty() {
            return;
        }
        for start in &behind {
            let rest = &bytes[*start..];
            if letter.is_ascii_punctuation() {
                percent(utf8, rest, *start, ends);
                entity(letter, rest, *start, ends);
                ends.extend(rest.starts_with(utf8).then_some(start + utf8.len()));
            }
            if rest.first() == Some(&b'u') && hex(&rest[1..], 4) == Some(u32::from(letter)) {
                ends.push(start + 5);
            }
        }
        starts = behind;
    }
}

/// The value of so many hexadecimal digits.
fn hex(bytes: &[u8], digits: usize) -> Option<u32> {
    let digits = bytes.get(..digits).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |value, byte| Some(value.checked_mul(16)? + char::from(*byte).to_digit(16)?))
}

/// The length of a line end, or of its escape, that breaks base64.
fn line_end(rest: &[u8]) -> usize {
    [&b"\\r\\n"[..], b"\r\n", b"\\n", b"\n"].iter().find(|end| rest.starts_with(end)).map_or(0, |end| end.len())
}

#[cfg(test)]
mod tests;
