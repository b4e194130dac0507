//! `dvpack remove` where another solution still needs what would go.

use std::fs;

use dvpack::sandbox::{Options, Scenario};

use crate::support::Test;
use crate::world::World;

const MANIFEST: &str = "dvpack: 1
publisher: { name: fabrikam, displayName: Fabrikam, prefix: fab, optionValuePrefix: 20000 }
solution: { name: FabrikamParts, displayName: Fabrikam Parts, version: 2.0.0.0 }
components:
  webResources: [ { path: parts.js, name: fab_/parts.js } ]
  source: [ ./src ]
";

/// A form of Fabrikam's that shows a table of Contoso's.
const MISSING: &str = "<MissingDependencies><MissingDependency>\
    <Required type=\"1\" schemaName=\"contoso_Widget\" displayName=\"Widget\" solution=\"ContosoWidgets (1.4.0.0)\" />\
    <Dependent type=\"61\" schemaName=\"fab_/parts.js\" displayName=\"fab_/parts.js\" /></MissingDependency></MissingDependencies>";

#[test]
fn what_still_needs_the_solution_is_named_with_its_owner() {
    let world = World::new(Options::default());
    let contoso = Test::new().copy("examples/contoso-widgets");
    let (code, _, stderr) = world.run(contoso.path(), "apply .");
    assert_eq!(code, 0, "{stderr}");

    let theirs = fs::read_to_string(contoso.path().join("solution/src/Other/Solution.xml")).expect("readable");
    let from = theirs.find("<MissingDependencies").expect("a list");
    let fabrikam = Test::new()
        .file("dvpack.yaml", MANIFEST)
        .file("parts.js", "// parts\n")
        .file("src/Other/Solution.xml", format!("{}{MISSING}</SolutionManifest></ImportExportXml>", &theirs[..from]))
        .file("src/Other/Customizations.xml", "<ImportExportXml />");
    let (code, _, stderr) = world.run(fabrikam.path(), "apply .");
    assert_eq!(code, 0, "{stderr}");

    let _so_far = world.writes();
    let (code, _, stderr) = world.run(contoso.path(), "remove . --yes");
    assert_eq!(code, 7, "{stderr}");
    for wanted in [
        "error: solution `ContosoWidgets` is still needed by 1 component\n",
        "web resource",
        "of solution `FabrikamParts` needs table",
        "help: remove solution `FabrikamParts` first",
    ] {
        assert!(stderr.contains(wanted), "{wanted}: {stderr}");
    }
    let writes = world.writes();
    assert!(writes.is_empty(), "{writes:#?}");

    // In the other order both go.
    for example in [&fabrikam, &contoso] {
        let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
        assert_eq!(code, 0, "{stdout}{stderr}");
    }
}

/// What dvpack does not undo is said, also where there is nothing else.
#[test]
fn what_stays_is_said() {
    let example = Test::new().copy("examples/contoso-widgets");
    let world = World::with(Scenario::UnmanagedInstalled);
    let (code, stdout, _) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 0);
    let words =
        "nothing to remove\n  solution `ContosoWidgets` stays: it is installed unmanaged, and deleting it would";
    assert!(stdout.starts_with(words), "{stdout}");
    let (_, stdout, _) = world.run(example.path(), "remove . --yes --format json");
    let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert!(document["kept"][0].as_str().is_some_and(|kept| kept.contains("unmanaged")), "{document:#}");
    assert_eq!(document["organization"], "dvpack sandbox");

    let world = World::with(Scenario::RoleAdded);
    assert_eq!(world.run(example.path(), "apply . --yes").0, 9);
    let (code, stdout, stderr) = world.run(example.path(), "remove . --yes");
    assert_eq!(code, 0, "{stderr}");
    let words = "` stays enabled: it also has the role `Basic User`, which the bundle does not declare; disable it in";
    assert!(stdout.contains(words) && stderr.contains(words), "{stdout}{stderr}");
    // Where the user is disabled already, nothing of it stays.
    let world = World::with(Scenario::RoleAdded);
    assert_eq!(world.run(example.path(), "apply . --yes").0, 9);
    let filter = "systemusers?$select=systemuserid&$filter=applicationid eq 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
    let (_, users) = world.send(reqwest::Method::GET, filter, &serde_json::Value::Null);
    let user = users["value"][0]["systemuserid"].as_str().expect("a user");
    world.patch(&format!("systemusers({user})"), &serde_json::json!({"isdisabled": true}));
    let (code, stdout, _) = world.run(example.path(), "remove . --yes");
    assert!(code == 0 && !stdout.contains("stays"), "{code} {stdout}");
}

const RELEASE: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Staged, displayName: Staged, version: VERSION }
components:
  tables:
    - { name: contoso_Widget, displayName: Widget }
";

/// A staged upgrade goes first, and nothing of it is left behind; also where only it is there.
#[test]
fn a_staged_upgrade_is_removed_with_its_solution() {
    let newer = format!("{RELEASE}    - {{ name: contoso_Gadget, displayName: Gadget }}\n");
    let test = Test::new()
        .file("old/dvpack.yaml", RELEASE.replace("VERSION", "1.4.0.0"))
        .file("new/dvpack.yaml", newer.replace("VERSION", "1.5.0.0"));
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    assert_eq!(world.run(test.path(), "apply old --yes").0, 0);
    let (code, stdout, stderr) = world.run(test.path(), "apply new --yes --mode stage");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (code, stdout, stderr) = world.run(test.path(), "remove new --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("uninstall solution `Staged_Upgrade`, the staged upgrade"), "{stderr}");
    let get = |path: &str| world.send(reqwest::Method::GET, path, &serde_json::Value::Null).1.to_string();
    let solutions = get("solutions?$select=uniquename");
    assert!(!solutions.contains("Staged"), "{solutions}");
    let tables = get("EntityDefinitions?$select=LogicalName");
    assert!(!tables.contains("contoso_"), "{tables}");
    assert_eq!(world.run(test.path(), "remove new --yes").1, "nothing to remove\n");
}
