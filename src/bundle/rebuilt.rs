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
mod tests;
