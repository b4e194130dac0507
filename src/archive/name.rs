//! Which names of entries are safe everywhere: on Windows, on file systems that ignore case, and in
//! programs that split paths in another way than this one.

use std::collections::HashMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Reason;

/// Checks one name (without the `/` that ends a folder's).
pub(super) fn check(name: &str) -> Result<(), Reason> {
    if name.is_empty() {
        return Err(Reason::Name("is empty"));
    }
    if name.starts_with('/') {
        return Err(Reason::Name("is an absolute path"));
    }
    if name.contains('\\') {
        return Err(Reason::Name("holds a backslash, which is a separator on Windows only"));
    }
    if name.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(Reason::Name("holds control or invisible characters"));
    }
    if name.contains(':') {
        return Err(Reason::Name("holds a colon, which is a drive or a stream on Windows"));
    }
    if name.contains(['<', '>', '"', '|', '?', '*']) {
        return Err(Reason::Name("holds a character that Windows does not allow in names"));
    }
    if !is_nfc(name) {
        return Err(Reason::Name("is not in Unicode normal form C"));
    }
    for part in name.split('/') {
        check_part(part)?;
    }
    Ok(())
}

fn check_part(part: &str) -> Result<(), Reason> {
    match part {
        "" => return Err(Reason::Name("has an empty part (`//`)")),
        "." | ".." => return Err(Reason::Name("leads out of its folder (`.` or `..`)")),
        _ => {}
    }
    if part.ends_with(['.', ' ']) {
        return Err(Reason::Name("has a part that ends with a dot or a space, which Windows drops"));
    }
    let folded = fold(part);
    let stem = folded.split('.').next().unwrap_or_default().trim_end();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    if ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&stem) || numbered("com") || numbered("lpt") {
        return Err(Reason::Name("is that of a device on Windows"));
    }
    Ok(())
}

/// Formatting characters that make a name look like another one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// A form in which two names are equal if any usual file system takes them for one.
fn fold(name: &str) -> String {
    name.nfkc().collect::<String>().to_uppercase().to_lowercase().nfkc().collect()
}

/// The names met so far in an archive.
#[derive(Default)]
pub(super) struct Names {
    /// Folded path to the name as first met, and whether it is a folder.
    met: HashMap<String, (String, bool)>,
}

impl Names {
    /// Adds a name; tells a collision with an earlier one.
    pub(super) fn add(&mut self, name: &str, is_folder: bool) -> Result<(), Reason> {
        let folded = fold(name);
        for (at, _) in folded.match_indices('/') {
            let parent = &folded[..at];
            match self.met.get(parent) {
                Some((first, false)) => return Err(Reason::FileAndFolder(first.clone())),
                Some(_) => {}
                // An implied folder has no name of its own: an explicit entry for it may follow.
                None => {
                    self.met.insert(parent.to_owned(), (String::new(), true));
                }
            }
        }
        match self.met.get(&folded) {
            Some((first, true)) if first.is_empty() && is_folder => {}
            Some((_, true)) if !is_folder => return Err(Reason::FileAndFolder(name.to_owned())),
            Some((first, false)) if is_folder => return Err(Reason::FileAndFolder(first.clone())),
            Some((first, _)) => return Err(Reason::Collision(first.clone())),
            None => {}
        }
        self.met.insert(folded, (name.to_owned(), is_folder));
        Ok(())
    }
}

/// File names that can all stand below one folder, on every system.
#[derive(Default)]
pub struct SafeNames(Names);

impl SafeNames {
    /// Takes a name, unless it is unsafe or collides with one taken before.
    pub fn take(&mut self, name: &str) -> bool {
        // Most file systems hold 255 bytes for each part of a path.
        let fits = name.split('/').all(|part| part.len() <= 240);
        fits && check(name).is_ok() && self.0.add(name, false).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_names_that_mean_different_things_on_different_systems() {
        let bad = [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "./a",
            "a//b",
            "a\\b",
            "C:x",
            "C:/x",
            "a\0b",
            "a\nb",
            "CON",
            "a/nul.txt",
            "com1.xml",
            "COM¹",
            "a.",
            "a ",
            "x./y",
            "a*b",
            "what?",
            "e\u{301}.txt",
            "a\u{202e}txt.exe",
            "lpt9 .x",
        ];
        for name in bad {
            assert!(check(name).is_err(), "{name:?} passed");
        }
        for name in [
            "[Content_Types].xml",
            "WebResources/contoso_app.js",
            "Größe/ß.txt",
            "a b/c-d_{0}.xml",
            "console",
            "com10.xml",
            ".dot",
        ] {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn names_that_fold_to_one_collide() {
        let collide = |one: &str, two: &str| {
            let mut names = Names::default();
            names.add(one, false).expect("first");
            names.add(two, false).is_err()
        };
        assert!(
            collide("a.txt", "A.TXT") && collide("straße", "STRASSE") && collide("ﬁ", "fi") && collide("K", "\u{212A}")
        );
        assert!(collide("a", "a/b") && collide("a/b", "A") && collide("same", "same"));
        assert!(!collide("a/b", "a/c"));
    }
}
