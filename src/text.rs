//! Text from elsewhere on its way to a terminal or to the log of a pipeline: it is shown, and nothing obeys it.
//!
//! What acts, and where that is written:
//! - GitHub's runner (`ActionCommand.cs`) obeys `::name …::data` at the start of a line, behind any white space, and
//!   `##[name …]data` anywhere in a line. Azure's agent (`Command.cs`) obeys `##vso[area.event …]data` anywhere in a line.
//! - Both look for these marks with .NET's `IndexOf` and `StartsWith` in the machine's culture, which pass over 324
//!   characters of the basic plane (zero-width ones, control characters, combining marks, U+0640). All of them are control
//!   characters or not ASCII, and so both kinds count as absent here.
//! - Terminals obey escape sequences and the C1 controls, and show text in another order after bidirectional controls.
//!
//! A blank breaks a command, since it is none of the characters that are passed over. dvpack's own colours carry a
//! number that only this process knows ([`style`]); every other escape character is made visible.

mod lookalike;
mod name;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;

pub use lookalike::lookalike;
pub use name::{check_name, is_invisible, joiners, joins, unseen};

const ESCAPE: char = '\u{1b}';

/// What begins an escape sequence of dvpack's own until the text is printed. Without random numbers there is none, and no
/// style: a mark that can be guessed would let text from anywhere act. A host may bring its random numbers later.
fn mark() -> Option<&'static str> {
    static MARK: OnceLock<String> = OnceLock::new();
    if MARK.get().is_none()
        && let Ok(number) = crate::random::number()
    {
        MARK.get_or_init(|| format!("{ESCAPE}{number:016x}"));
    }
    MARK.get().map(String::as_str)
}

/// The most rows that Dataverse counts.
pub const MOST_ROWS: u64 = 5000;

/// A number of rows in words; [`MOST_ROWS`] stands for that many or more.
#[must_use]
pub fn rows(count: Option<u64>) -> String {
    match count {
        None => "how many rows it has could not be found out".to_owned(),
        Some(1) => "1 row".to_owned(),
        Some(rows) if rows >= MOST_ROWS => "5,000 rows or more".to_owned(),
        Some(rows) if rows >= 1000 => format!("{},{:03} rows", rows / 1000, rows % 1000),
        Some(rows) => format!("{rows} rows"),
    }
}

/// The text in a style of ANSI (such as `1;32`), or as it is.
#[must_use]
pub fn style(on: bool, code: &str, text: &str) -> String {
    styled(mark(), on, code, text)
}

fn styled(mark: Option<&str>, on: bool, code: &str, text: &str) -> String {
    match mark {
        Some(mark) if on => format!("{mark}[{code}m{text}{mark}[0m"),
        _ => text.to_owned(),
    }
}

/// Takes the escape sequences of a text for dvpack's own. Whatever in it is not dvpack's went through [`visible`].
#[must_use]
pub fn own_styles(text: &str) -> String {
    match mark() {
        Some(mark) => text.replace("\u{1b}[", &format!("{mark}[")),
        None => text.to_owned(),
    }
}

/// The text without control and direction characters: a blank stands for those that part words, and none at its ends.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// Whether a character changes what a terminal does or in which order it shows text. Line ends and tabs do not.
#[must_use]
pub fn is_control(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => true,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        // No characters at all: a test report with one of them is not XML, and nobody reads it.
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    }
}

/// The text on one line: line breaks and tabs are written out, so that no line of it passes for one of dvpack's own.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let written = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        other if breaks(other) => format!("\\u{{{:x}}}", u32::from(other)),
        other => other.to_string(),
    };
    Cow::Owned(text.chars().map(written).collect())
}

/// The text, or its beginning where it has more than `most` characters.
#[must_use]
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The text with its control characters written out, such as `\u{1b}`, and with the joiners that join nothing.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_stray =
        |at: usize, c: char| name::JOINERS.contains(&c) && !joins(text, at) && !name::joins_pictures(text, at);
    if !text.contains(|c| is_control(c) || name::JOINERS.contains(&c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        match c {
            '\r' if rest.peek().is_some_and(|(_, next)| *next == '\n') => {}
            c if is_control(c) || is_stray(at, c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The text for a terminal or a log: control characters are written out, commands are broken, and only dvpack's own
/// styles are left.
#[must_use]
pub fn harmless(text: &str) -> String {
    harmless_but(mark(), text)
}

/// The same, where the styles behind this mark stay.
fn harmless_but(mark: Option<&str>, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (first, styled) = match mark.and_then(|mark| Some((mark, text.split_once(mark)?))) {
        Some((mark, (first, styled))) => (first, Some(styled.split(mark))),
        None => (text, None),
    };
    out.push_str(&visible(first));
    for piece in styled.into_iter().flatten() {
        let end = piece.find('m').filter(|end| {
            piece.starts_with('[') && piece[1..*end].bytes().all(|byte| byte.is_ascii_digit() || byte == b';')
        });
        let (sequence, rest) = piece.split_at(end.map_or(0, |end| end + 1));
        if !sequence.is_empty() {
            out.push(ESCAPE);
            out.push_str(sequence);
        }
        out.push_str(&visible(rest));
    }
    match breaks(&out, true) {
        at if at.is_empty() => out,
        at => with(&out, &at, " "),
    }
}

/// A JSON document in which every text stays the same for who reads JSON, and nothing else acts.
#[must_use]
pub fn harmless_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut from = 0;
    // Such characters, and `#`, stand in texts only, where an escape gives the same text.
    for at in breaks(json, false) {
        escaped(&mut out, &json[from..at]);
        out.push_str("\\u0023");
        from = at + 1;
    }
    escaped(&mut out, &json[from..]);
    out
}

fn escaped(out: &mut String, json: &str) {
    for c in json.chars() {
        if is_control(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
}

/// The text with something put in at these places.
fn with(text: &str, places: &[usize], what: &str) -> String {
    let mut out = String::with_capacity(text.len() + places.len() * what.len());
    let mut from = 0;
    for &at in places {
        out.push_str(&text[from..at]);
        out.push_str(what);
        from = at;
    }
    out.push_str(&text[from..]);
    out
}

/// Where the second character of a command's mark stands: of `##…[` anywhere, and with `lines` of `::` at the start of a line.
fn breaks(text: &str, lines: bool) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('#') {
        let Some((second, after)) = next(text, at + 1).filter(|(at, _)| text[*at..].starts_with('#')) else { continue };
        // `vso`, `teamcity`, or nothing; its letters may have such characters between them, too.
        let bracket = text[after..].chars().find(|c| !is_passed_over(*c) && !c.is_ascii_alphanumeric());
        if bracket == Some('[') {
            found.push(second);
        }
    }
    if lines {
        let starts = text.match_indices(['\n', '\r']).map(|(at, _)| at + 1);
        for start in std::iter::once(0).chain(starts) {
            let Some((first, after)) = first_of_line(text, start) else { continue };
            if text[first..].starts_with(':')
                && let Some((second, _)) = next(text, after)
                && text[second..].starts_with(':')
            {
                found.push(second);
            }
        }
        found.sort_unstable();
    }
    found
}

/// Whether .NET may take a character for absent when it looks for a command.
fn is_passed_over(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// The first character from here on that is not passed over: where it begins and ends.
fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let at = from + text[from..].find(|c| !is_passed_over(c))?;
    Some((at, at + 1))
}

/// The same, behind white space and styles, within the line.
fn first_of_line(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let (first, after) = next(text, at)?;
        let byte = text.as_bytes()[first];
        if byte == b'[' && text[at..first].ends_with(ESCAPE) {
            at = first + text[first..].find('m')? + 1;
        } else if matches!(byte, b' ' | b'\t') {
            at = after;
        } else {
            return Some((first, after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_on_its_line() {
        assert_eq!(one_line("C:\\new \"a\""), "C:\\new \"a\"");
        assert_eq!(one_line("a\r\n  1. b\tc\u{2028}d\u{b}"), "a\\r\\n  1. b\\tc\\u{2028}d\\u{b}");
    }

    #[test]
    fn commands_are_broken_wherever_they_would_act() {
        for (text, expected) in [
            ("a ##vso[task.complete]x", "a # #vso[task.complete]x"),
            ("##[error]", "# #[error]"),
            ("####[group]##[a]", "### #[group]# #[a]"),
            ("##VSO[a.b]", "# #VSO[a.b]"),
            ("##teamcity[x]", "# #teamcity[x]"),
            ("#\u{200d}#v\u{640}so[a.b]", "#\\u{200d}#v\u{640}so[a.b]"),
            ("#\u{200b}#v\u{640}so[a.b]", "#\u{200b} #v\u{640}so[a.b]"),
            ("##\u{301}[error]", "# #\u{301}[error]"),
            ("::error::x", ": :error::x"),
            (" \t\u{3000}::set-output name=a::b", " \t\u{3000}: :set-output name=a::b"),
            ("a\n  :\u{200b}:stop-commands::x\n", "a\n  :\u{200b} :stop-commands::x\n"),
            ("a\r::error::", "a\\u{d}::error::"),
            ("a\r\n::error::", "a\n: :error::"),
            ("see a::b ## Title # [x] #\n#[y] ##", "see a::b ## Title # [x] #\n#[y] ##"),
            ("> [!WARNING]\n### Role a (changed)\n|---|", "> [!WARNING]\n### Role a (changed)\n|---|"),
        ] {
            assert_eq!(harmless(text), expected);
            assert_eq!(harmless(expected), expected);
        }
        assert_eq!(harmless(&style(true, "1", "::error::x")), "\u{1b}[1m: :error::x\u{1b}[0m");
    }

    #[test]
    fn control_characters_are_shown_and_only_own_styles_act() {
        let foreign = "\u{1b}[31mred\u{1b}]0;t\u{7}\u{9b}2J\u{202e}x\u{2028}y\u{85}\u{b}\u{c}\u{7f}\t\n";
        let shown = "\\u{1b}[31mred\\u{1b}]0;t\\u{7}\\u{9b}2J\\u{202e}x\\u{2028}y\\u{85}\\u{b}\\u{c}\\u{7f}\t\n";
        assert_eq!(harmless(foreign), shown);
        assert_eq!(harmless(&style(true, "1;32", "a\u{1b}[8mb")), "\u{1b}[1;32ma\\u{1b}[8mb\u{1b}[0m");
        assert_eq!(style(false, "1", "a"), "a");
        let guessed = format!("{ESCAPE}{:016x}[8m", 1);
        assert_eq!(harmless(&guessed), "\\u{1b}0000000000000001[8m");
        assert_eq!(harmless(&format!("{}[2J", mark().expect("random numbers"))), "[2J");
        assert_eq!(harmless("Größe 漢字 👩‍👩‍👧 می‌خواهم"), "Größe 漢字 👩‍👩‍👧 می‌خواهم");
        assert_eq!(harmless("Con\u{200d}toso ا\u{200c}"), "Con\\u{200d}toso ا\\u{200c}");
    }

    #[test]
    fn without_random_numbers_nothing_is_styled_and_no_text_acts() {
        assert_eq!(styled(None, true, "1;32", "a"), "a");
        for text in ["\u{1b}[8m", "\u{1b}0000000000000000[8m"] {
            assert_eq!(harmless_but(None, text), visible(text));
            assert!(!harmless_but(None, text).contains(ESCAPE));
        }
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({
            "##[a": "x ##vso[a.b]\\##[c] #\u{200d}#[d] ::error::",
            "controls": "\u{1b}[31m\u{9b}\u{7f}\u{85}\u{2028}\u{202e}\u{e0041}\r\n\t",
            "plain": "Größe ##"
        });
        let text = harmless_json(&serde_json::to_string_pretty(&value).expect("JSON"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
        assert!(!text.contains("##[") && !text.contains("##vso[") && !text.contains("#\u{200d}#["), "{text}");
        assert!(!text.contains(is_control), "{text}");
        assert!(text.contains("Größe ##"), "{text}");
    }
}
