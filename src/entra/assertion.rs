//! Sign-in with a token that somebody else issued: workload identity federation.
//!
//! Three issuers: a file that the platform keeps fresh (`AZURE_FEDERATED_TOKEN_FILE`), GitHub Actions and
//! Azure DevOps. Source: Microsoft identity platform, client credentials, third case; GitHub Docs, "OpenID
//! Connect reference"; Azure DevOps REST API, "Oidctoken - Create"; Azure DevOps release notes, sprint 240
//! (`SYSTEM_OIDCREQUESTURI` with api-version 7.1; the tasks `AzureCLI@2` and `AzurePowerShell@5` set
//! `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID`).

use std::path::PathBuf;

use crate::files;
use crate::http::Method;
use serde_json::Value;
use url::Url;

use crate::entra::token_endpoint;
use crate::entra::{Answer, Challenge, SignInError, TokenSource};
use crate::http::{Body, Call, Http, shown_host};
use crate::secret::Secret;

pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const AUDIENCE: &str = "api://AzureADTokenExchange";
/// A federated token is a few kilobytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Who issues the token that Entra is shown.
pub(crate) enum Issuer {
    /// A file, read again each time, since the platform replaces it.
    File(PathBuf),
    /// GitHub Actions' token service.
    GitHub { url: Url, token: Secret },
    /// Azure DevOps' token service.
    AzureDevOps { url: Url, token: Secret, service_connection: String },
}

/// An application that trusts an outside issuer.
pub(crate) struct Federated {
    pub(crate) http: Http,
    pub(crate) client_id: String,
    pub(crate) issuer: Issuer,
}

impl Federated {
    async fn assertion(&self) -> Result<Secret, SignInError> {
        let (call, key) = match &self.issuer {
            Issuer::File(path) => {
                let wrong = |why: String| {
                    SignInError::new(format!("cannot read the federated token `{}`: {why}", path.display()))
                };
                let text = files::read_text(path, FILE_LIMIT).map_err(|error| wrong(error.source.to_string()))?;
                return Ok(Secret::new(text.trim()));
            }
            Issuer::GitHub { url, token } => {
                let mut url = url.clone();
                url.query_pairs_mut().append_pair("audience", AUDIENCE);
                let mut call = Call::new(Method::GET, url);
                call.bearer = Some(token.clone());
                (call, "value")
            }
            Issuer::AzureDevOps { url, token, service_connection } => {
                let mut url = url.clone();
                url.query_pairs_mut()
                    .append_pair("api-version", "7.1")
                    .append_pair("serviceConnectionId", service_connection);
                let mut call = Call::new(Method::POST, url).header("content-type", "application/json");
                call.bearer = Some(token.clone());
                call.body = Some(Body::Plain(Vec::new()));
                (call, "oidcToken")
            }
        };
        let host = shown_host(&call.url);
        // A token more than is used does no harm.
        let reply = self.http.send_patiently(call.header("accept", "application/json")).await?;
        if matches!(reply.status, 408 | 429 | 500..=599) {
            let status = reply.status;
            let message = format!("the pipeline's token service `{host}` answered {status}");
            return Err(SignInError::busy(&reply, message));
        }
        if reply.status != 200 {
            return Err(SignInError::new(format!("the pipeline's token service `{host}` answered {}", reply.status))
                .help("GitHub Actions: the job needs `permissions: id-token: write`; Azure DevOps: check the service connection"));
        }
        let value: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        match value.get(key).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(Secret::new(text)),
            _ => Err(SignInError::new(format!("the pipeline's token service `{host}` gave no token"))),
        }
    }
}

impl TokenSource for Federated {
    fn describe(&self) -> String {
        let by = match &self.issuer {
            Issuer::File(_) => "a federated token file",
            Issuer::GitHub { .. } => "GitHub Actions",
            Issuer::AzureDevOps { .. } => "Azure DevOps",
        };
        format!("application {} by {by}", self.client_id)
    }

    fn client_id(&self) -> Option<&str> {
        Some(&self.client_id)
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let assertion = self.assertion().await?;
            with_assertion(&self.http, challenge, &self.client_id, &assertion).await
        })
    }
}

/// Exchanges a client assertion for an access token.
pub(crate) async fn with_assertion(
    http: &Http,
    challenge: &Challenge,
    client_id: &str,
    assertion: &Secret,
) -> Result<crate::entra::AccessToken, SignInError> {
    let scope = challenge.default_scope();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.reveal()),
        ("scope", scope.as_str()),
    ];
    Ok(token_endpoint::token(http, challenge, &form).await?.access)
}
