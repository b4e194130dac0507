//! What `plan`, `apply`, `status`, `remove` and `doctor` share: a bundle, an environment, a sign-in, and how they tell.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use url::Url;
use uuid::Uuid;

use crate::archive::Timestamp;
use crate::bundle::descriptor::Descriptor;
use crate::bundle::{self, Bundle};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::sign_in::{SignInArgs, http, variable};
use crate::cli::trust::TrustArgs;
use crate::dataverse::Client;
use crate::dataverse::log::Log;
use crate::dataverse::pace::Pace;
use crate::deploy::progress::{Context, Event, Progress};
use crate::deploy::{self, Desired, FailureKind};
use crate::entra::{Method, SignInOptions, TokenCache, environment_url, probe, resolve};
use crate::files::{self, FileError};
use crate::http::Http;
use crate::sandbox::{self, Sandbox, Scenario};
use crate::{manifest, solution};

/// Shortens every wait by this factor. For tests only: a real service asks for its waits.
const PACE: &str = "DVPACK_TEST_PACE";

/// What, where, and as whom.
#[derive(Clone, Debug, Args)]
pub struct TargetArgs {
    /// The bundle, or a folder with a dvpack.yaml, which is built in memory first
    #[arg(value_name = "BUNDLE|DIR")]
    path: PathBuf,
    /// The environment of the manifest whose settings are laid over it; only with a folder
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// A value for `${{ set.NAME }}`; repeatable; only with a folder
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// The environment, such as `https://contoso.crm.dynamics.com` [default: the one that the bundle was built for]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Apply to a stand-in for Entra ID and Dataverse in this process; nothing leaves this machine
    #[arg(long, conflicts_with = "url")]
    sandbox: bool,
    /// What goes wrong in the sandbox; repeatable (`dvpack sandbox --help` lists them)
    #[arg(long, value_name = "NAME", requires = "sandbox")]
    scenario: Vec<Scenario>,
    /// Write every request to this file, without tokens and values
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    sign_in: SignInArgs,
}

/// An environment, for verbs that name the bundle in their own way.
#[derive(Clone, Debug, Args)]
pub struct LiveArgs {
    /// Compare with what this environment has now, such as `https://contoso.crm.dynamics.com`
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Compare with a new stand-in for an environment in this process, which has nothing yet
    #[arg(long, conflicts_with = "url")]
    pub sandbox: bool,
    /// Write every request to this file, without tokens and values
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    #[command(flatten)]
    sign_in: SignInArgs,
}

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
    /// Whether it is only the stand-in.
    pub in_sandbox: bool,
    /// Serves as long as the session lives.
    _sandbox: Option<Sandbox>,
}

impl TargetArgs {
    /// A bundle or manifest, and where it would go.
    pub fn of(path: PathBuf, environment: Option<String>, live: LiveArgs) -> Self {
        let LiveArgs { url, sandbox, log_file, sign_in } = live;
        let (set, scenario, trust) = (Vec::new(), Vec::new(), TrustArgs::default());
        Self { path, environment, set, url, sandbox, scenario, log_file, trust, sign_in }
    }

    /// Reads the bundle, and gets ready to sign in.
    pub async fn session(&self, shell: &Shell) -> Result<Session, Failure> {
        let (descriptor, zips) = self.bundle(shell)?;
        let sandbox = if self.sandbox { Some(self.start_sandbox(shell).await?) } else { None };
        let named = sandbox.as_ref().map_or_else(|| self.url.clone(), |sandbox| Some(sandbox.url().to_string()));
        let url = match (&named, descriptor.environment.as_ref().and_then(|environment| environment.url.as_ref())) {
            (Some(text), _) => environment_url(text)?,
            (None, Some(url)) => url.clone(),
            (None, None) => {
                return Err(Failure::usage("which environment?")
                    .help("name it, such as `--url https://contoso.crm.dynamics.com`"));
            }
        };
        let desired = Desired::new(descriptor, zips, &variable)?;
        let http = http()?;
        let tokens = match &sandbox {
            Some(sandbox) => sandbox_tokens(sandbox, &http, &url).await?,
            None => self.sign_in.sign_in(&http, &url, shell).await?,
        };
        let voice = Arc::new(Voice::new(shell));
        let heard = Arc::clone(&voice);
        let signed_in = tokens.describe();
        let mut client = Client::new(http, &url, Arc::new(tokens))
            .map_err(|failure| Failure::usage(failure.to_string()))?
            .with_notice(Arc::new(move |text: &str| heard.event(Event::Note(text.to_owned()))));
        if let Some(divisor) = variable(PACE).and_then(|text| text.parse().ok()) {
            client = client.with_pace(Pace::faster(divisor));
        }
        if let Some(path) = &self.log_file {
            let file = std::fs::File::create(path).map_err(|error| FileError::new("create", path, error))?;
            client = client.with_log(Log::new(file));
        }
        Ok(Session { desired, client, url, signed_in, voice, in_sandbox: sandbox.is_some(), _sandbox: sandbox })
    }

    async fn start_sandbox(&self, shell: &Shell) -> Result<Sandbox, Failure> {
        let options = sandbox::Options { scenarios: self.scenario.clone(), ..sandbox::Options::default() };
        let sandbox = sandbox::start(options)
            .await
            .map_err(|error| Failure::new(Exit::Failed, format!("cannot start the sandbox: {error}")))?;
        shell.status("sandbox", &format!("a stand-in for Entra ID and Dataverse at {}", sandbox.url()));
        Ok(sandbox)
    }

    fn bundle(&self, shell: &Shell) -> Result<(Descriptor, Vec<Vec<u8>>), Failure> {
        let is_manifest = |path: &Path| {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            path.is_dir() || matches!(ending, "yaml" | "yml")
        };
        if is_manifest(&self.path) {
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
        self.trust.check(&bytes, &bundle)?;
        let descriptor = bundle.descriptor().clone();
        let mut zips = Vec::new();
        for solution in &descriptor.solutions {
            let zip = bundle
                .solution_zip(solution)
                .ok_or_else(|| Failure::new(Exit::Invalid, format!("the bundle does not hold `{}`", solution.file)))?;
            zips.push(zip.to_vec());
        }
        Ok((descriptor, zips))
    }

    /// The same from a manifest.
    fn built(&self, shell: &Shell) -> Result<(Descriptor, Vec<Vec<u8>>), Failure> {
        // Absolute: some paths of a manifest are joined to its folder more than once on the way.
        let path = std::path::absolute(&self.path).map_err(|error| FileError::new("find", &self.path, error))?;
        let request =
            manifest::Request { path, environment: self.environment.clone(), set: self.set.clone(), today: None };
        let loaded = manifest::load(&request).map_err(Failure::invalid)?;
        let assembled = solution::assemble(&loaded.package).map_err(Failure::invalid)?;
        shell.findings(&loaded.findings);
        shell.findings(&assembled.findings);
        let built = bundle::build(&loaded.package, &assembled.zip, Timestamp::FIRST)
            .map_err(|error| Failure::new(Exit::Invalid, error.to_string()))?;
        shell.status("built", &built.name);
        Ok((built.descriptor, vec![assembled.zip]))
    }
}

/// Signs in to the sandbox with its own administration application.
async fn sandbox_tokens(sandbox: &Sandbox, http: &Http, url: &Url) -> Result<TokenCache, Failure> {
    let options = SignInOptions {
        http: http.clone(),
        method: Some(Method::ClientSecret),
        client_id: Some(sandbox.admin_client_id().to_string()),
        client_secret: Some(sandbox.admin_secret()),
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
    /// What the steps of `deploy` need.
    pub fn context(&self, timeout: Option<Duration>) -> Context<'_> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        Context { client: &self.client, progress: &*self.voice, deadline }
    }
}

/// Runs a verb's work until it ends or the person stops it.
pub fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {error}")))?
        .block_on(work)
}

/// Does work that changes the environment, until it ends or the person stops it.
pub async fn interruptible<T>(
    voice: &Voice,
    work: impl Future<Output = Result<T, deploy::Failure>>,
) -> Result<T, deploy_or::Stopped> {
    tokio::select! {
        result = work => result.map_err(deploy_or::Stopped::Failed),
        _ = tokio::signal::ctrl_c() => Err(deploy_or::Stopped::Interrupted(voice.job())),
    }
}

/// Why work stopped.
pub mod deploy_or {
    use super::{Exit, Failure, Uuid, deploy};

    /// Why work stopped.
    #[derive(Debug)]
    pub enum Stopped {
        /// It failed.
        Failed(deploy::Failure),
        /// The person stopped it while this job was running.
        Interrupted(Option<Uuid>),
    }

    impl From<Stopped> for Failure {
        fn from(stopped: Stopped) -> Self {
            match stopped {
                Stopped::Failed(failure) => failure.into(),
                Stopped::Interrupted(None) => {
                    Self::new(Exit::Interrupted, "interrupted; nothing is running on the server")
                        .help("run the same command again to go on")
                }
                Stopped::Interrupted(Some(job)) => {
                    Self::new(Exit::Interrupted, format!("interrupted; job {job} still runs on the server"))
                        .help("run the same command again: it waits for the job, and does not start it twice")
                }
            }
        }
    }
}

impl From<deploy::Failure> for Failure {
    fn from(failure: deploy::Failure) -> Self {
        let exit = match failure.kind {
            FailureKind::Failed => Exit::Failed,
            FailureKind::Invalid => Exit::Invalid,
            FailureKind::SignIn => Exit::SignIn,
            FailureKind::ConsentMissing => Exit::ConsentMissing,
            FailureKind::Refused => Exit::Refused,
            FailureKind::NotReady => Exit::NotReady,
            FailureKind::Inconclusive => Exit::Inconclusive,
        };
        let message = failure.details.iter().fold(failure.message, |text, detail| format!("{text}\n  {detail}"));
        let mut out = Self::new(exit, message);
        out.help = failure.help;
        out.help.extend(failure.request_id.map(|id| format!("for a support request to Microsoft: request id {id}")));
        out
    }
}

impl From<crate::dataverse::ApiError> for Failure {
    fn from(error: crate::dataverse::ApiError) -> Self {
        deploy::Failure::from(error).into()
    }
}

/// Tells what happens: a moving bar on a terminal, lines elsewhere.
pub struct Voice {
    shell: Shell,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    job: Option<Uuid>,
    bar: Option<ProgressBar>,
    last: String,
}

impl Voice {
    fn new(shell: &Shell) -> Self {
        Self { shell: shell.clone(), state: Mutex::default() }
    }

    /// The job that runs on the server.
    #[must_use]
    pub fn job(&self) -> Option<Uuid> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).job
    }
}

impl Progress for Voice {
    fn event(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Step { number, of, what } => self.shell.status(&format!("{number}/{of}"), &what),
            Event::Note(text) => {
                // The same wait again and again is one line.
                if state.last != text {
                    match &state.bar {
                        Some(bar) => bar.suspend(|| self.shell.status("note", &text)),
                        None => self.shell.status("note", &text),
                    }
                    state.last = text;
                }
            }
            Event::JobStarted(job) => {
                state.job = Some(job);
                self.shell.detail(1, &format!("job {job} runs on the server"));
                if self.shell.can_animate() {
                    let bar = ProgressBar::new(100);
                    if let Ok(style) =
                        ProgressStyle::with_template("{spinner} importing [{bar:40}] {percent}% {elapsed}")
                    {
                        bar.set_style(style.progress_chars("=> "));
                    }
                    bar.enable_steady_tick(Duration::from_millis(120));
                    state.bar = Some(bar);
                }
            }
            Event::Importing(percent) => match &state.bar {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 100")]
                Some(bar) => bar.set_position(percent as u64),
                None => self.shell.detail(1, &format!("importing: {percent:.0} %")),
            },
            Event::JobEnded => {
                state.job = None;
                if let Some(bar) = state.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}
