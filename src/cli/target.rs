//! What `plan`, `apply`, `status`, `remove` and `doctor` share: a bundle, an environment, a sign-in, and how they tell.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::archive::Timestamp;
use crate::bundle::descriptor::Descriptor;
use crate::bundle::{self, Bundle};
use crate::cli::allow_value::Values;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::request_log;
use crate::cli::running::duration;
use crate::cli::shell::Shell;
use crate::cli::sign_in::{NOT_IN_TIME, SignInArgs, http, pace, variable};
use crate::cli::target_guard;
use crate::cli::trust::TrustArgs;
use crate::cli::voice::Voice;
use crate::cli::wrong_file;
use crate::clock;
use crate::dataverse::Client;
use crate::dataverse::log::Log;
use crate::dataverse::organization::{self, Organization};
use crate::deploy::Desired;
use crate::deploy::machine::Machine;
use crate::deploy::progress::{Context, Event, Progress as _};
use crate::deploy::signature::Signature;
use crate::entra::{Method, SignInOptions, TokenCache, environment_url, probe, resolve};
use crate::files::{self, FileError};
use crate::http::{self, Http, Watch};
use crate::sandbox::{self, Sandbox, Scenario};
use crate::secret::Secret;
use crate::{manifest, solution};

/// What, where, and as whom.
#[derive(Clone, Debug, Args)]
pub struct TargetArgs {
    /// The bundle, or a folder with a dvpack.yaml, which is built in memory first
    #[arg(value_name = "BUNDLE|DIR")]
    path: PathBuf,
    /// The environment whose settings override the manifest's; only with a folder
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// A value for `${{ set.NAME }}`; repeatable; only with a folder
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// The environment, for example `https://contoso.crm.dynamics.com` [default: the one that the bundle was built for]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Use a stand-in for Entra ID and Dataverse in this process; nothing leaves this machine
    #[arg(long, conflicts_with = "url")]
    sandbox: bool,
    /// What goes wrong in the sandbox; repeatable (`dvpack sandbox --help` lists them)
    #[arg(long, value_name = "NAME", requires = "sandbox")]
    scenario: Vec<Scenario>,
    /// Continue even if the bundle was built for another environment (`--yes` does not allow it)
    #[arg(long, conflicts_with = "sandbox")]
    other_environment: bool,
    /// Don't turn on this flow, process or plug-in step (name or ID), although the solution ships it enabled;
    /// repeatable
    #[arg(long, value_name = "NAME")]
    leave_off: Vec<String>,
    /// Write every request to this file, without tokens and values
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    sign_in: SignInArgs,
}

/// How long a verb that only looks may take.
#[derive(Clone, Copy, Debug, Args)]
pub struct LookArgs {
    /// Give up after this time, for example 90s, 30m or 2h
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration)]
    pub timeout: Duration,
}

/// An environment, for verbs that name the bundle in their own way.
#[derive(Clone, Debug, Args)]
pub struct LiveArgs {
    /// Compare with what this environment has now, for example `https://contoso.crm.dynamics.com`
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Compare with a new, empty stand-in for an environment in this process
    #[arg(long, conflicts_with = "url")]
    pub sandbox: bool,
    /// Compare even if the bundle was built for another environment
    #[arg(long, requires = "url")]
    other_environment: bool,
    /// Write every request to this file, without tokens and values
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    #[command(flatten)]
    pub look: LookArgs,
    #[command(flatten)]
    sign_in: SignInArgs,
}

/// A bundle that was read: what it says, its solutions, and who signed it.
type Read = (Descriptor, Vec<Vec<u8>>, Vec<Signature>);

/// A bundle and the environment it goes to.
pub struct Session {
    /// What shall be.
    pub desired: Desired,
    /// The environment.
    pub client: Client,
    /// Its URL.
    pub url: Url,
    /// As whom.
    pub signed_in: String,
    /// Hears what happens.
    pub voice: Arc<Voice>,
    /// Serves as long as the session lives.
    _sandbox: Option<Sandbox>,
}

impl TargetArgs {
    /// The machine that this runs on, with the files that flags of sign-in name.
    pub fn machine(&self) -> Machine<'static> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Machine::new(&variable, names, self.sign_in.files().map(Path::to_owned))
    }

    /// A bundle or manifest, and where it would go.
    pub fn of(path: PathBuf, environment: Option<String>, set: Vec<(String, String)>, live: LiveArgs) -> Self {
        let LiveArgs { url, sandbox, other_environment, log_file, sign_in, look: _ } = live;
        let (scenario, trust) = (Vec::new(), TrustArgs::default());
        let leave_off = Vec::new();
        Self { path, environment, set, url, sandbox, scenario, other_environment, leave_off, log_file, trust, sign_in }
    }

    /// What the run is about, as far as the command line says it: the environment, else the bundle.
    pub fn name(&self) -> String {
        match &self.url {
            Some(url) => url.clone(),
            None if self.sandbox => "sandbox".to_owned(),
            None => self.path.display().to_string(),
        }
    }

    /// Whether it is only the stand-in.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    /// Reads the bundle, and gets ready to sign in.
    async fn session(
        &self,
        values: Values<'_>,
        http: Http,
        shell: &Shell,
        voice: &Arc<Voice>,
    ) -> Result<Session, Failure> {
        let (descriptor, zips, signatures) = self.bundle(shell)?;
        let sandbox = if self.sandbox { Some(self.start_sandbox(shell).await?) } else { None };
        let named = sandbox.as_ref().map_or_else(|| self.url.clone(), |sandbox| Some(sandbox.url().to_string()));
        let url = match (&named, descriptor.environment.as_ref().and_then(|environment| environment.url.as_ref())) {
            (Some(text), _) => environment_url(text)?,
            (None, Some(url)) => url.clone(),
            (None, None) => {
                return Err(Failure::usage("which environment?")
                    .help("name it, for example `--url https://contoso.crm.dynamics.com`"));
            }
        };
        let mut desired = Desired::new(descriptor, zips)?;
        desired.signatures = signatures;
        if sandbox.is_none() {
            target_guard::check(&desired, &url, self.other_environment, values.approved(), shell).await?;
        }
        desired.leave_off(&self.leave_off)?;
        values.read(&mut desired, &self.machine(), shell).await?;
        let log = self.log_file.as_ref().map(|path| request_log::open(path, voice)).transpose()?;
        let for_sign_in = match &log {
            Some(log) => http.clone().with_watch(watch(log)),
            None => http.clone(),
        };
        let tokens = match &sandbox {
            Some(sandbox) => sandbox_tokens(sandbox, &for_sign_in, &url).await?,
            None => self.sign_in.sign_in(&for_sign_in, &url, desired.descriptor.application.as_ref(), shell).await?,
        };
        let heard = Arc::clone(voice);
        let signed_in = tokens.describe();
        let mut client = Client::new(http, &url, Arc::new(tokens))
            .map_err(|failure| Failure::usage(failure.to_string()))?
            .with_pace(pace())
            .with_notice(Arc::new(move |text: &str| heard.event(Event::Note(text.to_owned()))));
        if let Some(log) = log {
            client = client.with_log(log);
        }
        let voice = Arc::clone(voice);
        Ok(Session { desired, client, url, signed_in, voice, _sandbox: sandbox })
    }

    /// Reads the bundle, and gets ready to sign in, for work that ends after `timeout`, all of this included. Values of
    /// this machine are left alone.
    pub async fn session_within(
        &self,
        timeout: Duration,
        shell: &Shell,
        voice: &Arc<Voice>,
    ) -> Result<Session, Failure> {
        self.session_with(Values::Ignored, timeout, shell, voice).await
    }

    /// The same, for verbs that have to do with values of this machine.
    pub async fn session_with(
        &self,
        values: Values<'_>,
        timeout: Duration,
        shell: &Shell,
        voice: &Arc<Voice>,
    ) -> Result<Session, Failure> {
        voice.keep_telling();
        let end = clock::now().checked_add(timeout);
        let http = http()?.with_deadline(end);
        let session = clock::timeout(timeout, self.session(values, http.clone(), shell, voice)).await;
        let mut session = session.unwrap_or_else(|_| Err(nobody_signed_in(&http)))?;
        session.client = session.client.with_deadline(end);
        Ok(session)
    }

    async fn start_sandbox(&self, shell: &Shell) -> Result<Sandbox, Failure> {
        let options = sandbox::Options { scenarios: self.scenario.clone(), ..sandbox::Options::default() };
        let sandbox = sandbox::start(options)
            .await
            .map_err(|error| Failure::new(Exit::Failed, format!("cannot start the sandbox: {error}")))?;
        shell.status("sandbox", &format!("a stand-in for Entra ID and Dataverse at {}", sandbox.url()));
        Ok(sandbox)
    }

    fn bundle(&self, shell: &Shell) -> Result<Read, Failure> {
        if wrong_file::is_manifest(&self.path) {
            if self.trust.is_asked() {
                return Err(Failure::usage("a signature can be required of a bundle, not of a folder with a manifest"));
            }
            return self.built(shell);
        }
        if self.environment.is_some() || !self.set.is_empty() {
            return Err(Failure::usage(
                "`--environment` and `--set` belong to a folder with a manifest, not to a bundle",
            )
            .help("a bundle is built for one environment: `dvpack build --environment NAME`"));
        }
        let bytes = files::read(&self.path, bundle::LIMIT)?;
        let bundle = Bundle::from_bytes(&bytes, &self.path.display().to_string()).map_err(Failure::invalid)?;
        // Before anything else is done with it.
        let signed = self.trust.check(&bytes, &bundle)?.signatures;
        let signatures = signed.iter().map(|signed| Signature::of(signed, self.trust.is_asked())).collect();
        let descriptor = bundle.descriptor().clone();
        let mut zips = Vec::new();
        for solution in &descriptor.solutions {
            let zip = bundle.solution_zip(solution).ok_or_else(|| {
                Failure::new(Exit::Invalid, format!("the bundle does not contain `{}`", solution.file))
            })?;
            zips.push(zip.to_vec());
        }
        Ok((descriptor, zips, signatures))
    }

    /// The same from a manifest.
    fn built(&self, shell: &Shell) -> Result<Read, Failure> {
        // Absolute: some paths of a manifest are joined to its folder more than once on the way.
        let path = std::path::absolute(&self.path).map_err(|error| FileError::new("find", &self.path, error))?;
        let request =
            manifest::Request { path, environment: self.environment.clone(), set: self.set.clone(), today: None };
        let loaded = manifest::load(&request).map_err(Failure::invalid)?;
        let assembled = solution::assemble(&loaded.package).map_err(Failure::invalid)?;
        shell.findings(&loaded.findings);
        shell.findings(&assembled.findings);
        let built = bundle::build(&loaded.package, &assembled.zip, &assembled.roles, Timestamp::FIRST)
            .map_err(|error| Failure::invalid(error.findings()))?;
        shell.status("built", &built.name);
        Ok((built.descriptor, vec![assembled.zip], Vec::new()))
    }
}

/// Time is up before anybody is signed in.
fn nobody_signed_in(http: &Http) -> Failure {
    let mut failure = Failure::new(Exit::Inconclusive, NOT_IN_TIME);
    if let Some((host, waited)) = http.waiting() {
        failure.details.push(http::Failure::Silent { host, waited }.to_string());
        failure.help.push(http::ADVICE.to_owned());
    }
    failure
}

/// Writes the exchanges of a sign-in to the log.
fn watch(log: &Log) -> Watch {
    let log = log.clone();
    Arc::new(move |method, url, outcome, took| {
        let outcome = match outcome {
            Ok(status) => json!({ "status": status }),
            Err(failure) => json!({ "failure": failure.to_string() }),
        };
        log.sign_in(method.as_str(), url.as_str(), &outcome, took);
    })
}

/// Signs in to the sandbox with its own administration application.
async fn sandbox_tokens(sandbox: &Sandbox, http: &Http, url: &Url) -> Result<TokenCache, Failure> {
    let options = SignInOptions {
        http: http.clone(),
        method: Some(Method::ClientSecret),
        client_id: Some(sandbox.admin_client_id().to_string()),
        client_secret: Some(Secret::unlisted(sandbox.admin_secret())),
        interactive: false,
        tell: Arc::new(|_: &str| {}),
    };
    // The person's own Azure variables must not lead into the sandbox.
    let source = resolve(&options, &|_| None)?;
    Ok(TokenCache::new(source, probe(http, url).await?))
}

/// Reads `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".into()),
    }
}

impl Session {
    /// Which organization this is. Only for people to recognize it: where it cannot be read, the run goes on without.
    pub async fn organization(&self) -> Option<Organization> {
        organization::current(&self.client).await.ok()
    }

    /// The id of the organization, by which a saved plan knows its environment.
    pub async fn organization_id(&self, known: Option<&Organization>) -> Result<Option<Uuid>, Failure> {
        match known.and_then(|organization| organization.id) {
            Some(id) => Ok(Some(id)),
            None => Ok(organization::who_am_i(&self.client).await?.organization),
        }
    }

    /// What the steps of `deploy` need.
    pub fn context(&self) -> Context<'_> {
        Context { client: &self.client, progress: &*self.voice }
    }
}
