//! `dvpack build`: both files are made, the same everywhere, and the bundle passes its own check.

use dvpack::bundle::Bundle;

use crate::support::{Test, repository};

const EXAMPLE: &str = "examples/contoso-widgets";

#[test]
fn the_example_builds_to_the_same_bytes_and_verifies() {
    let one = Test::new().copy(EXAMPLE).args("build").success();
    let two = Test::new().copy(EXAMPLE).env("TZ", "Asia/Tokyo").args("build -o elsewhere").success();
    let mut compared = 0;
    for entry in std::fs::read_dir(one.folder.path().join("dist")).expect("dist") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        assert!(one.read(&format!("dist/{name}")) == two.read(&format!("elsewhere/{name}")), "{name} differs");
        if name.ends_with(".dvpack") {
            Test::new().file("it.dvpack", one.read(&format!("dist/{name}"))).args("verify it.dvpack").success();
        }
        compared += 1;
    }
    assert_eq!(compared, 2);
}

#[test]
fn the_reasons_of_the_manifest_stand_in_the_bundle() {
    let manifest = std::fs::read_to_string(repository().join(EXAMPLE).join("dvpack.yaml")).expect("read");
    let given = "account: { read: organization,";
    assert!(manifest.contains(given), "{manifest}");
    let manifest = manifest.replace(given, &format!("{given} because: widgets are found by account,"));
    let ran = Test::new().copy(EXAMPLE).file("dvpack.yaml", manifest).args("build").success();
    let bytes = ran.read("dist/ContosoWidgets_1_4_0_0.dvpack");
    let bundle = Bundle::from_bytes(&bytes, "it.dvpack").expect("opens");
    let privileges = &bundle.descriptor().roles[0].privileges;
    let because = |name: &str| privileges.iter().find(|it| it.name == name).expect("granted").because.as_deref();
    assert_eq!(because("prvReadAccount"), Some("widgets are found by account"));
    assert_eq!(because("prvReadNote"), None);
}

#[test]
fn the_time_comes_from_source_date_epoch_alone() {
    let build =
        |epoch: &str| Test::new().copy(EXAMPLE).env("SOURCE_DATE_EPOCH", epoch).args("build --format json").success();
    let (one, two) = (build("1700000000").json(), build("1700000010").json());
    assert_ne!(one["bundle"]["sha256"], two["bundle"]["sha256"]);
    assert_eq!(one["solution"]["sha256"], two["solution"]["sha256"]);
    Test::new().copy(EXAMPLE).env("SOURCE_DATE_EPOCH", "yesterday").args("build").code(2);
}

#[test]
fn only_builds_of_the_same_solution_are_replaced() {
    let bundle = "dist/ContosoWidgets_1_4_0_0.dvpack";
    let ran = Test::new().copy(EXAMPLE).file(bundle, "my notes").args("build").code(1);
    assert!(ran.stderr.contains("is not a build of `ContosoWidgets`"), "{}", ran.stderr);
    assert_eq!(ran.read(bundle), b"my notes");
    assert!(!ran.folder.path().join("dist/ContosoWidgets_1_4_0_0_managed.zip").exists());
    let ran = Test::new().copy(EXAMPLE).file(bundle, "my notes").args("build --force").success();
    let built = ran.read(bundle);
    Test::new().copy(EXAMPLE).file(bundle, built).args("build").success();
}

#[test]
fn a_published_bundle_is_checked_against_its_manifest() {
    let built = Test::new().copy(EXAMPLE).args("build").success().read("dist/ContosoWidgets_1_4_0_0.dvpack");
    let same = Test::new().copy(EXAMPLE).file("it.dvpack", &built).args("build --check it.dvpack").success();
    assert_eq!(same.stdout, "it.dvpack: the same, byte for byte\n");
    assert!(!same.folder.path().join("dist").exists());
    let changed = Test::new()
        .copy(EXAMPLE)
        .file("web/widgets.css", "body { color: red }\n")
        .file("it.dvpack", &built)
        .args("build --check it.dvpack")
        .code(9);
    assert!(changed.stdout.contains("managed.zip: `WebResources/contoso_"), "{}", changed.stdout);
    assert!(changed.stdout.contains("differs in line 1"), "{}", changed.stdout);
    assert!(changed.stdout.ends_with("web/widgets.css:1\n"), "{}", changed.stdout);
}

#[test]
fn an_older_version_beside_a_newer_one_is_said() {
    let newer = "dist/ContosoWidgets_1_10_0_0_managed.zip";
    let ran = Test::new().copy(EXAMPLE).file(newer, "").args("build").success();
    let said = ran.stderr.lines().find(|line| line.contains("version-downgrade"));
    assert_eq!(
        said,
        Some("warning[version-downgrade]: version 1.4.0.0 is built beside version 1.10.0.0"),
        "{}",
        ran.stderr
    );
    for other in ["dist/ContosoWidgets_1_3_0_0_managed.zip", "dist/ContosoWidgets_Extra_9_0_0_0_managed.zip"] {
        let ran = Test::new().copy(EXAMPLE).file(other, "").args("build").success();
        assert!(!ran.stderr.contains("version-downgrade"), "{}", ran.stderr);
    }
}
