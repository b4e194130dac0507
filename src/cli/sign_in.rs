//! The flags of sign-in, shared by every verb that talks to an environment, and how they are carried out.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use url::Url;

use crate::bundle::descriptor::Application;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::deploy;
use crate::entra::{
    Challenge, Method, PublicClient, SignInError, SignInOptions, Tell, TokenCache, TokenSource, authority_host,
    probe_with, resolve_with,
};
use crate::files;
use crate::http::{Http, Pace};
use crate::process_env;
use crate::secret::Secret;

/// A client secret has some forty characters.
const SECRET_LIMIT: u64 = 64 << 10;

/// It is the heading of these options only: one for the whole struct would also cover what follows.
const HEADING: &str = "Sign-in";

/// How to sign in. Without a flag: environment variables, pipeline identity, `az`, browser.
#[derive(Clone, Debug, Default, Args)]
pub struct SignInArgs {
    /// The application to sign in as
    #[arg(help_heading = HEADING, long, value_name = "ID")]
    client_id: Option<String>,
    /// The tenant, if it is not the one that the environment names
    #[arg(help_heading = HEADING, long, value_name = "ID|DOMAIN")]
    tenant: Option<String>,
    /// The file with the client secret; `-` for standard input
    #[arg(help_heading = HEADING, long, value_name = "FILE", group = "sign_in_method")]
    client_secret_file: Option<PathBuf>,
    /// The PEM or PFX file with the application's certificate and private key
    #[arg(help_heading = HEADING, long, value_name = "FILE", group = "sign_in_method")]
    client_certificate: Option<PathBuf>,
    /// Sign in with the managed identity of this Azure machine
    #[arg(help_heading = HEADING, long, group = "sign_in_method")]
    managed_identity: bool,
    /// Sign in with the account of the Azure CLI
    #[arg(help_heading = HEADING, long, group = "sign_in_method")]
    azure_cli: bool,
    /// Sign in through the browser
    #[arg(help_heading = HEADING, long, group = "sign_in_method")]
    browser: bool,
    /// Sign in with a code that you enter in a browser, on any machine
    #[arg(help_heading = HEADING, long, group = "sign_in_method")]
    device_code: bool,
}

impl SignInArgs {
    /// The files that flags name: they are dvpack's own, and no bundle may read them.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let files = [self.client_secret_file.as_deref(), self.client_certificate.as_deref()];
        files.into_iter().flatten().filter(|path| path.as_os_str() != "-")
    }

    /// Asks the environment who may sign in, and chooses the method, for the deployment of a package with this
    /// application, which people sign in with where it is made for that. No token is asked for yet.
    pub async fn sign_in(
        &self,
        http: &Http,
        environment: &Url,
        application: Option<&Application>,
        shell: &Shell,
    ) -> Result<TokenCache, Failure> {
        let own = application.and_then(|it| {
            let redirects = it.redirect_uris.public_client.iter().map(String::as_str);
            PublicClient::new(it.client_id.to_string(), redirects)
        });
        let source = self.source(http, own.as_ref(), shell)?;
        let challenge = challenge(http, environment, self.tenant.as_deref()).await?;
        shell.detail(1, &format!("signing in to tenant {} by {}", challenge.tenant, source.describe()));
        Ok(TokenCache::for_package(source, challenge, application.map(|it| it.client_id)))
    }

    /// The token source of flags and environment variables; people sign in with `own` unless they name an application.
    pub fn source(
        &self,
        http: &Http,
        own: Option<&PublicClient>,
        shell: &Shell,
    ) -> Result<Box<dyn TokenSource>, Failure> {
        let client_secret = self.client_secret_file.as_deref().map(read_secret).transpose()?;
        let method = if client_secret.is_some() {
            Some(Method::ClientSecret)
        } else if let Some(path) = &self.client_certificate {
            Some(Method::Certificate(path.clone()))
        } else if self.managed_identity {
            Some(Method::ManagedIdentity)
        } else if self.azure_cli {
            Some(Method::AzureCli)
        } else if self.browser {
            Some(Method::Browser)
        } else if self.device_code {
            Some(Method::DeviceCode)
        } else {
            None
        };
        let voice = shell.clone();
        let tell: Tell = Arc::new(move |text: &str| voice.say(text));
        let options = SignInOptions {
            http: http.clone(),
            method,
            client_id: self.client_id.clone(),
            client_secret,
            interactive: shell.can_ask(),
            tell,
        };
        Ok(resolve_with(&options, own, &variable)?)
    }
}

/// An environment's challenge, with the values of `AZURE_AUTHORITY_HOST`, `AZURE_TENANT_ID` or `tenant` in place of its
/// own.
pub async fn challenge(http: &Http, environment: &Url, tenant: Option<&str>) -> Result<Challenge, Failure> {
    let host = variable("AZURE_AUTHORITY_HOST").map(|text| authority_host(&text)).transpose()?;
    let challenge = probe_with(http, environment, host.as_ref()).await?;
    match tenant.map(str::to_owned).or_else(|| variable("AZURE_TENANT_ID")) {
        Some(tenant) => Ok(challenge.with_tenant(&tenant)?),
        None => Ok(challenge),
    }
}

/// The largest file of roots that is read; those of systems have some 200 KB.
const ROOTS_LIMIT: u64 = 16 << 20;

/// The network client, with the extra roots of `SSL_CERT_FILE`.
pub fn http() -> Result<Http, Failure> {
    let roots =
        match variable("SSL_CERT_FILE") {
            Some(path) => Some(files::read(Path::new(&path), ROOTS_LIMIT).map_err(|error| {
                Failure::new(Exit::Failed, error.to_string()).help("SSL_CERT_FILE names a PEM file")
            })?),
            None => None,
        };
    let http = Http::new(roots.as_deref()).map_err(|failure| Failure::new(Exit::Failed, failure.to_string()))?;
    Ok(http.with_pace(pace()))
}

/// Shortens every wait by this factor. For tests only: a real service asks for its waits.
const PACE: &str = "DVPACK_TEST_PACE";

/// How fast waits pass.
pub(crate) fn pace() -> Pace {
    variable(PACE).and_then(|text| text.parse().ok()).map_or_else(Pace::default, Pace::faster)
}

/// An environment variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    process_env::text(name).filter(|value| !value.is_empty())
}

/// Reads a secret from a file that only its owner may read, or from standard input.
fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let wrong =
        |why: String| Failure::new(Exit::Failed, format!("cannot read the client secret `{}`: {why}", path.display()));
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(SECRET_LIMIT)
            .read_to_string(&mut text)
            .map_err(|error| wrong(error.to_string()))?;
    } else {
        let (file, _) = files::open(path).map_err(|error| wrong(error.to_string()))?;
        let metadata = file.metadata().map_err(|error| wrong(error.to_string()))?;
        if let Some(others) = files::shared(&metadata) {
            return Err(wrong(format!("it is a file {others}"))
                .help(files::keep_to_yourself(path))
                .help("or hand it in on standard input: --client-secret-file -"));
        }
        file.take(SECRET_LIMIT).read_to_string(&mut text).map_err(|error| wrong(error.to_string()))?;
    }
    let secret = Secret::new(text.trim_end_matches(['\r', '\n']));
    if secret.is_empty() { Err(wrong("it is empty".to_owned())) } else { Ok(secret) }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        deploy::Failure::from(error).into()
    }
}
