//! What differs between two solutions is never called "no difference", and `inspect` shows all that there is.

use dvpack::archive::{self, Entry};

use crate::one_truth::{CUSTOMIZATIONS, MANIFEST, changed, read, solution};
use crate::support::Test;
use crate::tampered::genuine;

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

/// What hides in a second section or role, by a name that is nowhere else.
const HIDDEN: [(&str, &str, &str); 10] = [
    (
        "a second list of privileges",
        "</Role>",
        "<RolePrivileges><RolePrivilege name=\"prvWriteRole\" level=\"Global\" /></RolePrivileges></Role>",
    ),
    (
        "a second role of one id",
        "</Roles>",
        "<Role id=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a}\" name=\"Hidden\"><IsCustomizable>1</IsCustomizable>\
         <RolePrivileges><RolePrivilege name=\"prvWriteRole\" level=\"Global\" /></RolePrivileges></Role></Roles>",
    ),
    (
        "Roles",
        "</ImportExportXml>",
        "<Roles><Role id=\"{0badc0de-0000-4000-8000-000000000001}\" name=\"Hidden\"><IsCustomizable>1</IsCustomizable>\
         <RolePrivileges><RolePrivilege name=\"prvWriteRole\" level=\"Global\" /></RolePrivileges></Role></Roles></ImportExportXml>",
    ),
    (
        "Workflows",
        "</ImportExportXml>",
        "<Workflows><Workflow WorkflowId=\"{0badc0de-0000-4000-8000-000000000002}\" Name=\"Hidden\">\
         <Category>0</Category><StateCode>1</StateCode><StatusCode>2</StatusCode></Workflow></Workflows></ImportExportXml>",
    ),
    (
        "SolutionPluginAssemblies",
        "</ImportExportXml>",
        "<SolutionPluginAssemblies /><SolutionPluginAssemblies><PluginAssembly FullName=\"Hidden, Version=1.0.0.0, Culture=neutral, \
         PublicKeyToken=ec2db1e3e8c65693\" PluginAssemblyId=\"0badc0de-0000-4000-8000-000000000003\"><IsolationMode>2\
         </IsolationMode></PluginAssembly></SolutionPluginAssemblies></ImportExportXml>",
    ),
    (
        "SdkMessageProcessingSteps",
        "</ImportExportXml>",
        "<SdkMessageProcessingSteps /><SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"Hidden\" \
         SdkMessageProcessingStepId=\"{0badc0de-0000-4000-8000-000000000004}\"><Stage>20</Stage><StateCode>0</StateCode>\
         </SdkMessageProcessingStep></SdkMessageProcessingSteps></ImportExportXml>",
    ),
    (
        "connectionreferences",
        "</ImportExportXml>",
        "<connectionreferences><connectionreference connectionreferencelogicalname=\"contoso_Hidden\">\
         <connectionreferencedisplayname>Hidden</connectionreferencedisplayname><connectorid>\
         /providers/Microsoft.PowerApps/apis/shared_sql</connectorid></connectionreference></connectionreferences></ImportExportXml>",
    ),
    (
        "WebResources",
        "</ImportExportXml>",
        "<WebResources><WebResource><WebResourceId>{0badc0de-0000-4000-8000-000000000005}</WebResourceId>\
         <Name>contoso_/Hidden.js</Name><WebResourceType>3</WebResourceType></WebResource></WebResources></ImportExportXml>",
    ),
    (
        "Entities",
        "</ImportExportXml>",
        "<Entities><Entity><Name LocalizedName=\"Hidden\" OriginalName=\"Hidden\">contoso_Hidden</Name><EntityInfo>\
         <entity Name=\"contoso_Hidden\" /></EntityInfo></Entity></Entities></ImportExportXml>",
    ),
    (
        "FieldSecurityProfiles",
        "</ImportExportXml>",
        "<FieldSecurityProfiles /><FieldSecurityProfiles><FieldSecurityProfile name=\"Hidden\" \
         fieldsecurityprofileid=\"{0badc0de-0000-4000-8000-000000000006}\" /></FieldSecurityProfiles></ImportExportXml>",
    ),
];

#[test]
fn what_stands_a_second_time_is_a_difference_that_a_reviewer_must_see() {
    let zip = solution(&genuine());
    for (what, from, to) in HIDDEN {
        let other = changed(&zip, CUSTOMIZATIONS, from, to);
        // In words for people, by its name for programs.
        let markers: &[&str] =
            if to.contains("prvWriteRole") { &["prvWriteRole", "Write on Role"] } else { &["Hidden"] };
        let is_shown = |text: &str| markers.iter().any(|marker| text.contains(marker));
        for format in ["", "--markdown", "--format json"] {
            let test = Test::new().file("old.zip", &zip).file("new.zip", &other).args("diff old.zip new.zip");
            let ran = test.args(format).code(10);
            assert!(!ran.stdout.contains("no difference"), "{what} {format}: {}", ran.stdout);
            assert!(is_shown(&ran.stdout), "{what} {format}: none of {markers:?} is in\n{}", ran.stdout);
        }
        for format in ["", "--format json"] {
            let ran = Test::new().file("it.zip", &other).args("inspect it.zip").args(format).success();
            assert!(is_shown(&ran.stdout), "{what} {format}: none of {markers:?} is in\n{}", ran.stdout);
            assert!(
                ran.stderr.contains("a second `") || ran.stdout.contains("a second `"),
                "{what} {format}: {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn parts_that_readers_take_for_one_are_named() {
    let zip = solution(&genuine());
    for (one, two) in [
        (CUSTOMIZATIONS, "customizations%2Exml"),
        (CUSTOMIZATIONS, "%63ustomizations.xml"),
        (MANIFEST, "solution%2Exml"),
        (MANIFEST, "solutio%6e.xml"),
        ("x/a%2Cb.txt", "x/a,b.txt"),
        ("x/%C3%BC.txt", "x/u%CC%88.txt"),
    ] {
        let mut package = dvpack::solution::read_zip(&zip, "it.zip").expect("read");
        let names = [one, two].into_iter().filter(|name| ![CUSTOMIZATIONS, MANIFEST].contains(name));
        package.files.extend(names.map(|name| (name.to_owned(), b"<ImportExportXml />".to_vec())));
        let other = dvpack::solution::write_zip(&package).expect("written");
        for (arguments, code) in [
            ("diff old.zip new.zip", 10),
            ("diff old.zip new.zip --markdown", 10),
            ("diff old.zip new.zip --format json", 10),
            ("inspect new.zip", 0),
            ("inspect new.zip --format json", 0),
        ] {
            let ran = Test::new().file("old.zip", &zip).file("new.zip", &other).args(arguments).code(code);
            let said = format!("{}{}", ran.stdout, ran.stderr).replace("\\`", "`");
            let collision = format!("the parts `{one}` and `{two}` have names that readers take for one");
            assert!(said.contains(&collision), "{arguments}: `{collision}` is not in\n{said}");
            assert!(!said.contains("no difference"), "{one}, {arguments}: {said}");
        }
        let back = Test::new().file("old.zip", &zip).file("new.zip", &other).args("diff new.zip old.zip").run();
        assert!(!back.stdout.contains("no difference") && back.stdout.contains(two), "{one}: {}", back.stdout);
    }
}
