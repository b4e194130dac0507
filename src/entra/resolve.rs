//! Which way to sign in, out of flags and environment variables; the first that is configured wins.

use std::path::{Path, PathBuf};

use tokio::sync::Mutex;
use url::Url;

use crate::entra::assertion::{Federated, Issuer};
use crate::entra::azure_cli::{self, AzureCli};
use crate::entra::browser::Browser;
use crate::entra::certificate::Certificate;
use crate::entra::client_secret::ClientSecret;
use crate::entra::device_code::DeviceCode;
use crate::entra::managed_identity::{Endpoint, ManagedIdentity};
use crate::entra::{SAMPLE_CLIENT_ID, SignInError, Tell, TokenSource};
use crate::http::Http;
use crate::secret::Secret;

/// A way that the person chose by a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// The secret that `--client-secret-file` or stdin gave.
    ClientSecret,
    /// `--client-certificate`.
    Certificate(PathBuf),
    /// `--managed-identity`.
    ManagedIdentity,
    /// `--azure-cli`.
    AzureCli,
    /// `--browser`.
    Browser,
    /// `--device-code`.
    DeviceCode,
}

/// What the flags say.
pub struct SignInOptions {
    /// The way out to the network.
    pub http: Http,
    /// The way that a flag chose.
    pub method: Option<Method>,
    /// `--client-id`.
    pub client_id: Option<String>,
    /// The secret of [`Method::ClientSecret`].
    pub client_secret: Option<Secret>,
    /// Whether a person can answer.
    pub interactive: bool,
    /// Speaks to the person.
    pub tell: Tell,
}

/// An application of one's own that people can sign in with: one that is registered for mobile and desktop clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicClient {
    /// Its client id.
    pub client_id: String,
    /// Its redirect URI on this machine, as registered; without one it signs people in by device code only.
    pub loopback: Option<Url>,
}

impl PublicClient {
    /// The application with these redirect URIs of mobile and desktop clients, where there are any.
    #[must_use]
    pub fn new<'a>(client_id: String, redirects: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut redirects = redirects.into_iter().filter_map(|uri| Url::parse(uri).ok()).peekable();
        redirects.peek()?;
        let is_here = |uri: &Url| uri.scheme() == "http" && matches!(uri.host_str(), Some("localhost" | "127.0.0.1"));
        Some(Self { client_id, loopback: redirects.find(is_here) })
    }
}

/// The token source by flags and environment variables (`read` gives a variable's value).
///
/// # Errors
/// Where no way to sign in is given, or what it needs is missing.
pub fn resolve(
    options: &SignInOptions,
    read: &dyn Fn(&str) -> Option<String>,
) -> Result<Box<dyn TokenSource>, SignInError> {
    resolve_with(options, None, read)
}

/// The same; people sign in with `own` unless another application is named.
///
/// # Errors
/// Those of [`resolve`].
pub fn resolve_with(
    options: &SignInOptions,
    own: Option<&PublicClient>,
    read: &dyn Fn(&str) -> Option<String>,
) -> Result<Box<dyn TokenSource>, SignInError> {
    let read = |name: &str| read(name).filter(|value| !value.is_empty());
    let http = || options.http.clone();
    let client_id = || {
        let found = options.client_id.clone().or_else(|| read("AZURE_CLIENT_ID"));
        found.ok_or_else(|| {
            SignInError::new("no application to sign in as").help("give `--client-id` or set AZURE_CLIENT_ID")
        })
    };
    let sample = || {
        (options.tell)(&format!(
            "note: signing in with Microsoft's sample application {SAMPLE_CLIENT_ID}, which is not meant for production; \
             set DVPACK_CLIENT_ID to your own"
        ));
        SAMPLE_CLIENT_ID.to_owned()
    };
    let named = || options.client_id.clone().or_else(|| read("DVPACK_CLIENT_ID"));
    let browser = || -> Box<dyn TokenSource> {
        let loopback = own.and_then(|own| Some((own.client_id.clone(), own.loopback.clone()?)));
        let (client_id, redirect) = match (named(), loopback) {
            (Some(client_id), _) => (client_id, None),
            (None, Some((client_id, redirect))) => (client_id, Some(redirect)),
            (None, None) => (sample(), None),
        };
        Box::new(Browser { http: http(), client_id, redirect, tell: options.tell.clone(), refresh: Mutex::new(None) })
    };
    let device_code = || -> Box<dyn TokenSource> {
        let own = || own.map(|own| own.client_id.clone());
        let client_id = named().or_else(own).unwrap_or_else(sample);
        Box::new(DeviceCode::new(http(), client_id, options.tell.clone()))
    };
    let managed = || -> Result<Box<dyn TokenSource>, SignInError> {
        let endpoint = match (read("IDENTITY_ENDPOINT"), read("IDENTITY_HEADER")) {
            (Some(url), Some(header)) => {
                Endpoint::AppService { url: address("IDENTITY_ENDPOINT", &url)?, header: Secret::new(header) }
            }
            _ => Endpoint::Machine,
        };
        let client_id = options.client_id.clone().or_else(|| read("AZURE_CLIENT_ID"));
        Ok(Box::new(ManagedIdentity { http: http(), endpoint, client_id }))
    };
    let certificate = |client_id: String, path: &Path| -> Result<Box<dyn TokenSource>, SignInError> {
        let password = read("AZURE_CLIENT_CERTIFICATE_PASSWORD").map(Secret::new);
        Ok(Box::new(Certificate::read(http(), client_id, path, password.as_ref())?))
    };
    match &options.method {
        Some(Method::ClientSecret) => {
            let secret = options.client_secret.clone().filter(|secret| !secret.is_empty());
            let secret = secret.ok_or_else(|| SignInError::new("the client secret is empty"))?;
            return Ok(Box::new(ClientSecret::new(http(), client_id()?, secret)));
        }
        Some(Method::Certificate(path)) => return certificate(client_id()?, path),
        Some(Method::ManagedIdentity) => return managed(),
        Some(Method::AzureCli) => return Ok(Box::new(AzureCli)),
        Some(Method::Browser) => return Ok(browser()),
        Some(Method::DeviceCode) => return Ok(device_code()),
        None => {}
    }
    if let Ok(client_id) = client_id() {
        if let Some(secret) = read("AZURE_CLIENT_SECRET") {
            return Ok(Box::new(ClientSecret::new(http(), client_id, Secret::new(secret))));
        }
        if let Some(path) = read("AZURE_CLIENT_CERTIFICATE_PATH") {
            return certificate(client_id, path.as_ref());
        }
        if let Some(path) = read("AZURE_FEDERATED_TOKEN_FILE") {
            return Ok(Box::new(Federated { http: http(), client_id, issuer: Issuer::File(path.into()) }));
        }
        if let (Some(url), Some(token)) = (read("ACTIONS_ID_TOKEN_REQUEST_URL"), read("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
        {
            let issuer =
                Issuer::GitHub { url: address("ACTIONS_ID_TOKEN_REQUEST_URL", &url)?, token: Secret::new(token) };
            return Ok(Box::new(Federated { http: http(), client_id, issuer }));
        }
        if let (Some(url), Some(token), Some(connection)) =
            (read("SYSTEM_OIDCREQUESTURI"), read("SYSTEM_ACCESSTOKEN"), read("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"))
        {
            let url = address("SYSTEM_OIDCREQUESTURI", &url)?;
            let issuer = Issuer::AzureDevOps { url, token: Secret::new(token), service_connection: connection };
            return Ok(Box::new(Federated { http: http(), client_id, issuer }));
        }
    }
    if read("IDENTITY_ENDPOINT").is_some() && read("IDENTITY_HEADER").is_some() {
        return managed();
    }
    if read("PATH").is_some_and(|path| azure_cli::is_there(&path)) {
        return Ok(Box::new(AzureCli));
    }
    if options.interactive {
        return Ok(browser());
    }
    Err(SignInError::new("nothing to sign in with")
        .help("looked for AZURE_CLIENT_ID with AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE; the OIDC tokens of GitHub Actions and Azure DevOps; the managed identity of App Service; `az`")
        .help("in a pipeline: set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; on a machine without a browser: `--device-code`; on an Azure machine: `--managed-identity`"))
}

fn address(name: &str, text: &str) -> Result<Url, SignInError> {
    Url::parse(text).map_err(|_| SignInError::new(format!("`{name}` is not a URL")))
}
