//! One pipe for stdout and stderr: `2>&1 | true` and `2>&1 | head -1`.

use super::*;

/// What becomes of what is printed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// Each stream has a reader of its own.
    Two(Reader, Reader),
    /// `2>&1 | true`.
    OneGone,
    /// `2>&1 | head -1`.
    OneLineOfBoth,
}

pub(super) const ONE: [Way; 2] = [Way::OneGone, Way::OneLineOfBoth];

/// Every way in which a reader goes away.
pub(super) fn ways() -> impl Iterator<Item = Way> {
    READERS.into_iter().map(|(out, err)| Way::Two(out, err)).chain(ONE)
}

/// Runs that way; the exit code.
pub(super) fn code(mut command: Command, way: Way) -> i32 {
    if let Way::Two(out, err) = way {
        return super::code(command, (out, err));
    }
    let (reader, writer) = pipe().expect("a pipe");
    let other = writer.try_clone().expect("the same pipe");
    let reader = Some(reader).filter(|_| matches!(way, Way::OneLineOfBoth));
    let mut child = command.stdin(Stdio::null()).stdout(writer).stderr(other).spawn().expect("started");
    // The command has the other end of the pipe, too.
    drop(command);
    let reader = read_a_line(reader);
    let status = child.wait().expect("ended");
    reader.join().expect("read");
    status.code().unwrap_or(-1)
}

#[test]
fn apply_status_and_remove_end_the_same_when_both_streams_lose_their_reader() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    for (way, more) in ONE.into_iter().zip([["", " --format json"], ["", " -v"]]) {
        for more in more {
            let run = |line: &str| code(world.dvpack(example.path(), &format!("{line}{more}")), way);
            let ends = |line: &str| world.run(example.path(), line).0;
            assert_eq!(run("plan ."), 10, "{way:?}{more}");
            assert_eq!(run("status ."), 9, "{way:?}{more}");
            assert_eq!(run("apply . --dry-run"), 10, "{way:?}{more}");
            let _earlier = fs::remove_file(example.path().join("report.json"));
            assert_eq!(run("apply . --yes --report report.json"), 0, "{way:?}{more}");
            let report = fs::read_to_string(example.path().join("report.json")).expect("a report");
            assert!(report.contains("applied and verified: "), "{way:?}{more}: {report}");
            assert_eq!((ends("plan ."), ends("status .")), (0, 0), "{way:?}{more}");
            assert_eq!(run("doctor ."), 0, "{way:?}{more}");
            assert_eq!(run("remove . --yes"), 0, "{way:?}{more}");
            assert_eq!(world.run(example.path(), "remove . --yes").1, "nothing to remove\n", "{way:?}{more}");
        }
    }
}

#[test]
fn a_failure_keeps_its_exit_code_when_both_streams_lose_their_reader() {
    let example = Test::new().copy("examples/contoso-widgets");
    for way in ONE {
        for (arguments, expected) in [
            ("apply . --sandbox --yes --scenario no-consent", 5),
            ("apply . --sandbox --yes --scenario missing-dependency", 7),
            ("apply . --sandbox --yes --scenario import-fails -v", 1),
            ("apply . --sandbox --yes --scenario administrator-added", 9),
            ("check nowhere", 3),
            ("apply", 2),
            ("verify dvpack.yaml", 3),
            ("--nonsense", 2),
            ("--nonsense --format json", 2),
        ] {
            let mut command = dvpack(example.path());
            command.args(arguments.split_whitespace()).env("DVPACK_TEST_PACE", "10000");
            assert_eq!(code(command, way), expected, "{arguments} {way:?}");
        }
    }
}

#[test]
fn files_are_written_the_same_when_both_streams_lose_their_reader() {
    let work = |way: Option<Way>| {
        let example = Test::new().copy("examples/contoso-widgets");
        for line in [
            "build .",
            "unpack dist/ContosoWidgets_1_4_0_0_managed.zip unpacked",
            "pack unpacked packed.zip",
            "init adopted --from dist/ContosoWidgets_1_4_0_0_managed.zip",
            "schema -o dvpack.v1.schema.json",
            "check . -v --report check.sarif",
            "--help",
            "--licenses",
        ] {
            let mut command = dvpack(example.path());
            command.args(line.split_whitespace());
            let ended = code(command, way.unwrap_or(Way::Two(Stays, Stays)));
            assert_eq!(ended, 0, "{line} {way:?}");
        }
        files(example.path())
    };
    let usual = work(None);
    assert!(usual.len() > 30, "{:?}", usual.keys());
    for way in ONE {
        assert!(work(Some(way)) == usual, "{way:?}");
    }
}
