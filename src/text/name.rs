//! Names that people compare by eye: two that look the same are the same. Facts: Unicode's `Default_Ignorable_Code_Point`,
//! the joining types of `ArabicShaping.txt`, and the rule for joiners in names (RFC 5892, appendix A.1 and A.2).

use unicode_normalization::char::canonical_combining_class;

/// Changes how the letters around it are joined, where they are of a script that joins letters.
pub const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Characters without a shape of their own, which make a name look like another one: formatting characters, what Unicode
/// calls default ignorable, and the Braille pattern without dots, which looks like a space.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// The first character that nobody sees; joiners between letters that they join change what is seen.
#[must_use]
pub fn unseen(text: &str) -> Option<char> {
    let mut all = text.char_indices();
    all.find(|(at, c)| is_invisible(*c) && !joins(text, *at)).map(|(_, c)| c)
}

/// What is wrong with a name that a person compares by eye.
pub fn check_name(text: &str) -> Result<(), String> {
    let number = |c: char| format!("U+{:04X}", u32::from(c));
    if text.trim() != text {
        return Err("it starts or ends with white space".into());
    }
    let control = text.chars().find(|c| c.is_control() || matches!(c, '\u{fffc}' | '\u{fffd}'));
    if let Some(c) = unseen(text).or(control) {
        return Err(format!("it contains {}, which is invisible: write the name without it", number(c)));
    }
    if let Some(c) = text.chars().find(|c| c.is_whitespace() && *c != ' ') {
        return Err(format!("it contains the blank {}: write a space", number(c)));
    }
    let unassigned = |c: &char| matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(*c) & 0xFFFE == 0xFFFE;
    if let Some(c) = text.chars().find(unassigned) {
        return Err(format!("it contains {}, which is not a character", number(c)));
    }
    if unicode_normalization::is_nfc(text) {
        Ok(())
    } else {
        Err("it has accents that are characters of their own: write it in Unicode normal form C".into())
    }
}

/// The joiners of a name, in words; empty: it has none.
#[must_use]
pub fn joiners(text: &str) -> String {
    let names = [(JOINERS[0], "U+200C (zero width non-joiner)"), (JOINERS[1], "U+200D (zero width joiner)")];
    names.iter().filter(|(c, _)| text.contains(*c)).map(|(_, name)| *name).collect::<Vec<_>>().join(" and ")
}

/// Whether the character at a place is a joiner between letters that it joins or keeps apart.
#[must_use]
pub fn joins(text: &str, at: usize) -> bool {
    let Some(joiner) = text[at..].chars().next().filter(|c| JOINERS.contains(c)) else { return false };
    let after = &text[at + joiner.len_utf8()..];
    let (before, next) = (text[..at].chars().next_back(), after.chars().next());
    let is_virama = |c: Option<char>| c.is_some_and(|c| canonical_combining_class(c) == 9);
    // Indic scripts: after a virama; Bengali has the joiner before it, too.
    if is_virama(before) {
        return true;
    }
    if joiner == '\u{200d}' {
        return is_virama(next) && before.is_some_and(|c| c.is_alphabetic() && !c.is_ascii());
    }
    let mut left = text[..at].chars().rev().map(joining).skip_while(|it| *it == Joining::Transparent);
    let mut right = after.chars().map(joining).skip_while(|it| *it == Joining::Transparent);
    left.next() == Some(Joining::Dual) && matches!(right.next(), Some(Joining::Dual | Joining::Right))
}

/// Whether a joiner makes one picture of two.
pub(super) fn joins_pictures(text: &str, at: usize) -> bool {
    let picture = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}');
    let rest = text[at..].strip_prefix(JOINERS[1]);
    rest.is_some_and(|rest| rest.starts_with(picture) && text[..at].ends_with(picture))
}

/// How a letter is joined to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joining {
    /// To both.
    Dual,
    /// To the one before it only.
    Right,
    /// A mark, which is passed over.
    Transparent,
    /// Not at all.
    None,
}

/// Of Arabic, Syriac, N'Ko and Mongolian letters.
fn joining(c: char) -> Joining {
    match c {
        '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}'
        | '\u{6e8}'
        | '\u{6ea}'..='\u{6ed}'
        | '\u{711}'
        | '\u{730}'..='\u{74a}'
        | '\u{7eb}'..='\u{7f3}'
        | '\u{8d3}'..='\u{8e1}'
        | '\u{8e3}'..='\u{8ff}' => Joining::Transparent,
        '\u{622}'..='\u{625}'
        | '\u{627}'
        | '\u{629}'
        | '\u{62f}'..='\u{632}'
        | '\u{648}'
        | '\u{671}'..='\u{673}'
        | '\u{675}'..='\u{677}'
        | '\u{688}'..='\u{699}'
        | '\u{6c0}'
        | '\u{6c3}'..='\u{6cb}'
        | '\u{6cd}'
        | '\u{6cf}'
        | '\u{6d2}'
        | '\u{6d3}'
        | '\u{6d5}'
        | '\u{6ee}'
        | '\u{6ef}'
        | '\u{710}'
        | '\u{715}'..='\u{719}'
        | '\u{71e}'
        | '\u{728}'
        | '\u{72a}'
        | '\u{72c}'
        | '\u{72f}'
        | '\u{74d}'
        | '\u{759}'..='\u{75b}'
        | '\u{76b}'
        | '\u{76c}'
        | '\u{771}'
        | '\u{773}'
        | '\u{774}'
        | '\u{778}'
        | '\u{779}'
        | '\u{8aa}'..='\u{8ac}'
        | '\u{8ae}'
        | '\u{8b1}'
        | '\u{8b2}'
        | '\u{8b9}' => Joining::Right,
        '\u{620}'
        | '\u{626}'
        | '\u{628}'
        | '\u{62a}'..='\u{62e}'
        | '\u{633}'..='\u{63f}'
        | '\u{641}'..='\u{647}'
        | '\u{649}'
        | '\u{64a}'
        | '\u{66e}'
        | '\u{66f}'
        | '\u{678}'..='\u{687}'
        | '\u{69a}'..='\u{6bf}'
        | '\u{6c1}'
        | '\u{6c2}'
        | '\u{6cc}'
        | '\u{6ce}'
        | '\u{6d0}'
        | '\u{6d1}'
        | '\u{6fa}'..='\u{6fc}'
        | '\u{6ff}'
        | '\u{712}'..='\u{714}'
        | '\u{71a}'..='\u{71d}'
        | '\u{71f}'..='\u{727}'
        | '\u{729}'
        | '\u{72b}'
        | '\u{72d}'
        | '\u{72e}'
        | '\u{74e}'..='\u{758}'
        | '\u{75c}'..='\u{76a}'
        | '\u{76d}'..='\u{770}'
        | '\u{772}'
        | '\u{775}'..='\u{777}'
        | '\u{77a}'..='\u{77f}'
        | '\u{7ca}'..='\u{7ea}'
        | '\u{8a0}'..='\u{8a9}'
        | '\u{8af}'
        | '\u{8b0}'
        | '\u{8b3}'
        | '\u{8b4}'
        | '\u{8b6}'..='\u{8b8}'
        | '\u{8ba}'..='\u{8bd}'
        | '\u{1820}'..='\u{1878}'
        | '\u{1887}'..='\u{18a8}'
        | '\u{18aa}' => Joining::Dual,
        _ => Joining::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joiners_stand_where_they_join() {
        let good = [
            "می\u{200c}خواهم",
            "کتاب\u{200c}ها",
            "خانه\u{200c}ای",
            "क्\u{200d}ष",
            "क्\u{200c}ष",
            "ශ්\u{200d}රී",
            "র\u{200d}্য",
            "ന്\u{200d}",
            "ب\u{64e}\u{200c}ه",
        ];
        for name in good {
            assert_eq!((unseen(name), check_name(name)), (None, Ok(())), "{name:?}");
        }
        let bad = [
            "Con\u{200c}toso",
            "Con\u{200d}toso",
            "\u{200c}می",
            "می\u{200c}",
            "می\u{200d}خواهم",
            "می\u{200c}\u{200c}خواهم",
            "می \u{200c}خواهم",
            "در\u{200c}خت",
            "a\u{200c}ه",
            "क\u{200d}ष",
            "ק\u{200c}ב",
            "\u{1f469}\u{200d}\u{1f4bb}",
            "漢\u{200d}字",
        ];
        for name in bad {
            assert!(unseen(name).is_some_and(|c| JOINERS.contains(&c)) && check_name(name).is_err(), "{name:?}");
        }
    }
}
