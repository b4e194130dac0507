//! A sandbox in the test's own process, for programs that are run against it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::process::Command;

use dvpack::sandbox::{Options, Rule, Sandbox, Scenario, start};
use serde_json::Value;

use crate::support::dvpack;

/// A sandbox on threads of its own.
pub struct World {
    pub sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
}

impl World {
    pub fn new(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sandbox = runtime.block_on(start(options)).expect("started");
        Self { sandbox, runtime }
    }

    pub fn with(scenario: Scenario) -> Self {
        Self::new(Options { scenarios: vec![scenario], ..Options::default() })
    }

    pub fn ask(&self, method: reqwest::Method, page: &str) -> Option<Value> {
        // Another test may have set the provider already.
        let _already = rustls::crypto::ring::default_provider().install_default();
        self.runtime.block_on(async {
            let address = self.sandbox.url().join(&format!("__sandbox/{page}")).expect("an address");
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            client.request(method, address).send().await.expect("an answer").json().await.ok()
        })
    }

    /// Method and path of every write to the environment since the last call.
    pub fn writes(&self) -> Vec<String> {
        let log = self.ask(reqwest::Method::GET, "log").expect("JSON");
        self.ask(reqwest::Method::DELETE, "log");
        let log = log.as_array().expect("a list");
        assert!(log.len() > 3, "{log:?}");
        let entries = log.iter().map(|entry| (text(entry, "method"), text(entry, "path")));
        entries
            .filter(|(method, target)| method != "GET" && target.starts_with("/api/data/"))
            .map(|(method, target)| {
                let path = target.trim_start_matches("/api/data/v9.2/");
                let name = path.split(['(', '?']).next().unwrap_or_default();
                let end = path.rsplit_once(")/").map(|(_, end)| format!("(…)/{end}")).unwrap_or_default();
                format!("{method} {name}{end}")
            })
            .collect()
    }

    /// Adds a fault.
    pub fn fault(&self, rule: &Rule) {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let address = self.sandbox.url().join("__sandbox/faults").expect("an address");
        self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let answer = client.post(address).json(rule).send().await.expect("an answer");
            assert!(answer.status().is_success(), "{answer:?}");
        });
    }

    /// An access token of the administration application.
    fn token(&self, secret: dvpack::secret::Secret) -> dvpack::secret::Secret {
        let http = dvpack::http::Http::new(None).expect("a client");
        self.runtime.block_on(async {
            let challenge = dvpack::entra::probe(&http, &self.sandbox.url()).await.expect("a challenge");
            let options = dvpack::entra::SignInOptions {
                http: http.clone(),
                method: Some(dvpack::entra::Method::ClientSecret),
                client_id: Some(self.sandbox.admin_client_id().to_string()),
                client_secret: Some(secret),
                interactive: false,
                tell: std::sync::Arc::new(|_: &str| {}),
            };
            let source = dvpack::entra::resolve(&options, &|_| None).expect("a source");
            source.token(&challenge).await.expect("a token").token
        })
    }

    /// Changes a row, as somebody in the environment would.
    pub fn patch(&self, path: &str, body: &Value) {
        let (status, answer) = self.send(reqwest::Method::PATCH, path, body);
        assert!((200..300).contains(&status), "{status} {answer}");
    }

    /// A request of the administration application: the status and the answer.
    pub fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> (u16, Value) {
        let token = self.token(dvpack::secret::Secret::unlisted(self.sandbox.admin_secret()));
        let address = self.sandbox.url().join(&format!("api/data/v9.2/{path}")).expect("an address");
        self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let mut request = client.request(method.clone(), address).bearer_auth(token.reveal());
            if method == reqwest::Method::PATCH {
                request = request.header("if-match", "*");
            }
            if method != reqwest::Method::GET {
                request = request.json(body);
            }
            let answer = request.send().await.expect("an answer");
            (answer.status().as_u16(), answer.json().await.unwrap_or_default())
        })
    }

    /// Imports a solution, as the portal would: nothing else is done. The job ends at the first look (`job_polls: 0`).
    pub fn import(&self, zip: &[u8]) {
        self.import_as(zip, self.sandbox.admin_secret());
    }

    /// The same, where the administration application has another secret.
    pub fn import_as(&self, zip: &[u8], secret: &str) {
        let token = self.token(dvpack::secret::Secret::new(secret));
        let file = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, zip);
        let body = serde_json::json!({"CustomizationFile": file, "PublishWorkflows": true, "OverwriteUnmanagedCustomizations": false});
        let address = |path: &str| self.sandbox.url().join(&format!("api/data/v9.2/{path}")).expect("an address");
        self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let start = client.post(address("ImportSolutionAsync")).bearer_auth(token.reveal()).json(&body);
            let started: Value = start.send().await.expect("an answer").json().await.expect("JSON");
            let job = format!("asyncoperations({})", text(&started, "AsyncOperationId"));
            let look = client.get(address(&job)).bearer_auth(token.reveal()).header("consistency", "Strong");
            assert!(look.send().await.expect("an answer").status().is_success(), "{job}");
        });
        self.ask(reqwest::Method::DELETE, "log");
    }

    /// A `dvpack` command for this environment, signed in as the administration application.
    ///
    /// There is no terminal, so an `apply` that nobody has agreed to gets `--yes`.
    pub fn dvpack(&self, folder: &Path, line: &str) -> Command {
        let mut command = dvpack(folder);
        let agreed = ["--yes", "-y", "--plan", "--dry-run"];
        let unattended = line.starts_with("apply") && !line.split_whitespace().any(|word| agreed.contains(&word));
        command
            .args(line.split_whitespace())
            .args(unattended.then_some("--yes"))
            .args(["--url", self.sandbox.url().as_str()])
            .env("AZURE_CLIENT_ID", self.sandbox.admin_client_id().to_string())
            .env("AZURE_CLIENT_SECRET", self.sandbox.admin_secret())
            .env("DVPACK_TEST_PACE", "100");
        command
    }

    /// Runs `dvpack` with waits as long as the service asks for: exit code, stdout, stderr.
    pub fn run_at_full_pace(&self, folder: &Path, line: &str) -> (i32, String, String) {
        let output = self.dvpack(folder, line).env_remove("DVPACK_TEST_PACE").output().expect("run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// Runs `dvpack`: exit code, stdout, stderr.
    pub fn run(&self, folder: &Path, line: &str) -> (i32, String, String) {
        let output = self.dvpack(folder, line).output().expect("run");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// An environment whose administration application has its rights by a role of which some can be taken.
    pub fn limitable() -> Self {
        let lacks = vec![("prvDeleteTeam".to_owned(), None)];
        Self::new(Options { caller_lacks: lacks, job_polls: 0, ..Options::default() })
    }

    /// Takes a right from the administration application of a world that is `limitable`.
    pub fn take_right(&self, privilege: &str) {
        let id = |set: &str, key: &str, name: &str| {
            let path = format!("{set}?$select={key}&$filter=name eq '{name}'");
            let (_, answer) = self.send(reqwest::Method::GET, &path, &Value::Null);
            text(&answer["value"][0], key)
        };
        let role = id("roles", "roleid", "Sandbox limited administrator");
        let body = serde_json::json!({"PrivilegeId": id("privileges", "privilegeid", privilege)});
        let path = format!("roles({role})/Microsoft.Dynamics.CRM.RemovePrivilegeRole");
        let (status, answer) = self.send(reqwest::Method::POST, &path, &body);
        assert_eq!(status, 204, "{answer}");
        self.ask(reqwest::Method::DELETE, "log");
    }

    pub fn state(&self) -> String {
        self.ask(reqwest::Method::GET, "state").expect("JSON").to_string()
    }
}

pub fn text(entry: &Value, field: &str) -> String {
    entry[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {entry}")).to_owned()
}
