//! Output is never the end of the work: whoever stops reading, a verb ends as it would have, with the same exit code.
#![cfg(unix)]

mod one_pipe;
mod verbs;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, PipeReader, pipe};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use dvpack::sandbox::{Options, Scenario};

use crate::support::{Test, dvpack, set_mode};
use crate::world::World;

/// What becomes of a stream of the program.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reader {
    /// Somebody reads everything.
    Stays,
    /// Nobody reads (`| true`).
    Gone,
    /// Somebody reads a line and goes away (`| head -1`).
    OneLine,
    /// The disk is full.
    FullDisk,
}

use Reader::{FullDisk, Gone, OneLine, Stays};

/// `| true`, `| head -1`, the reader of stderr gone, of both gone, `2>&1 | head -1`.
const READERS: [(Reader, Reader); 6] =
    [(Gone, Stays), (OneLine, Stays), (Stays, Gone), (Stays, OneLine), (Gone, Gone), (OneLine, OneLine)];

impl Reader {
    fn stream(self) -> (Stdio, Option<PipeReader>) {
        match self {
            Stays => (Stdio::null(), None),
            FullDisk => (File::options().write(true).open("/dev/full").expect("/dev/full").into(), None),
            Gone => (pipe().expect("a pipe").1.into(), None),
            OneLine => {
                let (reader, writer) = pipe().expect("a pipe");
                (writer.into(), Some(reader))
            }
        }
    }
}

fn read_a_line(reader: Option<PipeReader>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        if let Some(reader) = reader {
            let mut line = String::new();
            BufReader::with_capacity(1, reader).read_line(&mut line).expect("a line");
        }
    })
}

/// Runs with these readers; the exit code.
fn code(mut command: Command, (out, err): (Reader, Reader)) -> i32 {
    let ((out, out_reader), (err, err_reader)) = (out.stream(), err.stream());
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().expect("started");
    // The command has the other end of the pipes, too.
    drop(command);
    let readers = [read_a_line(out_reader), read_a_line(err_reader)];
    let status = child.wait().expect("ended");
    for reader in readers {
        reader.join().expect("read");
    }
    status.code().unwrap_or(-1)
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").display().to_string();
                found.insert(name, fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

#[test]
fn apply_status_and_remove_end_the_same_whoever_reads() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    let run = |line: &str, readers| code(world.dvpack(example.path(), line), readers);
    let ends = |line: &str| run(line, (Stays, Stays));
    for readers in READERS {
        for format in ["human", "json"] {
            let line = |verb: &str| format!("{verb} . --format {format}");
            assert_eq!(run(&line("plan"), readers), 10, "{readers:?}");
            assert_eq!(run(&format!("consent . --format {format}"), readers), 0, "{readers:?}");
            assert_eq!(run(&line("status"), readers), 9, "{readers:?}");
            let _earlier = fs::remove_file(example.path().join("report.json"));
            assert_eq!(run(&line("apply --yes --report report.json -v"), readers), 0, "{readers:?}");
            let report = fs::read_to_string(example.path().join("report.json")).expect("a report");
            assert!(report.contains("applied and verified: "), "{readers:?}: {report}");
            assert_eq!((ends("plan ."), ends("status .")), (0, 0), "{readers:?}");
            assert_eq!(run(&line("apply --yes"), readers), 0, "{readers:?}");
            assert_eq!(run(&line("doctor"), readers), 0, "{readers:?}");
            assert_eq!(run(&line("remove --yes"), readers), 0, "{readers:?}");
            let (code, stdout, _) = world.run(example.path(), "remove . --yes");
            assert_eq!((code, stdout.as_str()), (0, "nothing to remove\n"), "{readers:?}");
        }
    }
}

#[test]
fn a_plan_and_a_list_of_accepted_differences_are_written_whoever_reads() {
    let world = World::new(Options { scenarios: vec![Scenario::RoleAdded], ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    let run = |line: &str, readers| code(world.dvpack(example.path(), line), readers);
    let steps = |name: &str| {
        let plan = fs::read_to_string(example.path().join(name)).expect("a plan");
        serde_json::from_str::<serde_json::Value>(&plan).expect("JSON")["steps"].clone()
    };
    assert_eq!(run("plan . -o whole.json", (Stays, Stays)), 10);
    let whole = steps("whole.json");
    assert!(whole.as_array().is_some_and(|steps| steps.len() > 2), "{whole:#}");
    for readers in READERS {
        let _earlier = fs::remove_file(example.path().join("plan.json"));
        assert_eq!(run("plan . -o plan.json", readers), 10, "{readers:?}");
        assert_eq!(steps("plan.json"), whole, "{readers:?}");
    }
    assert_eq!(run("apply . --plan plan.json", (Stays, Stays)), 9);
    let (expected, ..) = world.run(example.path(), "status . --write-accepted whole.yaml");
    let whole = fs::read(example.path().join("whole.yaml")).expect("a list");
    for readers in READERS {
        let _earlier = fs::remove_file(example.path().join("accepted.yaml"));
        assert_eq!(run("status . --write-accepted accepted.yaml", readers), expected, "{readers:?}");
        assert_eq!(fs::read(example.path().join("accepted.yaml")).expect("a list"), whole, "{readers:?}");
        assert_eq!(run("status . --accepted accepted.yaml", readers), 0, "{readers:?}");
    }
}

#[test]
fn a_failure_keeps_its_exit_code_whoever_reads() {
    for readers in READERS {
        for (arguments, expected) in [
            ("apply . --sandbox --scenario no-consent", 5),
            ("apply . --sandbox --scenario missing-dependency", 7),
            ("apply . --sandbox --scenario import-fails -v", 1),
            ("check nowhere", 3),
            ("apply", 2),
            ("verify dvpack.yaml", 3),
        ] {
            let example = Test::new().copy("examples/contoso-widgets");
            let mut command = dvpack(example.path());
            command.args(arguments.split_whitespace()).env("DVPACK_TEST_PACE", "10000");
            assert_eq!(code(command, readers), expected, "{arguments} {readers:?}");
        }
    }
}

/// What each verb leaves in its folder is the same.
#[test]
fn verbs_that_write_files_write_the_same_whoever_reads() {
    let work = |readers| {
        let example = Test::new().copy("examples/contoso-widgets");
        let zip = "dist/ContosoWidgets_1_4_0_0_managed.zip";
        for line in [
            "build .",
            &format!("unpack {zip} unpacked"),
            "pack unpacked packed.zip",
            "init new --name Fresh --publisher fresh --client-id 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40",
            &format!("init adopted --from {zip}"),
            "schema -o dvpack.v1.schema.json",
            "completions bash",
            "inspect .",
            "diff . .",
            "check . -v",
            "--help",
            "--licenses",
        ] {
            let mut command = dvpack(example.path());
            command.args(line.split_whitespace());
            assert_eq!(code(command, readers), 0, "{line} {readers:?}");
        }
        files(example.path())
    };
    let usual = work((Stays, Stays));
    assert!(usual.len() > 30, "{:?}", usual.keys());
    for readers in READERS {
        assert!(work(readers) == usual, "{readers:?}");
    }
}

#[test]
fn sign_signs_the_same_whoever_reads() {
    let bundle = "out/ContosoWidgets_1_4_0_0.dvpack";
    let example = Test::new().copy("examples/contoso-widgets");
    let mut openssl = Command::new("openssl");
    openssl.args(["genpkey", "-algorithm", "ed25519", "-out", "key.pem"]).current_dir(example.path());
    if !openssl.status().is_ok_and(|status| status.success()) {
        println!("skipped: no openssl to make a key with");
        return;
    }
    set_mode(&example.path().join("key.pem"), 0o600);
    let work = |readers| {
        for line in ["build . -o out", &format!("sign {bundle} --key key.pem")] {
            let mut command = dvpack(example.path());
            command.args(line.split_whitespace());
            assert_eq!(code(command, readers), 0, "{line} {readers:?}");
        }
        fs::read(example.path().join(bundle)).expect("a bundle")
    };
    let usual = work((Stays, Stays));
    for readers in READERS {
        assert!(work(readers) == usual, "{readers:?}");
    }
}

#[test]
fn a_sandbox_goes_on_serving_when_nobody_reads_what_it_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    let ready = folder.path().join("ready.json");
    let (out, err) = (Gone.stream().0, Gone.stream().0);
    let mut command = dvpack(folder.path());
    command.args(["sandbox", "--ready-file", "ready.json"]).stdout(out).stderr(err);
    let mut child = command.spawn().expect("started");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let text = loop {
        match fs::read_to_string(&ready) {
            Ok(text) if text.ends_with('}') => break text,
            _ => assert!(std::time::Instant::now() < until, "it never got ready"),
        }
        thread::sleep(std::time::Duration::from_millis(50));
    };
    thread::sleep(std::time::Duration::from_millis(300));
    let ended = child.try_wait().expect("a state");
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert_eq!(ended, None, "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_does_not_stop_the_work_and_is_reported() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    let run = |line: &str, readers| code(world.dvpack(example.path(), line), readers);
    // Another end than 0 stays what it is.
    assert_eq!(run("plan .", (FullDisk, Stays)), 10);
    assert_eq!(run("status .", (FullDisk, FullDisk)), 9);
    assert_eq!(run("apply . --yes", (FullDisk, FullDisk)), 1);
    assert_eq!(run("status .", (Stays, FullDisk)), 0, "the work was done");
    assert_eq!(run("remove . --yes --format json", (FullDisk, Stays)), 1);
    assert_eq!(world.run(example.path(), "remove . --yes").1, "nothing to remove\n");
    for line in ["schema", "completions bash", "--help", "--licenses", "--version", "inspect ."] {
        let mut command = dvpack(example.path());
        let full = FullDisk.stream().0;
        let output = command.args(line.split_whitespace()).stdout(full).stderr(Stdio::piped()).output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{line}: {stderr}");
        assert!(stderr.contains("error: the result could not be written to stdout: "), "{line}: {stderr}");
        assert!(stderr.contains("ended with exit code 0\n"), "{line}: {stderr}");
    }
}
