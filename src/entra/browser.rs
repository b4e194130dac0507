//! Sign-in in the person's browser: authorization code with PKCE, coming back to a loopback port.
//!
//! Source: Microsoft identity platform, authorization code flow; RFC 8252 and RFC 7636. Entra ignores the
//! port of `http://localhost` when it compares redirect URIs.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use crate::entra::loopback::{self, Listener};
use crate::entra::random::random_text;
use crate::entra::token_endpoint::{self, Granted, Outcome};
use crate::entra::{Answer, Challenge, SignInError, Tell, TokenSource};
use crate::http::Http;
use crate::secret::Secret;

const PATIENCE: Duration = Duration::from_secs(300);

/// Browser sign-in; remembers the refresh token, so that the person signs in once.
pub(crate) struct Browser {
    pub(crate) http: Http,
    pub(crate) client_id: String,
    pub(crate) tell: Tell,
    pub(crate) refresh: Mutex<Option<Secret>>,
}

/// What a public client asks for.
pub(crate) fn delegated_scope(challenge: &Challenge) -> String {
    format!("{}/user_impersonation offline_access", challenge.resource)
}

/// Uses a refresh token. `None`: there is none, or it is no longer good, and the person must sign in.
pub(crate) async fn refreshed(
    http: &Http,
    challenge: &Challenge,
    client_id: &str,
    refresh: Option<Secret>,
) -> Result<Option<Granted>, SignInError> {
    let Some(refresh) = refresh else { return Ok(None) };
    let scope = delegated_scope(challenge);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id),
        ("refresh_token", refresh.reveal()),
        ("scope", scope.as_str()),
    ];
    match token_endpoint::token(http, challenge, &form).await {
        Ok(mut granted) => {
            granted.refresh = granted.refresh.or(Some(refresh));
            Ok(Some(granted))
        }
        Err(Outcome::Refused(_)) => Ok(None),
        Err(Outcome::Failed(error)) => Err(error),
    }
}

impl TokenSource for Browser {
    fn describe(&self) -> String {
        format!("browser with application {}", self.client_id)
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let mut refresh = self.refresh.lock().await;
            if let Some(granted) = refreshed(&self.http, challenge, &self.client_id, refresh.take()).await? {
                *refresh = granted.refresh;
                return Ok(granted.access);
            }
            let listener = Listener::bind(0).await?;
            let redirect = format!("http://localhost:{}", listener.port());
            let verifier = Secret::new(random_text::<32>()?);
            let state = random_text::<16>()?;
            let scope = delegated_scope(challenge);
            let mut url = challenge.endpoint("oauth2/v2.0/authorize");
            url.query_pairs_mut()
                .append_pair("client_id", &self.client_id)
                .append_pair("response_type", "code")
                .append_pair("redirect_uri", &redirect)
                .append_pair("response_mode", "query")
                .append_pair("scope", &scope)
                .append_pair("state", &state)
                .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.reveal())))
                .append_pair("code_challenge_method", "S256")
                .append_pair("prompt", "select_account");
            (self.tell)(&format!("Sign in in the browser. If none opens, visit:\n{url}"));
            loopback::open(&url);
            let callback = listener.wait("/", &state, PATIENCE).await?.ok_or_else(|| {
                SignInError::new("nobody signed in in the browser within five minutes")
                    .help("run again, or use `--device-code` where the browser is on another machine")
            })?;
            if let Some(error) = callback.get("error") {
                return Err(SignInError::new(format!("the browser came back with `{}`", loopback::harmless(error)))
                    .help("run again and sign in with an account that may use the environment"));
            }
            let code = callback.get("code").ok_or_else(|| SignInError::new("the browser came back without a code"))?;
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", self.client_id.as_str()),
                ("code", code),
                ("redirect_uri", redirect.as_str()),
                ("code_verifier", verifier.reveal()),
                ("scope", scope.as_str()),
            ];
            let granted = token_endpoint::token_once(&self.http, challenge, &form).await?;
            *refresh = granted.refresh;
            Ok(granted.access)
        })
    }
}
