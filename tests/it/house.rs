//! The order of the modules, as `docs/architecture.md` draws it and `src/lib.rs` lists it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::repository;

/// A module may import modules that stand before it.
const MODULES: [&str; 23] = [
    "clock",
    "random",
    "process_env",
    "host",
    "text",
    "diagnostic",
    "digest",
    "files",
    "guid",
    "secret",
    "version",
    "http",
    "archive",
    "catalog",
    "dotnet",
    "yaml",
    "manifest",
    "solution",
    "bundle",
    "entra",
    "dataverse",
    "deploy",
    "cli",
];

#[test]
fn a_module_imports_only_modules_below_it() {
    let source = repository().join("src");
    let listed = fs::read_to_string(source.join("lib.rs")).expect("lib.rs");
    let listed: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .map(|name| name.trim_end_matches(';'))
        .collect();
    assert_eq!(listed, MODULES, "src/lib.rs and this test list the modules differently");

    let mut wrong = BTreeSet::new();
    for (place, module) in MODULES.iter().enumerate() {
        for (file, text) in files_of(&source, module) {
            for used in MODULES.iter().filter(|used| *used != module && imports(&text, used)) {
                if !MODULES[..place].contains(used) {
                    wrong.insert(format!("{file} imports `{used}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_command_line_prints() {
    let source = repository().join("src");
    for module in MODULES.iter().filter(|module| **module != "cli") {
        for (file, text) in files_of(&source, module) {
            for macro_name in ["println!", "eprintln!", "print!(", "eprint!("] {
                assert!(!text.contains(macro_name), "{file} prints");
            }
        }
    }
}

/// What goes round the sink would reach a terminal or a pipeline's log as it is. `clippy.toml` says the same to the compiler.
#[test]
fn everything_is_printed_through_one_sink_and_styled_in_one_place() {
    let source = repository().join("src");
    let doors = ["stdout()", "stderr()", "print!(", "println!(", "dbg!(", ".exit()", "::parse()", "prompt_password"];
    let escapes = ["\\x1b", "\\u{1b}", "\\x1B", "\\u{1B}", "\\u{9b}"];
    for module in MODULES {
        for (file, text) in files_of(&source, module) {
            for door in doors.iter().filter(|_| file != "cli/sink.rs") {
                assert!(
                    !text.replace("use_stderr()", "").contains(door),
                    "{file}: `{door}` goes round src/cli/sink.rs"
                );
            }
            for escape in escapes.iter().filter(|_| file != "text.rs") {
                assert!(!text.contains(escape), "{file}: an escape sequence; use `text::style`");
            }
            for stream in ["/dev/std", "/dev/tty", "/dev/fd", "/proc/self/fd", "CONOUT$"] {
                assert!(!text.contains(stream), "{file}: `{stream}` goes round src/cli/sink.rs");
            }
        }
    }
}

/// Every wait for a service goes through the one retry policy, which never ends after the deadline. The others wait for
/// no service: the clock itself, a silence after which a line is printed, a person's browser, a full terminal.
#[test]
fn only_the_retry_policy_waits_for_a_service() {
    let source = repository().join("src");
    let waits: BTreeSet<String> = MODULES
        .iter()
        .flat_map(|module| files_of(&source, module))
        .filter(|(_, text)| {
            ["sleep(", "sleep_until(", "interval(", "park_timeout("].iter().any(|wait| text.contains(wait))
        })
        .map(|(file, _)| file)
        .collect();
    let expected = ["cli/sink.rs", "cli/voice.rs", "clock.rs", "entra/loopback.rs", "http/retry.rs"];
    assert_eq!(waits, expected.map(str::to_owned).into());
}

/// Where the standard libraries of Windows and macOS are not at hand, this stands in for `cargo check --target`.
#[test]
fn what_only_unix_has_is_marked_so() {
    let source = repository().join("src");
    for module in MODULES {
        for (file, text) in files_of(&source, module) {
            let lines: Vec<&str> = text.lines().collect();
            for (number, line) in lines.iter().enumerate() {
                if ["os::unix", "signal::unix", "libc::", "nix::", "/dev/"].iter().any(|only| line.contains(only)) {
                    let before = &lines[number.saturating_sub(3)..=number];
                    assert!(before.iter().any(|line| line.contains("#[cfg(unix)]")), "{file}: {line}");
                }
            }
        }
    }
}

/// The files of a module and their text without comments and unit tests.
fn files_of(source: &Path, module: &str) -> Vec<(String, String)> {
    let mut paths = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                paths.push(path);
            }
        }
    }
    let read = |path: &Path| {
        let text = fs::read_to_string(path).ok()?;
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let name = path.strip_prefix(source).unwrap_or(path).display().to_string();
        Some((name, code.join("\n")))
    };
    paths.iter().filter_map(|path| read(path)).collect()
}

fn imports(text: &str, module: &str) -> bool {
    let one = format!("crate::{module}");
    let direct = text
        .match_indices(&one)
        .any(|(at, _)| !text[at + one.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    // `use crate::{a, b::c}`
    let grouped = text.split("crate::{").skip(1).any(|rest| {
        rest.split('}').next().unwrap_or_default().split(',').any(|part| part.trim().split("::").next() == Some(module))
    });
    direct || grouped
}
