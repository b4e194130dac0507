//! Other programs' lists of the files in an archive.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program's name, and for each archive the files that it lists; `None` where it complains.
pub type Lists = (&'static str, Vec<Option<BTreeSet<String>>>);

const PYTHON: &str = r"
import sys, zipfile, json
for path in sys.stdin.read().splitlines():
    try:
        print(json.dumps(zipfile.ZipFile(path).namelist()))
    except Exception:
        print('null')
";

/// What each program that is there says of all archives.
pub fn lists(paths: &[PathBuf]) -> Vec<Lists> {
    let mut out = Vec::new();
    for (name, run) in [
        ("python3", python as fn(&[PathBuf]) -> Vec<_>),
        ("unzip", |paths| each(paths, &["unzip", "-Z1"], |text| files(&text.replace("\\[", "[").replace("\\]", "]")))),
        ("bsdtar", |paths| each(paths, &["bsdtar", "-tf"], files)),
        ("7z", |paths| each(paths, &["7z", "l", "-slt", "-ba", "-sccUTF-8"], seven_zip)),
    ] {
        match Command::new(name).arg("--help").output() {
            Ok(_) => out.push((name, run(paths))),
            Err(_) => println!("skipped: no {name}"),
        }
    }
    out
}

fn files(text: &str) -> BTreeSet<String> {
    text.lines().filter(|line| !line.is_empty() && !line.ends_with('/')).map(str::to_owned).collect()
}

/// All archives in one run.
fn python(paths: &[PathBuf]) -> Vec<Option<BTreeSet<String>>> {
    let mut child = Command::new("python3")
        .args(["-X", "utf8", "-W", "ignore", "-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let asked: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let mut input = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let output = child.wait_with_output().expect("python3");
    writer.join().expect("written").expect("written");
    let text = String::from_utf8(output.stdout).expect("text");
    let lists: Vec<_> = text
        .lines()
        .map(|line| {
            let names: Option<Vec<String>> = serde_json::from_str(line).expect("a list");
            names.map(|names| names.into_iter().filter(|name| !name.ends_with('/')).collect())
        })
        .collect();
    assert_eq!(lists.len(), paths.len());
    lists
}

/// One run for each archive, some at a time.
fn each(paths: &[PathBuf], command: &[&str], read: fn(&str) -> BTreeSet<String>) -> Vec<Option<BTreeSet<String>>> {
    let run = |path: &PathBuf| {
        let mut it = Command::new(command[0]);
        let output = it.args(&command[1..]).arg(path).env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| read(&String::from_utf8_lossy(&output.stdout)))
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let parts: Vec<_> = paths
            .chunks(paths.len().div_ceil(threads).max(1))
            .map(|part| scope.spawn(move || part.iter().map(run).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("done")).collect()
    })
}

/// A program's name, and for each archive the content of all its files in their order; `None` where it complains.
pub type Contents = (&'static str, Vec<Option<Vec<u8>>>);

/// What each program that is there finds in all archives. The last one has no file in which it could look up the list.
pub fn contents(paths: &[PathBuf]) -> Vec<Contents> {
    const READ: &str = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as it:\n    for name in it.namelist():\n        sys.stdout.buffer.write(it.read(name))";
    let mut out = Vec::new();
    for (name, command, piped) in [
        ("python3", &["python3", "-W", "ignore", "-c", READ][..], false),
        ("unzip", &["unzip", "-p"], false),
        ("bsdtar", &["bsdtar", "-xOf"], false),
        ("7z", &["7z", "x", "-so"], false),
        ("bsdtar, from a pipe", &["bsdtar", "-xOf", "-"], true),
    ] {
        if Command::new(command[0]).arg("--help").output().is_err() {
            println!("skipped: no {name}");
            continue;
        }
        let run = |path: &PathBuf| {
            let mut it = Command::new(command[0]);
            it.args(&command[1..]).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
            let output = if piped {
                let mut cat = Command::new("cat").arg(path).stdout(Stdio::piped()).spawn().ok()?;
                let output = it.stdin(cat.stdout.take()?).output().ok()?;
                cat.wait().ok()?;
                output
            } else {
                it.arg(path).output().ok()?
            };
            output.status.success().then_some(output.stdout)
        };
        out.push((name, paths.iter().map(run).collect()));
    }
    out
}

fn seven_zip(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut name = None;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("Path = ") {
            name = Some(path.to_owned());
        } else if line == "Folder = -" {
            out.extend(name.take());
        }
    }
    out
}

/// Runs a program for each archive, and gives for each its exit code, seconds of processor time, KiB of memory and what
/// it says. The system stops it after ten seconds.
pub fn measured(program: &str, paths: &[PathBuf], folder: &Path) -> Vec<(i32, f64, u64, String)> {
    const DRIVER: &str = r"
import os, resource, sys, json
from concurrent.futures import ThreadPoolExecutor
program, paths = sys.argv[1], sys.stdin.read().splitlines()
def run(number):
    said = f'said-{number}'
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, said, flags, 0o600)]
    pid = os.posix_spawn(program, [program, 'inspect', paths[number]], os.environ, file_actions=files)
    _, status, used = os.wait4(pid, 0)
    with open(said, errors='replace') as file:
        words = file.read()
    os.remove(said)
    return [os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss, words]
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
with ThreadPoolExecutor(os.cpu_count()) as pool:
    print(json.dumps(list(pool.map(run, range(len(paths))))))
";
    let list = folder.join("paths");
    let asked: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    std::fs::write(&list, asked).expect("written");
    let output = Command::new("python3")
        .args(["-c", DRIVER, program])
        .current_dir(folder)
        .stdin(std::fs::File::open(&list).expect("there"))
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a list")
}
