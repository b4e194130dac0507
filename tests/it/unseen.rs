//! What nobody sees in a bundle is refused wherever it stands: blank letters in names, empty values, languages that Dataverse
//! does not have, and more nodes than a zip of its size can be meant to have.

use dvpack::archive::{self, Entry};

use crate::one_truth::{CUSTOMIZATIONS, MANIFEST, all_refused, read, refused_with, solution};
use crate::support::{Test, dvpack};
use crate::tampered::{genuine, packed};

/// A pattern of Braille without a dot: a letter that looks like a blank.
const BLANK: &str = "\u{2800}";

#[test]
fn a_braille_blank_is_in_no_name() {
    let role = |blank: &str| format!("name=\"Contoso{blank}Widgets Service\"");
    let said = "it contains U+2800, which is invisible: write the name without it";
    all_refused(&[
        ("a role", CUSTOMIZATIONS, &role(" "), &role(BLANK), said),
        ("a role, by a reference", CUSTOMIZATIONS, &role(" "), &role("&#x2800;"), said),
    ]);
    for (from, path) in [("Contoso Ltd", "publisher.displayName"), ("Contoso Widgets Service", "roles[0].name")] {
        let mut entries = genuine();
        let json = entries.iter_mut().find(|it| it.name == "bundle.json").expect("there");
        let text = String::from_utf8(json.bytes.clone()).expect("UTF-8");
        assert!(text.contains(from), "{text}");
        json.bytes = text.replace(from, &from.replacen(' ', BLANK, 1)).into_bytes();
        let ran = Test::new().file("it.dvpack", packed(&entries)).args("verify it.dvpack").code(3);
        assert!(ran.stderr.contains(path) && ran.stderr.contains("invisible character U+2800"), "{}", ran.stderr);
    }
}

#[test]
fn an_empty_value_is_in_no_bundle() {
    let mut entries = genuine();
    let json = entries.iter_mut().find(|it| it.name == "bundle.json").expect("there");
    let text = String::from_utf8(json.bytes.clone()).expect("UTF-8");
    let value = "\"text\": \"https://api.uat.contoso.com\"";
    assert!(text.contains(value), "{text}");
    json.bytes = text.replace(value, "\"text\": \"\"").into_bytes();
    let ran = Test::new().file("it.dvpack", packed(&entries)).args("verify it.dvpack").code(3);
    let said = "it is empty: give a value, or leave the setting out";
    assert!(ran.stderr.contains("settings[0].value") && ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn languages_are_those_of_dataverse_outside_of_labels_too() {
    let root = |language: &str| format!("languagecode=\"{language}\" generatedBy");
    let list = |language: &str| format!("<Language>{language}</Language>");
    let said =
        |of: &str, language: &str| format!("`{of}`: `{language}` is not the code of a language that Dataverse has");
    for other in ["1078", "01033", "0", "en-US", "+1033"] {
        all_refused(&[
            ("the document's", MANIFEST, &root("1033"), &root(other), &said("languagecode", other)),
            ("a list's", CUSTOMIZATIONS, &list("1033"), &list(other), &said("Language", other)),
        ]);
    }
}

#[test]
fn a_small_zip_has_no_million_of_nodes() {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = solution(&genuine());
    let many = |one: &str| one.repeat(700_000);
    for (part, text, said) in [
        ("Workflows/a.json", format!("[{}1]", many("1,")), "values and members"),
        (
            "contoso_things/a/contoso_thing.xml",
            format!("<contoso_thing name=\"a\">{}</contoso_thing>", many("<c/>")),
            "elements and attributes",
        ),
    ] {
        let mut entries = read(&zip);
        entries.insert(entries.len() - 1, Entry::new(part, text));
        let zip = archive::write(&entries).expect("written");
        std::fs::write(folder.path().join("it.zip"), &zip).expect("written");
        let ran = dvpack(folder.path()).args(["inspect", "it.zip"]).output().expect("run");
        let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.code() == Some(3) && stderr.contains(part) && stderr.contains(said), "{part}: {stderr}");
        refused_with(part, folder.path(), &zip, &[part, said]);
    }
}
