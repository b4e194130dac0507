//! Whether a bundle is what its manifest builds: the first part that differs, and where in it.

use crate::archive::{self, Entry, Limits};

/// A difference in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The part, the line in it, and what stands there.
    pub words: String,
    /// The line, where the part is text that has it.
    pub line: Option<LineDifference>,
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
    fn of(words: String) -> Self {
        Self { words, line: None }
    }
}

/// The first difference between a bundle that was published and one that was built again;
/// `None` where every part is the same. Both are entries of an archive.
#[must_use]
pub fn first_difference(published: &[Entry], rebuilt: &[Entry]) -> Option<Difference> {
    // Digests differ whenever something else does, so what they are of is looked at first.
    let is_digest =
        |entry: &Entry| ["bundle.json", "SHA256SUMS", "sbom.cdx.json", "INSTALL.html"].contains(&&*entry.name);
    let (digests, parts): (Vec<_>, Vec<_>) = rebuilt.iter().partition(|entry| is_digest(entry));
    for ours in parts.into_iter().chain(digests) {
        let Some(theirs) = published.iter().find(|entry| entry.name == ours.name) else {
            return Some(Difference::of(format!("`{}` is missing", ours.name)));
        };
        if theirs.bytes != ours.bytes {
            return Some(part_difference(theirs, ours));
        }
    }
    // Signatures are made of the whole bundle, by somebody who has a key.
    let unsigned = |entry: &&Entry| !entry.name.starts_with("signatures/");
    let more = published.iter().filter(unsigned).find(|entry| !rebuilt.iter().any(|ours| ours.name == entry.name))?;
    Some(Difference::of(format!("`{}` is not built from this manifest", more.name)))
}

fn part_difference(theirs: &Entry, ours: &Entry) -> Difference {
    let name = &ours.name;
    if name.starts_with("solutions/") {
        let open = |entry: &Entry| archive::read(&entry.bytes, &Limits::default());
        if let (Ok(theirs), Ok(ours)) = (open(theirs), open(ours)) {
            return match first_difference(&theirs, &ours) {
                None => Difference::of(format!("`{name}` is packed in another way")),
                Some(inner) => Difference { words: format!("{name}: {}", inner.words), line: inner.line },
            };
        }
    }
    let (Ok(theirs), Ok(ours)) = (std::str::from_utf8(&theirs.bytes), std::str::from_utf8(&ours.bytes)) else {
        return Difference::of(format!("`{name}` differs"));
    };
    let same = theirs.split('\n').zip(ours.split('\n')).take_while(|(a, b)| a == b).count();
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
    }
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
        assert_eq!(found.line, Some(LineDifference { published: "2".into(), rebuilt: "two".into() }));
        let words = |published: &[Entry], rebuilt: &[Entry]| first_difference(published, rebuilt).map(|it| it.words);
        assert_eq!(words(&ours[..1], &ours).as_deref(), Some("`a.txt` is missing"));
        assert_eq!(words(&ours, &ours[..1]).as_deref(), Some("`a.txt` is not built from this manifest"));
    }
}
