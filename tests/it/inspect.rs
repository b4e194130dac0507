//! `dvpack inspect`: what a bundle and a solution hold, for people and for machines.

use crate::support::{Test, corpus};
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
}

#[test]
fn every_real_exported_solution_is_shown() {
    let Some(corpus) = corpus() else { return };
    let mut shown = 0;
    for entry in walkdir::WalkDir::new(corpus.join("exported")).into_iter().filter_map(Result::ok) {
        if entry.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
            let bytes = std::fs::read(entry.path()).expect("readable");
            if let Err(error) = dvpack::bundle::Facts::read(&bytes) {
                panic!("{}: {error}", entry.path().display());
            }
            shown += 1;
        }
    }
    assert!(shown >= 100, "only {shown} archives were found");
}
