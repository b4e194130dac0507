//! `dvpack unpack`: a zip becomes a folder and back; nothing of the person's is lost.

use dvpack::archive::{Entry, write};

use crate::support::Test;

fn solution(extra: &[(&str, &str)]) -> Vec<u8> {
    let mut entries = vec![
        Entry::new("customizations.xml", "<ImportExportXml><Entities /></ImportExportXml>"),
        Entry::new(
            "solution.xml",
            "<ImportExportXml><SolutionManifest><UniqueName>one</UniqueName><Version>1.0</Version>\
             <Managed>0</Managed></SolutionManifest></ImportExportXml>",
        ),
    ];
    entries.extend(extra.iter().map(|(name, text)| Entry::new(*name, *text)));
    write(&entries).expect("a zip")
}

#[test]
fn unpacked_and_packed_again_it_has_the_same_parts() {
    let zip = solution(&[("customapis/one%20two/customapi.xml", "<customapi />"), ("loose.json", "{}")]);
    let ran = Test::new().file("a.zip", zip).args("unpack a.zip out").success();
    let files = ran.folder.path().join("out");
    assert!(files.join("customapis/one two/customapi.xml").is_file());
    let again = dvpack::solution::read_folder(&files).expect("a folder");
    assert_eq!(again.files.keys().collect::<Vec<_>>(), ["customapis/one two/customapi.xml", "loose.json"]);
}

#[test]
fn a_folder_with_files_is_left_alone_without_force() {
    let test = || Test::new().file("a.zip", solution(&[])).file("out/mine.txt", "mine");
    let ran = test().args("unpack a.zip out").code(1);
    assert_eq!(ran.read("out/mine.txt"), b"mine");
    let ran = test().args("unpack a.zip out --force").success();
    assert!(!ran.folder.path().join("out/mine.txt").exists());
}

#[test]
fn an_encoded_name_cannot_leave_the_folder() {
    for name in ["%2e%2e/evil.txt", "a/%2e%2e/%2e%2e/evil.txt", "a%5c..%5cevil.txt", "%2fevil.txt"] {
        let ran = Test::new().file("a.zip", solution(&[(name, "evil")])).args("unpack a.zip out").code(3);
        assert!(!ran.folder.path().join("evil.txt").exists(), "{name}");
        assert!(!ran.folder.path().join("out").exists(), "{name}");
    }
}
