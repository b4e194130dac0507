//! Whether a bundle is what its manifest builds: the first part that differs, and where in it.

use serde_json::Value;

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

    /// Every part is the same, and the archive is not.
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
    // Digests differ whenever something else does, so what they are of is looked at first.
    let is_digest =
        |entry: &Entry| ["bundle.json", "SHA256SUMS", "sbom.cdx.json", "INSTALL.html"].contains(&&*entry.name);
    let (digests, parts): (Vec<_>, Vec<_>) = rebuilt.iter().partition(|entry| is_digest(entry));
    let mut packed = None;
    for ours in parts {
        match entry_difference(published, ours) {
            Some(difference) if difference.code == ChangeCode::Packed => {
                packed.get_or_insert(difference);
            }
            None => {}
            difference => return difference,
        }
    }
    let packed = other_compressor(published, rebuilt).or(packed);
    if packed.is_some() {
        return packed;
    }
    if let Some(difference) = digests.into_iter().find_map(|ours| entry_difference(published, ours)) {
        return Some(difference);
    }
    // Signatures are made of the whole bundle, by somebody who has a key.
    let unsigned = |entry: &&Entry| !entry.name.starts_with("signatures/");
    let more = published.iter().filter(unsigned).find(|entry| !rebuilt.iter().any(|ours| ours.name == entry.name))?;
    let words = format!("`{}` is not built from this manifest", more.name);
    Some(Difference::of(&more.name, ChangeCode::PartAdded, words))
}

fn entry_difference(published: &[Entry], ours: &Entry) -> Option<Difference> {
    match published.iter().find(|entry| entry.name == ours.name) {
        None => Some(Difference::of(&ours.name, ChangeCode::PartRemoved, format!("`{}` is missing", ours.name))),
        Some(theirs) => (theirs.bytes != ours.bytes).then(|| part_difference(theirs, ours)),
    }
}

/// That another compressor made the bundle, where nothing but that differs in `bundle.json`: what the compressed bytes are
/// follows from it.
fn other_compressor(published: &[Entry], rebuilt: &[Entry]) -> Option<Difference> {
    const NAME: &str = "bundle.json";
    let read = |entries: &[Entry]| {
        let entry = entries.iter().find(|entry| entry.name == NAME)?;
        let mut descriptor: Value = serde_json::from_slice(&entry.bytes).ok()?;
        let tool = descriptor.as_object_mut()?.remove("tool")?;
        for solution in descriptor.get_mut("solutions")?.as_array_mut()? {
            let solution = solution.as_object_mut()?;
            solution.remove("sha256");
            solution.remove("size");
        }
        let compressor = tool.get("compressor").and_then(Value::as_str).map(str::to_owned);
        Some((descriptor, compressor))
    };
    let ((theirs, before), (ours, now)) = (read(published)?, read(rebuilt)?);
    if theirs != ours || before == now {
        return None;
    }
    let shown =
        |name: Option<String>| name.map_or_else(|| "a compressor without a name".to_owned(), |it| format!("`{it}`"));
    let words = format!("the same parts are compressed by {}, and here by {}", shown(before), shown(now));
    let mut difference = Difference::of(NAME, ChangeCode::Packed, words);
    difference.help = vec!["build it with the dvpack that made it, to compare it byte for byte"];
    Some(difference)
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
    // What differs in more than the end of a line says more.
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

/// The same text with other ends of its lines: what a checkout with git does where nobody told it not to.
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
    fn another_compressor_is_blamed_and_not_the_sources() {
        let bundle = |compressor: &str, digest: &str, name: &str| {
            let json = format!(
                r#"{{"tool":{{"version":"1","compressor":"{compressor}"}},"solutions":[{{"name":"{name}","sha256":"{digest}","size":1}}]}}"#
            );
            [Entry::new("bundle.json", json), Entry::new("SHA256SUMS", digest), Entry::new("a.txt", "one")]
        };
        let ours = bundle("b 2", "2", "S");
        let words = |published: &[Entry]| first_difference(published, &ours).map(|it| (it.code, it.words));
        let said = "the same parts are compressed by `b 1`, and here by `b 2`".to_owned();
        assert_eq!(words(&bundle("b 1", "1", "S")), Some((ChangeCode::Packed, said)));
        let mut other = bundle("b 1", "1", "S");
        other[2].bytes = b"two".to_vec();
        assert!(words(&other).is_some_and(|(_, words)| words.starts_with("`a.txt` differs")));
        assert!(words(&bundle("b 1", "1", "T")).is_some_and(|(_, words)| words.starts_with("`bundle.json` differs")));
        assert!(words(&bundle("b 2", "1", "S")).is_some_and(|(_, words)| words.starts_with("`bundle.json` differs")));
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
