//! The strict profile beyond roles: records, which are files of their own, texts by language, names that stand twice, and
//! sources that bring what dvpack does not know.

use dvpack::archive::{self, Entry};

use crate::one_truth::{all_refused, around, changed, read, refused, solution};
use crate::support::{Test, dvpack};
use crate::tampered::genuine;

const CUSTOMIZATIONS: &str = "customizations.xml";
const MANIFEST: &str = "solution.xml";
const VARIABLE: &str = "environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml";
const API: &str = "customapis/contoso_Rate/customapi.xml";
const PARAMETER: &str = "customapis/contoso_Rate/customapirequestparameters/Stars/customapirequestparameter.xml";
const CUSTOM_API: &str = "<customapi uniquename=\"contoso_Rate\">\r\n  <description default=\"Rates\">\r\n    \
    <label description=\"Rates\" languagecode=\"1033\" />\r\n  </description>\r\n  <isfunction>0</isfunction>\r\n  \
    <plugintypeid>\r\n    <plugintypeexportkey>a</plugintypeexportkey>\r\n  </plugintypeid>\r\n</customapi>";
const API_PARAMETER: &str =
    "<customapirequestparameter uniquename=\"Stars\">\r\n  <type>7</type>\r\n</customapirequestparameter>";
const WIDGET: &str =
    "<contoso_setting contoso_name=\"a\">\r\n  <iscustomizable>1</iscustomizable>\r\n</contoso_setting>";

/// The example's solution with parts more.
fn with(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut entries = read(&solution(&genuine()));
    let types = entries.pop().expect("content types");
    entries.extend(parts.iter().map(|(name, text)| Entry::new(*name, *text)));
    entries.push(types);
    archive::write(&entries).expect("written")
}

#[test]
fn a_record_is_what_its_folder_is_called_and_says_everything_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let good =
        with(&[(API, CUSTOM_API), (PARAMETER, API_PARAMETER), ("contoso_settings/a/contoso_setting.xml", WIDGET)]);
    std::fs::write(folder.path().join("it.dvpack"), around(&good)).expect("written");
    let ran = dvpack(folder.path()).args(["verify", "it.dvpack"]).output().expect("run");
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));

    let edit = |from: &str, to: &str| {
        assert!(CUSTOM_API.contains(from), "{from}");
        CUSTOM_API.replacen(from, to, 1)
    };
    for (what, text) in [
        ("another key", edit("contoso_Rate", "contoso_Other")),
        ("a key in another case", edit("contoso_Rate", "contoso_RATE")),
        ("no key", edit(" uniquename=\"contoso_Rate\"", "")),
        ("an empty key", edit("contoso_Rate", "")),
        ("a key with a blank", edit("contoso_Rate", "contoso_Rate ")),
        ("a key by another attribute", edit("uniquename", "UniqueName")),
        ("another root", edit("<customapi ", "<other ").replace("</customapi>", "</other>")),
        ("a root in capitals", edit("<customapi ", "<CustomApi ").replace("</customapi>", "</CustomApi>")),
        ("a column twice", edit("<isfunction>", "<isfunction>1</isfunction><isfunction>")),
        ("a column in capitals", edit("<isfunction>", "<IsFunction>1</IsFunction><isfunction>")),
        ("an unknown column twice", edit("<isfunction>", "<new>1</new><new>2</new><isfunction>")),
        ("text between columns", edit("<isfunction>", "text<isfunction>")),
        ("a comment", edit("<isfunction>", "<!-- --><isfunction>")),
        ("a comment in a value", edit("<isfunction>0", "<isfunction>0<!-- -->1")),
        ("CDATA and text", edit("<isfunction>0", "<isfunction>0<?p?>1")),
        ("an element in a value", edit("<isfunction>0", "<isfunction>0<b>1</b>")),
        (
            "a key twice",
            edit("<plugintypeexportkey>", "<plugintypeexportkey>b</plugintypeexportkey><plugintypeexportkey>"),
        ),
        ("a value beside a key", edit("<plugintypeid>", "<plugintypeid>guid")),
        ("an attribute of a column", edit("<isfunction>", "<isfunction x=\"1\">")),
        ("a namespace", edit("<customapi ", "<customapi xmlns=\"urn:x\" ")),
        ("a prefix", edit("<isfunction>0</isfunction>", "<x:isfunction xmlns:x=\"urn:x\">0</x:isfunction>")),
        ("two labels of a language", edit("<label ", "<label description=\"x\" languagecode=\"1033\" /><label ")),
        ("another default", edit("default=\"Rates\"", "default=\"Harmless\"")),
        ("an unknown language", edit("1033", "1078")),
        ("a language in another spelling", edit("1033", "01033")),
        ("not UTF-8", edit("<customapi", "<?xml version=\"1.0\" encoding=\"utf-7\"?><customapi")),
    ] {
        refused(what, folder.path(), &with(&[(API, &text)]), "customapis/contoso_Rate/customapi.xml");
    }
    let parameter = API_PARAMETER.replace("Stars", "Other");
    refused("a key below", folder.path(), &with(&[(API, CUSTOM_API), (PARAMETER, &parameter)]), PARAMETER);
}

#[test]
fn records_stand_in_their_place_only() {
    let folder = tempfile::tempdir().expect("a folder");
    for place in [
        "CustomApis/contoso_Rate/customapi.xml",
        "customapis/contoso_Rate/CustomApi.xml",
        "customapis/contoso_Rate/more/customapi.xml",
        "customapis/customapi.xml",
        "customapi.xml",
        "WebResources/customapi.xml",
        "Controls/contoso_Rate/customapi.xml",
        "other/contoso_Rate/customapi.xml",
        "customapis/contoso_Rate/other.xml",
        "bots/contoso_Rate/customapi.xml",
        "customapis/contoso_Rate/customapirequestparameters/contoso_Rate/customapi.xml",
    ] {
        refused(place, folder.path(), &with(&[(place, CUSTOM_API)]), place);
    }
    for (what, parts) in [
        ("another table's key", [("contoso_settings/b/contoso_setting.xml", WIDGET), (API, CUSTOM_API)]),
        ("another table's root", [("contoso_settings/a/contoso_other.xml", WIDGET), (API, CUSTOM_API)]),
        (
            "two records of one folder",
            [
                ("contoso_settings/a/contoso_setting.xml", WIDGET),
                ("contoso_settings/a/contoso_other.xml", "<contoso_other contoso_name=\"a\" />"),
            ],
        ),
    ] {
        refused(what, folder.path(), &with(&parts), "contoso_settings/");
    }
    let inner = "customapis/contoso_Rate/applicationusers/a/applicationuser.xml";
    let hidden = with(&[(API, CUSTOM_API), (inner, "<applicationuser applicationid=\"a\" />")]);
    std::fs::write(folder.path().join("it.zip"), hidden).expect("written");
    let shown = dvpack(folder.path()).args(["inspect", "it.zip"]).output().expect("run");
    assert!(String::from_utf8_lossy(&shown.stdout).contains(inner), "a record in another's folder is listed");
}

#[test]
fn the_name_that_is_shown_is_the_one_that_dataverse_takes() {
    let label =
        |text: &str, language: &str| format!("<LocalizedName description=\"{text}\" languagecode=\"{language}\" />");
    let own = label("Contoso Widgets", "1033");
    let name = |labels: &[String]| labels.concat();
    let workflow = |attributes: &str, more: &str| {
        format!(
            "<Workflows><Workflow WorkflowId=\"{{0badc0de-0000-4000-8000-0000000000b0}}\" {attributes}>\
             <Category>0</Category>{more}</Workflow></Workflows>"
        )
    };
    let names = |text: &str, language: &str| format!("<LocalizedNames>{}</LocalizedNames>", label(text, language));
    let choice = |name: &str, shown: &str| {
        format!(
            "<optionsets><optionset Name=\"contoso_x\" localizedName=\"{name}\"><displaynames><displayname \
             description=\"{shown}\" languagecode=\"1033\" /></displaynames></optionset></optionsets>"
        )
    };
    let nested = "<Unknown><Thing><LocalizedNames><LocalizedName description=\"a\" languagecode=\"1033\" /><LocalizedName \
                  description=\"b\" languagecode=\"1033\" /></LocalizedNames></Thing></Unknown><optionsets />";
    let lists = "<Unknown><Thing><LocalizedNames><LocalizedName description=\"a\" languagecode=\"1033\" /></LocalizedNames>\
                 <LocalizedNames><LocalizedName description=\"b\" languagecode=\"1033\" /></LocalizedNames></Thing></Unknown>\
                 <optionsets />";
    all_refused(&[
        ("two labels of a language", MANIFEST, &own, &name(&[label("Harmless", "1033"), own.clone()])),
        ("another language first", MANIFEST, &own, &name(&[label("Harmless", "1036"), own.clone()])),
        ("two labels, none in the base language", MANIFEST, &own, &name(&[label("a", "1036"), label("b", "1031")])),
        ("an unknown language", MANIFEST, &own, &name(&[own.clone(), label("a", "1078")])),
        ("no language", MANIFEST, &own, &name(&[own.clone(), label("a", "0")])),
        ("a plus", MANIFEST, &own, &label("Contoso Widgets", "+1033")),
        ("a blank", MANIFEST, &own, &label("Contoso Widgets", " 1033")),
        ("zeros before", MANIFEST, &own, &label("Contoso Widgets", "001033")),
        ("hexadecimal", MANIFEST, &own, &label("Contoso Widgets", "0x409")),
        ("wide digits", MANIFEST, &own, &label("Contoso Widgets", "\u{ff11}033")),
        ("a tag", MANIFEST, &own, &label("Contoso Widgets", "en-US")),
        (
            "a process with another label",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow("Name=\"Harmless\"", &names("Other", "1033")),
        ),
        (
            "a process with a label in one other language",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow("Name=\"Harmless\"", &names("Other", "1036")),
        ),
        (
            "a process that is off and active",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow("Name=\"x\"", "<StateCode>0</StateCode><StatusCode>2</StatusCode>"),
        ),
        (
            "a process with another description",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow(
                "Name=\"x\" Description=\"Harmless\"",
                "<Descriptions><Description description=\"Other\" languagecode=\"1033\" /></Descriptions>",
            ),
        ),
        ("a choice with another label", CUSTOMIZATIONS, "<optionsets />", &choice("Harmless", "Other")),
        (
            "a table of two names",
            CUSTOMIZATIONS,
            "<Entities>",
            "<Entities><Entity><Name LocalizedName=\"A\" OriginalName=\"A\">contoso_a</Name><EntityInfo><entity \
             Name=\"contoso_b\" /></EntityInfo></Entity>",
        ),
        ("labels of an unknown thing", CUSTOMIZATIONS, "<optionsets />", nested),
        ("two lists of labels of an unknown thing", CUSTOMIZATIONS, "<optionsets />", lists),
        (
            "a variable's other default",
            VARIABLE,
            "<displayname default=\"Contoso API\"",
            "<displayname default=\"Harmless\"",
        ),
    ]);
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
    for inner in [
        format!("<Role id=\"{id}\" name=\"x\" />"),
        format!("<Role id=\"{id}\"><RolePrivileges /></Role>"),
        format!("<Role id=\"{id}\">text</Role>"),
        format!("<Role id=\"{id}\"><!-- --></Role>"),
        format!("<role id=\"{id}\" />"),
        format!("<Roles x=\"1\"><Role id=\"{id}\" /></Roles>"),
        format!("<Roles><Other id=\"{id}\" /></Roles>"),
        format!("<AppModuleRoleMaps><Role id=\"{id}\"><RolePrivileges /></Role></AppModuleRoleMaps>"),
        format!("<DisplayConditions><Role Id=\"{id}\" IsAutoAssigned=\"1\" /></DisplayConditions>"),
        "<RolePrivilege name=\"prvWriteRole\" level=\"Global\" />".to_owned(),
        "<Workflows><Workflow Name=\"x\" /></Workflows>".to_owned(),
    ] {
        refused(&inner, folder.path(), &pretty(&inner).unwrap_or_else(|_| of(&inner)), CUSTOMIZATIONS);
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
    let other = resource.replacen(
        "<WebResourceId>{",
        "<WebResourceId>{0badc0de-0000-4000-8000-000000000001}</WebResourceId><!--{",
        1,
    );
    for (what, twice) in [
        ("a table twice", &table),
        ("a connection reference twice", &reference),
        ("a web resource twice", &resource),
        ("a web resource of one name", &other),
    ] {
        let source = if twice == &other { &resource } else { twice };
        refused(
            what,
            folder.path(),
            &changed(&zip, CUSTOMIZATIONS, source, &format!("{source}{twice}")),
            CUSTOMIZATIONS,
        );
    }
    let package = |file: &str| {
        format!(
            "<pluginpackage uniquename=\"contoso_P\">\r\n  <name>contoso_P</name>\r\n  <package \
                                        mimetype=\"application/octet-stream\">{file}</package>\r\n</pluginpackage>"
        )
    };
    let place = "pluginpackages/contoso_P/pluginpackage.xml";
    for (what, named, files) in [
        ("another file", "a.txt", vec!["pluginpackages/contoso_P/package/b.css"]),
        (
            "a file of two",
            "a.css",
            vec!["pluginpackages/contoso_P/package/a.css", "pluginpackages/contoso_P/package/b.css"],
        ),
        ("another case", "A.css", vec!["pluginpackages/contoso_P/package/a.css"]),
    ] {
        let record = package(named);
        let parts: Vec<_> =
            [(place, record.as_str())].into_iter().chain(files.iter().map(|file| (*file, "x"))).collect();
        refused(what, folder.path(), &with(&parts), place);
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
    for (what, text) in [
        ("a member twice", flow(&format!("{},{}", of("shared_hidden"), of("shared_sql")))),
        ("a member in another case", flow(&format!("{},\"ConnectionReferences\":{{}}", of("shared_sql")))),
        ("a root member twice", format!("{{\"properties\":{{}},{}", &flow(&of("shared_sql"))[1..])),
        ("an escaped member", flow(&format!("{},\"connectionReference\\u0073\":{{}}", of("shared_sql")))),
        ("a deep member twice", flow("\"a\":{\"b\":[{\"c\":1,\"c\":2}]}")),
    ] {
        refused(what, folder.path(), &with(&[("Workflows/a.css", &text)]), "Workflows/a.css");
    }
    let value =
        "environmentvariabledefinitions/contoso_ApiBase/environmentvariablevalues/a/environmentvariablevalue.xml";
    let record = "<environmentvariablevalue schemaname=\"a\"><value>x</value></environmentvariablevalue>";
    refused("a value as a record", folder.path(), &with(&[(value, record)]), value);
}
