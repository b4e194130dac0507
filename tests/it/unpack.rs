//! `dvpack unpack`: a zip becomes a folder and back; nothing of the person's is lost.

use dvpack::archive::{Entry, write};
use dvpack::solution::{PackageType, read_folder_as, xml};

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
    assert_eq!(again.files.keys().collect::<Vec<_>>(), ["customapis/one%20two/customapi.xml", "loose.json"]);
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

fn typed(managed: u8, form: &str, role: &str) -> Vec<u8> {
    write(&[
        Entry::new(
            "customizations.xml",
            format!(
                "<ImportExportXml><Entities><Entity><Name>a_b</Name><FormXml><forms type=\"main\"><systemform>\
                 <formid>{{1}}</formid>{form}</systemform></forms></FormXml></Entity></Entities>\
                 <Roles><Role id=\"{{2}}\" name=\"r\">{role}</Role></Roles></ImportExportXml>"
            ),
        ),
        Entry::new(
            "solution.xml",
            format!(
                "<ImportExportXml><SolutionManifest><UniqueName>one</UniqueName><Version>1.0</Version>\
                 <Managed>{managed}</Managed></SolutionManifest></ImportExportXml>"
            ),
        ),
    ])
    .expect("a zip")
}

#[test]
fn both_types_go_to_one_folder_and_come_out_again() {
    let ran = Test::new()
        .file("a.zip", typed(0, "<full />", ""))
        .file("a_managed.zip", typed(1, "<delta />", ""))
        .args("unpack a.zip out --type both")
        .success();
    assert!(!ran.stderr.contains("differs"), "{}", ran.stderr);
    let folder = ran.folder.path().join("out");
    assert!(folder.join("Entities/a_b/FormXml/main/{1}_managed.xml").is_file());
    for (package_type, flag, form) in
        [(PackageType::Managed, true, "<delta />"), (PackageType::Unmanaged, false, "<full />")]
    {
        let package = read_folder_as(&folder, package_type).expect("a folder");
        assert_eq!(package.managed(), flag);
        assert!(xml::write_fragment(&package.customizations).contains(form));
    }
}

#[test]
fn what_one_folder_cannot_hold_of_both_types_is_said() {
    let test = |managed: Vec<u8>| {
        Test::new().file("a.zip", typed(0, "", "")).file("a_managed.zip", managed).args("unpack a.zip out --type both")
    };
    let ran = test(typed(1, "", "<Other />")).success();
    assert!(ran.stderr.contains("differs-in-managed") && ran.stderr.contains("Roles/r.xml"), "{}", ran.stderr);
    let ran = test(typed(0, "", "")).code(3);
    assert!(ran.stderr.contains("wrong-package-type"), "{}", ran.stderr);
    assert!(!ran.folder.path().join("out").exists());
}

#[test]
fn tables_views_and_web_resources_have_files_of_their_own() {
    let customizations = "<ImportExportXml><Entities><Entity><Name>a_B</Name><SavedQueries><savedqueries><savedquery>\
        <savedqueryid>{1}</savedqueryid></savedquery></savedqueries></SavedQueries><RibbonDiffXml><a /></RibbonDiffXml></Entity></Entities>\
        <EntityRelationships><EntityRelationship Name=\"a_r\"><ReferencedEntityName>Account</ReferencedEntityName></EntityRelationship></EntityRelationships>\
        <WebResources><WebResource><Name>a_/x.js</Name><FileName>/WebResources/a_xjs1</FileName></WebResource></WebResources></ImportExportXml>";
    let solution = "<ImportExportXml><SolutionManifest><UniqueName>one</UniqueName><Managed>0</Managed></SolutionManifest></ImportExportXml>";
    let zip = write(&[
        Entry::new("customizations.xml", customizations),
        Entry::new("solution.xml", solution),
        Entry::new("WebResources/a_xjs1", "let a;"),
    ])
    .expect("a zip");
    let ran = Test::new().file("a.zip", zip).args("unpack a.zip out").success();
    let folder = ran.folder.path().join("out");
    let mut files: Vec<_> = walkdir::WalkDir::new(&folder)
        .into_iter()
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(&folder).expect("below").to_str().expect("Unicode").to_owned())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "Entities/a_B/Entity.xml",
            "Entities/a_B/RibbonDiff.xml",
            "Entities/a_B/SavedQueries/{1}.xml",
            "Other/Customizations.xml",
            "Other/Relationships.xml",
            "Other/Relationships/Account.xml",
            "Other/Solution.xml",
            "WebResources/a_/x.js",
            "WebResources/a_/x.js.data.xml",
        ]
    );
}
