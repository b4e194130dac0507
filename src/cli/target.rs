//! What `plan`, `apply`, `status`, `remove` and `doctor` share: a bundle, an environment, a sign-in, and how they
//! report.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use url::Url;

use crate::archive::Timestamp;
use crate::bundle::{self, Bundle};
use crate::cli::allow_value::Values;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::manifest_args::OverlayArgs;
use crate::cli::request_log;
use crate::cli::running::duration;
use crate::cli::shell::Shell;
use crate::cli::sign_in::{SignInArgs, http, pace, variable};
use crate::cli::target_guard;
use crate::cli::trust::TrustArgs;
use crate::cli::voice::Voice;
use crate::cli::wrong_file;
use crate::deploy::machine::Machine;
use crate::deploy::progress::Progress;
use crate::deploy::session::{self, Given, Line, Session};
use crate::deploy::signature::Signature;
use crate::entra::{Method, SignInOptions, TokenCache, probe, resolve};
use crate::files::{self, FileError};
use crate::http::Http;
use crate::process_env;
use crate::sandbox::{self, Sandbox, Scenario};
use crate::secret::Secret;
use crate::{manifest, solution};

/// The package that a verb only reads about: by default, the project in the current folder.
#[derive(Clone, Debug, Args)]
pub struct Here {
    /// The bundle, or a folder with a dvpack.yaml, which is built in memory first
    #[arg(value_name = "BUNDLE|DIR", default_value = ".")]
    path: PathBuf,
}

/// The package of a verb that changes an environment. It must be named: a variable that is empty in a pipeline must not
/// turn a release into whatever the current folder contains.
#[derive(Clone, Debug, Args)]
pub struct Named {
    /// The bundle, or a folder with a dvpack.yaml, which is built in memory first
    #[arg(value_name = "BUNDLE|DIR")]
    path: PathBuf,
}

impl AsRef<Path> for Here {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for Named {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// What, where, and as whom.
#[derive(Clone, Debug, Args)]
pub struct TargetArgs<P: Args> {
    #[command(flatten)]
    package: P,
    #[command(flatten)]
    overlay: OverlayArgs,
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

/// How long a verb that only reads may take.
#[derive(Clone, Copy, Debug, Args)]
pub struct LookArgs {
    /// Give up after this time, for example 90s, 30m or 2h; a number alone is seconds
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

impl TargetArgs<Named> {
    /// A bundle or manifest, and where it would go.
    pub fn of(path: PathBuf, overlay: OverlayArgs, live: LiveArgs) -> Self {
        let LiveArgs { url, sandbox, other_environment, log_file, sign_in, look: _ } = live;
        let (scenario, trust) = (Vec::new(), TrustArgs::default());
        let (package, leave_off) = (Named { path }, Vec::new());
        Self { package, overlay, url, sandbox, scenario, other_environment, leave_off, log_file, trust, sign_in }
    }
}

impl<P: Args + AsRef<Path>> TargetArgs<P> {
    fn path(&self) -> &Path {
        self.package.as_ref()
    }

    /// The machine that this runs on, with the files that flags of sign-in name.
    pub fn machine(&self) -> Machine<'static> {
        let names = process_env::names().filter_map(|name| name.into_string().ok());
        Machine::new(&variable, names, self.sign_in.files().map(Path::to_owned))
    }

    /// What the run is about, as far as the command line says it: the environment, else the bundle.
    pub fn name(&self) -> String {
        match &self.url {
            Some(url) => url.clone(),
            None if self.sandbox => "sandbox".to_owned(),
            None => self.path().display().to_string(),
        }
    }

    /// Whether it is only the sandbox.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    /// Reads the bundle, and gets ready to sign in.
    async fn open(
        &self,
        values: Values<'_>,
        http: Http,
        shell: &Shell,
        voice: &Arc<Voice>,
    ) -> Result<Session, Failure> {
        let given = self.given(shell)?;
        let sandbox = if self.sandbox { Some(self.start_sandbox(shell).await?) } else { None };
        let named = sandbox.as_ref().map_or_else(|| self.url.clone(), |sandbox| Some(sandbox.url().to_string()));
        let url = given.environment(named.as_deref())?;
        let mut desired = given.desired()?;
        if sandbox.is_none() {
            target_guard::check(&desired, &url, self.other_environment, values.approved(), shell).await?;
        }
        desired.leave_off(&self.leave_off)?;
        values.read(&mut desired, &self.machine(), shell).await?;
        let log = self.log_file.as_ref().map(|path| request_log::open(path, voice)).transpose()?;
        let line = Line { http, pace: pace(), log, progress: Arc::clone(voice) as Arc<dyn Progress> };
        let Some(sandbox) = sandbox else {
            let application = desired.descriptor.application.as_ref();
            let tokens = self.sign_in.sign_in(&line.for_sign_in(), &url, application, shell).await?;
            return Ok(Session::new(desired, url, line, tokens)?);
        };
        let tokens = sandbox_tokens(&sandbox, &line.for_sign_in(), &url).await?;
        Ok(Session::new(desired, url, line, tokens)?.served_by(sandbox))
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
        session::within(timeout, http()?, |http| self.open(values, http, shell, voice)).await
    }

    async fn start_sandbox(&self, shell: &Shell) -> Result<Sandbox, Failure> {
        let options = sandbox::Options { scenarios: self.scenario.clone(), ..sandbox::Options::default() };
        let sandbox = sandbox::start(options)
            .await
            .map_err(|error| Failure::new(Exit::Failed, format!("cannot start the sandbox: {error}")))?;
        shell.status("sandbox", &format!("a stand-in for Entra ID and Dataverse at {}", sandbox.url()));
        Ok(sandbox)
    }

    fn given(&self, shell: &Shell) -> Result<Given, Failure> {
        if wrong_file::is_manifest(self.path()) {
            if self.trust.is_asked() {
                return Err(Failure::usage("a signature can be required of a bundle, not of a folder with a manifest"));
            }
            return self.built(shell);
        }
        if self.overlay.is_given() {
            return Err(Failure::usage(
                "`--environment` and `--set` belong to a folder with a manifest, not to a bundle",
            )
            .help("a bundle is built for one environment: `dvpack build --environment NAME`"));
        }
        let bytes = files::read(self.path(), bundle::LIMIT)?;
        let bundle = Bundle::from_bytes(&bytes, &self.path().display().to_string()).map_err(Failure::invalid)?;
        // Checked before anything else is done with it.
        let signed = self.trust.check(&bytes, &bundle)?.signatures;
        let signatures = signed.iter().map(|signed| Signature::of(signed, self.trust.is_asked())).collect();
        Ok(Given::of(&bundle, signatures)?)
    }

    /// The same from a manifest.
    fn built(&self, shell: &Shell) -> Result<Given, Failure> {
        // Absolute: some paths of a manifest are joined to its folder more than once on the way.
        let path = std::path::absolute(self.path()).map_err(|error| FileError::new("find", self.path(), error))?;
        let loaded = manifest::load(&self.overlay.request(&path)).map_err(Failure::invalid)?;
        let assembled = solution::assemble(&loaded.package).map_err(Failure::invalid)?;
        shell.findings(&loaded.findings);
        shell.findings(&assembled.findings);
        let built = bundle::build(&loaded.package, &assembled.zip, &assembled.roles, Timestamp::FIRST)
            .map_err(|error| Failure::invalid(error.findings()))?;
        shell.status("built", &built.name);
        Ok(Given { descriptor: built.descriptor, zips: vec![assembled.zip], signatures: Vec::new() })
    }
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
