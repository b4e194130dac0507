//! `dvpack pack`: folders become zips, mistakes are named.

use crate::support::Test;

#[test]
fn packs_the_example_as_both() {
    let test = Test::new().copy("examples/contoso-widgets");
    let ran = test.args("pack solution/src out/widgets.zip --type both --format json").success();
    let packages = ran.json()["packages"].as_array().expect("a list").len();
    assert_eq!(packages, 2);
    let one = dvpack::solution::read_zip(&ran.read("out/widgets.zip"), "one").expect("a solution");
    let two = dvpack::solution::read_zip(&ran.read("out/widgets_managed.zip"), "two").expect("a solution");
    assert!(!one.managed() && two.managed());
}

#[test]
fn a_malformed_file_is_named_with_its_line() {
    let ran = Test::new()
        .file("src/Other/Solution.xml", "<ImportExportXml>\n  <a>\n  </b>\n</ImportExportXml>")
        .file("src/Other/Customizations.xml", "<ImportExportXml />")
        .args("pack src out.zip")
        .code(3);
    assert!(ran.stderr.contains("src/Other/Solution.xml:3"), "{}", ran.stderr);
    assert!(!ran.folder.path().join("out.zip").exists());
}

#[test]
fn a_folder_that_is_no_solution_says_what_to_give() {
    let ran = Test::new().file("src/readme.txt", "").args("pack src out.zip").code(3);
    assert!(ran.stderr.contains("Other/Solution.xml"), "{}", ran.stderr);
}

#[test]
fn a_missing_payload_stops_the_pack() {
    let ran = Test::new()
        .file("s/Other/Solution.xml", "<ImportExportXml><SolutionManifest><UniqueName>a</UniqueName><Managed>0</Managed></SolutionManifest></ImportExportXml>")
        .file("s/Other/Customizations.xml", "<ImportExportXml><WebResources /></ImportExportXml>")
        .file("s/WebResources/a_x.js.data.xml", "<WebResource><Name>a_x.js</Name><FileName>/WebResources/a_xjs1</FileName></WebResource>")
        .args("pack s out.zip")
        .code(3);
    assert!(ran.stderr.contains("missing-payload") && ran.stderr.contains("a_x.js"), "{}", ran.stderr);
}
