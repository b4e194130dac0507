//! `dvpack init`: what it writes is right, and nothing is lost.

use crate::support::{Test, dvpack};

#[test]
fn what_init_writes_passes_check() {
    for template in ["minimal", "full"] {
        let ran =
            Test::new().args("init here --publisher contoso --name ContosoWidgets --template").args(template).success();
        assert!(ran.stdout.contains("dvpack check here"), "{}", ran.stdout);
        let check = dvpack(ran.folder.path()).args(["check", "here", "--format", "json"]).output().expect("run");
        let report: serde_json::Value = serde_json::from_slice(&check.stdout).expect("JSON");
        assert_eq!(report, serde_json::json!({ "ok": true, "diagnostics": [] }), "{template}");
    }
}

#[test]
fn a_manifest_is_overwritten_only_when_asked() {
    let ran = Test::new().file("dvpack.yaml", "mine").args("init").code(2);
    assert_eq!(ran.read("dvpack.yaml"), b"mine");
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    let ran = Test::new().file("dvpack.yaml", "mine").args("init --force").success();
    assert!(ran.read("dvpack.yaml").starts_with(b"# yaml-language-server"));
}

#[test]
fn wrong_answers_write_nothing() {
    let ran = Test::new().args("init --prefix mscrmx").code(3);
    assert!(ran.stderr.contains("publisher-prefix"), "{}", ran.stderr);
    assert!(!ran.folder.path().join("dvpack.yaml").exists());
}
