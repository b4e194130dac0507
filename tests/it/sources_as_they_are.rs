//! What real sources have and Dataverse takes is no reason to refuse a build; what is refused has a place and a help.

use dvpack::archive::{self, Entry, Limits};

use crate::merged_zip::{project, zip};
use crate::support::Ran;

fn made(ran: &Ran) -> Vec<Entry> {
    archive::read(&ran.read("made/ContosoFlows_1_0_0_0_managed.zip"), &Limits::default()).expect("read")
}

fn verified(ran: &Ran) {
    let bundle = ran.read("made/ContosoFlows_1_0_0_0.dvpack");
    crate::support::Test::new().file("it.dvpack", bundle).args("verify it.dvpack").success();
}

#[test]
fn data_in_an_unknown_folder_may_be_latin_1() {
    for (what, data) in [
        ("Latin-1", &b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\r\n<a>\xe4</a>"[..]),
        ("in capitals", b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\" standalone=\"yes\"?><a b=\"\xfc\"/>"),
        ("ASCII", b"<?xml version='1.0' encoding='us-ascii'?><a/>"),
        ("UTF-8", b"<?xml version='1.0' encoding='utf-8'?><a>\xc3\xa4</a>"),
        ("UTF-16", b"\xff\xfe<\0a\0/\0>\0"),
    ] {
        for part in ["Data/rows.xml", "contoso_rows/one/more.xml"] {
            let ran = project(&zip("", "", &[(part, data)]), "").args("build . -o made").success();
            let entry = made(&ran).into_iter().find(|entry| entry.name == part).expect(part);
            assert_eq!(entry.bytes, data, "{what}: carried as it is");
            verified(&ran);
        }
    }
    for (what, data) in [
        ("UTF-7", &b"<?xml version=\"1.0\" encoding=\"utf-7\"?><a>+ADw-b/+AD4-</a>"[..]),
        ("a code page", b"<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>\xe4</a>"),
        ("no declaration", b"<a>\xe4</a>"),
        ("ASCII that is none", b"<?xml version='1.0' encoding='us-ascii'?><a>\xe4</a>"),
        ("not well-formed", b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe4"),
        ("a DTD", b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"),
    ] {
        let ran = project(&zip("", "", &[("Data/rows.xml", data)]), "").args("build . -o made").code(3);
        assert!(ran.stderr.contains("it.zip: Data/rows.xml"), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains("help: save it as UTF-8"), "{what}: {}", ran.stderr);
    }
}

#[test]
fn a_part_is_named_as_dataverse_reads_it() {
    for (raw, part) in [
        ("WebResources/contoso_my page", "WebResources/contoso_my%20page"),
        ("WebResources/a#b.js", "WebResources/a%23b.js"),
        ("WebResources/a{1}.js", "WebResources/a%7B1%7D.js"),
        ("Data/one two/three.txt", "Data/one%20two/three.txt"),
        ("WebResources/a^b`c.js", "WebResources/a%5Eb%60c.js"),
    ] {
        let ran = project(&zip("", "", &[(raw, b"text")]), "").args("build . -o made").success();
        assert!(ran.stderr.contains(&format!("`{part}`")) && ran.stderr.contains(raw), "{}", ran.stderr);
        assert!(made(&ran).iter().any(|entry| entry.name == part), "{part}");
        verified(&ran);
    }
    let (raw, other) = ("Data/a b.txt", "Data/a%20b.txt");
    let ran = project(&zip("", "", &[(raw, b"1"), (other, b"2")]), "").args("build . -o made").code(3);
    assert!(ran.stderr.contains(raw) && ran.stderr.contains("help:"), "{}", ran.stderr);
    for raw in ["Data/100%.txt", "Data/a b%20c.txt"] {
        let ran = project(&zip("", "", &[(raw, b"1")]), "").args("build . -o made").code(3);
        assert!(ran.stderr.contains(raw) && ran.stderr.contains("help:"), "{}", ran.stderr);
    }
}

#[test]
fn a_web_resource_is_found_under_the_name_that_its_part_gets() {
    let resource = "<WebResources><WebResource><WebResourceId>{7c9e6679-7425-40de-944b-e07fc1f90ae8}</WebResourceId><Name>contoso_/my page.html</Name><WebResourceType>1</WebResourceType><FileName>/WebResources/contoso_my page</FileName></WebResource></WebResources>";
    let raw = zip(resource, "", &[("WebResources/contoso_my page", b"<p></p>")]);
    let ran = project(&raw, "").args("build . -o made").success();
    assert!(!ran.stderr.contains("missing-component-source"), "{}", ran.stderr);
    assert!(made(&ran).iter().any(|entry| entry.name == "WebResources/contoso_my%20page"));
    verified(&ran);
}
