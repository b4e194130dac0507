//! `dvpack consent`: the link, and the answer on loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use dvpack::archive::{self, Entry, Timestamp};
use dvpack::bundle;
use dvpack::http::{Call, Http};
use dvpack::manifest::{self, Request};
use dvpack::sandbox::{self, Application, Consented, Options, Sandbox, Scenario};
use tokio::runtime::Runtime;
use url::Url;

use crate::support::{Test, dvpack, normal};

const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
const OTHER: &str = "11112222-aaaa-3333-bbbb-4444cccc5555";
const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

#[test]
fn the_link_names_application_tenant_and_state() {
    let ran = Test::new().args(&format!("consent --format json --client-id {CLIENT} --tenant {TENANT}")).success();
    let url: Url = ran.json()["url"].as_str().expect("a URL").parse().expect("a URL");
    assert_eq!(url.host_str(), Some("login.microsoftonline.com"));
    assert_eq!(url.path(), format!("/{TENANT}/adminconsent"));
    assert_eq!(parameter(&url, "client_id"), CLIENT);
    assert_eq!(parameter(&url, "state").len(), 22);
}

#[test]
fn a_tenant_cannot_change_the_link() {
    Test::new().args(&format!("consent --client-id {CLIENT} --tenant ../evil?x=")).code(4);
}

/// A package with an application and, in `test`, another one.
fn manifest() -> String {
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: ContosoWidgets, version: 1.0.0.0 }}\n\
         application: {{ clientId: {CLIENT}, redirectUris: [https://contoso.example/done] }}\n\
         environments: {{ test: {{ application: {{ clientId: {OTHER} }} }} }}\n"
    )
}

#[test]
fn a_manifest_names_the_application_and_its_redirect_uri() {
    let link = |line: &str| {
        let ran = Test::new().file("dvpack.yaml", manifest()).args("consent --format json").args(line).success();
        ran.json()["url"].as_str().expect("a URL").parse::<Url>().expect("a URL")
    };
    for line in ["", ".", "dvpack.yaml"] {
        let link = link(line);
        assert_eq!(parameter(&link, "client_id"), CLIENT);
        assert_eq!(parameter(&link, "redirect_uri"), "https://contoso.example/done");
    }
    assert_eq!(parameter(&link(". --environment test"), "client_id"), OTHER);
    // Another application does not get the redirect URIs of the package's.
    let other = link(&format!(". --client-id {OTHER}"));
    assert_eq!(parameter(&other, "client_id"), OTHER);
    assert!(!other.query_pairs().any(|(key, _)| key == "redirect_uri"), "{other}");
}

#[test]
fn a_bundle_names_the_application() {
    let test = Test::new().file("dvpack.yaml", manifest());
    let package = manifest::load(&Request::new(test.path())).expect("a package").package;
    let solution = "<ImportExportXml languagecode=\"1033\"><SolutionManifest><UniqueName>ContosoWidgets</UniqueName>\
        <Version>1.0.0.0</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName>\
        <CustomizationPrefix>contoso</CustomizationPrefix></Publisher></SolutionManifest></ImportExportXml>";
    let zip = archive::write(&[
        Entry::new("customizations.xml", "<ImportExportXml></ImportExportXml>"),
        Entry::new("solution.xml", solution),
    ]);
    let bundle = bundle::build(&package, &normal(&zip.expect("a zip")), &[], Timestamp::FIRST).expect("a bundle");
    let ran = test.file("out/package.dvpack", bundle.bytes).args("consent --format json out/package.dvpack").success();
    let link: Url = ran.json()["url"].as_str().expect("a URL").parse().expect("a URL");
    assert_eq!(parameter(&link, "client_id"), CLIENT);
    assert_eq!(parameter(&link, "redirect_uri"), "https://contoso.example/done");
}

#[test]
fn waiting_without_a_redirect_uri_on_this_machine_is_refused_before_anybody_is_asked() {
    let ran = Test::new().file("dvpack.yaml", manifest()).args("consent . --wait --timeout 1").code(1);
    assert!(ran.stderr.contains("no redirect URI on this machine"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("adminconsent"), "{}", ran.stderr);
}

#[test]
fn without_a_package_or_an_application_it_says_what_to_give() {
    let ran = Test::new().args("consent").code(3);
    assert!(ran.stderr.contains("dvpack.yaml"), "{}", ran.stderr);
    let text = manifest();
    let text = text.lines().filter(|line| !line.starts_with("application") && !line.starts_with("environments"));
    let text: Vec<_> = text.collect();
    let ran = Test::new().file("dvpack.yaml", text.join("\n")).args("consent").code(3);
    assert!(ran.stderr.contains("--client-id"), "{}", ran.stderr);
}

#[test]
fn given_refused_forged_and_missing_answers_are_told_apart() {
    let good = format!("admin_consent=True&tenant={TENANT}&state=STATE");
    assert_eq!(answered(&[&good], 30), 0);
    assert_eq!(answered(&["admin_consent=True&error=consent_required&state=STATE"], 30), 5);
    assert_eq!(answered(&["admin_consent=True&tenant=99999999-0000-cccc-1111-dddd2222eeee&state=STATE"], 30), 5);
    // A forged answer neither counts nor ends the wait.
    let forged = format!("admin_consent=True&tenant={TENANT}&state=forged");
    assert_eq!(answered(&[&forged, &good], 30), 0);
    assert_eq!(answered(&[&forged], 2), 8);
}

#[test]
fn consent_in_the_browser_lets_the_application_sign_in() {
    let given = Stage::new(&[]);
    assert_eq!(given.sign_in_code(), 5);
    assert_eq!(given.consent_code(), 0);
    // Signed in; what is not there yet is its user.
    assert_ne!(given.sign_in_code(), 5);
    let refused = Stage::new(&[Scenario::ConsentRefused]);
    assert_eq!(refused.consent_code(), 5);
    assert_eq!(refused.sign_in_code(), 5);
}

/// The tenant of the sandbox, whose authority knows it by this domain, too.
const DOMAIN: &str = "sandbox.onmicrosoft.com";

#[test]
fn a_tenants_domain_and_its_id_are_the_same_tenant_and_another_tenant_is_refused() {
    let stage = Stage::new(&[]);
    let own = stage.sandbox.tenant_id().to_string();
    let upper = own.to_uppercase();
    let simple = own.replace('-', "");
    for (asked, given, code) in [
        (DOMAIN, own.as_str(), 0),
        (DOMAIN, upper.as_str(), 0),
        ("SANDBOX.onmicrosoft.com", own.as_str(), 0),
        (own.as_str(), DOMAIN, 0),
        (DOMAIN, DOMAIN, 0),
        (upper.as_str(), own.as_str(), 0),
        (simple.as_str(), own.as_str(), 0),
        ("organizations", OTHER, 0),
        (DOMAIN, OTHER, 5),
        (own.as_str(), OTHER, 5),
        (DOMAIN, "other.onmicrosoft.com", 5),
        (own.as_str(), "..%2Fx", 5),
        (DOMAIN, "", 5),
    ] {
        let query = format!("admin_consent=True&tenant={given}&state=STATE");
        assert_eq!(answered_at(&stage, asked, &query).0, code, "asked {asked}, given {given}");
    }
    let (code, shown) = answered_at(&stage, DOMAIN, &format!("admin_consent=True&tenant={OTHER}&state=STATE"));
    assert_eq!(code, 5);
    assert!(shown.contains(&format!("consent was not given: tenant `{OTHER}` consented, not `{DOMAIN}`")), "{shown}");
    assert_eq!(answered_at(&stage, DOMAIN, "admin_consent=True&state=STATE").0, 5);
}

#[test]
fn a_domain_that_is_no_tenant_is_refused_before_anybody_is_asked() {
    let stage = Stage::new(&[]);
    let output = dvpack(stage.folder.path())
        .args(["consent", "--wait", "--client-id", CLIENT, "--tenant", "nowhere.example", "--timeout", "5"])
        .env("AZURE_AUTHORITY_HOST", stage.sandbox.url().as_str())
        .output()
        .expect("run");
    let shown = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{shown}");
    let host = format!("127.0.0.1:{}", stage.sandbox.url().port().expect("a port"));
    assert!(
        shown.contains(&format!("cannot find the tenant `nowhere.example` at `{host}`: no such tenant")),
        "{shown}"
    );
    assert!(!shown.contains("adminconsent"), "{shown}");
}

/// Runs `consent --wait` against the sandbox's authority and gives the exit code and what was said.
fn answered_at(stage: &Stage, tenant: &str, query: &str) -> (i32, String) {
    let mut child = dvpack(stage.folder.path())
        .args(["consent", "--wait", "--client-id", CLIENT, "--tenant", tenant, "--timeout", "20"])
        .env("AZURE_AUTHORITY_HOST", stage.sandbox.url().as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines().map(|line| line.expect("a line"));
    let link = lines.find_map(|line| line.parse::<Url>().ok()).expect("the link");
    let redirect: Url = parameter(&link, "redirect_uri").parse().expect("a URL");
    let mut stream = TcpStream::connect(("127.0.0.1", redirect.port().expect("a port"))).expect("connected");
    let query = query.replace("STATE", &parameter(&link, "state"));
    write!(stream, "GET /?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("a page");
    let said = lines.collect::<Vec<_>>().join("\n");
    (child.wait().expect("ended").code().expect("a code"), said)
}

/// A sandbox with an application that has no consent yet.
struct Stage {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
    /// Last: the sandbox lives on it.
    runtime: Runtime,
}

impl Stage {
    fn new(scenarios: &[Scenario]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("one");
        let service = Application {
            id: CLIENT.parse().expect("an id"),
            secret: Some("hunter2".into()),
            certificates: Vec::new(),
            federated: Vec::new(),
        };
        let (consented, scenarios) = (Consented::None, scenarios.to_vec());
        let options = Options { applications: vec![service], consented, scenarios, ..Options::default() };
        let sandbox = runtime.block_on(sandbox::start(options)).expect("a sandbox");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("dvpack.yaml"), manifest()).expect("written");
        Self { sandbox, folder, runtime }
    }

    /// The exit code of a verb that signs in as the application.
    fn sign_in_code(&self) -> i32 {
        let output = dvpack(self.folder.path())
            .args(["status", ".", "--url", self.sandbox.url().as_str()])
            .envs([("AZURE_CLIENT_ID", CLIENT), ("AZURE_CLIENT_SECRET", "hunter2"), ("DVPACK_TEST_PACE", "1000")])
            .output()
            .expect("run");
        output.status.code().expect("a code")
    }

    /// The exit code of `consent --wait` when somebody follows its link.
    fn consent_code(&self) -> i32 {
        let (url, uri) = (self.sandbox.url(), "http://localhost");
        let mut child = dvpack(self.folder.path())
            .args(["consent", ".", "--url", url.as_str(), "--wait", "--redirect-uri", uri, "--timeout", "30"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let mut page = lines.find_map(|line| line.expect("a line").parse::<Url>().ok()).expect("the link");
        let http = Http::new(None).expect("a client");
        loop {
            let call = Call::new(reqwest::Method::GET, page.clone());
            let reply = self.runtime.block_on(http.send(call)).expect("an answer");
            let Some(location) = reply.headers.get("location") else { break };
            page = page.join(location.to_str().expect("text")).expect("a URL");
        }
        lines.for_each(drop);
        child.wait().expect("ended").code().expect("a code")
    }
}

/// Runs `consent --wait`, sends the queries to its port, and gives the exit code.
fn answered(queries: &[&str], timeout: u32) -> i32 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = dvpack(folder.path())
        .args(["consent", "--wait", "--client-id", CLIENT, "--tenant", TENANT, "--timeout", &timeout.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
    let link = lines.find_map(|line| line.expect("a line").parse::<Url>().ok()).expect("the link");
    let redirect: Url = parameter(&link, "redirect_uri").parse().expect("a URL");
    let state = parameter(&link, "state");
    for query in queries {
        let mut stream = TcpStream::connect(("127.0.0.1", redirect.port().expect("a port"))).expect("connected");
        write!(stream, "GET /?{} HTTP/1.1\r\nHost: localhost\r\n\r\n", query.replace("STATE", &state)).expect("sent");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("a page");
        assert!(page.contains("<p>"), "{page}");
    }
    lines.for_each(drop);
    child.wait().expect("ended").code().expect("a code")
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).expect(name)
}

#[test]
fn the_link_is_that_of_the_cloud_of_the_packages_environment() {
    for (host, authority) in [
        ("contoso.crm.dynamics.com", "login.microsoftonline.com"),
        ("contoso.crm9.dynamics.com", "login.microsoftonline.com"),
        ("contoso.crm.microsoftdynamics.us", "login.microsoftonline.us"),
        ("contoso.crm.appsplatform.us", "login.microsoftonline.us"),
        ("contoso.crm.dynamics.cn", "login.partner.microsoftonline.cn"),
    ] {
        let text = manifest().replace("test: {", &format!("test: {{ url: \"https://{host}\","));
        let folder = Test::new().file("dvpack.yaml", text).args("build --environment test -o dist").success().folder;
        let bundle = std::fs::read(folder.path().join("dist/ContosoWidgets_1_0_0_0_test.dvpack")).expect("a bundle");
        let test = || Test::new().file("it.dvpack", &bundle);
        let ran = test().args("consent it.dvpack --format json").success();
        let link: Url = ran.json()["url"].as_str().expect("a URL").parse().expect("a URL");
        assert_eq!(link.host_str(), Some(authority), "{host}");
        // What the person says comes first.
        let ran = test().env("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us").args("consent it.dvpack");
        assert!(ran.success().stdout.contains("https://login.microsoftonline.us/"), "{host}");
        let entries = archive::read(&bundle, &archive::Limits::default()).expect("read");
        let page = entries.iter().find(|entry| entry.name == "INSTALL.html").expect("a page");
        // The template engine writes a slash in its own way.
        let page = String::from_utf8_lossy(&page.bytes).replace("&#x2f;", "/");
        assert!(page.contains(&format!("https://{authority}/common/adminconsent?")), "{host}");
        assert!(page.contains(&format!("--url https://{host}\n")) && !page.contains("YOUR-ORG"), "{host}: {page}");
        test().args("verify it.dvpack").success();
    }
}

#[test]
fn an_application_of_one_tenant_gets_no_link_for_any_tenant() {
    let text = manifest().replace("redirectUris:", "audience: singleTenant, redirectUris:");
    let test = || Test::new().file("dvpack.yaml", &text);
    for line in ["consent", "consent . --tenant common", "consent --tenant organizations"] {
        let ran = test().args(line).code(2);
        assert!(ran.stderr.contains("only its own tenant can let it in"), "{}", ran.stderr);
        assert!(ran.stderr.contains("--tenant ID"), "{}", ran.stderr);
    }
    let ran = test().args(&format!("consent --tenant {TENANT}")).success();
    assert!(ran.stdout.contains(&format!("/{TENANT}/adminconsent")), "{}", ran.stdout);
    let folder = test().args("build -o dist").success().folder;
    let bundle = std::fs::read(folder.path().join("dist/ContosoWidgets_1_0_0_0.dvpack")).expect("a bundle");
    Test::new().file("it.dvpack", &bundle).args("consent it.dvpack").code(2);
    let entries = archive::read(&bundle, &archive::Limits::default()).expect("read");
    let page = entries.iter().find(|entry| entry.name == "INSTALL.html").expect("a page");
    let page = String::from_utf8_lossy(&page.bytes);
    assert!(page.contains("single-tenant") && !page.contains("adminconsent") && page.contains("YOUR-ORG"), "{page}");
}
