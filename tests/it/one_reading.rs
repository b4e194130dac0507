//! What an element of a section says has one reading: it is known by something, says each thing once and as one text, and
//! what it names exists. What it grants or does is shown.

mod columns;
mod names;
mod running;

use dvpack::archive::{self, Entry};
use dvpack::solution::Contents;

use columns::{permission, profiles};
use running::flow;

use crate::one_truth::{around, changed, read, solution};
use crate::support::{Test, dvpack};
use crate::tampered::genuine;

const CUSTOMIZATIONS: &str = "customizations.xml";
const MANIFEST: &str = "solution.xml";
const TYPE: &str = "<Type>nvarchar</Type>\r\n              <Name>contoso_serialnumber</Name>";

fn id(number: u32) -> String {
    format!("{{b3e9fd10-2381-5f5d-b3b7-6c9dcb00{number:04x}}}")
}

/// What readers could take in different ways in the example's solution with a change.
fn deviations(part: &str, from: &str, to: &str) -> Vec<String> {
    let zip = changed(&solution(&genuine()), part, from, to);
    let contents = Contents::read(&zip, "it.zip").expect("read");
    contents.deviations.iter().map(ToString::to_string).collect()
}

/// Each case: what, the document, a text, another one, and what is said of it.
fn all_said(cases: &[(&str, &str, &str, &str, &str)]) {
    for (what, part, from, to, said) in cases {
        let found = deviations(part, from, to);
        assert!(found.iter().any(|it| it.contains(said)), "{what}: `{said}` is not in {found:#?}");
    }
}

/// The same for sections that the example does not have, or has without items.
fn all_said_of(cases: &[(&str, &str, &str)]) {
    for (what, section, said) in cases {
        let name = section[1..].split(['>', ' ']).next().expect("a name");
        let zip = with_section(&solution(&genuine()), name, section);
        let contents = Contents::read(&zip, "it.zip").expect("read");
        let found: Vec<String> = contents.deviations.iter().map(ToString::to_string).collect();
        match *said {
            "" => assert!(found.is_empty(), "{what}: {found:#?}"),
            said => assert!(found.iter().any(|it| it.contains(said)), "{what}: `{said}` is not in {found:#?}"),
        }
    }
}

fn with_section(zip: &[u8], name: &str, section: &str) -> Vec<u8> {
    // What is defined has a root component.
    let kinds = [
        ("FieldSecurityProfiles", "fieldsecurityprofileid=\"", 70),
        ("Workflows", "WorkflowId=\"", 29),
        ("SdkMessageProcessingSteps", "SdkMessageProcessingStepId=\"", 92),
    ];
    let mut roots = std::collections::BTreeSet::new();
    for (_, attribute, kind) in kinds.into_iter().filter(|(of, ..)| *of == name) {
        let ids = section.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
        let ids = ids.map(|id| id.trim_matches(['{', '}'])).filter(|id| uuid::Uuid::try_parse(id).is_ok());
        roots.extend(ids.map(|id| format!("<RootComponent type=\"{kind}\" id=\"{{{id}}}\" behavior=\"0\" />")));
    }
    let roots: String = roots.into_iter().collect();
    let zip = &if roots.is_empty() {
        zip.to_vec()
    } else {
        changed(zip, "solution.xml", "</RootComponents>", &format!("{roots}</RootComponents>"))
    };
    let empty = format!("<{name} />");
    let text = read(zip).into_iter().find(|it| it.name == CUSTOMIZATIONS).expect("there").bytes;
    if String::from_utf8(text).expect("UTF-8").contains(&empty) {
        changed(zip, CUSTOMIZATIONS, &empty, section)
    } else {
        changed(zip, CUSTOMIZATIONS, "</ImportExportXml>", &format!("{section}</ImportExportXml>"))
    }
}

#[test]
fn an_element_has_elements_or_one_text() {
    let connector = "</connectorid>";
    let custom = |inner: &str| format!("</connectorid><customconnectorid>{inner}</customconnectorid>");
    let name = ">contoso_Widget</Name>";
    let mask = "<OwnershipTypeMask>";
    let report = |name: &str| format!("<Reports><Report>{name}</Report></Reports>");
    let new = |inner: &str| format!("<NewThings><NewThing>{inner}</NewThing></NewThings>");
    let both = "has text and elements";
    all_said(&[
        (
            "a custom connector",
            CUSTOMIZATIONS,
            connector,
            &custom("shared_<b>evil</b>ok"),
            "text in `customconnectorid`",
        ),
        (
            "its id",
            CUSTOMIZATIONS,
            connector,
            &custom("<connectorid>a<b>evil</b></connectorid>"),
            "`b` in `connectorid`, which has text only",
        ),
        (
            "a table's name",
            CUSTOMIZATIONS,
            name,
            ">contoso_<b>x</b>Widget</Name>",
            "`b` in `Name`, which has text only",
        ),
        ("a comment in it", CUSTOMIZATIONS, name, ">contoso_<!-- -->Widget</Name>", "in `Name`"),
        ("nil", CUSTOMIZATIONS, mask, "<OwnershipTypeMask xsi:nil=\"true\">", "`OwnershipTypeMask` may not have"),
        (
            "a property",
            CUSTOMIZATIONS,
            "<IsCustomizable>1</IsCustomizable>\r\n          <IsRenameable>",
            "<IsCustomizable>1<b>0</b></IsCustomizable>\r\n          <IsRenameable>",
            "`b` in `IsCustomizable`",
        ),
    ]);
    all_said_of(&[
        ("a report", &report("<name>Good<b>evil</b></name>"), "`b` in `name`, which has text only"),
        ("a report that has no name", &report("<name xsi:nil=\"true\">Good</name>"), "says that it has none"),
        (
            "a template",
            "<Templates><EmailTemplates><emailtemplate><title>good<b>evil</b></title></emailtemplate></EmailTemplates></Templates>",
            both,
        ),
        ("an unknown thing", &new("<a>x<b>y</b></a>"), both),
        ("text behind", &new("<a><b>y</b>x</a>"), both),
        ("text between", &new("<a><b>y</b>x<c /></a>"), both),
        ("text of the thing", &new("x<b>y</b>"), both),
        ("CDATA", &new("<a><b>y</b><![CDATA[x]]></a>"), both),
        ("a blank that nobody sees", &new("<a>&#x200b;<b>y</b></a>"), both),
        ("a comment", &new("<a>x<!-- -->y</a>"), "a comment or processing instruction in `a`"),
        ("a comment alone", &new("<a><!-- x --></a>"), "a comment or processing instruction in `a`"),
        ("an instruction", &new("<a>x<?p?>y</a>"), "a comment or processing instruction in `a`"),
        ("nil and text", &new("<a xsi:nil=\"true\">x</a>"), "says that it has none"),
        ("nil and elements", &new("<a xsi:nil=\"true\"><b /></a>"), "says that it has none"),
        ("nil in another spelling", &new("<a xsi:nil=\"1\">x</a>"), "is not `xsi:nil=\"true\"`"),
        (
            "nil by another prefix",
            &new("<a xmlns:y=\"http://www.w3.org/2001/XMLSchema-instance\" y:nil=\"true\">x</a>"),
            "another name",
        ),
        ("another xsi", &new("<a xmlns:xsi=\"urn:x\" xsi:nil=\"true\" />"), "another meaning"),
        ("text in an unknown section", "<NewThings>x<NewThing /></NewThings>", "has text and elements"),
        ("text behind an unknown item", "<NewThings><NewThing />x</NewThings>", "has text and elements"),
        (
            "an unknown section that has nothing",
            "<NewThings xsi:nil=\"true\"><NewThing /></NewThings>",
            "says that it has none",
        ),
        ("nil and nothing", &new("<a xsi:nil=\"true\"></a><b><c /></b>"), ""),
    ]);
}

#[test]
fn a_file_that_is_named_exists_and_nothing_else_names_it() {
    let named = "<FileName>/WebResources/";
    let zip = solution(&genuine());
    let text = String::from_utf8(read(&zip).into_iter().find(|it| it.name == CUSTOMIZATIONS).expect("there").bytes);
    let text = text.expect("UTF-8");
    let at = text.find(named).expect("a web resource") + "<FileName>".len();
    let file = &text[at..at + text[at..].find('<').expect("its end")];
    let of = |written: &str| format!("<FileName>{written}</FileName>");
    let form = "does not name a file of a component";
    let flow =
        |file: &str| flow(&format!("WorkflowId=\"{}\" Name=\"x\"", id(1)), &format!("<Category>5</Category>{file}"));
    for (what, written, said) in [
        ("two slashes", format!("/{file}"), form),
        ("no slash", file[1..].to_owned(), form),
        ("a blank before", format!(" {file}"), form),
        ("a blank behind", format!("{file} "), form),
        ("a step back", file.replacen("/WebResources/", "/x/../WebResources/", 1), form),
        ("a dot", file.replacen("/WebResources/", "/./WebResources/", 1), form),
        ("a backslash", file.replacen("/WebResources/", "/WebResources\\", 1), form),
        ("encoded", file.replacen("/W", "/%57", 1), form),
        ("nothing", String::new(), form),
        ("a document", "/customizations.xml".to_owned(), form),
        (
            "a record",
            "/environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml".to_owned(),
            form,
        ),
        ("another", "/WebResources/gone.js".to_owned(), "which does not exist"),
    ] {
        let found = deviations(CUSTOMIZATIONS, &of(file), &of(&written));
        assert!(found.iter().any(|it| it.contains(said)), "{what}: `{said}` is not in {found:#?}");
    }
    all_said_of(&[
        ("a flow's file", &flow(&format!("<JsonFileName>{file}</JsonFileName>")), "names already"),
        ("in another case", &flow(&format!("<XamlFileName>{}</XamlFileName>", file.to_uppercase())), "names already"),
        ("a flow without its file", &flow("<JsonFileName>/Workflows/x.json</JsonFileName>"), "which does not exist"),
        (
            "a connector's icon",
            &format!(
                "<Connectors><Connector><name>contoso_k</name><iconblob>{file}</iconblob></Connector></Connectors>"
            ),
            "names already",
        ),
        (
            "a connector without its icon",
            "<Connectors><Connector><name>contoso_k</name><iconblob>/Connector/k.png</iconblob></Connector></Connectors>",
            "",
        ),
    ]);
    let package = |file: &str| {
        let record = format!(
            "<pluginpackage uniquename=\"contoso_P\"><name>contoso_P</name><package>{file}</package></pluginpackage>"
        );
        let mut entries = read(&zip);
        entries.push(Entry::new("pluginpackages/contoso_P/pluginpackage.xml", record));
        let zip = archive::write(&entries).expect("written");
        Contents::read(&zip, "it.zip").expect("read").deviations.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for file in ["../q/b.nupkg", "q/b.nupkg", "/b.nupkg", "q\\b.nupkg", "..", "b.nupkg ", ""] {
        let found = package(file);
        assert!(found.iter().any(|it| it.contains("is not the plain name of a file")), "{file:?}: {found:#?}");
    }
    assert!(!package("b.1.0.0.nupkg").iter().any(|it| it.contains("plain name")));
}

#[test]
fn a_bundle_with_two_readings_is_refused_and_the_page_shows_what_profiles_allow() {
    let folder = tempfile::tempdir().expect("a folder");
    let known = format!("name=\"Payroll\" fieldsecurityprofileid=\"{}\"", id(6));
    let pretty = |section: &str| {
        let zip = with_section(&solution(&genuine()), "FieldSecurityProfiles", section);
        let package = dvpack::solution::read_zip(&zip, "x").expect("read");
        dvpack::solution::write_zip(&package).expect("written")
    };
    let verify = |zip: &[u8]| {
        std::fs::write(folder.path().join("it.dvpack"), around(zip)).expect("written");
        dvpack(folder.path()).args(["verify", "it.dvpack"]).output().expect("run")
    };
    let one = permission("account", "name", "4", "");
    let ran = verify(&pretty(&profiles(&[(&known, &one)])));
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    let entries = read(&std::fs::read(folder.path().join("it.dvpack")).expect("read"));
    let page = entries.into_iter().find(|entry| entry.name == "INSTALL.html").expect("a page");
    let page = String::from_utf8(page.bytes).expect("UTF-8");
    assert!(page.contains("What the column security profiles allow") && page.contains("account.name"), "{page}");
    let twice = pretty(&profiles(&[(&known, &format!("{one}{}", permission("account", "name", "0", "")))]));
    let ran = verify(&twice);
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(3), "{said}");
    assert!(said.contains("a second `FieldPermission`") && !said.contains("not-normal-form"), "{said}");
}

#[test]
fn names_and_descriptions_in_other_languages_are_shown() {
    let own = "<LocalizedName description=\"Contoso Widgets\" languagecode=\"1033\" />";
    let more = format!("{own}<LocalizedName description=\"Andere\" languagecode=\"1031\" />");
    let zip = changed(&solution(&genuine()), MANIFEST, own, &more);
    let region = "<Descriptions><Description description=\"Colour\" languagecode=\"2057\" />";
    let zip = changed(&zip, MANIFEST, "<Descriptions>", region);
    let ran = Test::new().file("it.zip", &zip).args("inspect it.zip").success();
    for line in ["LocalizedNames 1031: Andere", "Descriptions 2057: Colour"] {
        assert!(ran.stdout.contains(line), "`{line}` is not in\n{}", ran.stdout);
    }
}

#[test]
fn a_source_is_written_in_normal_form_where_it_means_one_thing_or_says_what_is_wrong() {
    let resource = "solution/src/WebResources/contoso_/x.js";
    let data = |file: &str| {
        format!(
            "<WebResource><WebResourceId>{}</WebResourceId><Name>contoso_/x.js</Name><DisplayName>x</DisplayName>\
             <WebResourceType>3</WebResourceType><FileName>{file}</FileName></WebResource>",
            id(9)
        )
    };
    let build = |text: &str| {
        Test::new()
            .copy("examples/contoso-widgets")
            .file(resource, "alert(1)")
            .file("solution/src/WebResources/contoso_/x.js.data.xml", text)
            .args("build . -o made")
            .run()
    };
    for written in ["//WebResources/contoso_/x.js", " /WebResources/contoso_/x.js ", "WebResources/contoso_/x.js"] {
        let ran = build(&data(written));
        assert_eq!(ran.code, 0, "{written}: {}", ran.stderr);
        assert!(ran.stderr.contains("names of parts are written with one `/`"), "{written}: {}", ran.stderr);
    }
    let good = data("/WebResources/contoso_/x.js");
    for (what, text, said) in [
        ("no name", good.replace("contoso_/x.js</Name>", "</Name>"), "`WebResource` has no `Name`"),
        (
            "two types",
            good.replace("<FileName>", "<WebResourceType>1</WebResourceType><FileName>"),
            "a second `WebResourceType`",
        ),
        ("a mixed unknown", good.replace("<FileName>", "<New>a<b>c</b></New><FileName>"), "has text and elements"),
    ] {
        let ran = build(&text);
        assert_eq!(ran.code, 3, "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{what}: {}", ran.stderr);
    }
    let ran = build(&good.replace("<FileName>", "<New><a>x<!-- c -->y</a></New><FileName>"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("comments and processing instructions are left out"), "{}", ran.stderr);
}
