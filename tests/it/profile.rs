//! The strict profile beyond roles: names that stand twice, what only names a role, and sources that bring what dvpack does
//! not know.

use dvpack::archive::{self, Entry};

use crate::one_truth::{CUSTOMIZATIONS, around, changed, read, refused_for, solution};
use crate::records::{API, CUSTOM_API};
use crate::support::{Test, dvpack};
use crate::tampered::genuine;

/// The example's solution with parts more.
pub fn with(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut entries = read(&solution(&genuine()));
    let types = entries.pop().expect("content types");
    entries.extend(parts.iter().map(|(name, text)| Entry::new(*name, *text)));
    entries.push(types);
    archive::write(&entries).expect("written")
}

#[test]
fn what_only_names_a_role_grants_nothing_and_all_else_has_its_place() {
    let zip = solution(&genuine());
    let folder = tempfile::tempdir().expect("a folder");
    let id = "{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a}";
    let section = |inner: &str| format!("<NewThings><NewThing>{inner}</NewThing></NewThings><WebResources>");
    let of = |inner: &str| changed(&zip, CUSTOMIZATIONS, "<WebResources>", &section(inner));
    let pretty = |inner: &str| {
        // As the writer writes it, for the form is compared, too.
        dvpack::solution::read_zip(&of(inner), "x")
            .map(|package| dvpack::solution::write_zip(&package).expect("written"))
    };
    for inner in [
        format!("<Role id=\"{id}\" />"),
        format!("<Roles><Role Id=\"{id}\" /></Roles>"),
        format!("<AppModuleRoleMaps><Role id=\"{id}\" /></AppModuleRoleMaps>"),
        "<Roles />".to_owned(),
    ] {
        std::fs::write(folder.path().join("it.dvpack"), around(&pretty(&inner).expect("read"))).expect("written");
        let ran = dvpack(folder.path()).args(["verify", "it.dvpack"]).output().expect("run");
        assert_eq!(ran.status.code(), Some(0), "{inner}: {}", String::from_utf8_lossy(&ran.stderr));
        let shown = dvpack(folder.path()).args(["inspect", "it.dvpack"]).output().expect("run");
        assert!(String::from_utf8_lossy(&shown.stdout).contains("NewThing"), "{inner} is listed");
    }
    for (inner, said) in [
        (format!("<Role id=\"{id}\" name=\"x\" />"), "`Role` is hidden in `NewThing`"),
        (format!("<Role id=\"{id}\"><RolePrivileges /></Role>"), "`Role` is hidden in `NewThing`"),
        (format!("<Role id=\"{id}\">text</Role>"), "`Role` is hidden in `NewThing`"),
        (format!("<Role id=\"{id}\"><!-- --></Role>"), "`Role` is hidden in `NewThing`"),
        (format!("<role id=\"{id}\" />"), "`role` is hidden in `NewThing`"),
        (format!("<Roles x=\"1\"><Role id=\"{id}\" /></Roles>"), "`Roles` is hidden in `NewThing`"),
        (format!("<Roles><Other id=\"{id}\" /></Roles>"), "`Roles` is hidden in `NewThing`"),
        (
            format!("<AppModuleRoleMaps><Role id=\"{id}\"><RolePrivileges /></Role></AppModuleRoleMaps>"),
            "`Role` is hidden in `AppModuleRoleMaps`",
        ),
        (
            format!("<DisplayConditions><Role Id=\"{id}\" IsAutoAssigned=\"1\" /></DisplayConditions>"),
            "`Role` is hidden in `DisplayConditions`",
        ),
        (
            "<RolePrivilege name=\"prvWriteRole\" level=\"Global\" />".to_owned(),
            "`RolePrivilege` is hidden in `NewThing`",
        ),
        ("<Workflows><Workflow Name=\"x\" /></Workflows>".to_owned(), "`Workflows` is hidden in `NewThing`"),
    ] {
        refused_for(&inner, folder.path(), &of(&inner), CUSTOMIZATIONS, said);
    }
}

#[test]
fn a_source_says_where_it_brings_what_nobody_could_review() {
    let role = |name: &str, more: &str| {
        format!(
            "<Role id=\"{{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618b}}\" name=\"{name}\">\n  \
             <IsCustomizable>1</IsCustomizable>\n{more}\n  <RolePrivileges>\n    \
             <RolePrivilege name=\"prvReadAccount\" level=\"Basic\" />\n  </RolePrivileges>\n</Role>"
        )
    };
    let project = |files: &[(&str, &str)]| {
        let mut test = Test::new().copy("examples/contoso-widgets");
        for (path, text) in files {
            test = test.file(&format!("solution/src/{path}"), text);
        }
        test
    };
    let file = "Roles/Contoso Reader.xml";
    let found = |files: &[(&str, &str)]| {
        let ran = project(files).args("build . -o made --format json").run();
        let report = ran.json();
        assert_eq!(ran.code, 3, "{report}");
        let all = report["diagnostics"].as_array().expect("a list").clone();
        all.into_iter().find(|it| it["code"] == "ambiguous-solution").unwrap_or_else(|| panic!("{report}"))
    };
    for (more, line) in [("  <AppliesTo>x</AppliesTo>", 3), ("\n  <AppliesTo />", 4)] {
        let it = found(&[(file, &role("Contoso Reader", more))]);
        assert!(it["file"].as_str().is_some_and(|at| at.ends_with(file)), "{it}");
        assert_eq!(it["line"], line, "{it}");
        assert!(it["message"].as_str().is_some_and(|it| it.contains("`AppliesTo` may not be in `Role`")), "{it}");
        assert_eq!(it["help"][0], "nobody could say what it does to a `Role`: remove it from the source", "{it}");
    }
    for name in ["a\u{200c}b", "a\u{200d}b", "a\u{200b}b", "a\u{a0}b", "u\u{308}b"] {
        let it = found(&[(file, &role(name, ""))]);
        assert_eq!(
            (it["line"].as_u64(), it["file"].as_str().is_some_and(|at| at.ends_with(file))),
            (Some(1), true),
            "{it}"
        );
    }
    let joined = project(&[(file, &role("نقش\u{200c}ها", ""))]).args("build . -o made").run();
    assert_eq!(joined.code, 0, "{}", joined.stderr);

    let it = found(&[(API, &CUSTOM_API.replace("contoso_Rate", "contoso_Other"))]);
    assert!(it["file"].as_str().is_some_and(|at| at.ends_with(API)), "{it}");
    let commented = CUSTOM_API.replace("<isfunction>", "<!-- c --><isfunction>");
    let ran = project(&[(API, &commented)]).args("build . -o made").run();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("comments and processing instructions are left out"), "{}", ran.stderr);
    let ran = ran.read("made/ContosoWidgets_1_4_0_0_managed.zip");
    let record = read(&ran).into_iter().find(|it| it.name == API).expect("there");
    assert!(!String::from_utf8_lossy(&record.bytes).contains("<!--"));
}

#[test]
fn what_is_known_by_a_name_is_there_once_and_files_are_those_that_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = solution(&genuine());
    let text = String::from_utf8(read(&zip).into_iter().find(|it| it.name == CUSTOMIZATIONS).expect("there").bytes);
    let text = text.expect("UTF-8");
    let item = |open: &str, close: &str| {
        let start = text.find(open).expect(open);
        let end = start + text[start..].find(close).expect(close) + close.len();
        text[start..end].to_owned()
    };
    let resource = item("<WebResource>", "</WebResource>");
    let reference = item("<connectionreference ", "</connectionreference>");
    let table = item("<Entity>", "</Entity>");
    let own = resource.split("<WebResourceId>").nth(1).and_then(|it| it.split('<').next()).expect("an id");
    let other = resource.replace(own, "{0badc0de-0000-4000-8000-000000000001}");
    for (what, twice, said) in [
        ("a table twice", &table, "a second `Entity` has the `Name` contoso_widget"),
        (
            "a connection reference twice",
            &reference,
            "a second `connectionreference` has the `connectionreferencelogicalname` contoso_dataverse",
        ),
        ("a web resource twice", &resource, "a second `WebResource` has the `WebResourceId`"),
        ("a web resource of one name", &other, "a second `WebResource` has the `Name` contoso_/status.html"),
    ] {
        let source = if twice == &other { &resource } else { twice };
        let zip = changed(&zip, CUSTOMIZATIONS, source, &format!("{source}{twice}"));
        refused_for(what, folder.path(), &zip, CUSTOMIZATIONS, said);
    }
    let package = |file: &str| {
        format!(
            "<pluginpackage uniquename=\"contoso_P\">\r\n  <name>contoso_P</name>\r\n  <package \
                                        mimetype=\"application/octet-stream\">{file}</package>\r\n</pluginpackage>"
        )
    };
    let place = "pluginpackages/contoso_P/pluginpackage.xml";
    for (what, named, files, said) in [
        (
            "another file",
            "a.txt",
            vec!["pluginpackages/contoso_P/package/b.css"],
            "`pluginpackages/contoso_P/package/b.css` is beside the file that `package` names",
        ),
        (
            "a file of two",
            "a.css",
            vec!["pluginpackages/contoso_P/package/a.css", "pluginpackages/contoso_P/package/b.css"],
            "`pluginpackages/contoso_P/package/b.css` is beside the file that `package` names",
        ),
        (
            "another case",
            "A.css",
            vec!["pluginpackages/contoso_P/package/a.css"],
            "`pluginpackages/contoso_P/package/a.css` is beside the file that `package` names",
        ),
    ] {
        let record = package(named);
        let parts: Vec<_> =
            [(place, record.as_str())].into_iter().chain(files.iter().map(|file| (*file, "x"))).collect();
        refused_for(what, folder.path(), &with(&parts), place, said);
    }
}

#[test]
fn connectors_hosts_and_values_are_found_wherever_dataverse_takes_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let flow = |references: &str| format!("{{\"properties\":{{{references},\"definition\":{{}}}}}}");
    let of = |connector: &str| format!("\"connectionReferences\":{{\"a\":{{\"api\":{{\"name\":\"{connector}\"}}}}}}");
    let shown = |parts: &[(&str, &str)]| {
        std::fs::write(folder.path().join("it.zip"), with(parts)).expect("written");
        let ran = dvpack(folder.path()).args(["inspect", "it.zip", "--format", "json"]).output().expect("run");
        serde_json::from_slice::<serde_json::Value>(&ran.stdout).expect("JSON")["solutions"][0].clone()
    };
    let hidden = flow(&of("shared_hidden"));
    let api = "{\"swagger\":\"2.0\",\"host\":\"hidden.contoso.example\",\"basePath\":\"/\"}";
    for (parts, key, marker) in [
        ([("Workflows/a.css", hidden.as_str())], "connectors", "shared_hidden"),
        ([("Workflows/a.JSON.html", &format!("\u{feff} {hidden}"))], "connectors", "shared_hidden"),
        ([("Connector/a_openapidefinition.css", api)], "hosts", "hidden.contoso.example"),
    ] {
        assert!(shown(&parts)[key].to_string().contains(marker), "{parts:?}");
    }
    for (what, text, said) in [
        (
            "a member twice",
            flow(&format!("{},{}", of("shared_hidden"), of("shared_sql"))),
            "`properties.connectionReferences` is there twice",
        ),
        (
            "a member in another case",
            flow(&format!("{},\"ConnectionReferences\":{{}}", of("shared_sql"))),
            "`properties.ConnectionReferences` is spelled `connectionReferences`",
        ),
        (
            "a root member twice",
            format!("{{\"properties\":{{}},{}", &flow(&of("shared_sql"))[1..]),
            "`properties` is there twice",
        ),
        (
            "an escaped member",
            flow(&format!("{},\"connectionReference\\u0073\":{{}}", of("shared_sql"))),
            "`properties.connectionReferences` is there twice",
        ),
        ("a deep member twice", flow("\"a\":{\"b\":[{\"c\":1,\"c\":2}]}"), "`properties.a.b.0.c` is there twice"),
    ] {
        refused_for(what, folder.path(), &with(&[("Workflows/a.css", &text)]), "Workflows/a.css", said);
    }
    let value =
        "environmentvariabledefinitions/contoso_ApiBase/environmentvariablevalues/a/environmentvariablevalue.xml";
    let record = "<environmentvariablevalue schemaname=\"a\"><value>x</value></environmentvariablevalue>";
    let said = "a `environmentvariablevalue` stands in `environmentvariabledefinitions/<schema name>/environmentvariablevalues.json`";
    refused_for("a value as a record", folder.path(), &with(&[(value, record)]), value, said);
}
