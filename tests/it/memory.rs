//! The largest documents that real solutions have are worked with in little memory: 30 MB of customizations.xml in less than
//! 200 MiB for the whole program, two such in less than 300, measured as the system counts it. It takes minutes of a debug
//! build's time, so that a run by day looks at a smaller document, with a bar to match; `DVPACK_LONG=1` asks for all of it.
#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use regex::{Captures, Regex};

use crate::one_truth::{CUSTOMIZATIONS, MANIFEST, around, changed, read, solution};
use crate::support::report;
use crate::tampered::genuine;

/// What the code itself of a program with what a debugger needs takes more than without, in KiB.
const DEBUG: u64 = if cfg!(debug_assertions) { 24 << 10 } else { 0 };

/// The size of customizations.xml, and the bar in KiB.
fn bar() -> (usize, u64) {
    if std::env::var_os("DVPACK_LONG").is_some() {
        (30_000_000, (200 << 10) + DEBUG)
    } else {
        (5_000_000, (80 << 10) + DEBUG)
    }
}

/// The example's solution with its table so often, under other names and IDs, that customizations.xml has this size.
fn large(size: usize) -> Vec<u8> {
    let zip = solution(&genuine());
    let text = read(&zip).into_iter().find(|it| it.name == CUSTOMIZATIONS).expect("there").bytes;
    let text = String::from_utf8(text).expect("UTF-8");
    let end = text.find("</Entity>").expect("a table") + "</Entity>".len();
    let table = &text[text.find("<Entity>").expect("a table")..end];
    let ids = Regex::new("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}").expect("valid");
    let (mut tables, mut roots) = (String::with_capacity(size), String::new());
    for number in 1_u32.. {
        let mut known = HashMap::new();
        let other = ids.replace_all(table, |id: &Captures<'_>| {
            let next = known.len();
            let at = known.entry(id[0].to_ascii_lowercase()).or_insert(next);
            let made = format!("0badc0de-{:04x}-4000-8000-{number:012x}", *at);
            if id[0].contains(|c: char| c.is_ascii_uppercase()) { made.to_uppercase() } else { made }
        });
        let other = other
            .replace("ontoso_widget", &format!("ontoso_w{number}x"))
            .replace("ontoso_Widget", &format!("ontoso_W{number}x"));
        tables.push_str("\r\n    ");
        tables.push_str(&other);
        roots.push_str(&format!(
            "<RootComponent type=\"1\" schemaName=\"contoso_w{number}x\" behavior=\"0\" />\r\n      "
        ));
        if text.len() + tables.len() > size {
            break;
        }
    }
    let zip = changed(&zip, CUSTOMIZATIONS, table, &format!("{table}{tables}"));
    changed(&zip, MANIFEST, "<RootComponent ", &format!("{roots}<RootComponent "))
}

/// Exit code, peak of resident memory in KiB, and what was said on stderr.
fn measured(arguments: &[&str], folder: &Path) -> (i32, u64, String) {
    const DRIVER: &str = r"
import os, sys, json
files = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
         (os.POSIX_SPAWN_OPEN, 2, 'said', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=files), 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss, open('said', errors='replace').read()]))
";
    let output = Command::new("python3")
        .args(["-c", DRIVER, env!("CARGO_BIN_EXE_dvpack")])
        .args(arguments)
        // What is dropped goes back to the system at once. When it does so otherwise is chance: up to a third more is counted.
        .env("MIMALLOC_PURGE_DELAY", "0")
        .current_dir(folder)
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("three values")
}

#[test]
fn large_customizations_need_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let (least, most) = bar();
    let zip = large(least);
    let size = read(&zip).iter().find(|it| it.name == CUSTOMIZATIONS).expect("there").bytes.len();
    assert!(size >= least, "{size}");
    std::fs::write(folder.path().join("it.zip"), &zip).expect("written");
    std::fs::write(folder.path().join("it.dvpack"), around(&zip)).expect("written");
    let other = changed(&zip, CUSTOMIZATIONS, "<MaxLength>50</MaxLength>", "<MaxLength>60</MaxLength>");
    std::fs::write(folder.path().join("other.zip"), &other).expect("written");
    let mut said = String::new();
    let mut over = Vec::new();
    for (arguments, most) in [
        (&["inspect", "it.zip"][..], most),
        (&["verify", "it.dvpack"], most),
        (&["unpack", "it.zip", "unpacked"], most),
        (&["pack", "unpacked", "packed.zip"], most),
        (&["init", "project", "--from", "it.zip"], most),
        (&["build", "project"], most),
        (&["diff", "it.zip", "other.zip"], most / 2 * 3),
    ] {
        let (code, memory, stderr) = measured(arguments, folder.path());
        assert_eq!(code, 0, "{arguments:?}: {}", &stderr[..stderr.len().min(4000)]);
        if memory >= most {
            over.push(format!("{arguments:?}: {} MiB, not {}", memory >> 10, most >> 10));
        }
        said.push_str(&format!(
            "{}: {} MiB for {} MB of customizations.xml\n",
            arguments.join(" "),
            memory >> 10,
            size / 1_000_000
        ));
    }
    print!("{said}");
    report("memory.txt", &said);
    assert_eq!(over, Vec::<String>::new());
}
