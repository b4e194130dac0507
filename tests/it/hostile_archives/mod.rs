//! Archives that programs read in different ways, or that hurt the one who unpacks them: each is refused with a reason.
//!
//! Every class of construction is made here from its description, none is copied. What the reader accepts, also of
//! archives with random damage, must be listed alike by Python, unzip, bsdtar and 7-Zip; a table shows who takes what.
#![allow(
    clippy::decimal_bitwise_operands,
    clippy::needless_for_each,
    reason = "tables of malformed bytes read best as they are"
)]
#![allow(clippy::print_stdout, reason = "the table is for people")]

mod builder;
mod cases;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use dvpack::archive::{self, Limits};

use self::cases::{allowed, hostile};

/// A program's list of the files in an archive; `None` where it complains.
type Lister = fn(&Path) -> Option<BTreeSet<String>>;

fn lines(program: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let output = Command::new(program).args(arguments).arg(path).env("LC_ALL", "C.UTF-8").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn files(text: &str) -> BTreeSet<String> {
    text.lines().filter(|line| !line.is_empty() && !line.ends_with('/')).map(str::to_owned).collect()
}

const PYTHON: &str = "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nsys.stdout.buffer.write('\\n'.join(z.namelist()).encode())";

fn listers() -> Vec<(&'static str, Lister)> {
    let all: [(&str, &str, Lister); 4] = [
        ("python3", "python3", |path| {
            let output = Command::new("python3").args(["-c", PYTHON]).arg(path).output().ok()?;
            output.status.success().then(|| files(&String::from_utf8_lossy(&output.stdout)))
        }),
        ("unzip", "unzip", |path| {
            lines("unzip", &["-Z1"], path).map(|text| files(&text.replace("\\[", "[").replace("\\]", "]")))
        }),
        ("bsdtar", "bsdtar", |path| lines("bsdtar", &["-tf"], path).map(|text| files(&text))),
        ("7z", "7z", |path| {
            let text = lines("7z", &["l", "-slt", "-ba", "-sccUTF-8", "-tzip"], path)?;
            let mut out = BTreeSet::new();
            let mut name = None;
            for line in text.lines() {
                if let Some(path) = line.strip_prefix("Path = ") {
                    name = Some(path.to_owned());
                } else if line == "Folder = -" {
                    out.extend(name.take());
                }
            }
            Some(out)
        }),
    ];
    let mut out = Vec::new();
    for (name, program, lister) in all {
        match Command::new(program).arg("--help").output() {
            Ok(_) => out.push((name, lister)),
            Err(_) => println!("skipped: no {program}"),
        }
    }
    out
}

#[test]
fn every_hostile_archive_is_refused_with_a_reason() {
    let cases = hostile();
    let accepted: Vec<_> = cases
        .iter()
        .filter(|case| match archive::read(&case.bytes, &Limits::default()) {
            Ok(_) => true,
            Err(refusal) => refusal.to_string().is_empty(),
        })
        .map(|case| format!("{}: {}", case.class, case.name))
        .collect();
    assert!(accepted.is_empty(), "accepted:\n{}", accepted.join("\n"));
    assert!(cases.len() > 400, "only {} archives", cases.len());
    println!(
        "{} archives in {} classes refused",
        cases.len(),
        cases.iter().map(|case| case.class).collect::<BTreeSet<_>>().len()
    );
}

/// The bars are those of a machine of a subscriber: 2 s of processor time and 256 MiB for the whole program, held by
/// the system. Every archive that is large or claims to be, and every eighth of the others.
#[test]
#[cfg(target_os = "linux")]
fn refusing_an_archive_takes_neither_long_nor_much_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.zip");
    let heavy = ["bombs", "overlap", "zip64", "two archives", "deflate"];
    let mut tried = 0;
    for (number, case) in hostile().into_iter().enumerate() {
        if !heavy.contains(&case.class) && number % 8 != 0 {
            continue;
        }
        std::fs::write(&path, &case.bytes).expect("written");
        let output = Command::new("bash")
            .args(["-c", "ulimit -t 2; ulimit -v 262144; exec \"$0\" inspect it.zip", env!("CARGO_BIN_EXE_dvpack")])
            .current_dir(folder.path())
            .env("MALLOC_ARENA_MAX", "1")
            .output()
            .expect("bash");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{} {}: {said}", case.class, case.name);
        assert!(!said.contains("panicked"), "{} {}: {said}", case.class, case.name);
        tried += 1;
    }
    println!("{tried} archives refused within 2 s of processor time and 256 MiB each");
}

#[test]
fn what_is_accepted_is_listed_alike_by_other_programs() {
    let listers = listers();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.zip");
    let mut accepted = 0;
    for case in allowed() {
        let entries = match archive::read(&case.bytes, &Limits::default()) {
            Ok(entries) => entries,
            Err(refusal) => {
                assert!(case.class == "damaged", "{}: {refusal}", case.name);
                continue;
            }
        };
        accepted += 1;
        if entries.is_empty() {
            continue; // some programs call an empty archive an error
        }
        let ours: BTreeSet<_> = entries.into_iter().map(|entry| entry.name).collect();
        std::fs::write(&path, &case.bytes).expect("written");
        for (program, lister) in &listers {
            // unzip shows other letters as its locale lets it.
            if *program == "unzip" && !ours.iter().all(|name| name.is_ascii()) {
                continue;
            }
            assert_eq!(lister(&path).as_ref(), Some(&ours), "{program} on {} {}", case.class, case.name);
        }
    }
    println!("{accepted} accepted archives are listed alike by dvpack and {} other programs", listers.len());
}

/// How many archives of each class a program takes. Slow: `cargo test --test it table_of -- --ignored --nocapture`.
#[test]
#[ignore = "starts thousands of programs; prints a table for people"]
fn table_of_who_takes_what() {
    let listers = listers();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.zip");
    let mut table: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for case in hostile().into_iter().chain(allowed()) {
        std::fs::write(&path, &case.bytes).expect("written");
        let row = table.entry(case.class).or_insert_with(|| vec![0; listers.len() + 2]);
        row[0] += 1;
        row[1] += usize::from(archive::read(&case.bytes, &Limits::default()).is_ok());
        for (column, (_, lister)) in listers.iter().enumerate() {
            row[column + 2] += usize::from(lister(&path).is_some());
        }
    }
    print!("{:<22}{:>9}{:>9}", "accepted by", "archives", "dvpack");
    listers.iter().for_each(|(name, _)| print!("{name:>9}"));
    println!();
    for (class, row) in table {
        print!("{class:<22}");
        row.iter().for_each(|count| print!("{count:>9}"));
        println!();
    }
}
