//! Root components and the list of types: shown, there once, and in agreement with what the solution has.

use serde_json::Value;

use crate::one_truth::{around, changed, refused, solution};
use crate::support::Test;
use crate::tampered::genuine;

const MANIFEST: &str = "solution.xml";
const ROLE: &str = "{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a}";
const ROOTS: &str = "    </RootComponents>";

#[test]
fn root_components_are_shown_and_belong_to_what_the_solution_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = solution(&genuine());
    let more = |root: &str| changed(&zip, MANIFEST, ROOTS, &format!("      {root}\r\n{ROOTS}"));
    let own = format!("<RootComponent type=\"20\" id=\"{ROLE}\" behavior=\"0\" />");
    let other = |from: &str, to: &str| changed(&zip, MANIFEST, from, to);
    for (what, zip) in [
        (
            "another's role",
            more("<RootComponent type=\"20\" id=\"{627090ff-40a3-4053-8790-584edc5be201}\" behavior=\"0\" />"),
        ),
        (
            "another's flow",
            more("<RootComponent type=\"29\" id=\"{627090ff-40a3-4053-8790-584edc5be201}\" behavior=\"0\" />"),
        ),
        (
            "another's step",
            more("<RootComponent type=\"92\" id=\"{627090ff-40a3-4053-8790-584edc5be201}\" behavior=\"0\" />"),
        ),
        (
            "a role by its name",
            more("<RootComponent type=\"20\" schemaName=\"System Administrator\" behavior=\"0\" />"),
        ),
        ("a role twice", more(&own.replace("behavior=\"0\"", "behavior=\"2\""))),
        ("a role twice, in capitals", more(&own.replace("b3e9", "B3E9"))),
        ("a table twice", more("<RootComponent type=\"1\" schemaName=\"contoso_widget\" behavior=\"2\" />")),
        (
            "a table twice, in another case",
            more("<RootComponent type=\"1\" schemaName=\"Contoso_Widget\" behavior=\"2\" />"),
        ),
        (
            "a table by a name with a blank",
            more("<RootComponent type=\"1\" schemaName=\"contoso_widget \" behavior=\"2\" />"),
        ),
        ("no role", other(&format!("      {own}\r\n"), "")),
        (
            "an unknown behavior",
            other("schemaName=\"contoso_widget\" behavior=\"0\"", "schemaName=\"contoso_widget\" behavior=\"nine\""),
        ),
        (
            "a behavior in another spelling",
            other("schemaName=\"contoso_widget\" behavior=\"0\"", "schemaName=\"contoso_widget\" behavior=\"02\""),
        ),
        ("an id without hyphens", other(ROLE, &ROLE.replace('-', ""))),
        ("a role's id as a name", other(&format!("id=\"{ROLE}\""), &format!("schemaName=\"{ROLE}\""))),
        ("an id and a name", other(&format!("id=\"{ROLE}\""), &format!("id=\"{ROLE}\" schemaName=\"x\""))),
        ("a type with a blank", other("type=\"20\"", "type=\" 20\"")),
        ("another attribute", other("type=\"20\"", "type=\"20\" Type=\"1\"")),
        ("an unknown attribute", other("type=\"20\"", "type=\"20\" unmanaged=\"1\"")),
        ("a parent that is none", other("type=\"20\"", "type=\"20\" parentId=\"x\"")),
        (
            "an element inside",
            more(
                "<RootComponent type=\"1\" schemaName=\"account\" behavior=\"0\"><RootComponent type=\"20\" /></RootComponent>",
            ),
        ),
    ] {
        refused(what, folder.path(), &zip, MANIFEST);
    }
    for (what, from, to, shown, difference) in [
        (
            "a shell",
            "schemaName=\"contoso_widget\" behavior=\"0\"",
            "schemaName=\"contoso_widget\" behavior=\"2\"",
            "\n  Table contoso_widget (contoso_Widget), as a shell only\n",
            "RootComponents/Table contoso_widget: with all that belongs to it → as a shell only",
        ),
        (
            "another's table",
            ROOTS,
            "      <RootComponent type=\"1\" schemaName=\"account\" behavior=\"0\" />\r\n    </RootComponents>",
            "\n  Table account, with all that belongs to it\n",
            "RootComponents/Table account: (nothing) → with all that belongs to it",
        ),
        (
            "a page",
            "    <Managed>1</Managed>",
            "    <Managed>1</Managed>\r\n    <ConfigurationPage>https://evil.example/a</ConfigurationPage>",
            "\nOpens as its configuration page\n  https://evil.example/a\n",
            "host evil.example: (nothing) → Configuration page",
        ),
        (
            "what it needs",
            "<MissingDependencies />",
            "<MissingDependencies>\r\n      <MissingDependency>\r\n        <Required type=\"1\" schemaName=\"other_thing\" solution=\"Other (1.2.0.0)\" />\r\n        <Dependent type=\"1\" schemaName=\"contoso_widget\" />\r\n      </MissingDependency>\r\n    </MissingDependencies>",
            "\nNeeds of other solutions\n  Other 1.2.0.0: other_thing\n",
            "MissingDependencies/Table other_thing of Other (1.2.0.0): (nothing) → needed by Table contoso_widget",
        ),
    ] {
        let new = other(from, to);
        let test = || Test::new().file("old.dvpack", around(&zip)).file("new.dvpack", around(&new));
        let ran = test().args("inspect new.dvpack").success();
        assert!(ran.stdout.contains(shown), "{what}: {}", ran.stdout);
        let ran = test().args("diff old.dvpack new.dvpack").run();
        assert!(ran.stdout.contains(difference), "{what}: {}", ran.stdout);
    }
    let json = Test::new().file("it.zip", &zip).args("inspect it.zip --format json").success().json();
    let roots = json["solutions"][0]["rootComponents"].as_array().expect("a list");
    let role = roots.iter().find(|it| it["type"] == 20).expect("the role");
    assert_eq!(role["name"], "Contoso Widgets Service");
    assert_eq!(role["behavior"], "0");
    assert_eq!(json["solutions"][0]["configurationPage"], Value::Null);
}

#[test]
fn a_list_of_types_that_dotnet_refuses_is_said() {
    let zip = solution(&genuine());
    let entry = |from: &str, to: &str| changed(&zip, "[Content_Types].xml", from, to);
    let xml = "<Default Extension=\"xml\" ContentType=\"application/octet-stream\" />";
    for (what, zip) in [
        ("an extension twice", entry(xml, &format!("{xml}{xml}"))),
        ("an extension in two cases", entry(xml, &format!("{xml}{}", xml.replace("\"xml\"", "\"XML\"")))),
        (
            "another type",
            entry(xml, &format!("{xml}{}", xml.replace("\"xml\"", "\"Xml\"").replace("octet-stream", "xml"))),
        ),
        (
            "a part twice",
            entry(
                "</Types>",
                "<Override PartName=\"/a\" ContentType=\"x/y\" /><Override PartName=\"/a\" ContentType=\"x/y\" /></Types>",
            ),
        ),
        ("no namespace", entry(" xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"", "")),
        ("an unknown element", entry("</Types>", "<Extra /></Types>")),
        ("an attribute too many", entry("<Types ", "<Types a=\"b\" ")),
        ("a type that is none", entry("application/octet-stream", "octet-stream")),
        ("no extension", entry("Extension=\"xml\"", "Extension=\"\"")),
        ("text", entry("</Types>", "text</Types>")),
    ] {
        let ran = Test::new().file("it.zip", &zip).args("inspect it.zip").success();
        assert!(ran.stderr.contains(", and .NET refuses such a solution"), "{what}: {}", ran.stderr);
        let ran = Test::new().file("it.dvpack", around(&zip)).args("verify it.dvpack").code(3);
        assert!(ran.stderr.contains("[Content_Types].xml"), "{what}: {}", ran.stderr);
    }
}
