//! The strict zip reader on real exported solutions: none of them may be refused.

use std::path::Path;
use std::process::{Command, Output};

use dvpack::archive::{self, Entry, Limits};
use dvpack::bundle::sha256;
use serde_json::Value;

use crate::scripts::powershell;
use crate::support::{corpus, repository};

#[test]
fn every_real_exported_solution_is_read() {
    let Some(corpus) = corpus() else { return };
    let mut read = 0;
    for entry in walkdir::WalkDir::new(corpus.join("exported")).into_iter().filter_map(Result::ok) {
        if entry.path().extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("zip")) {
            continue;
        }
        let bytes = std::fs::read(entry.path()).expect("readable");
        let entries = archive::read(&bytes, &Limits::default())
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", entry.path().display()));
        assert!(entries.iter().any(|entry| entry.name.eq_ignore_ascii_case("solution.xml")));
        read += 1;
    }
    assert!(read >= 100, "only {read} archives were found");
}

/// What does not shrink becomes stored blocks between deflated ones: of that, every other reader gets what went in.
#[test]
fn stored_and_deflated_blocks_are_read_the_same_by_other_readers() {
    let mut state = 1_u64;
    let mut noise = |size: usize| {
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[7]
        };
        std::iter::repeat_with(next).take(size).collect::<Vec<u8>>()
    };
    let text = "it is said again and again; ".repeat(9000).into_bytes();
    let types: String = ["xml", "png", "bin", "msapp"]
        .map(|it| format!("<Default Extension=\"{it}\" ContentType=\"application/octet-stream\" />"))
        .concat();
    let namespace = "http://schemas.openxmlformats.org/package/2006/content-types";
    let entries = [
        Entry::new("text.xml", format!("<a>{}</a>", String::from_utf8_lossy(&text))),
        Entry::new("small.png", noise(5000)),
        Entry::new("app.msapp", noise(3_000_001)),
        Entry::new("mixed.bin", [text.clone(), noise(1_400_000), text.clone(), noise(70_000)].concat()),
        Entry::new("other.bin", [noise(300_000), text].concat()),
        Entry::new("empty.bin", ""),
        Entry::new("[Content_Types].xml", format!("<Types xmlns=\"{namespace}\">{types}</Types>")),
    ];
    let zip = archive::write(&entries).expect("written");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.zip");
    std::fs::write(&path, &zip).expect("written");
    assert_eq!(archive::read(&zip, &Limits::default()).as_deref(), Ok(&entries[..]));
    let total: usize = entries.iter().map(|entry| entry.bytes.len()).sum();
    assert!(zip.len() < total - 700_000, "{} of {total}", zip.len());

    let run = |command: &mut Command| command.output().ok().filter(|output| output.status.success());
    let python = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
    for entry in &entries {
        let name = entry.name.replace('[', "[[]");
        let readers: [(&str, &[&str]); 4] = [
            ("python3", &["-c", python, "it.zip", &entry.name]),
            ("unzip", &["-p", "it.zip", &name]),
            ("7z", &["x", "-so", "it.zip", &entry.name]),
            ("bsdtar", &["-xOf", "it.zip", &name.replace("[[]", "\\[")]),
        ];
        for (program, arguments) in readers {
            if Command::new(program).arg("--help").output().is_err() {
                println!("skipped: no {program}");
                continue;
            }
            let output = run(Command::new(program).args(arguments).current_dir(folder.path()));
            let read = output.map(|Output { stdout, .. }| stdout == entry.bytes);
            assert_eq!(read, Some(true), "{program}: {}", entry.name);
        }
    }
    let oracle = std::env::var_os("DVPACK_SHARED").map_or_else(|| repository().join("../shared"), Into::into);
    let oracle = oracle.join("oracles/dotnet-read.ps1");
    let Some(pwsh) = powershell().filter(|_| Path::new(&oracle).exists()) else {
        println!("skipped: no .NET");
        return;
    };
    let output = run(Command::new(pwsh).args(["-NoProfile", "-NonInteractive", "-File"]).arg(oracle).arg(&path));
    let said: Value = serde_json::from_slice(&output.expect(".NET reads it").stdout).expect("JSON");
    assert_eq!(said["error"], Value::Null, "{said}");
    for entry in entries.iter().filter(|entry| !entry.name.starts_with('[')) {
        let part = &said["parts"][format!("/{}", entry.name)];
        assert_eq!(part["sha256"], Value::from(sha256(&entry.bytes)), "{}: {part}", entry.name);
    }
}
