//! A bundle whose solution two readers could read differently is refused by every verb, whatever else fits; what differs
//! between two solutions is never called "no difference"; `inspect` shows all that there is.

use std::path::Path;

use dvpack::archive::{self, Entry, Limits};
use dvpack::bundle::{fitted, sha256};

use crate::support::{Test, dvpack};
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

pub fn refused(what: &str, folder: &Path, zip: &[u8], place: &str) {
    std::fs::write(folder.join("it.dvpack"), around(zip)).expect("written");
    // Every verb opens a bundle in the same way; a few cases go through all of them.
    let verbs = if what.len().is_multiple_of(5) { &VERBS[..] } else { &VERBS[..1] };
    for verb in verbs {
        let output = dvpack(folder).arg(verb[0]).arg("it.dvpack").args(&verb[1..]).output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{what}, {}: {stderr}", verb[0]);
        assert!(stderr.contains(place), "{what}, {}: `{place}` is not in\n{stderr}", verb[0]);
    }
}

pub fn all_refused(cases: &[(&str, &str, &str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = solution(&genuine());
    for (what, part, from, to) in cases {
        refused(what, folder.path(), &changed(&zip, part, from, to), part);
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
        ("two roles with one id", CUSTOMIZATIONS, "</Roles>", &twin),
        ("a second Roles", CUSTOMIZATIONS, "<WebResources>", &before(&roles)),
        ("roles in lower case", CUSTOMIZATIONS, "<WebResources>", &before(&lower)),
        ("ROLES", CUSTOMIZATIONS, "<WebResources>", &before(&roles.replace("Roles>", "ROLES>"))),
        ("roles in Entities", CUSTOMIZATIONS, "<Entities>", &nested),
        ("a role in an Entity", CUSTOMIZATIONS, "<Entities>", &item),
        (
            "a role in an unknown section",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before(&roles.replace("Roles>", "Roles.>")),
        ),
        ("a second list of privileges", CUSTOMIZATIONS, "</Role>", &lists),
        ("a privilege beside its list", CUSTOMIZATIONS, "</Role>", &format!("{MORE}</Role>")),
        (
            "a role by a prefix",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before(&format!("<x:Roles xmlns:x=\"\">{}", &roles[7..].replace("</Roles", "</x:Roles"))),
        ),
        ("a second Workflows", CUSTOMIZATIONS, "<WebResources>", &before("<Workflows></Workflows>")),
        ("a second connectionreferences", CUSTOMIZATIONS, "<WebResources>", &before("<connectionreferences />")),
        (
            "SolutionPluginAssemblies twice",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before("<SolutionPluginAssemblies /><SolutionPluginAssemblies />"),
        ),
        (
            "SdkMessageProcessingSteps twice",
            CUSTOMIZATIONS,
            "<WebResources>",
            &before("<SdkMessageProcessingSteps /><SdkMessageProcessingSteps />"),
        ),
        ("an unknown attribute of a role", CUSTOMIZATIONS, "<Role id", "<Role x=\"1\" id"),
        (
            "a privilege twice",
            CUSTOMIZATIONS,
            "</RolePrivileges>",
            "<RolePrivilege name=\"PRVREADACCOUNT\" level=\"Basic\" /></RolePrivileges>",
        ),
    ]);
}

#[test]
fn text_has_one_encoding_and_names_have_one_text() {
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><ImportExportXml");
    all_refused(&[
        ("UTF-7", CUSTOMIZATIONS, "<ImportExportXml", &declared("utf-7")),
        ("Windows-1252", CUSTOMIZATIONS, "<ImportExportXml", &declared("windows-1252")),
        ("UTF-16", MANIFEST, "<ImportExportXml", &declared("utf-16")),
        ("an encoding behind a mark", MANIFEST, "<ImportExportXml", &format!("\u{feff}{}", declared("shift_jis"))),
        (
            "a document type",
            CUSTOMIZATIONS,
            "<ImportExportXml",
            "<!DOCTYPE ImportExportXml [<!ENTITY e \"x\">]><ImportExportXml",
        ),
        ("a default namespace", CUSTOMIZATIONS, "<ImportExportXml", "<ImportExportXml xmlns=\"urn:x\""),
        ("text in Roles", CUSTOMIZATIONS, "<Roles>", "<Roles>text"),
        ("a comment in Roles", CUSTOMIZATIONS, "<Roles>", "<Roles><!-- -->"),
        ("a comment in UniqueName", MANIFEST, "<UniqueName>Contoso", "<UniqueName>Contoso<!-- -->"),
        ("an instruction in Version", MANIFEST, "<Version>1.4", "<Version>1.4<?p?>"),
        ("CDATA in Version", MANIFEST, "<Version>1.4", "<Version><![CDATA[1.4]]>"),
        ("a reference in the prefix", MANIFEST, "<CustomizationPrefix>c", "<CustomizationPrefix>&#99;"),
        ("two Version", MANIFEST, "<Version>", "<Version>9.0.0.0</Version><Version>"),
        ("two Managed", MANIFEST, "<Managed>", "<Managed>0</Managed><Managed>"),
        ("two Publisher", MANIFEST, "<Publisher>", "<Publisher><UniqueName>other</UniqueName></Publisher><Publisher>"),
        ("two SolutionManifest", MANIFEST, "</SolutionManifest>", "</SolutionManifest><SolutionManifest />"),
        ("an element in UniqueName", MANIFEST, "<UniqueName>Contoso", "<UniqueName>Contoso<b>x</b>"),
        ("blanks around the prefix", MANIFEST, "<CustomizationPrefix>", "<CustomizationPrefix> "),
        ("a line feed in an attribute", CUSTOMIZATIONS, "<Role id", "<Role\n id"),
        ("bare line feeds", CUSTOMIZATIONS, "\r\n", "\n"),
    ]);
}

#[test]
fn part_names_are_those_that_dot_net_opens() {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = solution(&genuine());
    for name in
        ["customizations%2Exml", "%63ustomizations.xml", "solution%2Exml", "a%7Eb.xml", "a%2fb.xml", "WebResources/a%b"]
    {
        let mut entries = read(&zip);
        entries.insert(0, Entry::new(name, "<ImportExportXml />"));
        refused(name, folder.path(), &archive::write(&entries).expect("written"), name);
    }
    for (one, two) in [("x/a,b.txt", "x/a%2Cb.txt"), ("x/%C3%BC.txt", "x/u%CC%88.txt")] {
        let mut entries = read(&zip);
        entries.extend([Entry::new(one, "1"), Entry::new(two, "2")]);
        refused(one, folder.path(), &archive::write(&entries).expect("written"), "ContosoWidgets");
    }
    let mut entries = read(&zip);
    entries.push(Entry::new("x/no-type.other", "1"));
    refused("a part without a type", folder.path(), &archive::write(&entries).expect("written"), "no-type.other");
}

#[test]
fn ids_and_privileges_have_one_spelling() {
    let id = format!("{{{ROLE}}}");
    let with = |to: &str| to.to_owned();
    let zip = solution(&genuine());
    let folder = tempfile::tempdir().expect("a folder");
    for other in [
        with(ROLE),
        id.to_uppercase(),
        format!("({ROLE})"),
        format!("{{{}}}", ROLE.replace('-', "")),
        format!(" {id}"),
        format!("urn:uuid:{ROLE}"),
        id.replace('0', "\u{ff10}"),
    ] {
        refused(&other, folder.path(), &changed(&zip, CUSTOMIZATIONS, &id, &other), CUSTOMIZATIONS);
    }
    for other in [
        "prvReadAccount ",
        "prvRead Account",
        "prvRead\u{200b}Account",
        "prvRe\u{430}dAccount",
        "",
        "prvReadAccount&#x9;",
    ] {
        refused(other, folder.path(), &changed(&zip, CUSTOMIZATIONS, "prvReadAccount", other), CUSTOMIZATIONS);
    }
    for level in ["global", "Global ", "3", "organization", ""] {
        refused(
            level,
            folder.path(),
            &changed(&zip, CUSTOMIZATIONS, "level=\"Global\"", &format!("level=\"{level}\"")),
            CUSTOMIZATIONS,
        );
    }
}

#[test]
fn what_differs_is_never_no_difference() {
    let zip = solution(&genuine());
    let variable = "environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml";
    for (what, part, from, to) in [
        (
            "organization settings",
            CUSTOMIZATIONS,
            "<OrganizationSettings />",
            "<OrganizationSettings><sales><maxproductsinbundle>1</maxproductsinbundle></sales></OrganizationSettings>",
        ),
        (
            "templates",
            CUSTOMIZATIONS,
            "<Templates />",
            "<Templates><EmailTemplates><emailtemplate><templateid>{1}</templateid></emailtemplate></EmailTemplates></Templates>",
        ),
        (
            "column security profiles",
            CUSTOMIZATIONS,
            "<FieldSecurityProfiles />",
            "<FieldSecurityProfiles><FieldSecurityProfile name=\"x\" fieldsecurityprofileid=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618b}\" /></FieldSecurityProfiles>",
        ),
        (
            "entity maps",
            CUSTOMIZATIONS,
            "<EntityMaps />",
            "<EntityMaps><EntityMap><EntitySource>a</EntitySource><EntityTarget>b</EntityTarget></EntityMap></EntityMaps>",
        ),
        ("choices", CUSTOMIZATIONS, "<optionsets />", "<optionsets><optionset Name=\"contoso_x\" /></optionsets>"),
        ("an unknown section", CUSTOMIZATIONS, "<WebResources>", "<Unknown><a /></Unknown><WebResources>"),
        ("automatic assignment", CUSTOMIZATIONS, "<IsAutoAssigned>0", "<IsAutoAssigned>1"),
        ("inheritance", CUSTOMIZATIONS, "<Role id", "<Role isinherited=\"1\" id"),
        ("an attribute of a section", CUSTOMIZATIONS, "<WebResources>", "<WebResources x=\"1\">"),
        ("a default value", variable, "https://api.contoso.com", "https://api.contoso.org"),
        (
            "the option value prefix",
            MANIFEST,
            "<CustomizationOptionValuePrefix>10000",
            "<CustomizationOptionValuePrefix>10001",
        ),
        (
            "a root component",
            MANIFEST,
            "<RootComponents>",
            "<RootComponents><RootComponent type=\"1\" schemaName=\"x\" behavior=\"0\" />",
        ),
        ("white space", CUSTOMIZATIONS, "\r\n", "\n"),
    ] {
        let other = changed(&zip, part, from, to);
        for (old, new) in [(&zip, &other), (&other, &zip)] {
            let ran = Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").run();
            assert!(!ran.stdout.contains("no difference"), "{what}: {}", ran.stdout);
            assert!(ran.code == 0 || ran.code == 10, "{what}: {}", ran.stderr);
        }
    }
    let same = Test::new().file("old.zip", &zip).file("new.zip", &zip).args("diff old.zip new.zip").success();
    assert!(same.stdout.contains("no difference"));
}

#[test]
fn inspect_shows_values_files_and_addresses() {
    let mut entries = read(&solution(&genuine()));
    let values = r#"{"environmentvariablevalues":{"environmentvariablevalue":{"value":"https://set.example"}}}"#;
    entries.push(Entry::new("environmentvariabledefinitions/contoso_ApiBase/environmentvariablevalues.json", values));
    entries.push(Entry::new("Other/lib.js", "fetch('https://files.example/x')"));
    let customizations = entries.iter_mut().find(|entry| entry.name == CUSTOMIZATIONS).expect("there");
    let hook = "<ServiceEndpoints><ServiceEndpoint Name=\"Hook\" ServiceEndpointId=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618c}\"><Contract>8</Contract><Url>https://hook.example/in</Url></ServiceEndpoint><ServiceEndpoint Name=\"Queue\" ServiceEndpointId=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618d}\"><Contract>2</Contract><Path>orders</Path><NamespaceAddress>sb://bus.example/</NamespaceAddress></ServiceEndpoint></ServiceEndpoints><WebResources>";
    let text = String::from_utf8(customizations.bytes.clone()).expect("UTF-8");
    customizations.bytes = text.replace("<WebResources>", hook).into_bytes();
    let ran = Test::new().file("it.zip", archive::write(&entries).expect("written")).args("inspect it.zip").success();
    for shown in [
        "contoso_ApiBase = https://api.contoso.com",
        "contoso_ApiBase = https://set.example",
        "Other/lib.js",
        "Hook → https://hook.example/in",
        "Queue → sb://bus.example/orders",
        "hook.example (Service endpoint Hook)",
        "files.example",
        "set.example",
    ] {
        assert!(ran.stdout.contains(shown), "`{shown}` is not in\n{}", ran.stdout);
    }
}
