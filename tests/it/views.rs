//! Every view shows the same facts: `diff` names whatever differs, the page and `inspect` show one matrix, and what
//! `bundle.json` says of the application user is checked and shown.

use dvpack::archive;
use dvpack::bundle::descriptor::{ColumnSecurityProfile, Descriptor};
use dvpack::bundle::fitted;

use crate::one_truth::{CUSTOMIZATIONS, MANIFEST, MORE, ROLE, around, changed, read, solution};
use crate::support::Test;
use crate::tampered::{genuine, packed};

/// What the differences of two solutions are called, one a line.
fn differences(old: &[u8], new: &[u8]) -> String {
    let ran = Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").run();
    assert!(ran.code == 0 || ran.code == 10, "{}", ran.stderr);
    ran.stdout
}

#[test]
fn what_no_fact_explains_is_named_beside_other_differences() {
    let zip = solution(&genuine());
    // One more of what has an order.
    let zip = changed(&zip, MANIFEST, "<Address>", "<Address><!-- one --></Address><Address>");
    let zip = changed(&zip, CUSTOMIZATIONS, "<EntityMaps />", "<EntityMaps x=\"1\" />");
    let variable = "environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml";
    let another = variable.replace("contoso_ApiBase", "contoso_QuietAfterHours");
    let another = another.as_str();
    let listed = changed(&zip, variable, "https://api.contoso.com", "https://api.contoso.org");
    for (what, part, from, to, named) in [
        ("a blank in an item", CUSTOMIZATIONS, "<WebResource>", "<WebResource >", "customizations.xml/WebResources/"),
        ("a blank in a role", CUSTOMIZATIONS, "<RolePrivileges>", "<RolePrivileges >", "customizations.xml/Roles/"),
        (
            "the version of a column",
            CUSTOMIZATIONS,
            "<IntroducedVersion>1.0.0.0",
            "<IntroducedVersion>1.0.0.1",
            "introduced version of Table contoso_Widget: 1.0.0.0 → 1.0.0.0, 1.0.0.1",
        ),
        ("the version of a variable", another, ">1.4.0.0<", ">1.4.0.1<", "introduced version of Environment variable"),
        ("an attribute of a section", CUSTOMIZATIONS, "<WebResources>", "<WebResources y=\"1\">", "xml/WebResources\n"),
        ("the value of one", CUSTOMIZATIONS, "<EntityMaps x=\"1\"", "<EntityMaps x=\"2\"", "xml/EntityMaps\n"),
        ("an empty section less", CUSTOMIZATIONS, "<Templates />", "", "customizations.xml/Templates\n"),
        ("a section in long form", CUSTOMIZATIONS, "<Templates />", "<Templates></Templates>", "xml/Templates\n"),
        ("text in a section", CUSTOMIZATIONS, "<WebResources>", "<WebResources>x", "customizations.xml/WebResources"),
        ("a comment", CUSTOMIZATIONS, "<WebResources>", "<!-- c --><WebResources>", "customizations.xml\n"),
        ("white space", CUSTOMIZATIONS, "<WebResources>", "\r\n<WebResources>", "customizations.xml\n"),
        (
            "an attribute of the root",
            CUSTOMIZATIONS,
            "<ImportExportXml",
            "<ImportExportXml a=\"1\"",
            "xml/@a: (nothing) → 1",
        ),
        (
            "a declaration",
            CUSTOMIZATIONS,
            "<ImportExportXml",
            "<?xml version=\"1.0\"?><ImportExportXml",
            "customizations.xml\n",
        ),
        ("a mark", CUSTOMIZATIONS, "<ImportExportXml", "\u{feff}<ImportExportXml", "customizations.xml\n"),
        ("the server's version", MANIFEST, "version=\"9.1.0.643\"", "version=\"9.2.0.1\"", "9.1.0.643 → 9.2.0.1"),
        (
            "a comment on an address",
            MANIFEST,
            "<!-- one -->",
            "<!-- two -->",
            "solution.xml/SolutionManifest/Publisher/Addresses",
        ),
        ("nil", MANIFEST, "<Line1 xsi:nil=\"true\">", "<Line1>", "solution.xml/SolutionManifest/Publisher/Addresses"),
        (
            "a swap",
            MANIFEST,
            "<AddressNumber>1</AddressNumber>\r\n          <AddressTypeCode>1</AddressTypeCode>",
            "<AddressTypeCode>1</AddressTypeCode>\r\n          <AddressNumber>1</AddressNumber>",
            "solution.xml/SolutionManifest/Publisher/Addresses",
        ),
        ("a blank behind a tag", MANIFEST, "<UniqueName>Contoso", "<UniqueName >Contoso", "solution.xml\n"),
        (
            "a type of parts",
            "[Content_Types].xml",
            "octet-stream\" /><Override",
            "xml\" /><Override",
            "[Content_Types].xml\n",
        ),
    ] {
        for (old, new) in [(&zip, changed(&zip, part, from, to)), (&listed, changed(&zip, part, from, to))] {
            let shown = differences(old, &new);
            assert!(shown.contains(named), "{what}: `{named}` is not in\n{shown}");
            let facts = shown.contains("Environment variable: Contoso API");
            assert_eq!(facts, old == &listed, "{what}\n{shown}");
        }
    }
    // In another order.
    let mut entries = read(&zip);
    entries.reverse();
    let packed = archive::write(&entries).expect("written");
    let shown = differences(&zip, &packed);
    assert!(shown.contains("Archive, packed in another way: ContosoWidgets") && !shown.contains("Part"), "{shown}");
    let text = String::from_utf8(read(&zip).iter().find(|it| it.name == CUSTOMIZATIONS).expect("there").bytes.clone());
    let text = text.expect("UTF-8");
    let row = |name: &str| {
        let at = text.find(&format!("<RolePrivilege name=\"{name}\"")).expect("a row");
        text[at..at + text[at..].find("/>").expect("its end") + 2].to_owned()
    };
    let names: Vec<&str> = text.split("<RolePrivilege name=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    let (one, two) = (row(names[0]), row(names[1]));
    let swapped = changed(
        &changed(&changed(&zip, CUSTOMIZATIONS, &one, "@"), CUSTOMIZATIONS, &two, &one),
        CUSTOMIZATIONS,
        "@",
        &two,
    );
    assert!(
        differences(&listed, &swapped).contains("customizations.xml/Roles/Role"),
        "{}",
        differences(&listed, &swapped)
    );
}

#[test]
fn two_roles_of_one_name_are_told_apart() {
    let zip = solution(&genuine());
    let text = read(&zip).into_iter().find(|it| it.name == CUSTOMIZATIONS).expect("there").bytes;
    let text = String::from_utf8(text).expect("UTF-8");
    let (_, rest) = text.split_once("<Roles>").expect("roles");
    let (role, _) = rest.split_once("</Role>").expect("a role");
    let twin = format!("{}</Role>", role.replace(ROLE, &ROLE.replace('b', "c")));
    let two = changed(&zip, CUSTOMIZATIONS, "</Role>", &format!("</Role>{twin}"));
    let more =
        changed(&two, CUSTOMIZATIONS, &twin, &twin.replacen("<RolePrivileges>", &format!("<RolePrivileges>{MORE}"), 1));
    let shown = differences(&two, &more);
    assert!(shown.contains(&format!("({}) (changed)", ROLE.replace('b', "c"))), "{shown}");
    assert!(!shown.contains(&format!("({ROLE}) (changed)")), "{shown}");
    let auto = changed(&two, CUSTOMIZATIONS, &twin, &twin.replacen("<IsAutoAssigned>0", "<IsAutoAssigned>1", 1));
    let shown = differences(&two, &auto);
    assert!(shown.contains(&format!("({}) (changed)", ROLE.replace('b', "c"))), "{shown}");
    assert!(shown.contains("IsAutoAssigned: 0 → 1") && shown.contains("a reviewer must approve"), "{shown}");
}

#[test]
fn column_security_profiles_of_the_user_are_checked_and_shown() {
    const PROFILE: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618b";
    let section = format!(
        "<FieldSecurityProfiles>\r\n    <FieldSecurityProfile name=\"Prices\" description=\"\" fieldsecurityprofileid=\"{{{PROFILE}}}\">\r\n      <FieldPermissions />\r\n    </FieldSecurityProfile>\r\n  </FieldSecurityProfiles>"
    );
    let zip = changed(&solution(&genuine()), CUSTOMIZATIONS, "<FieldSecurityProfiles />", &section);
    let root = format!("<RootComponent type=\"70\" id=\"{{{PROFILE}}}\" behavior=\"0\" />");
    let zip = changed(&zip, MANIFEST, "<RootComponents>", &format!("<RootComponents>{root}"));
    let zip = crate::support::normal(&zip);
    let plain = read(&around(&zip));
    let with = |name: &str, id: &str| {
        let mut entries = plain.clone();
        let json = entries.iter_mut().find(|entry| entry.name == "bundle.json").expect("there");
        let mut described: Descriptor = serde_json::from_slice(&json.bytes).expect("a descriptor");
        let profile = ColumnSecurityProfile { id: id.parse().expect("a GUID"), name: name.to_owned() };
        described.application_user.as_mut().expect("a user").column_security_profiles = vec![profile];
        json.bytes = (serde_json::to_string_pretty(&described).expect("JSON") + "\n").into_bytes();
        packed(&fitted(&entries).unwrap_or(entries))
    };
    for (name, id) in [("Costs", PROFILE), ("Prices", ROLE)] {
        let ran = Test::new().file("it.dvpack", with(name, id)).args("verify it.dvpack").code(3);
        assert!(ran.stderr.contains("applicationUser.columnSecurityProfiles[0]"), "{}", ran.stderr);
    }
    let bundle = with("Prices", PROFILE);
    let page = read(&bundle).into_iter().find(|it| it.name == "INSTALL.html").expect("a page").bytes;
    assert!(String::from_utf8_lossy(&page).contains(&format!("<li>Prices (<code>{PROFILE}</code>)</li>")));
    let test = || Test::new().file("it.dvpack", &bundle).file("plain.dvpack", packed(&plain));
    let ran = test().args("inspect it.dvpack").success();
    assert!(ran.stdout.contains(&format!("with the column security profile Prices ({PROFILE})")), "{}", ran.stdout);
    let ran = test().args("diff plain.dvpack it.dvpack").code(10);
    assert!(ran.stdout.contains("the application user gets the column security profile Prices"), "{}", ran.stdout);
    let line = "applicationUser.columnSecurityProfiles[0].name: (nothing) → Prices";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
    let ran = test().args("plan it.dvpack --sandbox").code(10);
    assert!(ran.stdout.contains("assign column security profile `Prices`"), "{}", ran.stdout);
}

#[test]
fn inspect_says_what_is_on_and_the_page_says_the_same() {
    let ran = Test::new().copy("examples/contoso-widgets").args("build . -o made").success();
    let bundle = ran.read("made/ContosoWidgets_1_4_0_0.dvpack");
    let page = read(&bundle).into_iter().find(|it| it.name == "INSTALL.html").expect("a page").bytes;
    let page = String::from_utf8(page).expect("UTF-8");
    let json = Test::new().file("it.dvpack", &bundle).args("inspect it.dvpack --format json").success().json();
    let roles = json["roles"].as_array().expect("roles");
    for role in roles {
        let groups = role["matrix"]["groups"].as_array().expect("groups");
        assert!(!groups.is_empty());
        for row in groups.iter().flat_map(|group| group["rows"].as_array().expect("rows")) {
            let heading = format!("role=\"rowheader\">{}</th>", row["table"].as_str().expect("a table"));
            let (_, cells) = page.split_once(&heading).expect("the table");
            let (cells, _) = cells.split_once("</tr>").expect("its end");
            for cell in row["cells"].as_array().expect("cells") {
                let (_, shown) = cells
                    .split_once(&format!("data-label=\"{}\">", cell["title"].as_str().expect("text")))
                    .expect("a cell");
                let (shown, _) = shown.split_once("</td>").expect("its end");
                let text = cell["text"].as_str().expect("text");
                assert!(shown.contains(&format!(">{text}</span>")), "{heading} {cell} {shown}");
            }
        }
    }
    // Of what runs, whether it is on.
    let id = |last: char| format!("{{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618{last}}}");
    let flow = |last: char, name: &str, on: u8| {
        format!(
            "<Workflow WorkflowId=\"{}\" Name=\"{name}\"><Category>0</Category><StateCode>{on}</StateCode><StatusCode>{}</StatusCode></Workflow>",
            id(last),
            on + 1
        )
    };
    let flows = format!("<Workflows>{}{}</Workflows>", flow('e', "Remind", 1), flow('f', "Archive", 0));
    let zip = changed(&solution(&genuine()), CUSTOMIZATIONS, "<Workflows />", &flows);
    let ran = Test::new().file("it.zip", &zip).args("inspect it.zip").success();
    for line in ["\nFlows, workflows and plug-in steps\n", "  on   process Remind\n", "  off  process Archive\n"] {
        assert!(ran.stdout.contains(line), "`{line}` is not in\n{}", ran.stdout);
    }
}
