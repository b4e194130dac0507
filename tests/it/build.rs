//! `dvpack build`: both files are made, the same everywhere, and the bundle passes its own check.

use crate::support::Test;

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
fn the_time_comes_from_source_date_epoch_alone() {
    let build =
        |epoch: &str| Test::new().copy(EXAMPLE).env("SOURCE_DATE_EPOCH", epoch).args("build --format json").success();
    let (one, two) = (build("1700000000").json(), build("1700000010").json());
    assert_ne!(one["bundle"]["sha256"], two["bundle"]["sha256"]);
    assert_eq!(one["solution"]["sha256"], two["solution"]["sha256"]);
    Test::new().copy(EXAMPLE).env("SOURCE_DATE_EPOCH", "yesterday").args("build").code(2);
}
