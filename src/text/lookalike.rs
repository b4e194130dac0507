//! Names that look like other names: letters of another alphabet or of a decorative form in a word, and blanks that nobody
//! counts.
//! Facts: the blocks of Unicode; a word of one alphabet is nobody's fake.

use unicode_normalization::UnicodeNormalization as _;

use super::is_invisible;

/// Alphabets that have letters which look like Latin ones, by their blocks.
const OTHERS: [(&str, &[(char, char)]); 7] = [
    ("Greek", &[('\u{370}', '\u{3ff}'), ('\u{1f00}', '\u{1fff}')]),
    ("Cyrillic", &[('\u{400}', '\u{52f}'), ('\u{1c80}', '\u{1c8f}'), ('\u{a640}', '\u{a69f}')]),
    ("Armenian", &[('\u{530}', '\u{58f}')]),
    ("Cherokee", &[('\u{13a0}', '\u{13ff}'), ('\u{ab70}', '\u{abbf}')]),
    ("Coptic", &[('\u{2c80}', '\u{2cff}')]),
    ("Lisu", &[('\u{a4d0}', '\u{a4ff}')]),
    ("phonetic", &[('\u{17f}', '\u{17f}'), ('\u{1c0}', '\u{1c3}'), ('\u{250}', '\u{2af}'), ('\u{1d00}', '\u{1dbf}')]),
];

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}') && c.is_alphabetic() && other(c).is_none()
}

/// The alphabet of a letter, where it is one of those.
fn other(c: char) -> Option<&'static str> {
    if c.is_ascii() || !c.is_alphabetic() {
        return None;
    }
    let is_in = |(from, to): &(char, char)| (*from..=*to).contains(&c);
    let found = OTHERS.iter().find(|(_, blocks)| blocks.iter().any(is_in)).map(|(name, _)| *name);
    // Full width and mathematical letters: to who compares by compatibility they are letters of ASCII.
    let is_other_form = || std::iter::once(c).nfkc().all(|c| c.is_ascii_alphabetic());
    found.or_else(|| is_other_form().then_some("decorative"))
}

/// Why a name could pass for another one, in words; nothing where it could not.
#[must_use]
pub fn lookalike(name: &str) -> Option<String> {
    // Quotes and what nobody sees begin no new word.
    let is_mark =
        |c: char| is_invisible(c) || matches!(c, '\'' | '"' | '`' | '\u{b4}' | '\u{2bc}' | '\u{2018}'..='\u{201f}');
    let plain: String = name.chars().filter(|c| !is_mark(*c)).collect();
    for word in plain.split(|c: char| !c.is_alphanumeric()) {
        let foreign = word.chars().find_map(|c| Some((c, other(c)?)));
        if let Some((letter, alphabet)) = foreign.filter(|_| word.chars().any(is_latin)) {
            let number = u32::from(letter);
            return Some(format!(
                "it has the {alphabet} letter `{letter}` (U+{number:04X}) in a word of Latin letters"
            ));
        }
        if word.chars().any(|c| ('\u{1d400}'..='\u{1d7ff}').contains(&c)) {
            return Some("it has mathematical letters".to_owned());
        }
    }
    // In a Turkish name other letters of its alphabet stand beside it.
    let is_turkish = |c: char| "\u{11f}\u{15f}\u{e7}\u{f6}\u{fc}\u{11e}\u{15e}\u{c7}\u{d6}\u{dc}\u{130}".contains(c);
    if plain.contains('\u{131}') && !plain.contains(is_turkish) {
        return Some("it has the letter `\u{131}` (U+0131), which looks like an `i`".to_owned());
    }
    name.contains("  ").then(|| "it has two blanks in a row".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_two_alphabets_in_a_word_are_told() {
        for (name, said) in [
            ("Cont\u{43e}so", "Cyrillic letter `\u{43e}` (U+043E)"),
            ("\u{410}ccount Reader", "U+0410"),
            ("C\u{3bf}ntoso", "Greek letter `\u{3bf}` (U+03BF)"),
            ("contoso_/m\u{430}in.js", "U+0430"),
            ("Contoso  Service", "two blanks"),
            ("C\u{585}ntoso", "Armenian letter"),
            ("\u{ff23}ontoso", "decorative letter"),
            ("\u{1d402}ontoso", "decorative letter"),
            ("\u{1d402}\u{1d428}", "mathematical letters"),
            ("C'\u{43e}'ntoso", "Cyrillic letter"),
            ("C\u{200b}\u{43e}ntoso", "Cyrillic letter"),
            ("Contoso Ma\u{269}n", "phonetic letter"),
            ("W\u{131}dgets", "U+0131"),
        ] {
            let found = lookalike(name);
            assert!(found.as_ref().is_some_and(|it| it.contains(said)), "{name}: {found:?}");
        }
        for name in [
            "Contoso Service",
            "\u{420}\u{443}\u{441} Service",
            "\u{c9}t\u{e9} 5 \u{b5}m",
            "\u{3a9} Sales",
            "\u{4f1a}\u{793e} A",
            "\u{ff21}\u{ff22}\u{793e}",
            "Kay\u{131}t Defteri \u{d6}zeti",
            "L'\u{c9}t\u{e9}",
            "",
        ] {
            assert_eq!(lookalike(name), None, "{name}");
        }
    }
}
