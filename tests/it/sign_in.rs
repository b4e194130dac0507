//! Sign-in against a small scripted server, and the list of environment variables.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use dvpack::cli::environment_variables::ENVIRONMENT_VARIABLES;
use dvpack::cli::shell::{Color, Format, Shell};
use dvpack::entra::{Method, SignInErrorKind, SignInOptions, TokenCache, probe, resolve};
use dvpack::http::Http;
use dvpack::secret::Secret;
use url::Url;

use crate::support::repository;

const SECRET: &str = "hunter2~/+secret";

/// Answers one connection after another by the script; gives its address and what was asked.
pub fn server(script: Vec<String>) -> (Url, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url: Url = format!("http://{}/", listener.local_addr().expect("an address")).parse().expect("a URL");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (seen, base) = (asked.clone(), url.clone());
    thread::spawn(move || {
        for reply in script {
            let (mut stream, _) = listener.accept().expect("a connection");
            let (mut text, mut buffer) = (String::new(), [0; 4096]);
            loop {
                let count = stream.read(&mut buffer).expect("read");
                text.push_str(&String::from_utf8_lossy(&buffer[..count]));
                let length = text
                    .to_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.split("\r\n").next().and_then(|number| number.parse::<usize>().ok()));
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
                if count == 0 || body.is_some_and(|size| size >= length.unwrap_or(0)) {
                    break;
                }
            }
            seen.lock().expect("lock").push(text);
            stream.write_all(reply.replace("BASE/", base.as_str()).as_bytes()).expect("sent");
        }
    });
    (url, asked)
}

pub fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub fn challenge() -> String {
    let header = "WWW-Authenticate: Bearer authorization_uri=BASE/t1/oauth2/authorize, resource_id=BASE/\r\n";
    reply("401 Unauthorized", header, "")
}

async fn signed_in(method: Method, script: Vec<String>) -> (Result<Secret, dvpack::entra::SignInError>, Vec<String>) {
    let (url, asked) = server(script);
    let http = Http::new(None).expect("a client");
    let challenge = probe(&http, &url).await.expect("a challenge");
    let options = SignInOptions {
        http,
        method: Some(method),
        client_id: Some("app-1".into()),
        client_secret: Some(Secret::new(SECRET)),
        interactive: false,
        tell: Arc::new(|_| {}),
    };
    let cache = TokenCache::new(resolve(&options, &|_| None).expect("a source"), challenge);
    let token = cache.bearer().await;
    let asked = asked.lock().expect("lock").clone();
    (token, asked)
}

#[tokio::test]
async fn a_client_secret_becomes_a_token() {
    let granted = reply("200 OK", "", r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a.b.c"}"#);
    let (token, asked) = signed_in(Method::ClientSecret, vec![challenge(), granted]).await;
    assert_eq!(token.expect("a token").reveal(), "a.b.c");
    assert!(asked[0].starts_with("GET /api/data/v9.2/ ") && !asked[0].to_lowercase().contains("authorization:"));
    assert!(asked[1].starts_with("POST /t1/oauth2/v2.0/token "), "{}", asked[1]);
    assert!(asked[1].contains("client_secret=hunter2%7E%2F%2Bsecret") && asked[1].contains("%2F.default"));
}

#[tokio::test]
async fn a_missing_service_principal_is_missing_consent_and_no_secret_shows() {
    let body = format!(r#"{{"error":"invalid_client","error_description":"{SECRET}","error_codes":[7000229]}}"#);
    let (token, _) = signed_in(Method::ClientSecret, vec![challenge(), reply("401 Unauthorized", "", &body)]).await;
    let error = token.expect_err("refused");
    assert_eq!((error.kind, error.aadsts), (SignInErrorKind::ConsentMissing, Some(7_000_229)));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[tokio::test]
async fn a_redirected_sign_in_is_refused() {
    let moved = reply("307 Temporary Redirect", "Location: BASE/elsewhere\r\n", "");
    let (token, asked) = signed_in(Method::ClientSecret, vec![challenge(), moved]).await;
    assert!(token.is_err());
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn a_device_code_is_polled_until_it_is_entered_or_declined() {
    let issued = r#"{"device_code":"d","user_code":"FJC3","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":0}"#;
    let issued = || reply("200 OK", "", issued);
    let pending = reply("400 Bad Request", "", r#"{"error":"authorization_pending","error_codes":[70016]}"#);
    let granted = reply("200 OK", "", r#"{"expires_in":3599,"access_token":"a.b","refresh_token":"r"}"#);
    let (token, asked) = signed_in(Method::DeviceCode, vec![challenge(), issued(), pending, granted]).await;
    assert_eq!(token.expect("a token").reveal(), "a.b");
    assert_eq!(asked.len(), 4);
    let declined = reply("400 Bad Request", "", r#"{"error":"authorization_declined"}"#);
    let (token, _) = signed_in(Method::DeviceCode, vec![challenge(), issued(), declined]).await;
    assert!(token.expect_err("declined").message.contains("declined"));
}

#[tokio::test]
async fn the_browser_comes_back_with_a_code_that_is_redeemed_with_its_verifier() {
    let granted = reply("200 OK", "", r#"{"expires_in":3599,"access_token":"a.b"}"#);
    let (url, asked) = server(vec![challenge(), granted]);
    let http = Http::new(None).expect("a client");
    let challenge = probe(&http, &url).await.expect("a challenge");
    let tell = Arc::new(|text: &str| {
        let Some(link) = text.lines().find_map(|line| line.parse::<Url>().ok()) else { return };
        let get = |name: &str| link.query_pairs().find(|(key, _)| key == name).expect("given").1.into_owned();
        assert_eq!((get("code_challenge_method"), get("code_challenge").len()), ("S256".to_owned(), 43));
        let redirect: Url = get("redirect_uri").parse().expect("a URL");
        let state = get("state");
        thread::spawn(move || {
            for state in ["forged", state.as_str()] {
                let address = ("127.0.0.1", redirect.port().expect("a port"));
                let mut stream = std::net::TcpStream::connect(address).expect("connected");
                write!(stream, "GET /?code=c1&state={state} HTTP/1.1\r\n\r\n").expect("sent");
                let mut page = String::new();
                stream.read_to_string(&mut page).expect("a page");
            }
        });
    });
    let (method, client_id) = (Some(Method::Browser), Some("app-1".into()));
    let options = SignInOptions { http, method, client_id, client_secret: None, interactive: false, tell };
    let cache = TokenCache::new(resolve(&options, &|_| None).expect("a source"), challenge);
    assert_eq!(cache.bearer().await.expect("a token").reveal(), "a.b");
    let asked = asked.lock().expect("lock").clone();
    assert!(asked[1].contains("code=c1") && asked[1].contains("code_verifier=") && !asked[1].contains("client_secret"));
}

#[tokio::test]
async fn pipelines_and_azure_machines_sign_in_with_their_own_identity() {
    let granted = || reply("200 OK", "", r#"{"expires_in":"3599","access_token":"a.b"}"#);
    let issued = |key: &str| reply("200 OK", "", &format!(r#"{{"{key}":"outside.jwt"}}"#));
    let app = ("AZURE_CLIENT_ID", "app-1");
    let cases = [
        (
            vec![app, ("ACTIONS_ID_TOKEN_REQUEST_URL", "BASE/oidc?v=1"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "pipe")],
            vec![issued("value"), granted()],
            "GET /oidc?v=1&audience=api%3A%2F%2FAzureADTokenExchange ",
        ),
        (
            vec![
                app,
                ("SYSTEM_OIDCREQUESTURI", "BASE/ado"),
                ("SYSTEM_ACCESSTOKEN", "pipe"),
                ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "c1"),
            ],
            vec![issued("oidcToken"), granted()],
            "POST /ado?api-version=7.1&serviceConnectionId=c1 ",
        ),
        (
            vec![("IDENTITY_ENDPOINT", "BASE/msi"), ("IDENTITY_HEADER", "pipe")],
            vec![granted()],
            "GET /msi?api-version=2019-08-01&resource=",
        ),
    ];
    for (variables, mut script, first) in cases {
        let exchanged = script.len() == 2;
        script.insert(0, challenge());
        let (url, asked) = server(script);
        let http = Http::new(None).expect("a client");
        let challenge = probe(&http, &url).await.expect("a challenge");
        let tell = Arc::new(|_: &str| {});
        let options =
            SignInOptions { http, method: None, client_id: None, client_secret: None, interactive: false, tell };
        let read = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.replace("BASE/", url.as_str()))
        };
        let cache = TokenCache::new(resolve(&options, &read).expect("a source"), challenge);
        assert_eq!(cache.bearer().await.expect("a token").reveal(), "a.b");
        let asked = asked.lock().expect("lock").clone();
        assert!(asked[1].starts_with(first), "{}", asked[1]);
        assert!(asked[1].contains("pipe"));
        assert!(!exchanged || asked[2].contains("client_assertion=outside.jwt") && !asked[2].contains("pipe"));
    }
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    use clap::Parser as _;
    #[derive(clap::Parser)]
    struct Flags {
        #[command(flatten)]
        sign_in: dvpack::cli::sign_in::SignInArgs,
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    fs::write(&path, SECRET).expect("written");
    let flags =
        Flags::parse_from(["x".as_ref(), "--client-id=a".as_ref(), "--client-secret-file".as_ref(), path.as_os_str()]);
    let http = Http::new(None).expect("a client");
    let shell = Shell::new(Format::default(), -1, Color::default());
    for (mode, good) in [(0o644, false), (0o600, true)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        assert_eq!(flags.sign_in.source(&http, None, &shell).is_ok(), good, "{mode:o}");
    }
}

#[tokio::test]
async fn a_renewal_uses_the_refresh_token_and_does_not_ask_the_person_again() {
    let issued =
        r#"{"device_code":"d","user_code":"F","verification_uri":"https://microsoft.com/devicelogin","interval":0}"#;
    let first = r#"{"expires_in":3599,"access_token":"a.1","refresh_token":"r1"}"#;
    let second = r#"{"expires_in":3599,"access_token":"a.2"}"#;
    let answers = [issued, first, second].map(|body| reply("200 OK", "", body));
    let (url, asked) = server(std::iter::once(challenge()).chain(answers).collect());
    let http = Http::new(None).expect("a client");
    let challenge = probe(&http, &url).await.expect("a challenge");
    let (method, client_id) = (Some(Method::DeviceCode), Some("app-1".into()));
    let tell = Arc::new(|_: &str| {});
    let options = SignInOptions { http, method, client_id, client_secret: None, interactive: false, tell };
    let cache = TokenCache::new(resolve(&options, &|_| None).expect("a source"), challenge);
    let refused = cache.bearer().await.expect("a token");
    assert_eq!(cache.renew_instead_of(&refused).await.expect("a token").reveal(), "a.2");
    let asked = asked.lock().expect("lock").clone();
    assert!(asked[3].contains("grant_type=refresh_token") && asked[3].contains("refresh_token=r1"), "{}", asked[3]);
}

#[tokio::test]
async fn what_is_no_environment_is_said_to_be_none() {
    for status in ["200 OK", "400 Bad Request", "404 Not Found", "401 Unauthorized"] {
        let (url, _) = server(vec![reply(status, "", "")]);
        let error = probe(&Http::new(None).expect("a client"), &url).await.expect_err(status);
        assert!(error.message.contains("is not a Dataverse environment URL"), "{error}");
    }
}

#[tokio::test]
async fn a_passing_fault_before_and_during_sign_in_is_outlived() {
    let busy = reply("429 Too Many Requests", "Retry-After: 1\r\n", "");
    let token = reply("200 OK", "", r#"{"access_token":"a.1","expires_in":3600}"#);
    let script = vec![reply("502 Bad Gateway", "", ""), challenge(), busy.clone(), busy, token];
    let (url, asked) = server(script);
    let http = Http::new(None).expect("a client").with_pace(dvpack::http::Pace::faster(1000));
    let challenge = probe(&http, &url).await.expect("a challenge");
    let options = SignInOptions {
        http,
        method: Some(Method::ClientSecret),
        client_id: Some("app-1".into()),
        client_secret: Some(Secret::new(SECRET)),
        interactive: false,
        tell: Arc::new(|_: &str| {}),
    };
    let cache = TokenCache::new(resolve(&options, &|_| None).expect("a source"), challenge);
    assert_eq!(cache.bearer().await.expect("a token").reveal(), "a.1");
    assert_eq!(asked.lock().expect("lock").len(), 5);
}

#[tokio::test]
async fn a_wait_that_nobody_would_sit_through_is_an_error_at_once() {
    let (url, asked) = server(vec![reply("429 Too Many Requests", "Retry-After: 86400\r\n", "")]);
    let error = probe(&Http::new(None).expect("a client"), &url).await.expect_err("refused");
    assert_eq!(error.kind, SignInErrorKind::Unreachable);
    assert_eq!(asked.lock().expect("lock").len(), 1);
}

#[test]
fn nothing_configured_says_what_was_looked_for() {
    let options = SignInOptions {
        http: Http::new(None).expect("a client"),
        method: None,
        client_id: None,
        client_secret: None,
        interactive: false,
        tell: Arc::new(|_| {}),
    };
    let Err(error) = resolve(&options, &|_| None) else { panic!("a source out of nothing") };
    assert!(error.help.iter().any(|line| line.contains("AZURE_CLIENT_SECRET")), "{error:?}");
}

#[test]
fn every_environment_variable_that_is_read_is_documented() {
    let mut found = BTreeSet::new();
    collect(&repository().join("src"), &mut found);
    collect(&repository().join("crates/sandbox/src"), &mut found);
    let listed: BTreeSet<String> = ENVIRONMENT_VARIABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed);
    let page = fs::read_to_string(repository().join("docs/environment-variables.md")).expect("the page");
    for (name, purpose) in ENVIRONMENT_VARIABLES {
        assert!(page.contains(&format!("| `{name}` | {purpose} |")), "{name}");
    }
}

/// How a name begins that is given to a function that reads the environment.
const READERS: [&str; 8] =
    ["process_env::text(", "process_env::raw(", "env::var(", "env::var_os(", "read(", "variable(", "set(", "is_true("];

/// Names given to a function that reads the environment, in every source file but its tests.
fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).expect("text");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for reader in READERS {
                for rest in text.split(reader).skip(1) {
                    let name = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                    if let Some(name) =
                        name.filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || "_0123456789".contains(c)))
                    {
                        found.insert(name.to_owned());
                    }
                }
            }
        }
    }
}
