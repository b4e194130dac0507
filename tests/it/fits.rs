//! Whether a package fits into an environment: files over its upload limit, code components that were built for
//! development, languages that it does not have; from the manifest to the end of an apply, before anything is imported.

use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

/// A project with a code component whose script has this many bytes, and labels in English and German.
fn project(bytes: usize) -> Test {
    let test = Test::new().copy("tests/kinds/code-component");
    let manifest = std::fs::read_to_string(test.path().join("dvpack.yaml")).expect("a manifest");
    let labels = "version: 1.0.0.0, languages: [1033, 1031], displayName: { 1033: Kinds, 1031: Arten }";
    let more = manifest.replace("displayName: Contoso kinds, version: 1.0.0.0", labels);
    assert_ne!(more, manifest);
    let script = std::fs::read_to_string(test.path().join("rating/bundle.js")).expect("a script");
    let padded = format!("{script}\n// {}\n", "x".repeat(bytes));
    test.file("dvpack.yaml", more).file("rating/bundle.js", padded)
}

fn limit(world: &World, bytes: u64) {
    let (_, found) = world.send(Method::GET, "organizations?$select=organizationid", &Value::Null);
    let id = found["value"][0]["organizationid"].as_str().expect("an id").to_owned();
    world.patch(&format!("organizations({id})"), &json!({"maxuploadfilesize": bytes}));
}

fn imports(world: &World) -> bool {
    world.writes().iter().any(|write| write.contains("Import"))
}

#[test]
fn a_code_component_over_the_limit_stops_before_the_import_and_says_what_to_do() {
    let world = World::new(Options::default());
    let test = project(6 << 20);
    for line in ["doctor .", "apply . --yes --report r.json"] {
        let (code, stdout, stderr) = world.run(test.path(), line);
        let text = stdout + &stderr;
        assert_eq!(code, 7, "{line}: {text}");
        for part in [
            "has 6145 KB, and the environment takes files of at most 5120 KB",
            "raises the limit to 6145 KB or more",
            "a code component that was built for development is many times larger: build it for production",
        ] {
            assert!(text.contains(part), "{line}: {part}: {text}");
        }
    }
    let report = std::fs::read_to_string(test.path().join("r.json")).expect("a report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert!(report["help"].to_string().contains("build it for production"), "{report:#}");
    assert!(!imports(&world));
    // Either way out works: a higher limit, or the component built for production.
    limit(&world, 8 << 20);
    let (code, stdout, stderr) = world.run(test.path(), "apply . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let world = World::new(Options::default());
    let (code, stdout, stderr) = world.run(project(1 << 20).path(), "apply . --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn the_limit_is_compared_with_each_file_to_the_byte() {
    let world = World::new(Options::default());
    let test = project(5000);
    let size = std::fs::metadata(test.path().join("rating/bundle.js")).expect("a file").len();
    for (bytes, fits) in [(size - 1, false), (size, true)] {
        limit(&world, bytes);
        let (code, stdout, stderr) = world.run(test.path(), "doctor .");
        assert_eq!(code, if fits { 0 } else { 7 }, "{bytes}: {stdout}{stderr}");
    }
}

#[test]
fn languages_that_an_environment_lacks_are_named_before_the_import_and_stop_nothing() {
    // English is the base language, and German is not turned on; then the other way round.
    for (scenarios, lacking) in [(vec![], "1031"), (vec![Scenario::OtherLanguage], "1033")] {
        let world = World::new(Options { scenarios, ..Options::default() });
        let test = project(0);
        let line = format!("language {lacking} of the solution is not turned on in the environment");
        let (code, stdout, stderr) = world.run(test.path(), "doctor .");
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(stdout.contains(&line), "{stdout}");
        let (code, stdout, stderr) =
            world.run(test.path(), "apply . --yes --report r.json --report r.xml --report r.md");
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(stderr.contains(&line), "{stderr}");
        for file in ["r.json", "r.xml", "r.md"] {
            let report = std::fs::read_to_string(test.path().join(file)).expect("a report");
            assert!(report.contains(&line), "{file}: {report}");
        }
        // With nothing to import, nothing is left out.
        let (code, stdout, stderr) = world.run(test.path(), "apply . --yes");
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(!(stdout + &stderr).contains("is not turned on"), "{lacking}");
    }
}
