//! Every way to sign in that the sandbox can serve, up to a request that the environment accepts.

use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dvpack::entra::{Method, SignInError, SignInErrorKind, SignInOptions, TokenCache, probe, resolve};
use dvpack::http::{Call, Http};
use dvpack::sandbox::{self, Application, Consented, Effect, Options, Rule, Sandbox, Scenario};
use dvpack::secret::Secret;
use serde_json::json;
use url::Url;
use uuid::Uuid;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:contoso/widgets:environment:production";
const SERVICE: Uuid = Uuid::from_u128(0x6f2b_7c1e_9a54_4d0e_8f63_2b1d_5c7a_9e40);
const SERVICE_SECRET: &str = "s3cret+of/the=service&";

async fn start(options: Options) -> Sandbox {
    sandbox::start(options).await.expect("a sandbox")
}

/// An application of an ISV, besides the sandbox's own.
fn service() -> Application {
    Application {
        id: SERVICE,
        secret: Some(SERVICE_SECRET.into()),
        certificates: Vec::new(),
        federated: vec![(ISSUER.into(), SUBJECT.into())],
    }
}

fn options(http: &Http, method: Option<Method>, client_id: Uuid) -> SignInOptions {
    let (http, client_id) = (http.clone(), Some(client_id.to_string()));
    SignInOptions { http, method, client_id, client_secret: None, interactive: false, tell: Arc::new(|_| {}) }
}

/// Signs in by options and the variables of an environment.
async fn cache(sandbox: &Sandbox, options: &SignInOptions, variables: &[(&str, &str)]) -> TokenCache {
    let challenge = probe(&options.http, &sandbox.url()).await.expect("a challenge");
    assert_eq!(challenge.tenant, sandbox.tenant_id().to_string());
    let read = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    TokenCache::new(resolve(options, &read).expect("a source"), challenge)
}

async fn by_secret(sandbox: &Sandbox, client_id: Uuid, secret: &str) -> Result<Secret, SignInError> {
    let http = Http::new(None).expect("a client");
    let mut options = options(&http, Some(Method::ClientSecret), client_id);
    options.client_secret = Some(Secret::new(secret));
    cache(sandbox, &options, &[]).await.bearer().await
}

/// The status that the environment answers to `WhoAmI` with.
async fn who_am_i(sandbox: &Sandbox, token: Secret) -> u16 {
    let url = sandbox.url().join("api/data/v9.2/WhoAmI").expect("a URL");
    let mut call = Call::new(reqwest::Method::GET, url);
    call.bearer = Some(token);
    Http::new(None).expect("a client").send(call).await.expect("an answer").status
}

#[tokio::test]
async fn a_client_secret_signs_in_and_a_wrong_or_expired_one_is_told_apart() {
    let sandbox = start(Options::default()).await;
    let (client, secret) = (sandbox.admin_client_id(), sandbox.admin_secret());
    let token = by_secret(&sandbox, client, secret).await.expect("a token");
    assert_eq!(who_am_i(&sandbox, token).await, 200);
    assert_eq!(who_am_i(&sandbox, Secret::new("not.a.token")).await, 401);
    let error = by_secret(&sandbox, client, "wrong").await.expect_err("refused");
    assert_eq!((error.kind, error.aadsts), (SignInErrorKind::Failed, Some(7_000_215)));
    assert!(error.trace.is_some_and(|trace| trace.contains("correlation id")));
    let sandbox = start(Options { scenarios: vec![Scenario::ExpiredSecret], ..Options::default() }).await;
    let error = by_secret(&sandbox, client, secret).await.expect_err("refused");
    assert_eq!(error.aadsts, Some(7_000_222));
    assert!(error.message.contains("expired"), "{error}");
}

#[tokio::test]
async fn an_application_without_consent_is_told_from_a_wrong_secret() {
    let applications = vec![service()];
    let sandbox = start(Options { applications, consented: Consented::None, ..Options::default() }).await;
    let error = by_secret(&sandbox, SERVICE, SERVICE_SECRET).await.expect_err("refused");
    assert_eq!((error.kind, error.aadsts), (SignInErrorKind::ConsentMissing, Some(7_000_229)));
    let error = by_secret(&sandbox, Uuid::from_u128(1), SERVICE_SECRET).await.expect_err("refused");
    assert_eq!((error.kind, error.aadsts), (SignInErrorKind::ConsentMissing, Some(700_016)));
}

#[tokio::test]
async fn a_revoked_token_is_replaced_once_asked_for() {
    let sandbox = start(Options::default()).await;
    let http = Http::new(None).expect("a client");
    let mut options = options(&http, Some(Method::ClientSecret), sandbox.admin_client_id());
    options.client_secret = Some(Secret::unlisted(sandbox.admin_secret()));
    let cache = cache(&sandbox, &options, &[]).await;
    let first = cache.bearer().await.expect("a token");
    let revoke = Call::new(reqwest::Method::POST, sandbox.url().join("__sandbox/revoke").expect("a URL"));
    http.send(revoke).await.expect("an answer");
    assert_eq!(who_am_i(&sandbox, first.clone()).await, 401);
    let second = cache.renew_instead_of(&first).await.expect("a token");
    assert_eq!(who_am_i(&sandbox, second).await, 200);
}

#[tokio::test]
async fn a_device_code_is_polled_until_it_is_approved_slowing_down_when_told() {
    let slow_down = Rule {
        path: Some("/token".into()),
        effect: Effect::Answer {
            status: 400,
            code: None,
            message: None,
            body: Some(r#"{"error":"slow_down"}"#.into()),
            headers: Vec::new(),
            after: false,
        },
        ..Rule::default()
    };
    let sandbox = start(Options { device_interval: 0, faults: vec![slow_down], ..Options::default() }).await;
    let http = Http::new(None).expect("a client");
    let told = Arc::new(Mutex::new(String::new()));
    let (heard, mut options) = (told.clone(), options(&http, Some(Method::DeviceCode), SERVICE));
    options.tell = Arc::new(move |text: &str| heard.lock().expect("lock").push_str(text));
    let cache = cache(&sandbox, &options, &[]).await;
    let first = cache.bearer().await.expect("a token");
    assert_eq!(who_am_i(&sandbox, first.clone()).await, 200);
    assert_eq!(told.lock().expect("lock").matches("enter the code").count(), 1);
    // A renewal uses the refresh token: the person is not asked again.
    let second = cache.renew_instead_of(&first).await.expect("a token");
    assert_eq!(who_am_i(&sandbox, second).await, 200);
    assert_eq!(told.lock().expect("lock").matches("enter the code").count(), 1);
}

#[tokio::test]
async fn a_device_code_that_is_declined_or_expires_ends_the_sign_in() {
    let expired = Rule {
        path: Some("/token".into()),
        skip: 1,
        effect: Effect::Answer {
            status: 400,
            code: None,
            message: None,
            body: Some(r#"{"error":"expired_token","error_codes":[70020]}"#.into()),
            headers: Vec::new(),
            after: false,
        },
        ..Rule::default()
    };
    let options_with = |faults| Options { device_interval: 0, auto_approve: false, faults, ..Options::default() };
    let http = Http::new(None).expect("a client");
    let sandbox = start(options_with(vec![expired])).await;
    let cached = cache(&sandbox, &options(&http, Some(Method::DeviceCode), SERVICE), &[]).await;
    let error = cached.bearer().await.expect_err("expired");
    assert!(error.message.contains("expired"), "{error}");

    let sandbox = start(options_with(Vec::new())).await;
    let mut declining = options(&http, Some(Method::DeviceCode), SERVICE);
    let (runtime, way) = (tokio::runtime::Handle::current(), http.clone());
    declining.tell = Arc::new(move |text: &str| {
        let mut page: Url = text.split_whitespace().find_map(|word| word.parse().ok()).expect("a page");
        let code = text.split_whitespace().last().expect("a code");
        page.query_pairs_mut().append_pair("code", code).append_pair("answer", "decline");
        let http = way.clone();
        runtime.spawn(async move { http.send(Call::new(reqwest::Method::GET, page)).await.expect("an answer") });
    });
    let error = cache(&sandbox, &declining, &[]).await.bearer().await.expect_err("declined");
    assert!(error.message.contains("declined"), "{error}");
}

#[tokio::test]
async fn a_federated_token_of_a_trusted_issuer_signs_in_and_another_subject_does_not() {
    let sandbox = start(Options { applications: vec![service()], ..Options::default() }).await;
    let http = Http::new(None).expect("a client");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    let write = |subject: &str, expires: u64| {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({"iss": ISSUER, "sub": subject, "aud": "api://AzureADTokenExchange", "exp": expires});
        std::fs::write(&file, format!("{}.{}.AAAA\n", part(json!({"alg": "RS256"})), part(claims))).expect("written");
    };
    let path = file.display().to_string();
    write(SUBJECT, 4_000_000_000);
    let cache = cache(&sandbox, &options(&http, None, SERVICE), &[("AZURE_FEDERATED_TOKEN_FILE", &path)]).await;
    let token = cache.bearer().await.expect("a token");
    // Signed in; the service is no user of the environment yet.
    assert_eq!(who_am_i(&sandbox, token).await, 403);
    // The file is read again for each renewal, since its issuer replaces it.
    write("repo:contoso/widgets:environment:Production", 4_000_000_000);
    let error = cache.renew().await.expect_err("another subject");
    assert_eq!((error.kind, error.aadsts), (SignInErrorKind::Failed, Some(70_021)));
    write(SUBJECT, 1);
    assert_eq!(cache.renew().await.expect_err("too old").aadsts, Some(700_024));
}

/// A certificate with its key (PEM) in a folder, and in DER; `None` without openssl.
fn certificate(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-days", "2"])
        .args(["-keyout", name, "-out", "certificate.pem"])
        .current_dir(folder)
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
    let pem = read("certificate.pem");
    std::fs::write(folder.join(name), read(name) + &pem).expect("written");
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Some(STANDARD.decode(text).expect("base64"))
}

#[tokio::test]
async fn a_registered_certificate_signs_in_and_another_one_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(registered) = certificate(folder.path(), "registered.pem") else {
        println!("skipped: no openssl to make a key with");
        return;
    };
    certificate(folder.path(), "other.pem").expect("made");
    let applications = vec![Application { certificates: vec![registered], ..service() }];
    let sandbox = start(Options { applications, ..Options::default() }).await;
    let http = Http::new(None).expect("a client");
    let options = |name: &str| options(&http, Some(Method::Certificate(folder.path().join(name))), SERVICE);
    let token = cache(&sandbox, &options("registered.pem"), &[]).await.bearer().await.expect("a token");
    // Signed in; the service is no user of the environment yet.
    assert_eq!(who_am_i(&sandbox, token).await, 403);
    let error = cache(&sandbox, &options("other.pem"), &[]).await.bearer().await.expect_err("refused");
    assert_eq!((error.kind, error.aadsts), (SignInErrorKind::Failed, Some(700_027)));
}

#[tokio::test]
async fn a_browser_signs_in_with_code_and_verifier() {
    let sandbox = start(Options::default()).await;
    let http = Http::new(None).expect("a client");
    let mut options = options(&http, Some(Method::Browser), SERVICE);
    let (runtime, way) = (tokio::runtime::Handle::current(), http.clone());
    options.tell = Arc::new(move |text: &str| {
        if let Some(link) = text.lines().find_map(|line| line.parse::<Url>().ok()) {
            runtime.spawn(follow(way.clone(), link));
        }
    });
    let cache = cache(&sandbox, &options, &[]).await;
    let token = cache.bearer().await.expect("a token");
    assert_eq!(who_am_i(&sandbox, token).await, 200);
}

/// What a browser does: opens a page, and goes where it is sent. Gives the last page.
async fn follow(http: Http, mut page: Url) -> String {
    loop {
        let reply = http.send(Call::new(reqwest::Method::GET, page.clone())).await.expect("an answer");
        match reply.headers.get("location") {
            Some(location) => page = page.join(location.to_str().expect("text")).expect("a URL"),
            None => return String::from_utf8(reply.body).expect("UTF-8"),
        }
    }
}
