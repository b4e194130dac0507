//! What every section needs: bundles, a sandbox with clients, and the oracle that judges an environment by
//! the sandbox's own state and log.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use dvpack::archive::Timestamp;
use dvpack::bundle::{self};
use dvpack::dataverse::policy::Patience;
use dvpack::dataverse::{Bearer, Client};
use dvpack::deploy::plan::{self, plan};
use dvpack::deploy::progress::{Context, Silent};
use dvpack::deploy::{Agreed, Desired, apply, observed};
use dvpack::entra::{Method, SignInOptions, TokenCache, probe, resolve};
use dvpack::http::Http;
use dvpack::http::Pace;
use dvpack::manifest;
use dvpack::sandbox::{Options, Sandbox, start};
use dvpack::secret::Secret;
use dvpack::solution;
use serde_json::Value;

/// How much shorter every wait of the client is.
pub const PACE: u32 = 20_000;
/// No run of these takes longer; one that does hangs.
const HANGS: Duration = Duration::from_secs(90);

pub const APPLICATION: &str = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";

/// A bundle in memory, and on disk for the program itself.
pub struct Bundle {
    desired: Desired,
    pub path: PathBuf,
    pub version: &'static str,
    roles: Vec<&'static str>,
    settings: Vec<(&'static str, &'static str)>,
}

/// The bundles of the first installation and of the upgrade.
pub static FIRST: LazyLock<Bundle> =
    LazyLock::new(|| Bundle::new("1.4.0.0", &[], vec![("contoso_ApiBase", "https://api.uat.contoso.com")]));
pub static NEXT: LazyLock<Bundle> = LazyLock::new(|| {
    let second = "  - name: Contoso Widgets Auditor\n    grants:\n      account: { read: organization }\n\napplicationUser:\n  roles: [Contoso Widgets Service, Contoso Widgets Auditor]\n";
    let changes = [
        ("version: 1.4.0.0", "version: 1.5.0.0"),
        ("https://api.uat.contoso.com", "https://api.next.contoso.com"),
        ("\napplicationUser:\n  roles: [Contoso Widgets Service]\n", second),
    ];
    Bundle::new("1.5.0.0", &changes, vec![("contoso_ApiBase", "https://api.next.contoso.com")])
});

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

impl Bundle {
    fn new(version: &'static str, changes: &[(&str, &str)], settings: Vec<(&'static str, &'static str)>) -> Self {
        let folder = FOLDER.path().join(version);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso-widgets"), &folder);
        let file = folder.join("dvpack.yaml");
        let mut text = std::fs::read_to_string(&file).expect("the manifest");
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        std::fs::write(&file, text).expect("written");
        let environment = Some("uat".to_owned());
        let request = manifest::Request { path: folder.clone(), environment, set: Vec::new(), today: None };
        let loaded = manifest::load(&request).unwrap_or_else(|findings| panic!("{findings:#?}"));
        let assembled = solution::assemble(&loaded.package).unwrap_or_else(|findings| panic!("{findings:#?}"));
        let built = bundle::build(&loaded.package, &assembled.zip, &assembled.roles, Timestamp::FIRST).expect("built");
        let path = FOLDER.path().join(format!("{version}.dvpack"));
        std::fs::write(&path, &built.bytes).expect("written");
        let roles = ["Contoso Widgets Service", "Contoso Widgets Auditor"];
        let roles = roles.into_iter().filter(|name| built.descriptor.roles.iter().any(|r| r.name == *name)).collect();
        let desired = Desired::new(built.descriptor, vec![assembled.zip]).expect("a bundle without secrets");
        Self { desired, path, version, roles, settings }
    }
}

/// Another vendor's solution, as base64.
pub fn other_solution() -> String {
    use base64::Engine as _;
    let folder = FOLDER.path().join("other");
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = "dvpack: 1\npublisher: { name: fabrikam, displayName: Fabrikam, prefix: fabrikam, optionValuePrefix: 20000 }\nsolution: { name: FabrikamGadgets, displayName: Gadgets, version: 1.0.0.0 }\ncomponents:\n  environmentVariables:\n    - { name: fabrikam_Url, type: string, default: x }\n";
    std::fs::write(folder.join("dvpack.yaml"), text).expect("written");
    let request = manifest::Request { path: folder, environment: None, set: Vec::new(), today: None };
    let loaded = manifest::load(&request).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let assembled = solution::assemble(&loaded.package).unwrap_or_else(|findings| panic!("{findings:#?}"));
    base64::engine::general_purpose::STANDARD.encode(assembled.zip)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// These bundles were built for an environment, and go to a sandbox.
fn agreed() -> Agreed<'static> {
    Agreed { other_environment: true, ..Agreed::default() }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Applied and verified.
    Done,
    /// With an error.
    Failed(String),
    /// Killed before it ended.
    Killed,
    /// Not in any time that makes sense.
    Hung,
}

/// An environment, and whoever applies to it.
pub struct Stage {
    pub sandbox: Sandbox,
    http: Http,
    pub patience: Patience,
    pub pace: u32,
    pub mode: Option<plan::Mode>,
    pub deadline: Duration,
}

impl Stage {
    pub async fn new(options: Options) -> Self {
        static HTTP: LazyLock<Http> = LazyLock::new(|| {
            Http::new(None).expect("a client").with_longest(Duration::from_secs(40)).with_pace(Pace::faster(1000))
        });
        let sandbox = start(options).await.expect("started");
        Self { sandbox, http: HTTP.clone(), patience: Patience::default(), pace: PACE, mode: None, deadline: HANGS }
    }

    /// A client that is signed in as the program does it.
    pub async fn client(&self) -> Result<Client, String> {
        self.client_over(&self.http).await
    }

    async fn client_over(&self, http: &Http) -> Result<Client, String> {
        let options = SignInOptions {
            http: http.clone(),
            method: Some(Method::ClientSecret),
            client_id: Some(self.sandbox.admin_client_id().to_string()),
            client_secret: Some(Secret::unlisted(self.sandbox.admin_secret())),
            interactive: false,
            tell: Arc::new(|_: &str| {}),
        };
        let source = resolve(&options, &|_| None).map_err(|error| error.to_string())?;
        let url = self.sandbox.url();
        let challenge = probe(http, &url).await.map_err(|error| error.to_string())?;
        let tokens: Arc<dyn Bearer> = Arc::new(TokenCache::new(source, challenge));
        let client = Client::new(http.clone(), &url, tokens).map_err(|error| error.to_string())?;
        Ok(client.with_pace(Pace::faster(self.pace)).with_patience(self.patience))
    }

    async fn work(&self, bundle: &Bundle, http: &Http) -> Result<(), String> {
        let desired = &bundle.desired;
        let client = self.client_over(http).await?.with_deadline(Some(Instant::now() + self.deadline));
        let seen = observed::observe(&client, desired).await.map_err(|error| error.to_string())?;
        let options = plan::Options { mode: self.mode, ..plan::Options::default() };
        let plan = plan(&self.sandbox.url(), desired, &seen, options).map_err(|failure| format!("{failure:?}"))?;
        let plan = plan.with_deletions(&client, desired, &seen).await.map_err(|error| error.to_string())?;
        let context = Context { client: &client, progress: &Silent };
        let applied = apply::apply(context, desired, &plan, &seen, options, agreed())
            .await
            .map_err(|failure| format!("{failure:?}"))?;
        if applied.is_verified() { Ok(()) } else { Err(format!("differs: {:?}", applied.differences)) }
    }

    /// Applies a bundle as the program does.
    pub async fn apply(&self, bundle: &Bundle) -> Ended {
        match tokio::time::timeout(HANGS, self.work(bundle, &self.http)).await {
            Ok(Ok(())) => Ended::Done,
            Ok(Err(why)) => Ended::Failed(why),
            Err(_) => Ended::Hung,
        }
    }

    /// Applies a bundle, and waits for no answer longer than a moment.
    pub async fn apply_impatiently(&self, bundle: &Bundle) -> Ended {
        let http = self.http.clone().with_longest(Duration::from_millis(1500));
        match tokio::time::timeout(HANGS, self.work(bundle, &http)).await {
            Ok(Ok(())) => Ended::Done,
            Ok(Err(why)) => Ended::Failed(why),
            Err(_) => Ended::Hung,
        }
    }

    /// Applies a bundle and dies when the fault strikes: nothing of the client runs after that.
    pub async fn apply_and_die(&self, bundle: &Bundle) -> Ended {
        tokio::select! {
            biased;
            () = self.sandbox.struck() => Ended::Killed,
            ended = self.apply(bundle) => ended,
        }
    }

    /// One more plain run, then another: the first must succeed, the second must write nothing; and then the
    /// environment must be as the bundle says, by a way on which nothing was done twice.
    pub async fn converges(&self, bundle: &Bundle) -> Result<(), String> {
        self.sandbox.clear_faults();
        match self.apply(bundle).await {
            Ended::Done => {}
            other => return Err(format!("the plain run: {other:?}")),
        }
        let before = self.sandbox.requests();
        match self.apply(bundle).await {
            Ended::Done => {}
            other => return Err(format!("the second plain run: {other:?}")),
        }
        let log = self.sandbox.log();
        if log.iter().any(|entry| is_write(entry) && entry["number"].as_u64().is_none_or(|number| number > before)) {
            return Err("the second plain run writes".into());
        }
        self.judge(&log, bundle)
    }

    /// After rivals: each found the same to do, so each may have written it. What must not happen twice is an import
    /// and a user; and all of it must have come to an end that nobody has to mend.
    pub async fn converges_among_rivals(&self, bundle: &Bundle) -> Result<(), String> {
        match self.converges(bundle).await {
            Err(why) if why.split("; ").all(|part| part.starts_with("written ")) => Ok(()),
            other => other,
        }
    }

    /// The oracle.
    fn judge(&self, log: &[Value], bundle: &Bundle) -> Result<(), String> {
        remember(log);
        let wrong = wrong(&self.sandbox.state_of(&JUDGED), log, bundle);
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }
}

/// One request of each kind that was seen, for the check against the service description.
pub static SEEN: Mutex<BTreeMap<String, Value>> = Mutex::new(BTreeMap::new());

fn remember(log: &[Value]) {
    let mut seen = SEEN.lock().expect("no panic while it is held");
    for entry in log {
        let text = format!("{} {} {}", entry["method"], entry["path"], entry["body"]);
        // Alike but for identifiers and ports.
        let kind: String = text.chars().filter(|c| !c.is_ascii_digit() && !matches!(c, 'a'..='f' | '-')).collect();
        seen.entry(kind).or_insert_with(|| entry.clone());
    }
}

/// The tables that the oracle looks at.
const JUDGED: [&str; 5] = ["businessunit", "environmentvariablevalue", "role", "solution", "systemuser"];

fn is_write(entry: &Value) -> bool {
    entry["method"] != "GET" && entry["path"].as_str().is_some_and(|path| path.starts_with("/api/data/"))
}

fn rows<'a>(state: &'a Value, table: &str) -> impl Iterator<Item = &'a Value> {
    state["rows"][table].as_object().into_iter().flat_map(serde_json::Map::values)
}

/// Everything that is not as it should be.
fn wrong(state: &Value, log: &[Value], bundle: &Bundle) -> Vec<String> {
    let mut wrong = Vec::new();
    let active: Vec<&Value> = rows(state, "systemuser")
        .filter(|user| user["applicationid"] == APPLICATION && user["deletedstate"] == 0)
        .collect();
    let root: Vec<&Value> =
        rows(state, "businessunit").filter(|unit| unit["_parentbusinessunitid_value"].is_null()).collect();
    if let ([user], [root]) = (active.as_slice(), root.as_slice()) {
        if user["isdisabled"] == true {
            wrong.push("the user is disabled".to_owned());
        }
        if user["_businessunitid_value"] != root["businessunitid"] {
            wrong.push("the user is in another business unit".to_owned());
        }
        let held = state["user_roles"].as_array().into_iter().flatten().filter(|pair| pair[0] == user["systemuserid"]);
        let mut held: Vec<&Value> = held.map(|pair| &pair[1]).collect();
        let mut roles: Vec<&Value> = rows(state, "role")
            .filter(|role| bundle.roles.iter().any(|name| role["name"] == *name))
            .filter(|role| role["_businessunitid_value"] == root["businessunitid"])
            .map(|role| &role["roleid"])
            .collect();
        held.sort_by_key(ToString::to_string);
        roles.sort_by_key(ToString::to_string);
        if held != roles || roles.len() != bundle.roles.len() {
            wrong.push(format!("the user has roles {held:?} and not {roles:?}"));
        }
    } else {
        wrong.push(format!("{} active application users", active.len()));
    }
    let solutions: Vec<&Value> = rows(state, "solution").filter(|row| row["uniquename"] == "ContosoWidgets").collect();
    match solutions.as_slice() {
        [one] if one["version"] == bundle.version && one["ismanaged"] == true => {}
        other => wrong.push(format!("the solution is {other:?}")),
    }
    for (name, value) in &bundle.settings {
        let found: Vec<&Value> = rows(state, "environmentvariablevalue")
            .filter(|row| row["schemaname"].as_str().is_some_and(|n| n == *name || n.starts_with(&format!("{name}_"))))
            .collect();
        if found.len() != 1 || found[0]["value"] != *value {
            wrong.push(format!("setting {name} is {found:?}"));
        }
    }
    // An import that was committed, by what it was and which version.
    let mut imports: BTreeMap<String, u32> = BTreeMap::new();
    for job in state["jobs"].as_object().into_iter().flat_map(serde_json::Map::values) {
        if job["done"] == true && job["errors"].as_array().is_some_and(Vec::is_empty) {
            *imports.entry(format!("{} {}", job["kind"], job["package"]["version"])).or_default() += 1;
        }
    }
    wrong.extend(imports.iter().filter(|(_, n)| **n != 1).map(|(what, n)| format!("committed {n} times: {what}")));
    let running = state["jobs"].as_object().into_iter().flat_map(serde_json::Map::values);
    let running = running.filter(|job| job["done"] != true).count();
    if running > 0 {
        wrong.push(format!("{running} jobs still run"));
    }
    // A write that changed something, by what it was.
    let mut writes: BTreeMap<String, u32> = BTreeMap::new();
    // What the server refused did nothing, whatever a scenario let happen beside it.
    let refused = |entry: &Value| entry["done"].as_u64().is_some_and(|status| status >= 400);
    for entry in log.iter().filter(|entry| is_write(entry) && entry["changed"] == true && !refused(entry)) {
        *writes.entry(format!("{} {} {}", entry["method"], entry["path"], entry["body"])).or_default() += 1;
    }
    wrong.extend(writes.iter().filter(|(_, n)| **n != 1).map(|(what, n)| format!("written {n} times: {what}")));
    wrong
}
