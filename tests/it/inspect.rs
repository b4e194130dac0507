//! `dvpack inspect`: what a bundle, a solution and a manifest hold, for people and for machines.
#![allow(clippy::print_stdout, reason = "prints what of the corpus is understood")]

use crate::support::{Test, by_day, corpus, dvpack};
use crate::verify::sample_bundle;

#[test]
fn a_bundle_shows_its_role_as_a_matrix() {
    let ran = Test::new().file("it.dvpack", sample_bundle()).args("inspect it.dvpack").success();
    let shown: Vec<_> = ran.stdout.lines().filter(|line| !line.contains("sha256")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_bundle_as_json_has_the_same_facts() {
    let json = Test::new().file("it.dvpack", sample_bundle()).args("inspect it.dvpack --format json").success().json();
    assert_eq!(json["kind"], "bundle");
    assert_eq!(json["bundle"]["solutions"][0]["name"], "ContosoWidgets");
    assert_eq!(json["bundle"]["roles"][0]["privileges"][0]["name"], "prvReadAccount");
}

#[test]
fn what_is_no_archive_is_refused_in_words() {
    let ran = Test::new().file("it.zip", "hello").args("inspect it.zip").code(3);
    assert!(ran.stderr.contains("not a zip archive"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("help: give a manifest, a bundle, a solution zip, or an unpacked folder\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_manifest_its_bundle_its_solution_and_its_unpacked_folder_show_the_same_solution() {
    let made = Test::new().copy("examples/contoso-widgets").args("build . -o made").success();
    let folder = made.folder.path();
    let json = |arguments: &[&str]| {
        let output = dvpack(folder).args(arguments).args(["--format", "json"]).output().expect("run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let zip = "made/ContosoWidgets_1_4_0_0_managed.zip";
    json(&["unpack", zip, "unpacked"]);
    let shown = [".", "dvpack.yaml", "made/ContosoWidgets_1_4_0_0.dvpack", zip, "unpacked"]
        .map(|path| json(&["inspect", path]));
    let kinds: Vec<_> = shown.iter().map(|it| it["kind"].as_str().expect("text")).collect();
    assert_eq!(kinds, ["manifest", "manifest", "bundle", "solution", "folder"]);
    for other in &shown[1..] {
        for field in ["name", "version", "publisher", "components", "environmentVariables", "connectionReferences"] {
            assert_eq!(other["solutions"][0][field], shown[0]["solutions"][0][field], "{}: {field}", other["kind"]);
        }
        assert_eq!(other["roles"], shown[0]["roles"], "{}", other["kind"]);
    }
    assert_eq!(shown[0]["solutions"][0]["publisher"]["prefix"], "contoso");
    assert_eq!(shown[0]["solutions"][0]["notUnderstood"], serde_json::json!([]));
}

#[test]
fn the_example_reads_as_a_person_wants_it() {
    let ran = Test::new().copy("examples/contoso-widgets").args("inspect . --environment uat").success();
    let shown: Vec<_> = ran.stdout.lines().filter(|line| !line.contains("sha256")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn every_real_solution_and_folder_is_shown() {
    let Some(corpus) = corpus() else { return };
    let mut packages = Vec::new();
    for part in ["exported", "unpacked"] {
        let listed = std::fs::read_dir(corpus.join(part)).expect("a folder");
        let mut paths: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) && by_day(&path) {
                packages.push((part, path));
            } else if path.join("src").is_dir() {
                packages.push((part, path.join("src")));
            }
        }
    }
    let mut failures = Vec::new();
    let mut counts = std::collections::BTreeMap::<_, [usize; 3]>::new();
    let mut unknown = std::collections::BTreeMap::<String, usize>::new();
    for (part, path) in &packages {
        let ran = Test::new().args("inspect --format json").arg(path.to_string_lossy()).run();
        let count = counts.entry(*part).or_default();
        count[0] += 1;
        if ran.code != 0 {
            failures.push(format!("{}: {}", path.display(), ran.stderr));
            continue;
        }
        count[1] += 1;
        let shown = ran.json();
        let solution = &shown["solutions"][0];
        assert!(!solution["name"].as_str().expect("a name").is_empty(), "{}", path.display());
        let others = solution["notUnderstood"].as_array().expect("a list");
        count[2] += usize::from(others.is_empty());
        for other in others {
            *unknown.entry(other.as_str().expect("text").to_owned()).or_default() += 1;
        }
    }
    println!("{:<10} {:>6} {:>6} {:>11}", "", "tried", "shown", "understood");
    for (part, [tried, shown, understood]) in &counts {
        println!("{part:<10} {tried:>6} {shown:>6} {understood:>11}");
    }
    println!("carried without being named, and in how many:");
    for (what, count) in &unknown {
        println!("  {count:>3} {what}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(counts["exported"][0] >= 90 && counts["unpacked"][0] >= 20, "{counts:?}");
}
