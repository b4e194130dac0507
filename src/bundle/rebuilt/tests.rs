use super::*;
use crate::archive::Timestamp;
use crate::bundle::build::build;
use crate::bundle::build::tests::{package, solution_zip};
use crate::bundle::checksums;
use crate::bundle::descriptor::{self, to_bytes};

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
    let now = crate::bundle::provenance::COMPRESSOR;
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
    for name in ["INSTALL.html", "sbom.cdx.json", "bundle.json", "deploymentSettings.json", "post-import/apply.sh"] {
        let said = changed(&|it| {
            let entry = it.iter_mut().find(|entry| entry.name == name).expect("the entry");
            let at = entry.bytes.iter().rposition(u8::is_ascii_alphanumeric).expect("a letter");
            entry.bytes[at] ^= 1;
        });
        assert!(said.starts_with(&format!("`{name}` differs")), "{name}: {said}");
        let said = changed(&|it| it.retain(|entry| entry.name != name));
        assert_eq!(said, format!("`{name}` is missing"));
    }
    for (sha256, more) in [(Some("0".repeat(64)), 0), (None, 1)] {
        let said = changed(&|it| {
            let mut descriptor = descriptor::read(&it[0].bytes).expect("read");
            let solution = &mut descriptor.solutions[0];
            solution.sha256 = sha256.clone().unwrap_or_else(|| solution.sha256.clone());
            solution.size += more;
            it[0].bytes = to_bytes(&descriptor).expect("written");
        });
        assert!(said.starts_with("`bundle.json` differs"), "{said}");
    }
    let mut sums = theirs.clone();
    set(&mut sums, checksums::NAME, b"".to_vec());
    assert!(words(&sums).starts_with("`SHA256SUMS` differs"));
    sums.pop();
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
        let found = first_difference(&[Entry::new("a.js", theirs)], &[Entry::new("a.js", ours)]).expect("a difference");
        (found.code, found.words)
    };
    let (code, words) = found("one\ntwo\n", "one\r\ntwo\r\n");
    assert_eq!(code, ChangeCode::LineEndings);
    assert_eq!(words, "`a.js` differs in its line endings only: it has LF, and the manifest gives CRLF");
    assert!(
        found("one\r\ntwo\n", "one\ntwo\n").1.ends_with("it has a mixture of CRLF and LF, and the manifest gives LF")
    );
    assert_eq!(found("one\ntwo\n", "one\r\n2\r\n").0, ChangeCode::PartChanged);
}
