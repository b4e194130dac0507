//! Which names of entries are safe everywhere: on Windows, on file systems that ignore case, and in
//! programs that split paths in another way than this one.

use crate::text::is_invisible;
use std::collections::HashMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Reason;

/// What usual file systems hold for one part of a path.
const MAXIMUM_PART: usize = 255;

/// Checks the name of an entry in an archive (without the `/` that ends a folder's).
pub(super) fn check_entry(name: &str) -> Result<(), Reason> {
    // unzip and bsdtar show other characters in ways that depend on the system and the locale.
    if !name.is_ascii() {
        return Err(Reason::Name("contains other characters than ASCII, which packages write percent-encoded"));
    }
    check(name)
}

/// Checks one name (without the `/` that ends a folder's).
pub(super) fn check(name: &str) -> Result<(), Reason> {
    if name.is_empty() {
        return Err(Reason::Name("is empty"));
    }
    if name.starts_with('/') {
        return Err(Reason::Name("is an absolute path"));
    }
    if name.contains('\\') {
        return Err(Reason::Name("contains a backslash, which is a separator on Windows only"));
    }
    if name.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(Reason::Name("contains control or invisible characters"));
    }
    if name.contains(':') {
        return Err(Reason::Name("contains a colon, which is a drive or a stream on Windows"));
    }
    if name.contains(['<', '>', '"', '|', '?', '*']) {
        return Err(Reason::Name("contains a character that Windows does not allow in names"));
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
    if part.starts_with(' ') {
        return Err(Reason::Name("has a part that begins with a space, which some programs drop"));
    }
    if part.len() > MAXIMUM_PART {
        return Err(Reason::Name("has a part of more than 255 bytes, which file systems do not support"));
    }
    let folded = fold(part);
    if folded == ".git" {
        return Err(Reason::Name("has a part `.git`: git runs what is set up in such a folder"));
    }
    if part.starts_with("._") || folded == "__macosx" {
        return Err(Reason::Name("is one that macOS takes for attributes of another file, and does not list"));
    }
    if is_short_name(part) {
        return Err(Reason::Name("has a part like `LONGNA~1`, which on Windows can be a longer name"));
    }
    let stem = folded.split('.').next().unwrap_or_default().trim_end();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    if ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&stem) || numbered("com") || numbered("lpt") {
        return Err(Reason::Name("is that of a device on Windows"));
    }
    Ok(())
}

/// The form in which Windows keeps a second name for a long one: six characters, `~`, digits, and an extension of three.
fn is_short_name(part: &str) -> bool {
    let (stem, extension) = part.split_once('.').unwrap_or((part, ""));
    let Some((start, number)) = stem.rsplit_once('~') else { return false };
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    numbered && !start.is_empty() && stem.len() <= 8 && extension.len() <= 3
}

/// A form in which two names are equal if any usual file system takes them for one.
fn fold(name: &str) -> String {
    name.nfkc().collect::<String>().to_uppercase().to_lowercase().nfkc().collect()
}

/// The names met so far in an archive.
#[derive(Default)]
pub(super) struct Names {
    /// Folded path to the name as first met, and what it is.
    met: HashMap<String, (String, Kind)>,
}

/// What stands under a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    /// A folder that has no entry of its own so far.
    Implied,
}

impl Names {
    /// Adds a name; reports a collision with an earlier one.
    pub(super) fn add(&mut self, name: &str, is_folder: bool) -> Result<(), Reason> {
        let folded = fold(name);
        let spelled = name.match_indices('/').map(|(at, _)| &name[..at]);
        for ((at, _), spelling) in folded.match_indices('/').zip(spelled) {
            match self.met.get(&folded[..at]) {
                Some((first, Kind::File)) => return Err(Reason::FileAndFolder(first.clone())),
                Some((first, _)) if first != spelling => return Err(Reason::Collision(first.clone())),
                Some(_) => {}
                None => {
                    self.met.insert(folded[..at].to_owned(), (spelling.to_owned(), Kind::Implied));
                }
            }
        }
        match self.met.get(&folded) {
            Some((first, Kind::Implied)) if is_folder && first == name => {}
            Some((first, Kind::File)) if is_folder => return Err(Reason::FileAndFolder(first.clone())),
            Some((first, Kind::Folder | Kind::Implied)) if !is_folder => {
                return Err(Reason::FileAndFolder(first.clone()));
            }
            Some((first, _)) => return Err(Reason::Collision(first.clone())),
            None => {}
        }
        self.met.insert(folded, (name.to_owned(), if is_folder { Kind::Folder } else { Kind::File }));
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
            " a",
            "a/.GIT/config",
            "__MACOSX/x",
            "a/._b",
            "PROGRA~1",
            "a/b~12.xml",
            "a\u{3164}",
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
            ".gitignore",
            "longer~name~1.xml",
            "a~b.xml",
            "数据/データ–한국어.xml",
            "ไทย-नमस्ते",
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
        assert!(collide("A/b", "a/c"), "one folder on Windows, two elsewhere");
    }
}
