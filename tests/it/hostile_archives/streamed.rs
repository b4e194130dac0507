//! A solution with sizes behind the data is taken wherever a solution from outside is, and by no bundle.

use dvpack::archive::{self, Entry, Limits};
use dvpack::bundle::sha256;

use super::builder::{deflated, zip};
use super::descriptors::streamed;
use crate::support::Test;

const SOLUTION: &str = "dist/ContosoWidgets_1_4_0_0_managed.zip";
const BUNDLE: &str = "dist/ContosoWidgets_1_4_0_0.dvpack";

fn packed(entries: &[Entry]) -> Vec<u8> {
    zip(entries.iter().map(|it| streamed(deflated(&it.name, &it.bytes), (true, false))).collect()).bytes()
}

fn read(bytes: &[u8]) -> Vec<Entry> {
    archive::read(bytes, &Limits::default()).expect("read")
}

fn built() -> crate::support::Ran {
    Test::new().copy("examples/contoso-widgets").args("build .").success()
}

#[test]
fn a_solution_with_descriptors_is_taken_from_outside() {
    let ran = built();
    let plain = ran.read(SOLUTION);
    let solution = packed(&read(&plain));
    let test = || Test::new().file("s.zip", &solution).file("plain.zip", &plain);
    let shown = test().args("inspect s.zip").success();
    assert!(shown.stdout.contains("Contoso Widgets") && !shown.stderr.contains("descriptor"), "{}", shown.stderr);
    test().args("diff plain.zip s.zip").success();
    let unpacked = test().args("unpack s.zip out").success();
    let again = Test::within(unpacked.folder).args("pack out again.zip").success();
    assert!(again.read("again.zip") == plain, "other bytes");
    let made = test().args("init made --from s.zip").success();
    let again = Test::within(made.folder).args("build made -o again").success();
    assert!(again.read("again/ContosoWidgets_1_4_0_0_managed.zip") == plain, "other bytes");
    let manifest = "dvpack: 1\npublisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }\nsolution: \
                    { name: Two, version: 1.0.0.0 }\ncomponents: { source: [s.zip] }\n";
    test().file("dvpack.yaml", manifest).args("build .").success();
    let ran = test().args("verify s.zip").code(3);
    assert!(ran.stderr.contains("it is a solution zip, and a bundle is wanted"), "{}", ran.stderr);
}

#[test]
fn a_bundle_with_descriptors_is_refused_as_before() {
    let bundle = built().read(BUNDLE);
    let wanted = "sizes after the data (a data descriptor) are not accepted";
    let outer = packed(&read(&bundle));
    for verb in ["verify", "inspect"] {
        let ran = Test::new().file("it.dvpack", &outer).args(verb).arg("it.dvpack").code(3);
        assert!(ran.stderr.contains(wanted), "{}", ran.stderr);
    }
    let ran = Test::new().file("it.dvpack", repacked_inside(read(&bundle))).args("verify it.dvpack").code(3);
    assert!(ran.stderr.contains(wanted), "{}", ran.stderr);
}

/// The bundle with its solution packed in that way, and all digests and sizes of it made anew, so that nothing else is wrong.
fn repacked_inside(mut entries: Vec<Entry>) -> Vec<u8> {
    let at = entries.iter().position(|it| it.name.starts_with("solutions/")).expect("a solution");
    let old = entries[at].bytes.clone();
    entries[at].bytes = packed(&read(&old));
    let new = entries[at].bytes.clone();
    for entry in entries.iter_mut().filter(|it| !it.name.starts_with("solutions/")) {
        let text = String::from_utf8(std::mem::take(&mut entry.bytes)).expect("text");
        let size = |bytes: &[u8]| format!("\"size\": {}", bytes.len());
        entry.bytes = text.replace(&sha256(&old), &sha256(&new)).replace(&size(&old), &size(&new)).into_bytes();
    }
    let sums = entries.iter().position(|it| it.name == "SHA256SUMS").expect("sums");
    let of = |name: &str| sha256(&entries.iter().find(|it| it.name == name).expect("listed").bytes);
    let text = String::from_utf8(entries[sums].bytes.clone()).expect("text");
    let names = text.lines().filter_map(|line| line.split_once("  "));
    entries[sums].bytes = names.map(|(_, name)| format!("{}  {name}\n", of(name))).collect::<String>().into_bytes();
    archive::write(&entries).expect("written")
}
