//! A bundle whose solution two readers could read differently is refused by every verb, whatever else fits.

use std::path::Path;

use dvpack::archive::{self, Entry, Limits};
use dvpack::bundle::{fitted, sha256};

use crate::support::{dvpack, normal};
use crate::tampered::{VERBS, genuine, packed};

pub const ROLE: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";

pub fn read(zip: &[u8]) -> Vec<Entry> {
    archive::read(zip, &Limits::default()).expect("read")
}

/// The solution of the example with a change in one of its parts.
pub fn changed(zip: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut entries = read(zip);
    let entry = entries.iter_mut().find(|entry| entry.name == part).expect(part);
    let text = String::from_utf8(entry.bytes.clone()).expect("UTF-8");
    assert!(text.contains(from), "`{from}` is not in {part}:\n{text}");
    entry.bytes = text.replacen(from, to, 1).into_bytes();
    archive::write(&entries).expect("written")
}

pub fn solution(bundle: &[Entry]) -> Vec<u8> {
    bundle.iter().find(|entry| entry.name.starts_with("solutions/")).expect("a solution").bytes.clone()
}

/// The example's bundle around another solution, with everything made to fit that can be made to fit.
pub fn around(zip: &[u8]) -> Vec<u8> {
    put_into(genuine(), zip)
}

/// Another solution in a bundle, with everything made to fit that can be made to fit.
pub fn put_into(mut entries: Vec<Entry>, zip: &[u8]) -> Vec<u8> {
    let old = solution(&entries);
    let json = entries.iter_mut().find(|entry| entry.name == "bundle.json").expect("there");
    let text = String::from_utf8(json.bytes.clone()).expect("UTF-8");
    let size = |zip: &[u8]| format!("\"size\": {}", zip.len());
    json.bytes = text.replace(&sha256(&old), &sha256(zip)).replace(&size(&old), &size(zip)).into_bytes();
    entries.iter_mut().find(|entry| entry.name.starts_with("solutions/")).expect("there").bytes = zip.to_vec();
    packed(&fitted(&entries).unwrap_or(entries))
}

/// Asserts that the solution, as it is, is refused in a bundle.
pub fn refused(what: &str, folder: &Path, zip: &[u8], place: &str) {
    refused_with(what, folder, zip, &[place]);
}

/// Asserts that the solution is refused for what it says: where it can be read it is in normal form, so that no finding
/// about the form stands for the one that is wanted.
pub fn refused_for(what: &str, folder: &Path, zip: &[u8], place: &str, said: &str) {
    let readable = dvpack::solution::read_zip(zip, "it.zip").is_ok();
    let zip = if readable { normal(zip) } else { zip.to_vec() };
    let stderr = refused_with(what, folder, &zip, &[place, said]);
    assert!(!stderr.contains("not-normal-form"), "{what}: {stderr}");
}

/// Asserts that verbs refuse the solution in a bundle and say these things; gives what `verify` says.
pub fn refused_with(what: &str, folder: &Path, zip: &[u8], said: &[&str]) -> String {
    std::fs::write(folder.join("it.dvpack"), around(zip)).expect("written");
    // Every verb opens a bundle in the same way; a few cases go through all of them.
    let verbs = if what.len().is_multiple_of(5) { &VERBS[..] } else { &VERBS[..1] };
    let mut first = None;
    for verb in verbs {
        let output = dvpack(folder).arg(verb[0]).arg("it.dvpack").args(&verb[1..]).output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{what}, {}: {stderr}", verb[0]);
        for said in said {
            assert!(stderr.contains(said), "{what}, {}: `{said}` is not in\n{stderr}", verb[0]);
        }
        first.get_or_insert(stderr);
    }
    first.expect("a verb")
}

/// Each case: what, the document, a text, another one, and what is said of it.
pub fn all_refused(cases: &[(&str, &str, &str, &str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = solution(&genuine());
    for (what, part, from, to, said) in cases {
        refused_for(what, folder.path(), &changed(&zip, part, from, to), part, said);
    }
}

pub const CUSTOMIZATIONS: &str = "customizations.xml";
pub const MANIFEST: &str = "solution.xml";
pub const MORE: &str = "<RolePrivilege name=\"prvWriteRole\" level=\"Global\" />";

#[test]
fn roles_and_sections_stand_once_and_in_their_place() {
    let twin = format!("<Role id=\"{{{ROLE}}}\" name=\"x\"><RolePrivileges>{MORE}</RolePrivileges></Role></Roles>");
    let roles = format!(
        "<Roles><Role id=\"{{{}}}\" name=\"x\"><RolePrivileges>{MORE}</RolePrivileges></Role></Roles>",
        ROLE.replace('b', "c")
    );
    let before = |what: &str| format!("{what}<WebResources>");
    let lists = format!("<RolePrivileges>{MORE}</RolePrivileges></Role>");
    let lower = roles.to_lowercase().replace("prvwriterole", "prvWriteRole").replace("global", "Global");
    let nested = format!("<Entities>{roles}");
    let item = format!("<Entities>{}", roles.replace("Roles>", "Entity>"));
    all_refused(&[
        (
            "two roles with one id",
            CUSTOMIZATIONS,
            "</Roles>",
            &twin,
            "a second `Role` has the `id` b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a",
        ),
        ("a second Roles", CUSTOMIZATIONS, "<WebResources>", &before(&roles), "a second `Roles` in `ImportExportXml`"),
        (
            "roles in lower case",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before(&lower),
            "`roles` in `ImportExportXml` is spelled `Roles`",
        ),
        (
            "ROLES",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before(&roles.replace("Roles>", "ROLES>")),
            "`ROLES` in `ImportExportXml` is spelled `Roles`",
        ),
        ("roles in Entities", CUSTOMIZATIONS, "<Entities>", &nested, "`Roles` is hidden in `Entities`"),
        ("a role in an Entity", CUSTOMIZATIONS, "<Entities>", &item, "`Role` is hidden in `Entity`"),
        (
            "a role in an unknown section",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before(&roles.replace("Roles>", "Roles.>")),
            "`Role` is hidden in `Roles.`",
        ),
        ("a second list of privileges", CUSTOMIZATIONS, "</Role>", &lists, "a second `RolePrivileges` in `Role`"),
        (
            "a privilege beside its list",
            CUSTOMIZATIONS,
            "</Role>",
            &format!("{MORE}</Role>"),
            "`RolePrivilege` is hidden in `Role`",
        ),
        (
            "a role by a prefix",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before(&format!("<x:Roles xmlns:x=\"\">{}", &roles[7..].replace("</Roles", "</x:Roles"))),
            "`x:Roles` in `ImportExportXml` is spelled `Roles`",
        ),
        (
            "a second Workflows",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before("<Workflows></Workflows>"),
            "a second `Workflows` in `ImportExportXml`",
        ),
        (
            "a second connectionreferences",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before("<connectionreferences />"),
            "a second `connectionreferences` in `ImportExportXml`",
        ),
        (
            "SolutionPluginAssemblies twice",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before("<SolutionPluginAssemblies /><SolutionPluginAssemblies />"),
            "a second `SolutionPluginAssemblies` in `ImportExportXml`",
        ),
        (
            "SdkMessageProcessingSteps twice",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before("<SdkMessageProcessingSteps /><SdkMessageProcessingSteps />"),
            "a second `SdkMessageProcessingSteps` in `ImportExportXml`",
        ),
        (
            "an unknown attribute of a role",
            CUSTOMIZATIONS,
            "<Role id",
            "<Role x=\"1\" id",
            "`Role` may not have the attribute `x`",
        ),
        (
            "a privilege twice",
            CUSTOMIZATIONS,
            "</RolePrivileges>",
            "<RolePrivilege name=\"PRVREADACCOUNT\" level=\"Basic\" /></RolePrivileges>",
            "the role `Contoso Widgets Service` has the privilege `PRVREADACCOUNT` twice",
        ),
    ]);
}

#[test]
fn text_has_one_encoding_and_names_have_one_text() {
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><ImportExportXml");
    all_refused(&[
        ("UTF-7", CUSTOMIZATIONS, "<ImportExportXml", &declared("utf-7"), "it declares the encoding `utf-7`"),
        (
            "Windows-1252",
            CUSTOMIZATIONS,
            "<ImportExportXml",
            &declared("windows-1252"),
            "it declares the encoding `windows-1252`",
        ),
        ("UTF-16", MANIFEST, "<ImportExportXml", &declared("utf-16"), "it declares the encoding `utf-16`"),
        (
            "an encoding behind a mark",
            MANIFEST,
            "<ImportExportXml",
            &format!("\u{feff}{}", declared("shift_jis")),
            "it declares the encoding `shift_jis`",
        ),
        (
            "a document type",
            CUSTOMIZATIONS,
            "<ImportExportXml",
            "<!DOCTYPE ImportExportXml [<!ENTITY e \"x\">]><ImportExportXml",
            "XML with DTD detected",
        ),
        (
            "a default namespace",
            CUSTOMIZATIONS,
            "<ImportExportXml",
            "<ImportExportXml xmlns=\"urn:x\"",
            "`ImportExportXml` may not have the attribute `xmlns`",
        ),
        (
            "a comment in Roles",
            CUSTOMIZATIONS,
            "<Roles>",
            "<Roles><!-- -->",
            "a comment or processing instruction in `Roles`",
        ),
        (
            "a comment in UniqueName",
            MANIFEST,
            "<UniqueName>Contoso",
            "<UniqueName>Contoso<!-- -->",
            "a comment or processing instruction in `UniqueName`",
        ),
        (
            "an instruction in Version",
            MANIFEST,
            "<Version>1.4",
            "<Version>1.4<?p?>",
            "a comment or processing instruction in `Version`",
        ),
        (
            "two Version",
            MANIFEST,
            "<Version>",
            "<Version>9.0.0.0</Version><Version>",
            "a second `Version` in `SolutionManifest`",
        ),
        (
            "two Managed",
            MANIFEST,
            "<Managed>",
            "<Managed>0</Managed><Managed>",
            "a second `Managed` in `SolutionManifest`",
        ),
        (
            "two Publisher",
            MANIFEST,
            "<Publisher>",
            "<Publisher><UniqueName>other</UniqueName></Publisher><Publisher>",
            "a second `Publisher` in `SolutionManifest`",
        ),
        (
            "two SolutionManifest",
            MANIFEST,
            "</SolutionManifest>",
            "</SolutionManifest><SolutionManifest />",
            "a second `SolutionManifest` in `ImportExportXml`",
        ),
        (
            "an element in UniqueName",
            MANIFEST,
            "<UniqueName>Contoso",
            "<UniqueName>Contoso<b>x</b>",
            "`b` in `UniqueName`, which has text only",
        ),
        (
            "blanks around the prefix",
            MANIFEST,
            "<CustomizationPrefix>",
            "<CustomizationPrefix> ",
            "`CustomizationPrefix`: ` contoso`: it starts or ends with white space",
        ),
        (
            "a comment in the prefix",
            MANIFEST,
            "<CustomizationPrefix>con",
            "<CustomizationPrefix>con<!-- -->",
            "a comment or processing instruction in `CustomizationPrefix`",
        ),
        (
            "an instruction in the prefix",
            MANIFEST,
            "<CustomizationPrefix>",
            "<CustomizationPrefix><?p?>",
            "a comment or processing instruction in `CustomizationPrefix`",
        ),
        (
            "a comment in Managed",
            MANIFEST,
            "<Managed>",
            "<Managed>0<!-- -->",
            "a comment or processing instruction in `Managed`",
        ),
        (
            "an instruction in Managed",
            MANIFEST,
            "<Managed>1",
            "<Managed>1<?p?>",
            "a comment or processing instruction in `Managed`",
        ),
    ]);
    let zip = solution(&genuine());
    let folder = tempfile::tempdir().expect("a folder");
    let text = changed(&zip, CUSTOMIZATIONS, "<Roles>", "<Roles>text");
    // Text between elements is written as it is, so that the form differs, too.
    refused_with("text in Roles", folder.path(), &text, &["text in `Roles`, which has elements only: `text`"]);
}

/// The same to every reader, but not what the writer makes of it.
#[test]
fn another_spelling_of_the_same_is_not_in_normal_form() {
    let zip = solution(&genuine());
    let folder = tempfile::tempdir().expect("a folder");
    for (what, part, from, to) in [
        ("CDATA in Version", MANIFEST, "<Version>1.4", "<Version><![CDATA[1.4]]>"),
        ("a reference in the prefix", MANIFEST, "<CustomizationPrefix>c", "<CustomizationPrefix>&#99;"),
        ("a line feed in an attribute", CUSTOMIZATIONS, "<Role id", "<Role\n id"),
        ("bare line feeds", CUSTOMIZATIONS, "\r\n", "\n"),
    ] {
        let other = changed(&zip, part, from, to);
        let stderr =
            refused_with(what, folder.path(), &other, &["error[not-normal-form]: it is not in normal form", part]);
        assert!(!stderr.contains("ambiguous"), "{what}: {stderr}");
    }
}
