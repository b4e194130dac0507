//! `dvpack init`: what it writes is right, and nothing is lost.

use crate::support::{Test, dvpack};

const INIT: &str = "init here --publisher contoso --name ContosoWidgets --template";

#[test]
fn what_init_writes_passes_check() {
    for template in ["minimal", "full"] {
        let ran =
            Test::new().args(INIT).args(template).args("--client-id 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40").success();
        assert!(ran.stdout.contains("dvpack check here"), "{}", ran.stdout);
        let check = dvpack(ran.folder.path()).args(["check", "here", "--format", "json"]).output().expect("run");
        let report: serde_json::Value = serde_json::from_slice(&check.stdout).expect("JSON");
        assert_eq!(
            report,
            serde_json::json!({"format": 1, "ok": true, "exitCode": 0, "diagnostics": []}),
            "{template}"
        );
    }
}

/// Without a client ID the manifest has a placeholder, which nobody may publish.
#[test]
fn the_placeholder_of_a_client_id_passes_neither_check_nor_build() {
    for template in ["minimal", "full"] {
        let ran = Test::new().args(INIT).args(template).success();
        assert!(ran.stdout.contains("write the application's real client ID"), "{}", ran.stdout);
        for verb in ["check here", "build here", "inspect here", "plan here --sandbox", "apply here --sandbox"] {
            let output = dvpack(ran.folder.path()).args(verb.split(' ')).output().expect("run");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{template} {verb}: {stderr}");
            for words in [
                "error[placeholder-client-id]: `00000000-0000-0000-0000-000000000001` is the placeholder",
                "help: write the application (client) ID of your app registration",
            ] {
                assert!(stderr.contains(words), "{template} {verb}: {words}: {stderr}");
            }
        }
        assert!(!ran.folder.path().join("here/dist").exists());
    }
    for (id, passes) in [
        ("00000000-0000-0000-0000-00000000000a", false),
        ("00000000-0000-0000-0000-123456789012", false),
        ("00000003-0000-0000-c000-000000000000", true),
        ("00000000-0000-4000-8000-000000000001", true),
    ] {
        let ran = Test::new().args(INIT).args("minimal --client-id").args(id).success();
        let output = dvpack(ran.folder.path()).args(["check", "here"]).output().expect("run");
        assert_eq!(output.status.success(), passes, "{id}: {}", String::from_utf8_lossy(&output.stderr));
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

/// What is written goes through a library: a name is one text, whatever YAML would make of it without quotes.
#[test]
fn a_name_is_written_so_that_yaml_reads_it_back() {
    let ran = Test::new().args("init here --name ContosoWidgets --publisher yes --prefix contoso").success();
    let text = String::from_utf8(ran.read("here/dvpack.yaml")).expect("UTF-8");
    assert!(text.contains("  name: \"yes\"\n") && text.contains("  displayName: \"Yes\"\n"), "{text}");
    let ran = Test::new().args("init here --name").arg("ContosoWidgets # the rest").code(3);
    assert!(ran.stderr.contains("error[solution-name]"), "{}", ran.stderr);
    assert!(!ran.folder.path().join("here/dvpack.yaml").exists());
}
