//! No verb shows or keeps a secret: not in what it prints at its most talkative, not in a file that it writes.
//!
//! Every verb runs against the sandbox with secrets that are known here; then all output and all files are
//! searched for each of them, raw and in the encodings that a request or a document would use.

mod identity_service;
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dvpack::entra::{Method, SignInOptions, TokenCache, probe, resolve};
use dvpack::http::Http;
use dvpack::sandbox::{self, Application, Options, Sandbox, Scenario};
use dvpack::secret::Secret;
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;

use identity_service::identity_service;
pub use watch::Watch;

use crate::support::dvpack;

/// With characters that every encoding changes.
pub const CLIENT_SECRET: &str = "S~8Q/+=&\"<s3cr3t é>%";
const API_KEY: &str = "k3y/of+contoso&\"'<>= ü";
const FILE_KEY: &str = "f1le/kept+key&\"'<>= ö";
pub const PIPELINE_TOKEN: &str = "p1pel1ne/+=token&\"<>";
const CERTIFICATE_PASSWORD: &str = "cert1f1cate/+=password&\"<>";
const PASSPHRASE: &str = "s1gn1ng/+=passphrase&<>";
pub const IDENTITY_HEADER: &str = "1dent1ty/+=header&<>";

const ISSUER: &str = "https://issuer.example";
const SUBJECT: &str = "repo:contoso/widgets:ref:refs/heads/main";

/// Verbs that talk to an environment, with the flags of an unattended run.
const ONLINE: &[(&str, &str)] = &[
    ("doctor", ""),
    ("plan", ""),
    ("apply", "--yes --report report.md --log-file apply.log"),
    ("apply", "--yes --report report.json"),
    ("status", ""),
    ("diff", ""),
    ("remove", "--yes --log-file remove.log"),
    ("apply", "--yes --report report.xml"),
];

/// The others, in an order in which each finds what it needs.
const OFFLINE: &[(&str, &str)] = &[
    ("check", "."),
    ("build", ". -o built"),
    ("verify", "built/Secrets_1_0_0_0.dvpack"),
    ("inspect", "built/Secrets_1_0_0_0.dvpack"),
    ("diff", "built/Secrets_1_0_0_0.dvpack built/Secrets_1_0_0_0.dvpack"),
    ("unpack", "built/Secrets_1_0_0_0_managed.zip unpacked"),
    ("pack", "unpacked packed.zip"),
    ("sign", "--help"),
    ("consent", "built/Secrets_1_0_0_0.dvpack"),
    ("schema", ""),
    ("completions", "bash"),
    ("init", "made"),
];

/// The sandbox's own secret is what it is asked to print.
const EXEMPT: &[&str] = &["sandbox", "help"];

#[test]
fn every_verb_is_watched() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = dvpack(folder.path()).arg("--help").output().expect("run");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let verbs = help.split("Commands:\n").nth(1).expect("the verbs").split("\n\n").next().expect("the verbs");
    let verbs: Vec<_> = verbs
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(verbs.contains(&"apply"), "{verbs:?}");
    for verb in verbs {
        let watched = ONLINE.iter().chain(OFFLINE).any(|(name, _)| *name == verb);
        assert!(watched || EXEMPT.contains(&verb), "`{verb}` is not searched for secrets");
    }
}

#[test]
fn a_secret_is_found_in_every_form() {
    let watch = Watch::default().add("client secret", CLIENT_SECRET);
    for prefix in ["", "a", "ab"] {
        let text = format!("{prefix}{CLIENT_SECRET}{prefix}");
        let url: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let json = json!({ "value": text }).to_string();
        for leak in [text.clone(), url.clone(), url.to_lowercase(), json, STANDARD.encode(&text)] {
            assert!(watch.find(leak.as_bytes()).is_some(), "{leak}");
        }
        assert!(watch.find(URL_SAFE_NO_PAD.encode(&text).as_bytes()).is_some());
    }
    assert!(watch.find(b"nothing to see here").is_none());
    assert!(watch.find(&CLIENT_SECRET.as_bytes()[..14]).is_some(), "a piece");
}

#[test]
fn a_client_secret_is_never_shown() {
    let stage = Stage::new(&[]);
    let id = stage.sandbox.admin_client_id().to_string();
    let variables = [("AZURE_CLIENT_ID", id.as_str()), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)];
    stage.run_online(&variables, "", 0);
    // The secrets were in use: the settings' have arrived.
    let held = stage.state();
    assert!(Watch::default().add("", API_KEY).find(held.as_bytes()).is_some(), "{held}");
    assert!(Watch::default().add("", FILE_KEY).find(held.as_bytes()).is_some());
    let flag = format!("--client-id {id} --client-secret-file {}", stage.keep("client-secret", CLIENT_SECRET));
    stage.run_online(&[], &flag, 0);
}

#[test]
fn a_secret_that_is_refused_is_never_shown() {
    let stage = Stage::new(&[Scenario::ImportFails]);
    let id = stage.sandbox.admin_client_id().to_string();
    let wrong = format!("{CLIENT_SECRET}?");
    stage.run_online(&[("AZURE_CLIENT_ID", id.as_str()), ("AZURE_CLIENT_SECRET", &wrong)], "", 4);
    let (code, _) = stage.dvpack(
        "apply",
        &format!("package.dvpack --url {} --yes --report failed.json -vvv", stage.sandbox.url()),
        &[("AZURE_CLIENT_ID", id.as_str()), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)],
    );
    assert_ne!(code, 0);
}

#[test]
fn a_managed_identitys_token_is_never_shown() {
    let mut stage = Stage::new(&[]);
    let token = stage.token();
    stage.watch = std::mem::take(&mut stage.watch).add("access token", token.reveal());
    let (endpoint, asked) = identity_service(token);
    stage.run_online(&[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", IDENTITY_HEADER)], "", 0);
    assert!(asked.load(Ordering::SeqCst) > 0);
}

#[test]
fn a_federated_token_is_never_shown() {
    let mut stage = Stage::new(&[]);
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange", "exp": 4_000_000_000_u64});
    let assertion = format!("{}.{}.c2lnbmF0dXJl", part(json!({"alg": "RS256"})), part(claims));
    stage.watch = std::mem::take(&mut stage.watch).add("federated token", &assertion);
    let id = stage.sandbox.admin_client_id().to_string();
    let file = stage.keep("federated", &assertion);
    stage.run_online(&[("AZURE_CLIENT_ID", id.as_str()), ("AZURE_FEDERATED_TOKEN_FILE", &file)], "", 0);
}

#[test]
fn verbs_without_an_environment_do_not_look_at_secrets() {
    let variables = [("AZURE_CLIENT_ID", "x"), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)];
    for format in ["human", "json"] {
        let stage = Stage::new(&[]);
        for (verb, line) in OFFLINE {
            let (code, shown) = stage.dvpack(verb, &format!("{line} --format {format} -vvv"), &variables);
            assert_eq!(code, 0, "{verb} {line}: {shown}");
        }
    }
}

#[test]
fn a_signing_keys_passphrase_is_never_shown() {
    let mut stage = Stage::new(&[]);
    stage.watch = std::mem::take(&mut stage.watch).add("passphrase", PASSPHRASE);
    let key = stage.kept.path().join("key.pem");
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-out"])
        .arg(&key)
        .args(["-pass", &format!("pass:{PASSPHRASE}")])
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        println!("skipped: no openssl to make a key with");
        return;
    }
    let line = format!("--key {} package.dvpack -vvv", key.display());
    let (code, shown) = stage.dvpack("sign", &line, &[("DVPACK_KEY_PASSPHRASE", PASSPHRASE)]);
    assert_eq!(code, 0, "{shown}");
    let (code, _) = stage.dvpack("sign", &line, &[("DVPACK_KEY_PASSPHRASE", &format!("{PASSPHRASE}?"))]);
    assert_ne!(code, 0);
}

#[test]
fn what_is_for_this_machine_does_not_go_through_a_proxy() {
    let stage = Stage::new(&[]);
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
    proxy.set_nonblocking(true).expect("set");
    let address = format!("http://{}", proxy.local_addr().expect("an address"));
    let id = stage.sandbox.admin_client_id().to_string();
    let line = format!("package.dvpack --url {}", stage.sandbox.url());
    let variables = [
        ("AZURE_CLIENT_ID", id.as_str()),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("HTTP_PROXY", &address),
        ("http_proxy", &address),
        ("ALL_PROXY", &address),
    ];
    let (code, shown) = stage.dvpack("doctor", &line, &variables);
    assert_eq!(code, 0, "{shown}");
    assert!(proxy.accept().is_err(), "the proxy was asked");
}

/// A sandbox, a package with secret settings, and the folder in which verbs run.
pub struct Stage {
    pub sandbox: Sandbox,
    pub folder: tempfile::TempDir,
    kept: tempfile::TempDir,
    pub watch: Watch,
    /// Last: the sandbox lives on it.
    pub runtime: Runtime,
}

impl Stage {
    pub fn new(scenarios: &[Scenario]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("one");
        let id = runtime.block_on(sandbox::start(Options::default())).expect("a sandbox").admin_client_id();
        let options =
            Options { applications: vec![application(id)], scenarios: scenarios.to_vec(), ..Options::default() };
        let sandbox = runtime.block_on(sandbox::start(options)).expect("a sandbox");
        let (folder, kept) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let watch = Watch::default()
            .add("client secret", CLIENT_SECRET)
            .add("API key", API_KEY)
            .add("key in a file", FILE_KEY)
            .add("pipeline token", PIPELINE_TOKEN)
            .add("identity header", IDENTITY_HEADER)
            .add("certificate password", CERTIFICATE_PASSWORD)
            // The start of every access token of the sandbox.
            .add("access token", r#"{"typ":"JWT","alg":"ES256","kid":"sandbox"}"#);
        let stage = Self { sandbox, folder, kept, watch, runtime };
        let key = stage.keep("file-key", FILE_KEY);
        fs::write(
            stage.folder.path().join("dvpack.yaml"),
            format!(
                "dvpack: 1\npublisher: {{ name: contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
                 solution: {{ name: Secrets, version: 1.0.0.0 }}\n\
                 application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 }}\n\
                 roles: [{{ name: Contoso Service, grants: {{ account: {{ read: organization }} }} }}]\n\
                 applicationUser: {{ roles: [Contoso Service], businessUnit: root }}\n\
                 components:\n  environmentVariables:\n    - {{ name: contoso_ApiKey, type: string }}\n    \
                 - {{ name: contoso_FileKey, type: string }}\n\
                 settings:\n  contoso_ApiKey: {{ secret: {{ env: CONTOSO_API_KEY }} }}\n  \
                 contoso_FileKey: {{ secret: {{ file: '{key}' }} }}\n"
            ),
        )
        .expect("written");
        let (code, shown) = stage.dvpack("build", ". -o built", &[]);
        assert_eq!(code, 0, "{shown}");
        fs::copy(stage.folder.path().join("built/Secrets_1_0_0_0.dvpack"), stage.folder.path().join("package.dvpack"))
            .expect("copied");
        stage
    }

    /// Writes a secret outside of the searched folder; gives its path.
    pub fn keep(&self, name: &str, secret: &str) -> String {
        let path = self.kept.path().join(name);
        fs::write(&path, secret).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        }
        path.display().to_string()
    }

    /// Writes a program.
    pub fn keep_program(&self, path: &Path, script: &str) {
        fs::write(path, script).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("set");
        }
    }

    /// The consent to what the package takes of this machine.
    pub fn allow(&self) -> String {
        format!("--allow-value env:CONTOSO_API_KEY --allow-value file:{}", self.kept.path().join("file-key").display())
    }

    fn run_online(&self, variables: &[(&str, &str)], flags: &str, expected: i32) {
        for (verb, line) in ONLINE {
            for format in ["human", "json"] {
                let url = self.sandbox.url();
                let line = format!("package.dvpack --url {url} {flags} {line} --format {format} -vvv");
                let (code, shown) = self.dvpack(verb, &line, variables);
                // 10: `plan` has something to do. 9: `status` sees that nothing is installed.
                let same =
                    code == expected || expected == 0 && matches!((*verb, code), ("plan" | "diff", 10) | ("status", 9));
                assert!(same, "{verb} {line}: {code}\n{shown}");
            }
        }
    }

    /// Runs a verb, then searches what it printed and the folder. Gives the exit code and what was printed.
    pub fn dvpack(&self, verb: &str, line: &str, variables: &[(&str, &str)]) -> (i32, String) {
        let mut command = dvpack(self.folder.path());
        command.arg(verb).args(line.split_whitespace());
        // The verbs that have to do with the values of this machine.
        if matches!(verb, "plan" | "apply" | "status") {
            command.args(self.allow().split_whitespace());
        }
        command.env("CONTOSO_API_KEY", API_KEY).env("DVPACK_TEST_PACE", "1000");
        command.env("SYSTEM_ACCESSTOKEN", PIPELINE_TOKEN).env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", PIPELINE_TOKEN);
        command.env("AZURE_CLIENT_CERTIFICATE_PASSWORD", CERTIFICATE_PASSWORD);
        let output = command.envs(variables.iter().copied()).output().expect("run");
        for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if let Some(found) = self.watch.find(bytes) {
                panic!("{verb} {line}: the {found} is on {stream}:\n{}", String::from_utf8_lossy(bytes));
            }
        }
        let mut files = BTreeMap::new();
        read_all(self.folder.path(), &mut files);
        for (path, bytes) in files {
            if let Some(found) = self.watch.find(&bytes) {
                panic!("{verb} {line}: the {found} is in `{path}`");
            }
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout) + &text(&output.stderr))
    }

    /// What the environment holds.
    fn state(&self) -> String {
        let url = self.sandbox.url().join("__sandbox/state").expect("a URL");
        let call = dvpack::http::Call::new(reqwest::Method::GET, url);
        let http = Http::new(None).expect("a client");
        String::from_utf8(self.runtime.block_on(http.send(call)).expect("an answer").body).expect("UTF-8")
    }

    /// An access token for the environment.
    pub fn token(&self) -> Secret {
        let http = Http::new(None).expect("a client");
        let options = SignInOptions {
            http: http.clone(),
            method: Some(Method::ClientSecret),
            client_id: Some(self.sandbox.admin_client_id().to_string()),
            client_secret: Some(Secret::new(CLIENT_SECRET)),
            interactive: false,
            tell: Arc::new(|_| {}),
        };
        self.runtime.block_on(async {
            let challenge = probe(&http, &self.sandbox.url()).await.expect("a challenge");
            let cache = TokenCache::new(resolve(&options, &|_| None).expect("a source"), challenge);
            cache.bearer().await.expect("a token")
        })
    }
}

fn application(id: Uuid) -> Application {
    Application {
        id,
        secret: Some(CLIENT_SECRET.into()),
        certificates: Vec::new(),
        federated: vec![(ISSUER.into(), SUBJECT.into())],
    }
}

/// Every file below a folder.
fn read_all(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(&path, files);
        } else {
            files.insert(path.display().to_string(), fs::read(&path).expect("read"));
        }
    }
}
