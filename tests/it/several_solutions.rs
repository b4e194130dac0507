//! A bundle of several solutions: what one needs of those that are imported before it is no obstacle, for no verb.

use dvpack::archive::{self, Entry, Limits};
use dvpack::sandbox::Options;

use crate::support::Test;
use crate::tampered::packed;
use crate::world::World;

const MANIFEST: &str = "dvpack: 1
publisher: { name: fabrikam, displayName: Fabrikam, prefix: fab, optionValuePrefix: 20000 }
solution: { name: FabrikamParts, displayName: Fabrikam Parts, version: 2.0.0.0 }
components:
  webResources: [ { path: parts.js, name: fab_/parts.js } ]
  source: [ ./src ]
";

const FIRST: &str = "dvpack: 1
publisher: { name: fabrikam, displayName: Fabrikam, prefix: fab, optionValuePrefix: 20000 }
solution: { name: FabrikamBase, displayName: Fabrikam Base, version: 1.0.0.0 }
components: { tables: [{ name: fab_Widget, displayName: Widget }] }
";

/// The web resource of the second solution needs a table of the first one.
const NEEDS: &str = "<ImportExportXml><SolutionManifest><UniqueName>Parts</UniqueName><MissingDependencies><MissingDependency>\
    <Required type=\"1\" schemaName=\"fab_Widget\" displayName=\"Widget\" solution=\"FabrikamBase (1.0.0.0)\" />\
    <Dependent type=\"61\" schemaName=\"fab_/parts.js\" displayName=\"fab_/parts.js\" /></MissingDependency></MissingDependencies>\
    </SolutionManifest></ImportExportXml>";

fn built(test: Test) -> Vec<Entry> {
    let ran = test.args("build . -o made").success();
    let made = std::fs::read_dir(ran.folder.path().join("made")).expect("a folder");
    let bundle = made.map(|it| it.expect("a file").path()).find(|it| it.extension().is_some_and(|it| it == "dvpack"));
    archive::read(&std::fs::read(bundle.expect("a bundle")).expect("readable"), &Limits::default()).expect("read")
}

fn json(bundle: &[Entry]) -> String {
    let entry = bundle.iter().find(|entry| entry.name == "bundle.json").expect("there");
    String::from_utf8(entry.bytes.clone()).expect("UTF-8")
}

#[test]
fn doctor_and_apply_know_what_comes_with_the_solution_before() {
    const FROM: &str = "\"solutions\": [\n";
    let first = built(Test::new().file("dvpack.yaml", FIRST));
    let second = Test::new()
        .file("dvpack.yaml", MANIFEST)
        .file("parts.js", "// parts\n")
        .file("src/Other/Solution.xml", NEEDS)
        .file("src/Other/Customizations.xml", "<ImportExportXml />");
    let mut both = built(second);
    let of_first = json(&first);
    let (_, rest) = of_first.split_once(FROM).expect("solutions");
    let (solution, _) = rest.split_once("\n  ]").expect("an end");
    let entry = both.iter_mut().find(|entry| entry.name == "bundle.json").expect("there");
    entry.bytes = String::from_utf8(entry.bytes.clone())
        .expect("UTF-8")
        .replace(FROM, &format!("{FROM}{solution},\n"))
        .into_bytes();
    both.extend(first.into_iter().filter(|entry| entry.name.starts_with("solutions/")));
    both.sort_by(|a, b| a.name.cmp(&b.name));
    let test = Test::new().file("both.dvpack", packed(&both));
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let (code, stdout, stderr) = world.run(test.path(), "doctor both.dvpack");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("comes with the bundle's solutions that are imported before it"), "{stdout}");
    let (code, stdout, stderr) = world.run(test.path(), "apply both.dvpack --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
}
