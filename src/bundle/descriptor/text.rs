//! Texts of `bundle.json`: which characters people and programs read in only one way.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::text::{is_invisible, joins, unseen};

/// What is wrong with a name, an address or another text of one line that a person compares by eye.
pub(super) fn name(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    if let Some(c) = text.chars().find(|c| is_unfit(*c)).or_else(|| unseen(text)) {
        return Err(format!("contains the control or invisible character U+{:04X}", u32::from(c)));
    }
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        return Err("starts or ends with a blank".to_owned());
    }
    if text.chars().any(|c| c.is_whitespace() && c != ' ') {
        return Err("contains a blank that is not a space".to_owned());
    }
    if !is_nfc(text) {
        return Err("is not in Unicode normal form C".to_owned());
    }
    Ok(())
}

/// What is wrong with a longer text, such as a reason or a value: it may have several lines, and the joiners and
/// variation selectors of emoji and of some scripts.
pub(super) fn lines(text: &str) -> Result<(), String> {
    let is_used = |c: char| matches!(c, '\n' | '\r' | '\t' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}');
    match text.chars().find(|c| (is_unfit(*c) || is_invisible(*c)) && !is_used(*c)) {
        Some(c) => Err(format!("contains the control or invisible character U+{:04X}", u32::from(c))),
        None => Ok(()),
    }
}

/// Control characters, and what Unicode says is not a character: PowerShell, jq and terminals differ on them.
fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE
}

/// A display name of a solution as `bundle.json` shows it: one line, without invisible characters, in normal form C.
/// If nothing is left, it is `otherwise`.
#[must_use]
pub fn shown(display_name: &str, otherwise: &str) -> String {
    let visible = display_name
        .char_indices()
        .filter(|(at, c)| !is_invisible(*c) || matches!(c, '\u{2028}' | '\u{2029}') || joins(display_name, *at))
        .map(|(_, c)| if is_unfit(c) || c.is_whitespace() { ' ' } else { c })
        .nfc()
        .collect::<String>();
    let text = visible.trim();
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_a_person_sees() {
        for good in ["Contoso & Sons", "Über \u{1f600}", "ルール", "a-b_c.d", "/providers/Microsoft.PowerApps/apis/x"]
        {
            assert_eq!(name(good), Ok(()), "{good}");
        }
        let bad = [
            "",
            " a",
            "a ",
            "a\u{a0}",
            "a\u{3000}b",
            "a\u{200b}b",
            "a\u{feff}",
            "a\nb",
            "a\0b",
            "a\u{7f}",
            "a\u{202e}b",
            "a\u{ad}b",
            "u\u{308}ber",
            "a\u{e0041}",
            "a\u{2028}b",
            "a\u{ffff}",
            "a\u{fdd0}",
            "❤\u{fe0f}",
        ];
        for bad in bad {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn longer_texts_may_have_lines() {
        for good in ["one\r\n\ttwo", "", " a ", "❤\u{fe0f}", "می\u{200c}خواهم"] {
            assert_eq!(lines(good), Ok(()), "{good}");
        }
        for bad in ["a\u{1b}[2J", "a\0", "a\u{202e}b", "a\u{2066}b", "a\u{200b}b", "a\u{feff}", "a\u{2029}b"] {
            assert!(lines(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_display_name_keeps_what_is_seen() {
        assert_eq!(shown("  Con\u{200b}toso\n Wid\u{ad}gets\u{a0}", "x"), "Contoso  Widgets");
        assert_eq!(shown("u\u{308}ber\u{2028}alles", "x"), "über alles");
        assert_eq!(shown("نقش\u{200c}ها\u{200c} a\u{200d}b", "x"), "نقش\u{200c}ها ab");
        assert_eq!(shown("\u{feff}\u{200b} ", "Widgets"), "Widgets");
        for text in ["\u{115f}", "a\u{ffff}", "\u{1f469}\u{200d}\u{1f4bb}", "a\u{85}b", "e\u{301}\u{200b}\u{302}"] {
            assert_eq!(name(&shown(text, "x")), Ok(()), "{text:?}");
        }
    }
}
