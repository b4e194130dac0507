//! Where data goes: every connector that a solution names is in `inspect`, `diff`, bundle.json and the page.

use std::io::Write;

use serde_json::Value;

use crate::merged_zip::{FLOW, FLOW_PART, REFERENCE, built, definition, page, project, text, zip};

const CUSTOM: &str = "8e8f2ece-3d1f-44b3-8a76-1e1bc5fa8567";

/// An app's file with one connection.
fn msapp(connector: &str) -> Vec<u8> {
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    file.start_file("Properties.json", zip::write::SimpleFileOptions::default()).expect("started");
    let references = format!("{{\\\"k\\\":{{\\\"id\\\":\\\"/providers/microsoft.powerapps/apis/{connector}\\\"}}}}");
    let properties = format!("{{\"Name\":\"App\",\"LocalConnectionReferences\":\"{references}\"}}");
    file.write_all(properties.as_bytes()).expect("written");
    file.finish().expect("finished").into_inner()
}

#[test]
fn a_connector_is_shown_wherever_a_solution_names_it() {
    let flow = |from: &str, to: &str| {
        assert!(FLOW.contains(from), "{from}");
        zip("", "", &[(FLOW_PART, FLOW.replacen(from, to, 1).as_bytes())])
    };
    let id = "/providers/Microsoft.PowerApps/apis/";
    let reference = |inside: &str| {
        let reference = REFERENCE.replace("contoso_Sql", "contoso_Other");
        // Each has the id of a connector; that of a custom one stands beside it.
        let known = "<connectorid>/providers/Microsoft.PowerApps/apis/shared_sql</connectorid>";
        let is_whole = inside.starts_with("<connectorid>");
        let inside = reference.replace(known, &if is_whole { inside.to_owned() } else { format!("{known}{inside}") });
        zip("", &inside, &[])
    };
    let (part, variable) = definition(
        "contoso_Site",
        &format!(
            "<apiid>{id}shared_hidden</apiid><isrequired>0</isrequired><parameterkey>dataset</parameterkey><type>100000004</type>"
        ),
    );
    let app = |inside: &str| {
        format!(
            "<CanvasApps><CanvasApp><Name>contoso_app</Name><DisplayName>App</DisplayName>{inside}</CanvasApp></CanvasApps>"
        )
    };
    let document = msapp("shared_hidden");
    let document: &[u8] = &document;
    let cases = [
        (
            "api.name",
            flow("\"api\":{\"name\":\"shared_sql\"", "\"api\":{\"name\":\"shared_hidden\""),
            "Cloud flow Flow",
        ),
        (
            "api.id",
            flow(
                "\"api\":{\"name\":\"shared_sql\"",
                &format!("\"api\":{{\"name\":\"shared_sql\",\"id\":\"{id}shared_hidden\""),
            ),
            "Cloud flow Flow",
        ),
        ("apiId", flow("apis/shared_sql\"}", "apis/shared_hidden\"}"), "Cloud flow Flow"),
        ("apiId, escaped", flow("apis/shared_sql\"}", "\\u0061pis\\/shared_\\u0068idden\"}"), "Cloud flow Flow"),
        (
            "a connection that is not defined",
            flow(
                "\"connectionName\":\"shared_sql\",\"operationId\":\"GetItems\",\"apiId\":\"/providers/Microsoft.PowerApps/apis/shared_sql\"",
                "\"connectionName\":\"shared_hidden\",\"operationId\":\"GetItems\"",
            ),
            "Cloud flow Flow",
        ),
        (
            "a second list of connections",
            flow(
                "\"templateName\"",
                "\"more\":{\"connectionReferences\":{\"k\":{\"api\":{\"name\":\"shared_hidden\"}}}},\"templateName\"",
            ),
            "Cloud flow Flow",
        ),
        (
            "an older flow",
            flow(
                "\"host\":{",
                "\"hosts\":[],\"host\":{\"connection\":{\"name\":\"@parameters('$connections')['shared_sql']['connectionId']\"},\"api\":{\"id\":\"x/shared_hidden\"},",
            ),
            "",
        ),
        (
            "a connection reference",
            reference(&format!("<connectorid>{id}shared_hidden</connectorid>")),
            "Connection reference SQL",
        ),
        ("a data source", zip("", "", &[(&part, variable.as_bytes())]), "Environment variable contoso_Site"),
        (
            "a canvas app",
            zip(
                &app(&format!(
                    "<ConnectionReferences>{{\"k\":{{\"id\":\"{}shared_hidden\"}}}}</ConnectionReferences>",
                    id.to_lowercase()
                )),
                "",
                &[],
            ),
            "Canvas app App",
        ),
        (
            "a canvas app's file",
            zip(&app("<DocumentUri>/CanvasApps/a.msapp</DocumentUri>"), "", &[("CanvasApps/a.msapp", document)]),
            "Canvas app App",
        ),
    ];
    let plain = zip("", "", &[]);
    for (what, zip, from) in cases.into_iter().filter(|(.., from)| !from.is_empty()) {
        shown(what, &zip, &plain, "shared_hidden", from);
    }
    let custom = format!("<customconnectorid><connectorid>{CUSTOM}</connectorid></customconnectorid>");
    shown("a custom connector", &reference(&custom), &plain, CUSTOM, "Connection reference SQL");
    let both = format!("<connectorid>{id}shared_contoso-5fapi</connectorid>{custom}");
    shown("a custom connector beside its id", &reference(&both), &plain, CUSTOM, "Connection reference SQL");
    shown(
        "the id beside a custom connector",
        &reference(&both),
        &plain,
        "shared_contoso-5fapi",
        "Connection reference SQL",
    );
}

/// Asserts that each view names the connector, and what uses it.
fn shown(what: &str, zip: &[u8], plain: &[u8], connector: &str, from: &str) {
    let (bundle, ran) = built(zip, "");
    let json: Value = serde_json::from_str(&text(&bundle, "bundle.json")).expect("JSON");
    let uses = json["connectors"].as_array().expect("a list").iter().find(|it| it["connector"] == connector);
    let uses = uses.unwrap_or_else(|| panic!("{what}: {}", json["connectors"]));
    assert!(uses["from"].as_array().expect("a list").iter().any(|it| it == from), "{what}: {uses}");
    let page = page(&bundle);
    assert!(page.contains(&format!("<code>{connector}</code> ({from}")), "{what}: {page}");
    let made = ran.read("made/ContosoFlows_1_0_0_0.dvpack");
    let test = || project(zip, "").file("plain.zip", plain).file("it.dvpack", &made);
    for of in ["it.zip", "it.dvpack"] {
        let inspect = test().args("inspect").arg(of).success().stdout;
        assert!(inspect.contains(&format!("connector {connector} ({from}")), "{what}, {of}: {inspect}");
    }
    let diff = test().args("diff plain.zip it.zip").run().stdout;
    assert!(diff.contains(&format!("connector {connector}: (nothing) → {from}")), "{what}: {diff}");
}

/// A solution with a web resource of this text.
fn resource(text: &[u8]) -> Vec<u8> {
    let section = "<WebResources><WebResource><WebResourceId>{00000000-0000-0000-0000-000000000001}</WebResourceId><Name>contoso_/p.html</Name><DisplayName>p</DisplayName><WebResourceType>1</WebResourceType><FileName>/WebResources/p</FileName></WebResource></WebResources>";
    zip(section, "", &[("WebResources/p", text)])
}

#[test]
fn a_host_that_a_browser_calls_is_in_each_view_or_its_file_is_not_looked_into() {
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    file.start_file("a.txt", zip::write::SimpleFileOptions::default()).expect("started");
    file.write_all(b"https://evil.example/").expect("written");
    let archive = [b"X", &file.finish().expect("finished").into_inner()[..], b"X"].concat();
    let plain = resource(b"<p>");
    for (what, text) in [
        ("a user with blanks", &b"<a href=\"https://a.example @evil.example/\">"[..]),
        ("a blank before it", b"<script src=\" //evil.example/a.js\"></script>"),
        ("an escape of a style sheet", br"<style>@import url(https:\2f\2f evil.example)</style>"),
        ("an archive with bytes before it", &archive),
    ] {
        let zip = resource(text);
        let (bundle, _) = built(&zip, "");
        let json: Value = serde_json::from_str(&crate::merged_zip::text(&bundle, "bundle.json")).expect("JSON");
        let hosts = json["hosts"].as_array().expect("a list");
        assert!(hosts.iter().any(|it| it["host"] == "evil.example"), "{what}: {hosts:?}");
        assert!(page(&bundle).contains("<code>evil.example</code>"), "{what}");
        let test = || project(&zip, "").file("plain.zip", &plain).file("it.zip", &zip);
        let inspect = test().args("inspect it.zip").success().stdout;
        assert!(inspect.contains("\n  evil.example (Web resource contoso_/p.html)"), "{what}: {inspect}");
        let diff = test().args("diff plain.zip it.zip").run().stdout;
        assert!(diff.contains("evil.example: (nothing) → Web resource contoso_/p.html"), "{what}: {diff}");
    }
    let nested =
        r"&amp;amp;amp;amp;#47; \\\\\\\\\\\\\\\\u002f %252525252f \u0026amp;#47; %26amp;#47; &#37;252f &#92;u002f ";
    let nested = nested.repeat(400);
    for (what, text) in [
        ("another archive inside", &b"MZ Rar!\x1a\x07\x01\0 "[..]),
        ("compressed data inside", b"MZ \x1f\x8b\x08\0\0\0\0\0\0\x03x"),
        ("an archive that nobody can open", b"X PK\x05\x06 X"),
        ("too many layers", nested.as_bytes()),
        ("an archive in an address", b"<a href=\"data:application/zip;base64,UEsDBBQAAAAIAA==\">"),
    ] {
        let zip = resource(text);
        let inspect = project(&zip, "").file("it.zip", &zip).args("inspect it.zip").success().stdout;
        assert!(inspect.contains("\nNot looked into for addresses\n  WebResources/p\n"), "{what}: {inspect}");
        let page = page(&built(&zip, "").0);
        let unseen = page.split_once("could not be looked into").unwrap_or_else(|| panic!("{what}: {page}")).1;
        assert!(unseen.contains("WebResources/p"), "{what}: {unseen}");
    }
}
