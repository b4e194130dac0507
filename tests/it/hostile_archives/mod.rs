//! Archives that programs read in different ways, or that hurt the one who unpacks them: each is refused with a reason.
//!
//! Every class of construction is made here from its description, none is copied. What the reader accepts, also of
//! archives with random damage, of real solutions and of other projects' own test sets, must be listed alike by Python,
//! unzip, bsdtar and 7-Zip; a table shows who takes what.
#![allow(
    clippy::decimal_bitwise_operands,
    clippy::needless_for_each,
    reason = "tables of malformed bytes read best as they are"
)]
#![allow(clippy::print_stdout, reason = "the table is for people")]

mod builder;
mod cases;
mod constructions;
mod descriptors;
mod listers;
mod streamed;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dvpack::archive::{self, Limits};

use self::cases::{Case, allowed, hostile, letters};
use self::constructions::{FILLED, constructions};
use crate::support::{self, report};

/// Archives that must be refused.
fn refused() -> Vec<Case> {
    hostile().into_iter().chain(constructions()).chain(descriptors::hostile()).collect()
}

/// Real solutions, and the archives that Go and Python test themselves with, where they are there (`tests/run` gets them).
fn found() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |class: &'static str, path: &Path| {
        if let (Ok(bytes), Some(name)) = (fs::read(path), path.file_name()) {
            cases.push(Case { class, name: name.to_string_lossy().into_owned(), bytes });
        }
    };
    if let Some(corpus) = support::corpus() {
        let zips = files_below(&corpus.join("exported"));
        zips.iter()
            .filter(|path| path.extension().is_some_and(|it| it == "zip"))
            .for_each(|path| add("real solutions", path));
    }
    let sets = support::repository().join("target/test-tools/archives");
    for (class, set) in [("Go's test set", "go"), ("Python's test set", "python")] {
        match files_below(&sets.join(set)) {
            files if files.is_empty() => println!("skipped: no {class}"),
            files => files.iter().for_each(|path| add(class, path)),
        }
    }
    cases
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { out.extend(files_below(&entry.path())) } else { out.push(entry.path()) }
    }
    out.sort();
    out
}

fn written(cases: &[Case], folder: &Path) -> Vec<PathBuf> {
    let write = |(number, case): (usize, &Case)| {
        let path = folder.join(format!("{number}.zip"));
        fs::write(&path, &case.bytes).expect("written");
        path
    };
    cases.iter().enumerate().map(write).collect()
}

/// The files that the reader finds; `None` where it refuses.
fn ours(case: &Case) -> Option<BTreeSet<String>> {
    let entries = archive::read(&case.bytes, &Limits::of_solutions()).ok()?;
    Some(entries.into_iter().map(|entry| entry.name).collect())
}

#[test]
fn every_hostile_archive_is_refused_with_a_reason() {
    let cases = refused();
    let accepted: Vec<_> = cases
        .iter()
        .filter(|case| match archive::read(&case.bytes, &Limits::of_solutions()) {
            Ok(_) => case.class != FILLED,
            Err(refusal) => refusal.to_string().is_empty(),
        })
        .map(|case| format!("{}: {}", case.class, case.name))
        .collect();
    assert!(accepted.is_empty(), "accepted:\n{}", accepted.join("\n"));
    assert!(cases.len() > 600, "only {} archives", cases.len());
}

/// The bars are those of a machine of a subscriber: 2 s of processor time and 256 MiB for the whole program.
#[test]
#[cfg(target_os = "linux")]
fn refusing_an_archive_takes_neither_long_nor_much_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = refused();
    let paths = written(&cases, folder.path());
    let measured = listers::measured(env!("CARGO_BIN_EXE_dvpack"), &paths, folder.path());
    let (mut slowest, mut largest) = ((0.0, 0), (0, 0));
    for (number, (case, (code, seconds, memory, said))) in cases.iter().zip(measured).enumerate() {
        let case = format!("{} {}", case.class, case.name);
        assert_eq!(code, 3, "{case}: {said}");
        assert!(!said.contains("panicked"), "{case}: {said}");
        assert!(seconds <= 2.0 && memory <= 256 << 10, "{case}: {seconds} s, {memory} KiB");
        slowest = if seconds > slowest.0 { (seconds, number) } else { slowest };
        largest = if memory > largest.0 { (memory, number) } else { largest };
    }
    let name = |number: usize| format!("{}: {}", cases[number].class, cases[number].name);
    let said = format!(
        "{} archives refused; at most {:.2} s of processor time ({}) and {} MiB ({})\n",
        cases.len(),
        slowest.0,
        name(slowest.1),
        largest.0 >> 10,
        name(largest.1)
    );
    print!("{said}");
    report("archive-bars.txt", &said);
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.zip");
    fs::File::create(&path).and_then(|file| file.set_len(1 << 30)).expect("made");
    let measured = listers::measured(env!("CARGO_BIN_EXE_dvpack"), std::slice::from_ref(&path), folder.path());
    let [(code, seconds, memory, said)] = measured.as_slice() else { panic!("one file") };
    assert_eq!(*code, 3, "{said}");
    assert!(said.contains("large.zip`: it has 1073741824 bytes, more than the 199229440 that are read here"), "{said}");
    assert!(*seconds < 1.0 && *memory < 64 << 10, "{seconds} s, {memory} KiB");
}

/// Programs that read from entry to entry are asked, too: they see descriptors and not the list of files.
#[test]
fn what_follows_a_descriptor_is_read_alike_by_other_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let content = |case: &Case| -> Option<Vec<u8>> {
        let entries = archive::read(&case.bytes, &Limits::of_solutions()).ok()?;
        Some(entries.into_iter().flat_map(|entry| entry.bytes).collect())
    };
    let cases: Vec<_> =
        descriptors::allowed().into_iter().chain(allowed()).filter(|it| content(it).is_some()).collect();
    let paths = written(&cases, folder.path());
    let mut wrong = Vec::new();
    let programs = listers::contents(&paths);
    for (program, contents) in &programs {
        for (case, theirs) in cases.iter().zip(contents) {
            if *theirs != content(case) {
                wrong.push(format!("{program} on {} {}", case.class, case.name));
            }
        }
    }
    println!("{} archives are read alike by {} programs", cases.len(), programs.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_accepted_is_listed_alike_by_other_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases: Vec<_> = refused()
        .into_iter()
        .chain(allowed())
        .chain(descriptors::allowed())
        .chain([letters()])
        .chain(found())
        .collect();
    let paths = written(&cases, folder.path());
    let lists = listers::lists(&paths);
    let mut table: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let (mut accepted, mut disagreed) = (0, 0);
    for (number, case) in cases.iter().enumerate() {
        let ours = ours(case);
        let row = table.entry(case.class).or_insert_with(|| vec![0; lists.len() + 2]);
        row[0] += 1;
        row[1] += usize::from(ours.is_some());
        let said: Vec<_> = lists.iter().map(|(program, all)| (*program, all[number].as_ref())).collect();
        for (column, (_, theirs)) in said.iter().enumerate() {
            row[column + 2] += usize::from(theirs.is_some());
        }
        disagreed += usize::from(said.windows(2).any(|two| two[0].1 != two[1].1));
        if ours.is_none() && ["allowed", descriptors::ALLOWED, "letters", "real solutions"].contains(&case.class) {
            wrong.push(format!("{} {} is refused", case.class, case.name));
        }
        let Some(ours) = ours else { continue };
        accepted += 1;
        for (program, theirs) in said {
            if theirs != Some(&ours) {
                let theirs = theirs.map(|theirs| theirs.symmetric_difference(&ours).take(5).collect::<Vec<_>>());
                wrong.push(format!("{program} on {} {}: {theirs:?}", case.class, case.name));
            }
        }
    }
    let mut said = format!("{:<30}{:>9}{:>9}", "listed without complaint", "archives", "dvpack");
    lists.iter().for_each(|(name, _)| _ = write!(said, "{name:>9}"));
    said.push('\n');
    for (class, row) in table {
        _ = write!(said, "{class:<30}");
        row.iter().for_each(|count| _ = write!(said, "{count:>9}"));
        said.push('\n');
    }
    _ = writeln!(
        said,
        "{} archives; on {disagreed} the other programs disagree, all of which dvpack refuses; the {accepted} that it accepts are listed alike",
        cases.len()
    );
    print!("{said}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    report("archives.txt", &said);
}
