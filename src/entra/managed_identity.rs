//! The identity of the Azure machine that dvpack runs on: App Service and Functions, or a virtual machine.
//!
//! Source: Microsoft Learn, "How to use managed identities for App Service" (api-version 2019-08-01) and
//! "… on an Azure VM to acquire an access token" (api-version 2018-02-01).

use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use crate::entra::token_endpoint::granted;
use crate::entra::{Answer, Challenge, SignInError, TokenSource};
use crate::http::{Call, Http};
use crate::secret::Secret;

/// The instance metadata service; a link-local address that never leaves the machine's host.
const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// Where the identity is asked for.
pub(crate) enum Endpoint {
    /// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    AppService { url: Url, header: Secret },
    /// The instance metadata service.
    Machine,
}

/// A system-assigned or, with a client id, a user-assigned identity.
pub(crate) struct ManagedIdentity {
    pub(crate) http: Http,
    pub(crate) endpoint: Endpoint,
    pub(crate) client_id: Option<String>,
}

impl TokenSource for ManagedIdentity {
    fn describe(&self) -> String {
        match &self.client_id {
            Some(id) => format!("managed identity {id}"),
            None => "the managed identity of this machine".to_owned(),
        }
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let (mut url, version) = match &self.endpoint {
                Endpoint::AppService { url, .. } => (url.clone(), "2019-08-01"),
                Endpoint::Machine => {
                    (Url::parse(METADATA).map_err(|error| SignInError::new(error.to_string()))?, "2018-02-01")
                }
            };
            url.query_pairs_mut().append_pair("api-version", version).append_pair("resource", &challenge.resource);
            if let Some(id) = &self.client_id {
                url.query_pairs_mut().append_pair("client_id", id);
            }
            let mut call = Call::new(Method::GET, url).header("accept", "application/json");
            match &self.endpoint {
                Endpoint::AppService { header, .. } => {
                    let mut value = HeaderValue::from_str(header.reveal())
                        .map_err(|_| SignInError::new("`IDENTITY_HEADER` holds characters that no header may hold"))?;
                    value.set_sensitive(true);
                    call.headers.insert(HeaderName::from_static("x-identity-header"), value);
                }
                Endpoint::Machine => call = call.header("metadata", "true"),
            }
            call.timeout = Duration::from_secs(20);
            let asked = Instant::now();
            let reply = self.http.send(call).await.map_err(|failure| {
                SignInError::from(failure)
                    .help("managed identity works on Azure only; choose another way to sign in elsewhere")
            })?;
            match reply.status {
                200 => Ok(granted(&reply.body, asked)?.access),
                404 | 410 | 429 | 500..=599 => {
                    Err(SignInError::unreachable(format!("the managed identity service answered {}", reply.status))
                        .help("run again in a minute"))
                }
                status => Err(SignInError::new(format!("the managed identity service answered {status}"))
                    .help("assign an identity to this machine; for a user-assigned one give its `--client-id`")),
            }
        })
    }
}
