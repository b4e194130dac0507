//! The scripts in a bundle: shellcheck has nothing to say, and refusals come before any request.

use std::path::Path;
use std::process::{Command, Output};

use dvpack::archive::{self, Limits};

use crate::support::{Test, repository};
use crate::verify::sample_bundle;

fn unzip(folder: &Path) {
    for entry in archive::read(&sample_bundle(), &Limits::default()).expect("read") {
        let path = folder.join(&entry.name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, entry.bytes).expect("written");
    }
}

fn apply(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("sh").arg(folder.join("post-import/apply.sh")).args(arguments).output().expect("sh runs")
}

fn is_there(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
fn shellcheck_finds_nothing() {
    if !is_there("shellcheck") {
        return;
    }
    let script = repository().join("templates/post-import/apply.sh");
    let output = Command::new("shellcheck").arg(script).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_plain_http_environment_is_a_usage_error() {
    let test = Test::new();
    unzip(test.path());
    for url in
        ["http://contoso.crm.dynamics.com", "http://127.0.0.1.example.com", "https://user@contoso.crm.dynamics.com"]
    {
        assert_eq!(apply(test.path(), &["--url", url]).status.code(), Some(2), "{url}");
    }
}

#[test]
fn a_changed_file_stops_the_script() {
    if !is_there("jq") || !is_there("curl") {
        return;
    }
    let test = Test::new();
    unzip(test.path());
    std::fs::write(test.path().join("INSTALL.html"), "changed").expect("written");
    assert_eq!(apply(test.path(), &["--url", "http://127.0.0.1:9"]).status.code(), Some(3));
}
