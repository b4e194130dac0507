//! Names that look like other names: letters of another alphabet in a word, and blanks that nobody counts.
//! Facts: the blocks of Unicode; a word of one alphabet is nobody's fake.

/// The alphabet of a letter, where others have letters that look like it.
fn alphabet(c: char) -> Option<&'static str> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' if c.is_alphabetic() => Some("Latin"),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' if c.is_alphabetic() => Some("Greek"),
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{a640}'..='\u{a69f}' if c.is_alphabetic() => {
            Some("Cyrillic")
        }
        _ => None,
    }
}

/// Why a name could pass for another one, in words; nothing where it could not.
#[must_use]
pub fn lookalike(name: &str) -> Option<String> {
    for word in name.split(|c: char| !c.is_alphanumeric()) {
        let of = |wanted: &str| word.chars().find(|c| alphabet(*c) == Some(wanted));
        let foreign = ["Cyrillic", "Greek"].into_iter().find_map(|it| Some((it, of(it)?)));
        if let (Some(_), Some((alphabet, letter))) = (of("Latin"), foreign) {
            let number = u32::from(letter);
            return Some(format!(
                "it has the {alphabet} letter `{letter}` (U+{number:04X}) in a word of Latin letters"
            ));
        }
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
            "",
        ] {
            assert_eq!(lookalike(name), None, "{name}");
        }
    }
}
