//! The command line itself: help, version, usage errors, exit codes.

use crate::support::Test;

#[test]
fn version_is_one_line() {
    let ran = Test::new().args("--version").success();
    assert_eq!(ran.stdout, format!("dvpack {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_verb_is_a_usage_error() {
    let ran = Test::new().args("aply").code(2);
    assert!(ran.stderr.contains("apply"), "{}", ran.stderr);
}

#[test]
fn completions_are_printed() {
    assert!(Test::new().args("completions bash").success().stdout.contains("_dvpack"));
}
