//! The verbs whose work is an answer: a verified bundle, a bundle built again, a plan, a report, a consent.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use url::Url;

use super::one_pipe::{code, ways};
use super::*;

const BUNDLE: &str = "out/ContosoWidgets_1_4_0_0.dvpack";

fn built() -> Test {
    let ran = Test::new().copy("examples/contoso-widgets").args("build . -o out").success();
    Test::within(ran.folder)
}

#[test]
fn verify_and_build_check_say_the_truth_whoever_reads() {
    let test = built();
    let same = fs::read(test.path().join(BUNDLE)).expect("a bundle");
    let other = [same.as_slice(), b"x"].concat();
    let test = test.file("other.dvpack", other);
    let run = |line: &str, way| {
        let mut command = dvpack(test.path());
        command.args(line.split_whitespace());
        code(command, way)
    };
    let before = files(test.path());
    for way in ways() {
        for format in ["", " --format json", " --quiet", " -v"] {
            for (line, expected) in [
                (format!("verify {BUNDLE}"), 0),
                ("verify other.dvpack".to_owned(), 3),
                (format!("build . --check {BUNDLE}"), 0),
            ] {
                assert_eq!(run(&format!("{line}{format}"), way), expected, "{line}{format} {way:?}");
            }
        }
    }
    assert!(files(test.path()) == before);
}

/// A bundle that another source gives is no bundle of this one, whoever reads.
#[test]
fn build_check_finds_another_bundle_whoever_reads() {
    let test = built();
    let manifest = fs::read_to_string(test.path().join("dvpack.yaml")).expect("a manifest");
    let test = test.file("dvpack.yaml", manifest.replace("Widgets on the account form", "Widgets"));
    let run = |way| {
        let mut command = dvpack(test.path());
        command.args(["build", ".", "--check", BUNDLE]);
        code(command, way)
    };
    let usual = run(one_pipe::Way::Two(Stays, Stays));
    assert!(usual != 0 && usual != 101, "{usual}");
    for way in ways() {
        assert_eq!(run(way), usual, "{way:?}");
    }
}

#[test]
fn a_dry_run_ends_as_a_plan_and_changes_nothing_whoever_reads() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    for way in ways() {
        for more in ["", " -v", " --format json", " --report report.md"] {
            let line = format!("apply . --dry-run{more}");
            assert_eq!(code(world.dvpack(example.path(), &line), way), 10, "{line} {way:?}");
        }
        let report = example.path().join("report.md");
        assert!(fs::read_to_string(&report).expect("a report").contains("import"), "{way:?}");
        fs::remove_file(report).expect("removed");
    }
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(world.run(example.path(), "status .").0, 9);
}

#[test]
fn reports_are_written_by_every_verb_whoever_reads() {
    let world = World::new(Options::default());
    let test = built();
    for way in ways() {
        for (line, expected) in [("plan .", 10), ("status .", 9), ("doctor .", 0), ("apply . --dry-run", 10)] {
            let line = format!("{line} --report r.json --report r.md --report r.xml");
            assert_eq!(code(world.dvpack(test.path(), &line), way), expected, "{line} {way:?}");
            whole(&test, &["r.json", "r.md", "r.xml"], &format!("{line} {way:?}"));
        }
        for line in [
            "check . --report r.sarif --report r.json".to_owned(),
            format!("verify {BUNDLE} --report r.json --report r.md --report r.xml"),
        ] {
            let mut command = dvpack(test.path());
            command.args(line.split_whitespace());
            assert_eq!(code(command, way), 0, "{line} {way:?}");
            let names: Vec<&str> = line.split(" --report ").skip(1).collect();
            whole(&test, &names, &format!("{line} {way:?}"));
        }
    }
}

/// Each report is there to its end; they are removed for the next run.
fn whole(test: &Test, names: &[&str], what: &str) {
    for name in names {
        let path = test.path().join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{what}: {name}: {error}"));
        match name.rsplit('.').next() {
            Some("xml") => assert!(text.trim_end().ends_with("</testsuites>"), "{what}: {text}"),
            Some("md") => assert!(text.len() > 20 && text.ends_with('\n'), "{what}: {text}"),
            _ => assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{what}: {name}: {text}"),
        }
        fs::remove_file(path).expect("removed");
    }
}

const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

fn waiting(folder: &Path, timeout: u32, more: &str) -> Command {
    let mut command = dvpack(folder);
    let line = format!("consent --wait --client-id {CLIENT} --tenant {TENANT} --timeout {timeout}{more}");
    command.args(line.split_whitespace());
    command
}

/// Reads up to the link, goes away, and answers as the administrator's browser would; the exit code.
fn answered(mut command: Command, is_one_pipe: bool, grants: bool) -> i32 {
    let (reader, writer) = pipe().expect("a pipe");
    let out = if is_one_pipe { writer.try_clone().expect("the same pipe").into() } else { Gone.stream().0 };
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(writer).spawn().expect("started");
    drop(command);
    let mut lines = BufReader::with_capacity(1, reader).lines().map(|line| line.expect("a line"));
    let link = lines.find_map(|line| line.parse::<Url>().ok()).expect("the link");
    drop(lines);
    let parameter = |url: &Url, name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).expect("a parameter")
    };
    let redirect: Url = parameter(&link, "redirect_uri").parse().expect("a URL");
    let state = parameter(&link, "state");
    let query = if grants {
        format!("admin_consent=True&tenant={TENANT}&state={state}")
    } else {
        format!("admin_consent=True&error=consent_required&state={state}")
    };
    let mut stream = TcpStream::connect(("127.0.0.1", redirect.port().expect("a port"))).expect("connected");
    write!(stream, "GET /?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("a page");
    assert!(page.contains("<p>"), "{page}");
    child.wait().expect("ended").code().unwrap_or(-1)
}

#[test]
fn consent_is_waited_for_whoever_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    for more in ["", " --format json", " -v"] {
        for is_one_pipe in [false, true] {
            for (grants, expected) in [(true, 0), (false, 5)] {
                let command = waiting(folder.path(), 30, more);
                assert_eq!(answered(command, is_one_pipe, grants), expected, "{more} {is_one_pipe}");
            }
        }
    }
    // Where nobody has read the link, nobody answers: the end is that of a wait.
    thread::scope(|scope| {
        for way in ways() {
            let folder = folder.path();
            scope.spawn(move || assert_eq!(code(waiting(folder, 1, ""), way), 8, "{way:?}"));
        }
    });
}
