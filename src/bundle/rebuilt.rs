//! Whether a bundle is what its manifest builds: the first part that differs, and where in it.

use super::diff::{Change, ChangeCode};
use crate::archive::{self, Entry, Limits};

/// A difference in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The part, the line in it, and what is there.
    pub words: String,
    /// The line, where the part is text that has it.
    pub line: Option<LineDifference>,
    /// The kind of difference.
    pub code: ChangeCode,
    /// The part.
    pub part: String,
    /// What to do about it.
    pub help: Vec<&'static str>,
}

/// A line as it was published and as it was built again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDifference {
    /// As published.
    pub published: String,
    /// As built again.
    pub rebuilt: String,
}

impl Difference {
    fn of(part: &str, code: ChangeCode, words: impl Into<String>) -> Self {
        Self { words: words.into(), line: None, code, part: part.to_owned(), help: Vec::new() }
    }

    /// Every part is the same, but the archive is not.
    #[must_use]
    pub fn packed() -> Self {
        Self::of("the bundle", ChangeCode::Packed, "the same parts are packed in another way, or have another time")
    }

    /// As the one form that all comparisons have.
    #[must_use]
    pub fn change(&self) -> Change {
        Change {
            code: self.code,
            place: self.part.clone(),
            what: self.words.clone(),
            wanted: self.line.as_ref().map(|line| line.rebuilt.clone()),
            found: self.line.as_ref().map(|line| line.published.clone()),
        }
    }
}

/// The first difference between a bundle that was published and one that was built again;
/// `None` where every part is the same. Both are entries of an archive.
#[must_use]
pub fn first_difference(published: &[Entry], rebuilt: &[Entry]) -> Option<Difference> {
    // Digests differ whenever something else does, so the files that they cover are compared first.
    let is_digest =
        |entry: &Entry| ["bundle.json", "SHA256SUMS", "sbom.cdx.json", "INSTALL.html"].contains(&&*entry.name);
    let (digests, parts): (Vec<_>, Vec<_>) = rebuilt.iter().partition(|entry| is_digest(entry));
    for ours in parts.into_iter().chain(digests) {
        let Some(theirs) = published.iter().find(|entry| entry.name == ours.name) else {
            return Some(Difference::of(&ours.name, ChangeCode::PartRemoved, format!("`{}` is missing", ours.name)));
        };
        if theirs.bytes != ours.bytes {
            return Some(part_difference(theirs, ours));
        }
    }
    // Somebody with a key signs the whole bundle later.
    let unsigned = |entry: &&Entry| !entry.name.starts_with("signatures/");
    let more = published.iter().filter(unsigned).find(|entry| !rebuilt.iter().any(|ours| ours.name == entry.name))?;
    let words = format!("`{}` is not built from this manifest", more.name);
    Some(Difference::of(&more.name, ChangeCode::PartAdded, words))
}

fn part_difference(theirs: &Entry, ours: &Entry) -> Difference {
    let name = &ours.name;
    if name.starts_with("solutions/") {
        let open = |entry: &Entry| archive::read(&entry.bytes, &Limits::default());
        if let (Ok(theirs), Ok(ours)) = (open(theirs), open(ours)) {
            return match first_difference(&theirs, &ours) {
                None => Difference::of(name, ChangeCode::Packed, format!("`{name}` is packed in another way")),
                Some(inner) => Difference {
                    words: format!("{name}: {}", inner.words),
                    part: format!("{name}/{}", inner.part),
                    ..inner
                },
            };
        }
    }
    let (Ok(theirs), Ok(ours)) = (std::str::from_utf8(&theirs.bytes), std::str::from_utf8(&ours.bytes)) else {
        return Difference::of(name, ChangeCode::PartChanged, format!("`{name}` differs"));
    };
    if let Some(difference) = line_endings(name, theirs, ours) {
        return difference;
    }
    // A difference beyond line endings is more helpful.
    let bare = |line: &str| line.strip_suffix('\r').unwrap_or(line).to_owned();
    let lines = || theirs.split('\n').zip(ours.split('\n'));
    let same = match lines().take_while(|(a, b)| bare(a) == bare(b)).count() {
        all if all == theirs.split('\n').count().max(ours.split('\n').count()) => {
            lines().take_while(|(a, b)| a == b).count()
        }
        same => same,
    };
    let words = |text: &str| match text.split('\n').nth(same) {
        Some(line) => format!("`{}`", line.trim().chars().filter(|c| !c.is_control()).take(120).collect::<String>()),
        None => "nothing".into(),
    };
    let line = |text: &str| text.split('\n').nth(same).unwrap_or_default().to_owned();
    Difference {
        words: format!(
            "`{name}` differs in line {}: it has {}, and the manifest gives {}",
            same + 1,
            words(theirs),
            words(ours)
        ),
        line: Some(LineDifference { published: line(theirs), rebuilt: line(ours) }),
        code: ChangeCode::PartChanged,
        part: name.clone(),
        help: Vec::new(),
    }
}

/// The same text with other line endings, as a checkout with git makes them by default on Windows.
fn line_endings(name: &str, theirs: &str, ours: &str) -> Option<Difference> {
    if theirs.replace("\r\n", "\n") != ours.replace("\r\n", "\n") {
        return None;
    }
    let ends = |text: &str| match (text.matches("\r\n").count(), text.matches('\n').count()) {
        (0, _) => "LF",
        (crlf, all) if crlf == all => "CRLF",
        _ => "a mixture of CRLF and LF",
    };
    let words = format!(
        "`{name}` differs in its line endings only: it has {}, and the manifest gives {}",
        ends(theirs),
        ends(ours)
    );
    let mut difference = Difference::of(name, ChangeCode::LineEndings, words);
    difference.help = vec![
        "git changed them at checkout: configure it in `.gitattributes` to leave the file as it is (`-text`, or `text eol=lf`), then check the file out again",
    ];
    Some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_differing_line_is_named() {
        let ours = [Entry::new("bundle.json", "{}"), Entry::new("a.txt", "one\ntwo\n")];
        assert_eq!(first_difference(&ours, &ours), None);
        let signed = [ours[0].clone(), ours[1].clone(), Entry::new("signatures/a.pem", "key")];
        assert_eq!(first_difference(&signed, &ours), None);
        let theirs = [Entry::new("bundle.json", "{ }"), Entry::new("a.txt", "one\n2\n")];
        let found = first_difference(&theirs, &ours).expect("a difference");
        assert_eq!(found.words, "`a.txt` differs in line 2: it has `2`, and the manifest gives `two`");
        assert_eq!(found.code, ChangeCode::PartChanged);
        assert_eq!(found.line, Some(LineDifference { published: "2".into(), rebuilt: "two".into() }));
        let words = |published: &[Entry], rebuilt: &[Entry]| first_difference(published, rebuilt).map(|it| it.words);
        assert_eq!(words(&ours[..1], &ours).as_deref(), Some("`a.txt` is missing"));
        assert_eq!(words(&ours, &ours[..1]).as_deref(), Some("`a.txt` is not built from this manifest"));
    }

    #[test]
    fn line_endings_are_named_as_the_cause() {
        let found = |theirs: &str, ours: &str| {
            let found =
                first_difference(&[Entry::new("a.js", theirs)], &[Entry::new("a.js", ours)]).expect("a difference");
            (found.code, found.words)
        };
        let (code, words) = found("one\ntwo\n", "one\r\ntwo\r\n");
        assert_eq!(code, ChangeCode::LineEndings);
        assert_eq!(words, "`a.js` differs in its line endings only: it has LF, and the manifest gives CRLF");
        assert!(
            found("one\r\ntwo\n", "one\ntwo\n")
                .1
                .ends_with("it has a mixture of CRLF and LF, and the manifest gives LF")
        );
        assert_eq!(found("one\ntwo\n", "one\r\n2\r\n").0, ChangeCode::PartChanged);
    }
}
