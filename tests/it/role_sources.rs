//! Roles that come with a folder or a zip are reviewed as those of a manifest are, and can be assigned.

mod verbs;

use std::path::Path;

use dvpack::solution::{PackageType, read_folder, write_zip};
use serde_json::Value;

use crate::support::{Ran, Test};

const ID: &str = "3d5f7a91-24b6-4c8d-9e0f-1a2b3c4d5e6f";

/// Privileges, each at a level, and the rule that speaks of it.
const PRIVILEGES: [(&str, &str, &str); 10] = [
    ("prvActOnBehalfOfAnotherUser", "Global", "dangerous-without-because"),
    ("prvDeleteAccount", "Global", "delete-everything"),
    ("prvPrint", "Global", "needs-person"),
    ("prvReadAccount", "Global", ""),
    ("prvReadAcount", "Global", "unknown-privilege"),
    ("prvReadSharePointData", "Global", "baseline-privilege"),
    ("prvReadTransactionCurrency", "Basic", "level-not-possible"),
    ("prvWriteAttribute", "Global", "service-account-customizes"),
    ("prvWriteRole", "Global", "admin-equivalent"),
    ("prvreadContact", "Local", "privilege-spelling"),
];

/// A role: name, id, privileges with their levels.
type Brought<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

fn word(level: &str) -> &str {
    match level {
        "Basic" => "user",
        "Local" => "businessUnit",
        "Deep" => "parentChild",
        _ => "organization",
    }
}

fn manifest(rest: &str) -> String {
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: 1.0.0.0 }}\n\
application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 }}\n\
applicationUser: {{ roles: [Contoso Service] }}\n{rest}"
    )
}

fn role_xml(name: &str, id: &str, rows: &[(&str, &str)]) -> String {
    let rows: String =
        rows.iter().map(|(name, level)| format!("    <RolePrivilege name=\"{name}\" level=\"{level}\" />\n")).collect();
    format!(
        "<Role id=\"{{{id}}}\" name=\"{name}\">\n  <IsCustomizable>1</IsCustomizable>\n  <RolePrivileges>\n{rows}  </RolePrivileges>\n</Role>"
    )
}

fn solution_xml(ids: &[&str]) -> String {
    let roots: String =
        ids.iter().map(|id| format!("<RootComponent type=\"20\" id=\"{{{id}}}\" behavior=\"0\" />")).collect();
    format!(
        "<ImportExportXml><SolutionManifest><UniqueName>ContosoRoles</UniqueName><Version>1.0</Version><Managed>2</Managed>\
<Publisher><UniqueName>contoso</UniqueName><CustomizationPrefix>contoso</CustomizationPrefix></Publisher>\
<RootComponents>{roots}</RootComponents></SolutionManifest></ImportExportXml>"
    )
}

/// A folder in SolutionPackager's layout below `folder` of the test.
fn with_folder(test: Test, folder: &str, roles: &[Brought<'_>]) -> Test {
    let ids: Vec<&str> = roles.iter().map(|(_, id, _)| *id).collect();
    let test = test
        .file(&format!("{folder}/Other/Solution.xml"), solution_xml(&ids))
        .file(&format!("{folder}/Other/Customizations.xml"), "<ImportExportXml><Roles /></ImportExportXml>");
    roles.iter().enumerate().fold(test, |test, (number, (name, id, rows))| {
        test.file(&format!("{folder}/Roles/Role{number}.xml"), role_xml(name, id, rows))
    })
}

/// A zip of such a folder, written by the library, which refuses nothing.
fn zip(package_type: PackageType, roles: &[Brought<'_>]) -> Vec<u8> {
    let test = with_folder(Test::new(), "src", roles);
    let mut package = read_folder(&test.path().join("src")).expect("a folder");
    package.set_type(package_type);
    write_zip(&package).expect("a zip")
}

/// The YAML layout, whose keys with `@` are attributes.
fn with_yaml(test: Test, folder: &str, roles: &[Brought<'_>]) -> Test {
    let roots: String = roles
        .iter()
        .map(|(_, id, _)| format!("  - '@type': 20\n    '@id': '{{{id}}}'\n    '@behavior': 0\n"))
        .collect();
    let test = test
        .file(
            &format!("{folder}/solutions/ContosoRoles/solution.yml"),
            "ImportExportXml:\n  SolutionManifest:\n    UniqueName: ContosoRoles\n    Version: '1.0'\n    Managed: 0\n    Publisher:\n      UniqueName: contoso\n    RootComponents:\n    MissingDependencies:\n",
        )
        .file(&format!("{folder}/solutions/ContosoRoles/rootcomponents.yml"), format!("RootComponents:\n  RootComponent:\n{roots}"))
        .file(
            &format!("{folder}/publishers/contoso/publisher.yml"),
            "Publisher:\n  UniqueName: contoso\n  CustomizationPrefix: contoso\n",
        );
    roles.iter().enumerate().fold(test, |test, (number, (name, id, rows))| {
        let rows: String =
            rows.iter().map(|(name, level)| format!("    - '@name': {name}\n      '@level': {level}\n")).collect();
        let text = format!(
            "Role:\n  '@id': '{{{id}}}'\n  '@name': {name}\n  IsCustomizable: 1\n  RolePrivileges:\n    RolePrivilege:\n{rows}"
        );
        test.file(&format!("{folder}/roles/role{number}.yml"), text)
    })
}

fn records(ran: &Ran) -> Vec<Value> {
    ran.json()["diagnostics"].as_array().cloned().unwrap_or_default()
}

fn text(record: &Value, key: &str) -> String {
    record[key].as_str().unwrap_or_default().to_owned()
}

/// Code, severity and message of each finding about roles; the layout's own notes are left out.
fn findings(ran: &Ran) -> Vec<(String, String, String)> {
    // A level has the word of the file that it stands in.
    let message = |it: &Value| text(it, "message").replace("at level `user`", "at level `Basic`");
    let mut all: Vec<_> = records(ran)
        .iter()
        .map(|it| (text(it, "code"), text(it, "severity"), message(it)))
        .filter(|(code, ..)| code != "yaml-source")
        .collect();
    all.sort();
    all
}

type Rows<'a> = [Brought<'a>; 1];

/// `dvpack check` of the same role in each form, with its file as findings name it.
fn five_forms(rows: &[(&str, &str)]) -> [(String, Ran); 5] {
    let roles: Rows<'_> = [("Contoso Service", ID, rows)];
    let source = |path: &str| manifest(&format!("components: {{ source: [{path}] }}\n"));
    let check = |test: Test| test.args("check --format json").run();
    let privileges: String = rows.iter().map(|(name, level)| format!("      {name}: {}\n", word(level))).collect();
    let declared = format!("roles:\n  - name: Contoso Service\n    privileges:\n{privileges}");
    let of_manifest = check(Test::new().file("dvpack.yaml", manifest(&declared)));
    let folder = check(with_folder(Test::new().file("dvpack.yaml", source("src")), "src", &roles));
    let yaml = check(with_yaml(Test::new().file("dvpack.yaml", source("tree")), "tree", &roles));
    let zipped = |name: &str, package_type| {
        check(Test::new().file("dvpack.yaml", source(name)).file(name, zip(package_type, &roles)))
    };
    [
        ("dvpack.yaml".into(), of_manifest),
        ("src/Roles/Role0.xml".into(), folder),
        ("tree/roles/role0.yml".into(), yaml),
        ("managed.zip: customizations.xml".into(), zipped("managed.zip", PackageType::Managed)),
        ("unmanaged.zip: customizations.xml".into(), zipped("unmanaged.zip", PackageType::Unmanaged)),
    ]
}

#[test]
fn the_same_privileges_give_the_same_findings_in_every_form() {
    let rows = PRIVILEGES.map(|(name, level, _)| (name, level));
    let forms = five_forms(&rows);
    let expected = findings(&forms[0].1);
    for (_, _, rule) in PRIVILEGES.iter().filter(|(_, _, rule)| !rule.is_empty()) {
        assert!(expected.iter().any(|(code, ..)| code == rule), "{rule}: {expected:#?}");
    }
    assert!(expected.len() >= 7, "{expected:#?}");
    for (file, ran) in &forms {
        assert_eq!(findings(ran), expected, "{file}: {}", ran.stderr);
        assert_eq!(ran.code, 3, "{file}");
        for record in records(ran).iter().filter(|record| record["code"] != "yaml-source") {
            assert!(text(record, "file").ends_with(file), "{file}: {record}");
            assert!(record["line"].as_u64().is_some_and(|line| line > 0), "{file}: {record}");
        }
    }
}

/// The line in each form is that of the privilege, not of the role.
#[test]
fn a_finding_names_the_line_of_the_privilege() {
    let rows = [("prvReadAccount", "Global"), ("prvReadTransactionCurrency", "Deep")];
    let lines: Vec<(String, u64)> = five_forms(&rows)
        .iter()
        .map(|(file, ran)| {
            let all = records(ran);
            let found = all.iter().find(|record| record["code"] == "level-not-possible").expect("a finding");
            (file.clone(), found["line"].as_u64().unwrap_or_default())
        })
        .collect();
    let line = |name: &str| lines.iter().find(|(file, _)| file.starts_with(name)).map(|(_, line)| *line);
    assert_eq!(line("dvpack.yaml"), Some(10), "{lines:?}");
    assert_eq!(line("src"), Some(5), "{lines:?}");
    assert_eq!(line("tree"), Some(9), "{lines:?}");
    assert!(line("managed.zip") > Some(3) && line("managed.zip") == line("unmanaged.zip"), "{lines:?}");
}

/// `pac solution clone` keeps the folder below `src`; a hand-made folder can have the role in the file of its frame.
#[test]
fn nested_and_embedded_roles_are_reviewed_in_their_files() {
    let rows = [("prvReadTransactionCurrency", "Deep")];
    let roles: Rows<'_> = [("Contoso Service", ID, &rows)];
    let embedded =
        format!("<ImportExportXml>\n<Roles>\n{}\n</Roles>\n</ImportExportXml>", role_xml("Contoso Service", ID, &rows));
    for (made, source, file) in [
        (with_folder(Test::new(), "clone/src", &roles), "clone", "clone/src/Roles/Role0.xml:4"),
        (with_folder(Test::new(), "a/b", &roles), "a/b", "a/b/Roles/Role0.xml:4"),
        (
            Test::new()
                .file("src/Other/Solution.xml", solution_xml(&[ID]))
                .file("src/Other/Customizations.xml", embedded),
            "src",
            "src/Other/Customizations.xml:6",
        ),
    ] {
        let test = made.file("dvpack.yaml", manifest(&format!("components: {{ source: [{source}] }}\n")));
        let folder = test.path().to_owned();
        let checked = crate::support::dvpack(&folder).arg("check").output().expect("run");
        let checked = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(checked.contains("error[level-not-possible]") && checked.contains(file), "{checked}");
        let packed = test.args(&format!("pack {source} out.zip")).code(3);
        assert!(
            packed.stderr.contains("error[level-not-possible]") && packed.stderr.contains(file),
            "{}",
            packed.stderr
        );
    }
}

/// What Dataverse refuses, with the code of the finding.
const REFUSED: [(&str, &str, &str); 7] = [
    ("prvReadTransactionCurrency", "Basic", "level-not-possible"),
    ("prvWriteOrganization", "Local", "level-not-possible"),
    ("prvReadRole", "Basic", "level-not-possible"),
    ("prvActOnBehalfOfAnotherUser", "Deep", "level-not-possible"),
    ("prvRead\u{200b}Account", "Global", "privilege-name"),
    ("prvRe\u{430}dAccount", "Global", "privilege-name"),
    ("ReadAccount", "Global", "privilege-name"),
];

#[test]
fn pack_and_init_refuse_what_dataverse_refuses_and_write_nothing() {
    for (name, level, code) in REFUSED {
        let rows = [(name, level)];
        let roles: Rows<'_> = [("Contoso Service", ID, &rows)];
        let packed = with_folder(Test::new(), "src", &roles).args("pack src out.zip").code(3);
        assert!(packed.stderr.contains(&format!("error[{code}]")), "{name}: {}", packed.stderr);
        assert!(packed.stderr.contains("src/Roles/Role0.xml:4"), "{name}: {}", packed.stderr);
        assert!(!packed.folder.path().join("out.zip").exists());
        let yaml = with_yaml(Test::new(), "tree", &roles).args("pack tree out.zip").code(3);
        assert!(yaml.stderr.contains(&format!("error[{code}]")), "{name}: {}", yaml.stderr);
        let made =
            Test::new().file("s.zip", zip(PackageType::Managed, &roles)).args("init project --from s.zip").code(3);
        assert!(made.stderr.contains(&format!("error[{code}]")), "{name}: {}", made.stderr);
        assert!(!made.folder.path().join("project/dvpack.yaml").exists());
        let built =
            with_folder(Test::new().file("dvpack.yaml", manifest("components: { source: [src] }\n")), "src", &roles)
                .args("build")
                .code(3);
        assert!(built.stderr.contains(&format!("error[{code}]")), "{name}: {}", built.stderr);
        assert!(!Path::new(&built.folder.path().join("dist")).exists());
    }
}

#[test]
fn roles_that_cannot_be_told_apart_and_roles_of_dataverse_are_refused() {
    let rows = [("prvReadAccount", "Global")];
    let other = "11111111-2222-4333-8444-555555555555";
    let twice = [("prvReadAccount", "Global"), ("PRVREADACCOUNT", "Basic")];
    let empty = [("", "Global")];
    let none = [("prvReadAccount", "None")];
    let cases: [(&[Brought<'_>], &str, &str); 8] = [
        (&[("One", ID, &rows), ("Two", ID, &rows)], "duplicate-name", "is declared twice"),
        (&[("One", ID, &rows), ("one", other, &rows)], "duplicate-name", "role `one` is declared twice"),
        (&[("One", "627090ff-40a3-4053-8790-584edc5be201", &rows)], "built-in-role", "System Administrator"),
        (&[("One", "d58407f2-48d5-e711-a82c-000d3a37c848", &rows)], "built-in-role", "Environment Maker"),
        (&[("basic user", ID, &rows)], "built-in-role", "Basic User"),
        (&[("One", ID, &twice)], "duplicate-name", "privilege `PRVREADACCOUNT` is declared twice"),
        (&[("One", ID, &empty)], "invalid-role", "has no `name`"),
        (&[("One", ID, &none)], "invalid-role", "level `None`"),
    ];
    for (roles, code, words) in cases {
        let ran = with_folder(Test::new(), "src", roles).args("pack src out.zip").code(3);
        assert!(ran.stderr.contains(&format!("error[{code}]")) && ran.stderr.contains(words), "{}", ran.stderr);
        assert!(ran.stderr.contains("src/Roles/Role"), "{}", ran.stderr);
    }
}

/// A table of the solution that the organization owns has no other level than Organization.
#[test]
fn levels_of_the_solutions_own_tables_are_known() {
    let entity = "<Entity><Name LocalizedName=\"Setting\" OriginalName=\"Setting\">contoso_Setting</Name><EntityInfo>\
<entity Name=\"contoso_Setting\"><OwnershipTypeMask>OrgOwned</OwnershipTypeMask></entity></EntityInfo></Entity>";
    for (name, level, code) in [
        ("prvReadcontoso_Setting", "Basic", Some("level-not-possible")),
        ("prvWritecontoso_Setting", "Deep", Some("level-not-possible")),
        ("prvAssigncontoso_Setting", "Global", Some("right-not-possible")),
        ("prvSharecontoso_Setting", "Global", Some("right-not-possible")),
        ("prvReadcontoso_Setting", "Global", None),
    ] {
        let rows = [(name, level)];
        let ran = with_folder(Test::new(), "src", &[("Contoso Service", ID, &rows)])
            .file("src/Other/Customizations.xml", "<ImportExportXml><Entities /><Roles /></ImportExportXml>")
            .file("src/Entities/contoso_Setting/Entity.xml", entity)
            .file(
                "src/Other/Solution.xml",
                solution_xml(&[ID]).replace(
                    "</RootComponents>",
                    "<RootComponent type=\"1\" schemaName=\"contoso_setting\" behavior=\"0\" /></RootComponents>",
                ),
            )
            .args("pack src out.zip")
            .run();
        match code {
            Some(code) => assert!(ran.stderr.contains(&format!("error[{code}]")), "{name}: {}", ran.stderr),
            None => assert_eq!(ran.code, 0, "{name}: {}", ran.stderr),
        }
    }
}

#[test]
fn the_application_user_can_hold_a_role_of_a_source_by_name_or_id() {
    let rows = [("prvReadAccount", "Global"), ("prvWriteAccount", "Global")];
    let braced = format!("\"{{{ID}}}\"");
    for named in ["Contoso Service", ID, braced.as_str(), &ID.to_uppercase()] {
        let text = manifest("components: { source: [src] }\n").replace("[Contoso Service]", &format!("[{named}]"));
        let test = with_folder(Test::new().file("dvpack.yaml", text), "src", &[("Contoso Service", ID, &rows)]);
        let ran = test.args("apply . --sandbox --yes --format json").code(0);
        let checks = ran.json()["verification"].clone();
        let assigned = checks.as_array().expect("checks").iter().any(|check| {
            check["what"] == "security role `Contoso Service`" && check["ok"] == true && check["found"] == "assigned"
        });
        assert!(assigned, "{named}: {checks}");
        let text = manifest("components: { source: [src] }\n").replace("[Contoso Service]", &format!("[{named}]"));
        let test = with_folder(Test::new().file("dvpack.yaml", text), "src", &[("Contoso Service", ID, &rows)]);
        let built = test.args("build -o dist").code(0);
        let bundle = dvpack::archive::read(&built.read("dist/ContosoWidgets_1_0_0_0.dvpack"), &Default::default())
            .expect("a bundle");
        let bundle = bundle.iter().find(|entry| entry.name == "bundle.json").expect("bundle.json");
        let bundle: Value = serde_json::from_slice(&bundle.bytes).expect("JSON");
        assert_eq!(bundle["applicationUser"]["roles"], serde_json::json!([ID]), "{named}");
    }
}

#[test]
fn a_role_that_no_source_has_is_named_with_those_that_there_are() {
    let rows = [("prvReadAccount", "Global")];
    for (named, help) in [
        ("Contoso Servise", "write `Contoso Service`"),
        ("Somebody Else", "roles of this manifest and its sources: Contoso Service"),
        ("11111111-2222-4333-8444-555555555555", "roles of this manifest and its sources: Contoso Service"),
        ("System Administrator", "a package brings its own role"),
        ("d58407f2-48d5-e711-a82c-000d3a37c848", "a package brings its own role"),
    ] {
        let text = manifest("components: { source: [src] }\n").replace("[Contoso Service]", &format!("[{named}]"));
        let test = with_folder(Test::new().file("dvpack.yaml", text), "src", &[("Contoso Service", ID, &rows)]);
        let ran = test.args("check").code(3);
        assert!(ran.stderr.contains(help) && ran.stderr.contains("dvpack.yaml:5"), "{named}: {}", ran.stderr);
    }
}
