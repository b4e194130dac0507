//! Whether a bundle is what its manifest builds: the first part that differs, and where in it.

use super::diff::{Change, ChangeCode};
use super::recompressed::{self, Recompressed, recompressed};
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
    // Some files differ whenever something else does, so those that they follow from are compared first.
    let follows = |entry: &&Entry| recompressed::FOLLOWING.contains(&entry.name.as_str());
    let mut packed = None;
    for ours in rebuilt.iter().filter(|entry| !follows(entry)) {
        match part_difference(published, ours) {
            Some(difference) if difference.code == ChangeCode::Packed => {
                packed.get_or_insert(difference);
            }
            None => {}
            difference => return difference,
        }
    }
    // Somebody with a key signs the whole bundle later.
    let unsigned = |entry: &&Entry| !entry.name.starts_with("signatures/");
    if let Some(difference) = added(published.iter().filter(unsigned), rebuilt) {
        return Some(difference);
    }
    let following = || rebuilt.iter().filter(follows).find_map(|ours| part_difference(published, ours));
    let Some(Recompressed { files, compressors }) = recompressed(published, rebuilt) else {
        return following().or(packed);
    };
    // With the compressor that it has, everything else must be as it would be then.
    let rendered = files.iter().find_map(|wanted| part_difference(published, wanted));
    rendered.or_else(|| compressors.map(other_compressor)).or(packed).or_else(following)
}

/// The first entry that was not built.
fn added<'a>(mut published: impl Iterator<Item = &'a Entry>, rebuilt: &[Entry]) -> Option<Difference> {
    let more = published.find(|entry| !rebuilt.iter().any(|ours| ours.name == entry.name))?;
    let words = format!("`{}` is not built from this manifest", more.name);
    Some(Difference::of(&more.name, ChangeCode::PartAdded, words))
}

/// That another compressor made the bundle.
fn other_compressor(compressors: [Option<String>; 2]) -> Difference {
    let [before, now] = compressors
        .map(|name| name.map_or_else(|| "a compressor without a name".to_owned(), |name| format!("`{name}`")));
    let words = format!("the same parts are compressed by {before}, and here by {now}");
    let mut difference = Difference::of(recompressed::NAME, ChangeCode::Packed, words);
    difference.help = vec!["build it with the dvpack that made it, to compare it byte for byte"];
    difference
}

/// How a part of the bundle differs; a solution is opened.
fn part_difference(published: &[Entry], ours: &Entry) -> Option<Difference> {
    let difference = entry_difference(published, ours)?;
    let name = &ours.name;
    let open = |entry: &Entry| archive::read(&entry.bytes, &Limits::default()).ok();
    let theirs = published.iter().find(|entry| entry.name == *name && name.starts_with("solutions/"));
    let Some((theirs, ours)) = theirs.and_then(|theirs| Some((open(theirs)?, open(ours)?))) else {
        return Some(difference);
    };
    let inner = ours.iter().find_map(|ours| entry_difference(&theirs, ours)).or_else(|| added(theirs.iter(), &ours));
    Some(match inner {
        None => Difference::of(name, ChangeCode::Packed, format!("`{name}` is packed in another way")),
        Some(inner) => {
            Difference { words: format!("{name}: {}", inner.words), part: format!("{name}/{}", inner.part), ..inner }
        }
    })
}

/// How an entry differs from the one of the same name.
fn entry_difference(published: &[Entry], ours: &Entry) -> Option<Difference> {
    let name = &ours.name;
    let Some(theirs) = published.iter().find(|entry| entry.name == *name) else {
        return Some(Difference::of(name, ChangeCode::PartRemoved, format!("`{name}` is missing")));
    };
    (theirs.bytes != ours.bytes).then(|| content_difference(name, &theirs.bytes, &ours.bytes))
}

fn content_difference(name: &str, theirs: &[u8], ours: &[u8]) -> Difference {
    let (Ok(theirs), Ok(ours)) = (std::str::from_utf8(theirs), std::str::from_utf8(ours)) else {
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
        part: name.to_owned(),
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
    use super::super::build::build;
    use super::super::build::tests::{package, solution_zip};
    use super::super::checksums;
    use super::super::descriptor::{self, to_bytes};
    use super::*;
    use crate::archive::Timestamp;

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

    /// A real bundle, and the same as a program with another compressor would have made it.
    fn pair() -> (Vec<Entry>, Vec<Entry>) {
        let read = |bytes: &[u8]| archive::read(bytes, &Limits::default()).expect("read");
        let solution = solution_zip("1.4.0.0");
        let built = build(&package(), &solution, &[], Timestamp::FIRST).expect("built");
        let ours = read(&built.bytes);
        let mut theirs = ours.clone();
        // Another time is as good as another compressor.
        let zip = archive::write_at(&read(&solution), Timestamp::from_unix(1_700_000_000)).expect("written");
        let place = theirs.iter().position(|entry| entry.name.starts_with("solutions/")).expect("a solution");
        assert_ne!(theirs[place].bytes, zip);
        theirs[place].bytes = zip;
        let mut descriptor = built.descriptor;
        descriptor.tool.compressor = Some("other 1".into());
        descriptor.tool.version = "0.1.0".into();
        let mut named = ours.clone();
        set(&mut named, "bundle.json", to_bytes(&descriptor).expect("written"));
        for entry in recompressed(&[&named[..1], &theirs[1..]].concat(), &ours).expect("rendered").files {
            set(&mut theirs, &entry.name, entry.bytes);
        }
        // The list of digests is that of all the others.
        let sums = checksums::render(&theirs);
        set(&mut theirs, checksums::NAME, sums.into_bytes());
        (theirs, ours)
    }

    fn set(entries: &mut [Entry], name: &str, bytes: Vec<u8>) {
        entries.iter_mut().find(|entry| entry.name == name).expect("the entry").bytes = bytes;
    }

    #[test]
    fn another_compressor_is_blamed_and_not_the_sources() {
        let (theirs, ours) = pair();
        let found = first_difference(&theirs, &ours).expect("a difference");
        let now = super::super::provenance::COMPRESSOR;
        assert_eq!(found.words, format!("the same parts are compressed by `other 1`, and here by `{now}`"));
        assert_eq!((found.code, found.part.as_str()), (ChangeCode::Packed, "bundle.json"));
    }

    #[test]
    fn nothing_hides_behind_another_compressor() {
        let (theirs, ours) = pair();
        let words = |theirs: &[Entry]| first_difference(theirs, &ours).expect("a difference").words;
        // With and without a list of digests that agrees.
        let changed = |change: &dyn Fn(&mut Vec<Entry>)| {
            let mut bundle = theirs.clone();
            change(&mut bundle);
            let first = words(&bundle);
            let sums = checksums::render(&bundle);
            set(&mut bundle, checksums::NAME, sums.into_bytes());
            assert_eq!(words(&bundle), first);
            first
        };
        let said = changed(&|it| it.push(Entry::new("web/evil.js", "1")));
        assert_eq!(said, "`web/evil.js` is not built from this manifest");
        for name in ["INSTALL.html", "sbom.cdx.json", "bundle.json", "deploymentSettings.json", "post-import/apply.sh"]
        {
            let said = changed(&|it| {
                let entry = it.iter_mut().find(|entry| entry.name == name).expect("the entry");
                let at = entry.bytes.iter().rposition(|byte| byte.is_ascii_alphanumeric()).expect("a letter");
                entry.bytes[at] ^= 1;
            });
            assert!(said.starts_with(&format!("`{name}` differs")), "{name}: {said}");
            let said = changed(&|it| it.retain(|entry| entry.name != name));
            assert_eq!(said, format!("`{name}` is missing"));
        }
        for digest in [true, false] {
            let said = changed(&|it| {
                let mut descriptor = descriptor::read(&it[0].bytes).expect("read");
                let solution = &mut descriptor.solutions[0];
                if digest {
                    solution.sha256 = "0".repeat(64);
                } else {
                    solution.size += 1;
                }
                it[0].bytes = to_bytes(&descriptor).expect("written");
            });
            assert!(said.starts_with("`bundle.json` differs"), "{said}");
        }
        let mut sums = theirs.clone();
        set(&mut sums, checksums::NAME, b"".to_vec());
        assert!(words(&sums).starts_with("`SHA256SUMS` differs"));
        sums.retain(|entry| entry.name != checksums::NAME);
        assert_eq!(words(&sums), "`SHA256SUMS` is missing");
        // In the solution there are no signatures, and no other names that are left out.
        for name in ["signatures/a.js", "INSTALL.html", "solutions/a.zip"] {
            let said = changed(&|it| {
                let zip = it.iter_mut().find(|entry| entry.name.starts_with("solutions/")).expect("a solution");
                let mut entries = archive::read(&zip.bytes, &Limits::default()).expect("read");
                entries.push(Entry::new(name, "1"));
                zip.bytes = archive::write(&entries).expect("written");
            });
            assert!(said.ends_with(&format!("_managed.zip: `{name}` is not built from this manifest")), "{said}");
        }
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
